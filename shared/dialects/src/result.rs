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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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

/// What stands in `message`.
#[cfg(feature = "schema")]
#[derive(Clone, Copy)]
pub enum Message {
    /// `null`.
    None,
    /// A text.
    Text,
}

/// What the OpenAPI document says of an answer that is one of these.
#[cfg(feature = "schema")]
#[must_use]
pub fn schema(says: &[(&str, Message)]) -> serde_json::Value {
    let one = |(result, message): &(&str, Message)| {
        let mut schema = openapi::closed::<Reply<'_>>();
        schema["properties"]["result"] = serde_json::json!({ "const": result });
        schema["properties"]["message"]["type"] = match message {
            Message::None => "null".into(),
            Message::Text => "string".into(),
        };
        schema["required"] = serde_json::json!(["result", "message"]);
        schema
    };
    serde_json::json!({ "anyOf": says.iter().map(one).collect::<Vec<_>>() })
}
