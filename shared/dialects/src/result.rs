//! The `result` API (seed 002): `{"result","message"}`.

use lambda_http::{Body, Response};
use serde::Serialize;

/// Everything went well.
pub const OK: &str = "0000";
/// The phone has an account.
pub const REGISTERED: &str = "0001";
/// No code was sent, for another reason.
pub const NOT_SENT: &str = "0002";
/// The code is wrong.
pub const WRONG_CODE: &str = "0004";
/// The code was guessed at too often.
pub const TOO_MANY_TRIES: &str = "0005";
/// Anything else went wrong.
pub const UNKNOWN_ERROR: &str = "0006";
/// The phone has no account.
pub const UNKNOWN_USER: &str = "0007";
/// The password is wrong.
pub const WRONG_PASSWORD: &str = "0008";

/// The cookie of a registration under way.
pub const COOKIE: &str = "registration";

#[derive(Serialize)]
struct Reply<'a> {
    result: &'a str,
    message: Option<&'a str>,
}

/// An answer; `operation` goes to the log.
#[must_use]
pub fn reply(operation: &str, result: &str, message: Option<&str>) -> Response<Body> {
    let body = serde_json::to_string(&Reply { result, message }).unwrap_or_default();
    function::answer(operation, result.parse().unwrap_or(-1), body)
}
