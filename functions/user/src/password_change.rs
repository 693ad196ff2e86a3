use envelope::{Answer, Data, Failure};

use crate::{User, login_pass::failure, parse_password, parse_phone};

/// `password/change`: a new password for whoever knows the old one. Ends all tokens.
pub(crate) async fn run(user: &User, data: &Data<'_>) -> Result<Answer, Failure> {
    let [phone, old, new] = data.texts(["phone", "old", "new"])?;
    let (phone, old, new) = (parse_phone(&phone)?, parse_password(&old)?, parse_password(&new)?);
    user.accounts.change_password(&phone, &old, &new).await.map_err(failure)?;
    Ok(Answer::empty())
}
