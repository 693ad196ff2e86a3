use accounts::ProfileChanges;
use envelope::{Answer, Data, Failure};

use crate::{Admin, USER_NOT_EXISTED, phone};

/// `user/update`: changes anybody's profile.
pub(crate) async fn run(admin: &Admin, data: &Data<'_>) -> Result<Answer, Failure> {
    let phone = phone(data)?;
    let changes = ProfileChanges::from_data(data)?;
    if admin.accounts.update_profile(&phone, &changes).await? {
        Ok(Answer::empty())
    } else {
        Err(USER_NOT_EXISTED.into())
    }
}

/// What the OpenAPI document says of it.
#[cfg(feature = "schema")]
pub(crate) fn describe() -> openapi::Operation {
    openapi::Operation::new("user", "update", "Changes anybody's profile. Keys that are missing stay as they are.")
        .takes([crate::key()])
        .takes(ProfileChanges::keys())
        .fails([USER_NOT_EXISTED])
}
