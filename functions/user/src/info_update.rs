use accounts::ProfileChanges;
use domain::Phone;
use envelope::{Answer, Data, Failure, Status};

use crate::{User, parse_phone};

/// `info/update`: changes the caller's own profile. `phone` says whose it is and must be the caller's.
pub(crate) async fn run(user: &User, caller: &Phone, data: &Data<'_>) -> Result<Answer, Failure> {
    if parse_phone(&data.text("phone")?)? != *caller {
        return Err(Status::NO_PERMISSION.into());
    }
    let changes = ProfileChanges::from_data(data)?;
    if user.accounts.update_profile(caller, &changes).await? {
        Ok(Answer::empty())
    } else {
        Err(Status::ERROR_TOKEN.into())
    }
}

/// What the OpenAPI document says of it.
#[cfg(feature = "schema")]
pub(crate) fn describe() -> openapi::Operation {
    openapi::Operation::new(
        "info",
        "update",
        "Changes the caller's own profile. Keys that are missing stay as they are.",
    )
    .takes([crate::phone_key("The caller's own phone.")])
    .takes(ProfileChanges::keys())
    .fails([Status::NO_PERMISSION])
}
