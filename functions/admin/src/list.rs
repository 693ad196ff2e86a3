use accounts::Profile;
use domain::Phone;
use envelope::{Answer, Data, Failure};

use crate::Admin;

/// `user/list`: all accounts, a page at a time.
pub(crate) async fn run(admin: &Admin, data: &Data<'_>) -> Result<Answer, Failure> {
    let limit = data.limit()?;
    let before: Option<Phone> = data.before()?;
    let page = admin.accounts.list(limit, before.as_ref()).await?;
    let profiles: Vec<Profile> = page.accounts.into_iter().map(Profile::from).collect();
    Ok(Answer::new(profiles).with_next(page.next.map(|next| next.as_str().to_owned())))
}

/// What the OpenAPI document says of it.
#[cfg(feature = "schema")]
pub(crate) fn describe() -> openapi::Operation {
    use openapi::{Key, Operation, closed};
    Operation::new("user", "list", "All accounts, a page at a time.")
        .takes(Key::page(closed::<Phone>()))
        .replies::<Vec<Profile>>()
        .pages(closed::<Phone>())
}
