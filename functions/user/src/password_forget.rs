use accounts::ResetPasswordError;
use codes::Proof;
use envelope::{Answer, Data, Failure};

use crate::{User, login_pass::INCORRECT_USER, parse_password, parse_phone, register_phone::code_failure};

/// `password/forget`: a new password for whoever shows the code that was sent to the phone. Ends all tokens.
pub(crate) async fn run(user: &User, data: &Data<'_>) -> Result<Answer, Failure> {
    let [phone, hash, password] = data.texts(["phone", "hash", "pass"])?;
    let (phone, password) = (parse_phone(&phone)?, parse_password(&password)?);
    match user.accounts.reset_password(&user.codes, &phone, Proof::Hash(&hash), &password).await {
        Ok(()) => Ok(Answer::empty()),
        Err(ResetPasswordError::UnknownUser) => Err(INCORRECT_USER.into()),
        Err(ResetPasswordError::Code(error)) => Err(code_failure(error)),
        Err(ResetPasswordError::Store(error)) => Err(error.into()),
    }
}
