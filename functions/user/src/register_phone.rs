use accounts::{NewAccount, RegisterError};
use codes::{NotRedeemed, Proof};
use envelope::{Answer, Data, Failure, Status};

use crate::{User, parse_password, parse_phone};

const PHONE_NUMBER_EXISTED: Status = Status::new(101, "Phone number existed");
pub(crate) const ERROR_HASH: Status = Status::new(400, "Error hash");

/// `register/phone`: an account for whoever shows the code that was sent to the phone. Two round trips and Argon2id.
pub(crate) async fn run(user: &User, data: &Data<'_>) -> Result<Answer, Failure> {
    let [phone, hash, password] = data.texts(["phone", "hash", "pass"])?;
    let (phone, password) = (parse_phone(&phone)?, parse_password(&password)?);
    match user.accounts.register(&user.codes, NewAccount::new(&phone, &password), Proof::Hash(&hash)).await {
        Ok(_) => Ok(Answer::empty()),
        Err(RegisterError::Existed) => Err(PHONE_NUMBER_EXISTED.into()),
        Err(RegisterError::Code(error)) => Err(code_failure(error)),
        Err(RegisterError::Store(error)) => Err(error.into()),
    }
}

/// The statuses that all operations on SMS codes share.
pub(crate) fn code_failure(error: NotRedeemed) -> Failure {
    match error {
        NotRedeemed::Wrong | NotRedeemed::NonePending | NotRedeemed::Void => ERROR_HASH.into(),
        NotRedeemed::Expired => Status::ERROR_HASH.into(),
        NotRedeemed::TooManyTries => Status::TOO_MANY_REQUESTS.into(),
        NotRedeemed::Store(error) => error.into(),
    }
}

/// What the OpenAPI document says of it.
#[cfg(feature = "schema")]
pub(crate) fn describe() -> openapi::Operation {
    use openapi::{Key, Operation, hex};
    Operation::new("register", "phone", "An account for whoever shows the code that was sent to the phone to register.")
        .takes([
            crate::phone_key("The new account's phone.").example("13900000005"),
            Key::text("hash", "md5(code + rand).", hex(32, "1d2c3b4a5968778695a4b3c2d1e0f005")).any_form(),
            accounts::Password::key("pass", "The new account's password."),
        ])
        .fails([PHONE_NUMBER_EXISTED, ERROR_HASH, Status::ERROR_HASH, Status::TOO_MANY_REQUESTS])
}
