use envelope::{Answer, Data, Failure};

use crate::{User, login_pass::failure, parse_password, parse_phone};

/// `password/change`: a new password for whoever knows the old one. Ends all tokens.
pub(crate) async fn run(user: &User, data: &Data<'_>) -> Result<Answer, Failure> {
    let [phone, old, new] = data.texts(["phone", "old", "new"])?;
    let (phone, old, new) = (parse_phone(&phone)?, parse_password(&old)?, parse_password(&new)?);
    user.accounts.change_password(&phone, &old, &new).await.map_err(failure)?;
    Ok(Answer::empty())
}

/// What the OpenAPI document says of it.
#[cfg(feature = "schema")]
pub(crate) fn describe() -> openapi::Operation {
    use crate::login_pass::{ADD_TOKEN_FAILED, ERROR_PASSWORD, INCORRECT_USER};
    use accounts::Password;
    use envelope::Status;
    openapi::Operation::new("password", "change", "A new password for whoever knows the old one. Ends all tokens.")
        .takes([
            crate::phone_key("Whose account.").example("13900000003"),
            Password::key("old", "The password until now."),
            Password::key("new", "The new password."),
        ])
        .fails([INCORRECT_USER, ERROR_PASSWORD, ADD_TOKEN_FAILED, Status::TOO_MANY_REQUESTS])
}
