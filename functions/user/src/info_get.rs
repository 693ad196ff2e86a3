use accounts::Profile;
use envelope::{Answer, Failure, Status};
use lambda_http::Request;

use crate::User;

const ERROR_TOKEN: Status = Status::new(1, "Error Token");

/// `GET info`: the caller's own profile.
pub(crate) async fn run(user: &User, request: &Request) -> Result<Answer, Failure> {
    let caller = user.sessions.touch(function::token(request)?).await?.ok_or(ERROR_TOKEN)?;
    let account = user.accounts.find(&caller).await?.ok_or(ERROR_TOKEN)?;
    Ok(Answer::new(Profile::from(account)))
}

/// What the OpenAPI document says of it.
#[cfg(feature = "schema")]
pub(crate) fn describe() -> openapi::Operation {
    openapi::Operation::new("user", "profile", "The caller's own profile.").replies::<Profile>().fails([ERROR_TOKEN])
}
