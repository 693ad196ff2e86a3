use codes::{Codes, NotRedeemed, Proof, Purpose};
use domain::Phone;
use dynamo::{StoreError, Transaction, Written};

use crate::{Account, Accounts, Gender, Password, Portrait, login::ROUNDS};

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

/// An account that is to be made.
pub struct NewAccount<'a> {
    /// Its id.
    pub phone: &'a Phone,
    /// Its password.
    pub password: &'a Password,
    /// What its owner wants to be called.
    pub nickname: Option<String>,
    /// "0" female, "1" male, as seed 002 writes it.
    pub gender: Option<Gender>,
    /// The picture that other people see.
    pub portrait: Option<Portrait>,
}

impl<'a> NewAccount<'a> {
    /// One of which nothing more is known.
    #[must_use]
    pub fn new(phone: &'a Phone, password: &'a Password) -> Self {
        Self { phone, password, nickname: None, gender: None, portrait: None }
    }
}

/// What came of making an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Created {
    /// It is there.
    Done,
    /// The phone had one already.
    Existed,
    /// The proof of the phone no longer holds.
    Unproved,
}

impl Accounts {
    /// Makes an account for whoever shows the code that was sent to the phone.
    ///
    /// Two round trips: the code, and one transaction that makes the account and uses the code up. Of two
    /// registrations at once exactly one succeeds.
    pub async fn register(
        &self,
        codes: &Codes,
        new: NewAccount<'_>,
        proof: Proof<'_>,
    ) -> Result<Account, RegisterError> {
        let mut account = None;
        for _ in 0..ROUNDS {
            let code = codes.redeem(new.phone, Purpose::Register, proof).await?;
            let account = match &account {
                Some(account) => account,
                None => account.insert(self.draft(&new).await?),
            };
            match self.put_new(account, code.transaction()).await? {
                Created::Done => return Ok(account.clone()),
                Created::Existed => return Err(RegisterError::Existed),
                // The code was guessed at, used or replaced meanwhile.
                Created::Unproved => {}
            }
        }
        Err(NotRedeemed::TooManyTries.into())
    }

    /// Makes an account in the transaction that uses `proof` up.
    pub async fn create(&self, new: NewAccount<'_>, proof: &Transaction) -> Result<Created, StoreError> {
        self.put_new(&self.draft(&new).await?, proof).await
    }

    async fn draft(&self, new: &NewAccount<'_>) -> Result<Account, StoreError> {
        Ok(Account {
            phone: new.phone.clone(),
            password: new.password.hash(&self.random).await?,
            name: None,
            nickname: new.nickname.clone(),
            email: None,
            gender: new.gender,
            level: FIRST_LEVEL,
            created: self.clock.now_seconds(),
            portrait: new.portrait.clone(),
            sessions: Vec::new(),
            wrong_passwords: Vec::new(),
        })
    }

    async fn put_new(&self, account: &Account, proof: &Transaction) -> Result<Created, StoreError> {
        let put = dynamo::put_new(&self.users.table, dynamo::to_item(account)?, "phone")?;
        Ok(match proof.clone().put(put).write(&self.client).await? {
            Written::Done => Created::Done,
            Written::Refused(refused) if refused.last().is_some_and(Option::is_some) => Created::Existed,
            Written::Refused(_) => Created::Unproved,
        })
    }
}
