use accounts::Profile;
use domain::Phone;
use envelope::{Answer, Data, Failure, Status};

use crate::Admin;

/// The most accounts of one page, and how many there are when nobody says.
const MAX_LIMIT: usize = 1000;

/// `user/list`: all accounts, a page at a time.
pub(crate) async fn run(admin: &Admin, data: &Data<'_>) -> Result<Answer, Failure> {
    let limit = data.limit(MAX_LIMIT)?;
    let before: Option<Phone> = match data.optional_text("before")?.value() {
        Some(before) => Some(before.parse().map_err(|_| Status::VALUE_ERROR)?),
        None => None,
    };
    let page = admin.accounts.list(limit, before.as_ref()).await?;
    let profiles: Vec<Profile> = page.accounts.into_iter().map(Profile::from).collect();
    Ok(Answer::new(profiles).with_next(page.next.map(|next| next.as_str().to_owned())))
}
