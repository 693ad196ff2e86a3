use codes::{Codes, NotRedeemed, Proof, Purpose};
use domain::Phone;
use dynamo::{StoreError, Transaction, Written};

use crate::{Account, Accounts, LoginError, Password, login::ROUNDS, read};

/// Why a forgotten password was not set anew.
#[derive(Debug, thiserror::Error)]
pub enum ResetPasswordError {
    /// The phone has no account.
    #[error("no such account")]
    UnknownUser,
    /// The code was not accepted.
    #[error(transparent)]
    Code(#[from] NotRedeemed),
    /// A table failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a password was not changed: the same reasons as for a login.
pub type ChangePasswordError = LoginError;

impl Accounts {
    /// Sets the password of whoever shows the code that was sent to `phone`, and ends all of the account's sessions.
    pub async fn reset_password(
        &self,
        codes: &Codes,
        phone: &Phone,
        proof: Proof<'_>,
        new: &Password,
    ) -> Result<(), ResetPasswordError> {
        let mut account = self.find(phone).await?.ok_or(ResetPasswordError::UnknownUser)?;
        let mut hashed = None;
        for _ in 0..ROUNDS {
            let code = codes.redeem(phone, Purpose::ResetPassword, proof).await?;
            let new = match &hashed {
                Some(new) => new,
                None => hashed.insert(new.hash(&self.random).await?),
            };
            let writes = self.password_writes(&account, new)?.and(code.transaction().clone());
            match writes.write(&self.client).await? {
                Written::Done => return Ok(()),
                Written::Refused(refused) => match refused.into_iter().next().flatten() {
                    Some(present) if present.is_empty() => return Err(ResetPasswordError::UnknownUser),
                    Some(present) => account = read(present)?,
                    None => {}
                },
            }
        }
        Err(NotRedeemed::TooManyTries.into())
    }

    /// Sets the password of whoever knows the old one, and ends all of the account's sessions. Wrong old passwords
    /// count as wrong logins.
    pub async fn change_password(
        &self,
        phone: &Phone,
        old: &Password,
        new: &Password,
    ) -> Result<(), ChangePasswordError> {
        let mut account = self.find(phone).await?.ok_or(LoginError::UnknownUser)?;
        self.check_password(&mut account, old).await?;
        let hashed = new.hash(&self.random).await?;
        for _ in 0..ROUNDS {
            match self.password_writes(&account, &hashed)?.write(&self.client).await? {
                Written::Done => return Ok(()),
                Written::Refused(refused) => {
                    let present = refused.into_iter().next().flatten().unwrap_or_default();
                    account = self.present(present, &account, old).await?;
                }
            }
        }
        Err(LoginError::Contended)
    }

    /// Writes the new password and ends the sessions; first the account.
    fn password_writes(&self, account: &Account, hashed: &str) -> Result<Transaction, StoreError> {
        let set = self
            .account_update(account, "SET password = :new, sessions = :none")?
            .expression_attribute_values(":new", dynamo::text(hashed))
            .expression_attribute_values(":none", dynamo::AttributeValue::L(Vec::new()))
            .build()
            .map_err(|error| StoreError::new("writing a password", error))?;
        Ok(Transaction::new().update(set).and(self.delete_sessions(account)?))
    }
}
