use envelope::{Answer, Failure, Status};
use lambda_http::Request;

use crate::Token;

const TOKEN_NOT_EXISTED: Status = Status::new(1, "Token not existed");

/// `doki`: whether the token is alive; extends its life. One round trip.
pub(crate) async fn run(token: &Token, request: &Request) -> Result<Answer, Failure> {
    match token.sessions.touch(function::token(request)?).await? {
        Some(_) => Ok(Answer::empty()),
        None => Err(TOKEN_NOT_EXISTED.into()),
    }
}

/// What the OpenAPI document says of it.
#[cfg(feature = "schema")]
pub(crate) fn describe() -> openapi::Operation {
    openapi::Operation::new("user", "doki", "Whether the token is alive. Asking extends its life.")
        .fails([TOKEN_NOT_EXISTED])
}
