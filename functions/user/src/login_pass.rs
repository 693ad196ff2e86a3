use accounts::LoginError;
#[cfg(feature = "schema")]
use accounts::Password;
use envelope::{Answer, Data, Failure, Status};
use serde::Serialize;

use crate::{User, parse_password, parse_phone};

/// No account has this phone.
pub(crate) const INCORRECT_USER: Status = Status::new(100, "Incorrect user");
pub(crate) const ERROR_PASSWORD: Status = Status::new(101, "Error password");
pub(crate) const ADD_TOKEN_FAILED: Status = Status::new(300, "Add token failed");

#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct LoggedIn {
    /// 32 lower-case hex digits.
    token: String,
}

/// `login/pass`: a token for phone and password. Two round trips and Argon2id.
pub(crate) async fn run(user: &User, data: &Data<'_>) -> Result<Answer, Failure> {
    let [phone, password] = data.texts(["phone", "pass"])?;
    let (phone, password) = (parse_phone(&phone)?, parse_password(&password)?);
    let token = user.accounts.login(&phone, &password, is_enduring(data)).await.map_err(failure)?;
    Ok(Answer::new(LoggedIn { token: token.into_string() }))
}

/// A non-zero integer or `true`; everything else is no, whatever its type.
fn is_enduring(data: &Data<'_>) -> bool {
    match data.optional_integer("enduring") {
        Ok(number) => number.is_some_and(|number| number != 0),
        // An integer beyond 64 bits is one, and not zero.
        Err(Status::VALUE_ERROR) => true,
        Err(_) => data.lenient("enduring").unwrap_or(false),
    }
}

/// The statuses that logging in and changing the password share.
pub(crate) fn failure(error: LoginError) -> Failure {
    match error {
        LoginError::UnknownUser => INCORRECT_USER.into(),
        LoginError::WrongPassword => ERROR_PASSWORD.into(),
        LoginError::TooManyTries => Status::TOO_MANY_REQUESTS.into(),
        LoginError::Contended => Failure::fault(ADD_TOKEN_FAILED, error),
        LoginError::Store(error) => error.into(),
    }
}

/// What the OpenAPI document says of it.
#[cfg(feature = "schema")]
pub(crate) fn describe() -> openapi::Operation {
    use openapi::{Key, Operation};
    use serde_json::json;
    let enduring = json!({ "examples": [0] });
    let summary = "A token for phone and password. An account holds at most ten: the eleventh login ends the oldest.";
    Operation::new("login", "pass", summary)
        .takes([
            crate::phone_key("Whose account.").example("13900000002"),
            Password::key("pass", "The account's password."),
            Key::lenient(
                "enduring",
                "An integer that is not 0, or `true`: the token lives until it is ended, instead of ten minutes after its last use.",
                enduring,
            ),
        ])
        .replies::<LoggedIn>()
        .fails([INCORRECT_USER, ERROR_PASSWORD, ADD_TOKEN_FAILED, Status::TOO_MANY_REQUESTS])
}
