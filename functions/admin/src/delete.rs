use envelope::{Answer, Data, Failure};

use crate::{Admin, USER_NOT_EXISTED, phone};

/// `user/delete`: ends an account, its tokens, bindings, read marks and portrait. Its cameras go on for the other
/// families bound to them.
pub(crate) async fn run(admin: &Admin, data: &Data<'_>) -> Result<Answer, Failure> {
    let phone = phone(data)?;
    if admin.accounts.find(&phone).await?.is_none() {
        return Err(USER_NOT_EXISTED.into());
    }
    // Bindings first: if this is cut short, the account is still there and can be deleted again.
    admin.notices.forget_account(&phone).await?;
    let account = admin.accounts.delete(&phone).await?.ok_or(USER_NOT_EXISTED)?;
    // Once more, for what the account bound in between; without an account nothing more can be bound.
    admin.notices.forget_account(&phone).await?;
    if let Some(portrait) = account.portrait {
        admin.pictures.delete(&portrait.key).await?;
    }
    Ok(Answer::empty())
}
