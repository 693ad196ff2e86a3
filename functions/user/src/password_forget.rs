use accounts::ResetPasswordError;
use codes::Proof;
#[cfg(feature = "schema")]
use envelope::Status;
use envelope::{Answer, Data, Failure};

#[cfg(feature = "schema")]
use crate::register_phone::ERROR_HASH;
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

/// What the OpenAPI document says of it.
#[cfg(feature = "schema")]
pub(crate) fn describe() -> openapi::Operation {
    use openapi::{Key, Operation, hex};
    let summary = "A new password for whoever shows the code that was sent to the phone for that. Ends all tokens.";
    Operation::new("password", "forget", summary)
        .takes([
            crate::phone_key("Whose account.").example("13900000010"),
            Key::text("hash", "md5(code + rand).", hex(32, "1d2c3b4a5968778695a4b3c2d1e0f006")).any_form(),
            accounts::Password::key("pass", "The new password."),
        ])
        .fails([INCORRECT_USER, ERROR_HASH, Status::ERROR_HASH, Status::TOO_MANY_REQUESTS])
}
