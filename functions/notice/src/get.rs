use domain::{EventId, Phone};
use envelope::{Answer, Data, Failure, Status};
use notices::Mode;
use serde::Serialize;

use crate::{Notice, ShownNotice};

const NOT_BIND_DEVICE: Status = Status::new(101, "not bind device");
const MODE_VALUE_ERROR: Status = Status::new(102, "mode value error");

#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct Page {
    num: usize,
    list: Vec<ShownNotice>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<EventId>,
}

/// `notice/get`: the falls of all cameras that the caller is bound to, newest first.
pub(crate) async fn run(notice: &Notice, caller: &Phone, data: &Data<'_>) -> Result<Answer, Failure> {
    let mode = mode(data)?;
    let limit = data.limit()?;
    let before: Option<EventId> = data.before()?;
    let page = notice.notices.list(caller, mode, limit, before.as_ref()).await?.ok_or(NOT_BIND_DEVICE)?;
    let list: Vec<ShownNotice> = page.entries.into_iter().map(|entry| notice.show(entry)).collect();
    Ok(Answer::new(Page { num: list.len(), list, next: page.next }))
}

fn mode(data: &Data<'_>) -> Result<Mode, Status> {
    if !data.has("mode") {
        return Err(Status::ERROR_DATA_KEY);
    }
    match data.lenient("mode") {
        Some(0_i64) => Ok(Mode::Unread),
        Some(1) => Ok(Mode::Read),
        Some(2) => Ok(Mode::All),
        _ => Err(MODE_VALUE_ERROR),
    }
}

/// What the OpenAPI document says of it.
#[cfg(feature = "schema")]
pub(crate) fn describe() -> openapi::Operation {
    use openapi::{Key, Operation, closed};
    let mode = serde_json::json!({ "enum": [0, 1, 2], "examples": [2] });
    Operation::new("notice", "get", "The falls of all cameras that the caller is bound to, newest first.")
        .takes([Key::lenient("mode", "0 unread, 1 read, 2 all.", mode).required().otherwise(MODE_VALUE_ERROR)])
        .takes(Key::page(closed::<EventId>()))
        .replies::<Page>()
        .fails([NOT_BIND_DEVICE])
}
