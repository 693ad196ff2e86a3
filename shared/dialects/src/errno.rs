//! The `errno` API (seed 003): `{"errno","errmsg","data"?}`.

use lambda_http::{Body, Response};
use serde::Serialize;

/// An answer of this API: its number, as a string, and its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Errno(pub &'static str, pub &'static str);

/// The tables failed.
pub const DATABASE_ERROR: &str = "4001";
/// What is asked for is not there, or no longer.
pub const NO_DATA: &str = "4002";
/// What should be made is there already.
pub const DATA_EXISTS: &str = "4003";
/// What was given is wrong.
pub const DATA_ERROR: &str = "4004";
/// What was given is missing or malformed.
pub const PARAMETER_ERROR: &str = "4103";
/// The SMS service failed, or a limit forbids the message.
pub const THIRD_PARTY_ERROR: &str = "4301";

/// A phone that is none.
pub const BAD_PHONE: Errno = Errno(PARAMETER_ERROR, "手机号格式错误");
/// A phone that has an account.
pub const REGISTERED: Errno = Errno(DATA_EXISTS, "手机号已注册");

/// The cookie that holds a main-API token.
pub const COOKIE: &str = "session";

#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct Reply<D> {
    errno: &'static str,
    errmsg: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<D>,
}

/// An answer without data; `operation` goes to the log.
#[must_use]
pub fn reply(operation: &str, errno: Errno) -> Response<Body> {
    reply_with(operation, errno, None::<()>)
}

/// An answer with data.
#[must_use]
pub fn reply_with(operation: &str, Errno(errno, errmsg): Errno, data: Option<impl Serialize>) -> Response<Body> {
    let body = serde_json::to_string(&Reply { errno, errmsg, data }).unwrap_or_default();
    function::answer(operation, errno.parse().unwrap_or(-1), body)
}

/// What the OpenAPI document says of an answer without data that is one of these.
#[cfg(feature = "schema")]
#[must_use]
pub fn schema(says: &[Errno]) -> serde_json::Value {
    let one = |errno: &Errno| {
        let mut schema = said::<()>(*errno);
        if let Some(properties) = schema["properties"].as_object_mut() {
            properties.remove("data");
        }
        schema
    };
    serde_json::json!({ "anyOf": says.iter().map(one).collect::<Vec<_>>() })
}

/// What it says of an answer with data.
#[cfg(feature = "schema")]
#[must_use]
pub fn schema_with<D: schemars::JsonSchema>(errno: Errno) -> serde_json::Value {
    let mut schema = said::<D>(errno);
    schema["properties"]["data"] = openapi::closed::<D>();
    schema["required"] = serde_json::json!(["errno", "errmsg", "data"]);
    schema
}

#[cfg(feature = "schema")]
fn said<D: schemars::JsonSchema>(Errno(errno, errmsg): Errno) -> serde_json::Value {
    let mut schema = openapi::closed::<Reply<D>>();
    schema["properties"]["errno"] = serde_json::json!({ "const": errno });
    schema["properties"]["errmsg"] = serde_json::json!({ "const": errmsg });
    schema
}
