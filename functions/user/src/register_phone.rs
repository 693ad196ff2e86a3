use accounts::{NewAccount, RegisterError};
use codes::{NotRedeemed, Proof};
use envelope::{Answer, Data, Failure, Status};

use crate::{User, parse_password, parse_phone};

const PHONE_NUMBER_EXISTED: Status = Status::new(101, "Phone number existed");
const ERROR_HASH: Status = Status::new(400, "Error hash");

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
