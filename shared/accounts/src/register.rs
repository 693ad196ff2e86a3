use codes::{Codes, NotRedeemed, Purpose};
use domain::Phone;
use dynamo::{StoreError, Written};

use crate::{Account, Accounts, Password, login::ROUNDS};

/// The level of a new account.
const FIRST_LEVEL: i64 = 1;

/// Why no account was made.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// The phone has an account already.
    #[error("the phone has an account")]
    Existed,
    /// The code was not accepted.
    #[error(transparent)]
    Code(#[from] NotRedeemed),
    /// A table failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Accounts {
    /// Makes an account for whoever shows the code that was sent to `phone`.
    ///
    /// Two round trips: the code, and one transaction that makes the account and uses the code up. Of two
    /// registrations at once exactly one succeeds.
    pub async fn register(
        &self,
        codes: &Codes,
        phone: &Phone,
        code_hash: &str,
        password: &Password,
    ) -> Result<(), RegisterError> {
        let mut hashed = None;
        for _ in 0..ROUNDS {
            let code = codes.redeem(phone, Purpose::Register, code_hash).await?;
            let password = match &hashed {
                Some(password) => password,
                None => hashed.insert(password.hash(&self.random).await?),
            };
            let account = Account {
                phone: phone.clone(),
                password: password.clone(),
                name: None,
                nickname: None,
                email: None,
                level: FIRST_LEVEL,
                created: self.clock.now_seconds(),
                portrait: None,
                sessions: Vec::new(),
                wrong_passwords: Vec::new(),
            };
            let put = self
                .put()
                .set_item(Some(dynamo::to_item(account).map_err(StoreError::from)?))
                .condition_expression("attribute_not_exists(phone)")
                .build()
                .map_err(|error| StoreError::new("writing an account", error))?;
            match code.transaction().clone().put(put).write(&self.client).await? {
                Written::Done => return Ok(()),
                Written::Refused(refused) if refused.last().is_some_and(Option::is_some) => {
                    return Err(RegisterError::Existed);
                }
                // The code was guessed at, used or replaced meanwhile.
                Written::Refused(_) => {}
            }
        }
        Err(NotRedeemed::TooManyTries.into())
    }
}
