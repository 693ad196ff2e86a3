use domain::Phone;
use envelope::{Answer, Data, Failure, Status};
use notices::Signed;

use crate::Notice;

const ERROR_EVENT_ID: Status = Status::new(100, "Error event_id");
const SIGNED_BEFORE: Status = Status::new(101, "event_id has been signed");

/// `notice/sign`: marks a fall as read, for the caller only. Two round trips.
pub(crate) async fn run(notice: &Notice, caller: &Phone, data: &Data<'_>) -> Result<Answer, Failure> {
    let event_id = data.text("event_id")?.parse().map_err(|_| ERROR_EVENT_ID)?;
    match notice.notices.sign(caller, &event_id).await? {
        Signed::Done => Ok(Answer::empty()),
        Signed::Before => Err(SIGNED_BEFORE.into()),
        Signed::Unknown => Err(ERROR_EVENT_ID.into()),
    }
}

/// What the OpenAPI document says of it.
#[cfg(feature = "schema")]
pub(crate) fn describe() -> openapi::Operation {
    openapi::Operation::new("notice", "sign", "Marks a fall as read, for the caller only.")
        .takes([crate::key("Which fall.").malformed(ERROR_EVENT_ID).example("019a0b1c2d3e7f4a8b5c6d7e8f901a2c")])
        .fails([ERROR_EVENT_ID, SIGNED_BEFORE])
}
