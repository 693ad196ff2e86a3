use accounts::Account;
#[cfg(feature = "schema")]
use envelope::Status;
use envelope::{Answer, Data, Failure};

use crate::{Admin, USER_NOT_EXISTED, phone};

/// `user/delete`: ends an account, its tokens, bindings, read marks and portrait. Its cameras go on for the other
/// families bound to them.
pub(crate) async fn run(admin: &Admin, data: &Data<'_>) -> Result<Answer, Failure> {
    let phone = phone(data)?;
    let Some(account) = admin.accounts.find(&phone).await? else {
        // A restored table may know more of an account than there is, and a deletion may have been cut short.
        admin.notices.forget_account(&phone).await?;
        return Err(USER_NOT_EXISTED.into());
    };
    // The account last: if this is cut short, it is still there and can be deleted again. The portrait first: if the
    // bucket fails, the account still hears of falls.
    delete_portrait(admin, &account).await?;
    admin.notices.forget_account(&phone).await?;
    let deleted = admin.accounts.delete(&phone).await?;
    // Once more, for what came in between; without an account nothing more can be bound or shown.
    admin.notices.forget_account(&phone).await?;
    delete_portrait(admin, &deleted.ok_or(USER_NOT_EXISTED)?).await?;
    Ok(Answer::empty())
}

async fn delete_portrait(admin: &Admin, account: &Account) -> Result<(), Failure> {
    match &account.portrait {
        Some(portrait) => Ok(admin.pictures.delete(&portrait.key).await?),
        None => Ok(()),
    }
}

/// What the OpenAPI document says of it.
#[cfg(feature = "schema")]
pub(crate) fn describe() -> openapi::Operation {
    let summary = "Ends an account, its tokens, bindings, read marks and portrait.";
    openapi::Operation::new("user", "delete", summary)
        .takes([crate::key().example("13900000004")])
        .fails([USER_NOT_EXISTED, Status::PICTURE_STORE_FAILURE])
}
