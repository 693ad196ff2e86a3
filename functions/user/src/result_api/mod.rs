//! The `result` API (seed 002), but for the code that the captcha function sends.

mod log;
mod register;
mod upload;

use codes::Registration;
use dialects::{cookies, result::COOKIE};
use dynamo::StoreError;
use lambda_http::Request;

pub(crate) use self::{log::log, register::register, upload::upload};
use crate::User;

/// The registration that the caller's cookie stands for.
async fn registration(user: &User, request: &Request) -> Result<Option<Registration>, StoreError> {
    match cookies::get(request, COOKIE) {
        Some(cookie) => user.codes.registration(cookie).await,
        None => Ok(None),
    }
}

/// Logs `error` and stands for it in an answer.
fn failed(operation: &str, error: impl Into<envelope::Failure>) -> &'static str {
    function::log_fault(operation, &error.into());
    dialects::result::UNKNOWN_ERROR
}

/// What the OpenAPI document says of these routes.
#[cfg(feature = "schema")]
pub(crate) fn describe() -> [openapi::Route; 3] {
    [register::describe(), upload::describe(), log::describe()]
}

/// The body of `route`, in each of the three ways of writing a form.
#[cfg(feature = "schema")]
fn forms(route: openapi::Route, schema: &serde_json::Value, example: &serde_json::Value) -> openapi::Route {
    ["application/x-www-form-urlencoded", "multipart/form-data", "application/json"]
        .into_iter()
        .fold(route, |route, media_type| route.body(media_type, schema, example))
}
