use accounts::Profile;
use envelope::{Answer, Data, Failure};

use crate::{Admin, USER_NOT_EXISTED, phone};

/// `user/info`: one account's profile.
pub(crate) async fn run(admin: &Admin, data: &Data<'_>) -> Result<Answer, Failure> {
    let account = admin.accounts.find(&phone(data)?).await?.ok_or(USER_NOT_EXISTED)?;
    Ok(Answer::new(Profile::from(account)))
}

/// What the OpenAPI document says of it.
#[cfg(feature = "schema")]
pub(crate) fn describe() -> openapi::Operation {
    openapi::Operation::new("user", "info", "One account's profile.")
        .takes([crate::key()])
        .replies::<Profile>()
        .fails([USER_NOT_EXISTED])
}
