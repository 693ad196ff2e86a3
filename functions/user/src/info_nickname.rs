use envelope::{Answer, Data, Failure, Status};
use serde::Serialize;

use crate::{User, parse_phone};

const USER_NOT_EXISTED: Status = Status::new(100, "user not existed");

#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct Nickname {
    nickname: Option<String>,
}

/// `info/nickname`: what an account's owner wants to be called. Older clients write `phone` for `user_id`.
pub(crate) async fn run(user: &User, data: &Data<'_>) -> Result<Answer, Failure> {
    let key = if data.has("user_id") { "user_id" } else { "phone" };
    let phone = parse_phone(&data.text(key)?)?;
    let account = user.accounts.find(&phone).await?.ok_or(USER_NOT_EXISTED)?;
    Ok(Answer::new(Nickname { nickname: account.nickname }))
}

/// What the OpenAPI document says of it.
#[cfg(feature = "schema")]
pub(crate) fn describe() -> openapi::Operation {
    use openapi::{Key, Operation};
    Operation::new("info", "nickname", "What an account's owner wants to be called.")
        .takes([
            Key::text("user_id", "Whose account: its phone.", openapi::closed::<domain::Phone>()),
            Key::lenient("phone", "Older clients write this for `user_id`.", serde_json::json!({})),
        ])
        .replies::<Nickname>()
        .fails([USER_NOT_EXISTED])
}
