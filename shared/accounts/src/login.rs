use aws_sdk_dynamodb::types::{ReturnValuesOnConditionCheckFailure as OnRefusal, Update};
use domain::{Phone, Token};
use dynamo::{Item, StoreError, Transaction, Written, numbers};
use metrics::Metric;

use crate::{
    Account, Accounts, Password,
    account::SessionEntry,
    key, read,
    sessions::{Displacement, make_room},
};

/// How many wrong passwords close the login of a phone, and for how long after the first of them.
const WRONG_PASSWORDS: usize = 10;
const WRONG_PASSWORD_SECONDS: i64 = 15 * 60;

/// How often a write that met another one is judged anew. Fifty logins at once stay well below it.
pub(crate) const ROUNDS: usize = 200;

/// Why a login failed.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// The phone has no account.
    #[error("no such account")]
    UnknownUser,
    /// The password is wrong.
    #[error("wrong password")]
    WrongPassword,
    /// Too many wrong passwords of late, whatever this one is.
    #[error("too many wrong passwords")]
    TooManyTries,
    /// The session could not be written for the logins that came between.
    #[error("too many logins at once")]
    Contended,
    /// A table failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Accounts {
    /// Opens a session and answers its token. An enduring one has no idle limit.
    ///
    /// Two round trips: the account, and one transaction that writes the session, lists it in the account and
    /// deletes what it displaces, so that an account holds at most ten at every moment.
    pub async fn login(&self, phone: &Phone, password: &Password, enduring: bool) -> Result<Token, LoginError> {
        let outcome = match self.authenticate(phone, password).await {
            Ok(account) => self.open_session(account, password, enduring).await,
            Err(error) => Err(error),
        };
        if let Err(LoginError::UnknownUser | LoginError::WrongPassword | LoginError::TooManyTries) = outcome {
            metrics::count(Metric::LoginFailures);
        }
        outcome
    }

    async fn authenticate(&self, phone: &Phone, password: &Password) -> Result<Account, LoginError> {
        let mut account = self.find(phone).await?.ok_or(LoginError::UnknownUser)?;
        self.check_password(&mut account, password).await?;
        Ok(account)
    }

    /// Opens a session of `account`, as it was read or written a moment ago, whose password `password` is. One round
    /// trip; the account is judged anew where another write came between.
    pub async fn open_session(
        &self,
        mut account: Account,
        password: &Password,
        enduring: bool,
    ) -> Result<Token, LoginError> {
        let mut alive = Vec::new();
        for _ in 0..ROUNDS {
            let token = Token::new(&self.random);
            let now = self.clock.now_seconds();
            let new = SessionEntry { token_hash: token.hash().into(), created: now, enduring };
            let room = make_room(&account, new, &alive, now);
            let writes = self.session_writes(&account, &room, now)?;
            let writes = writes.put(self.put_session(&token, &account.phone, enduring, now)?);
            match writes.write(&self.client).await? {
                Written::Done => return Ok(token),
                Written::Refused(refused) => {
                    let mut refused = refused.into_iter();
                    if let Some(Some(present)) = refused.next() {
                        account = self.present(present, &account, password).await?;
                    }
                    alive.extend(room.dead.into_iter().zip(refused).filter_map(|(entry, it)| it.map(|_| entry)));
                }
            }
        }
        Err(LoginError::Contended)
    }

    /// Judges `password`, at most ten times in a quarter of an hour while it is wrong. Wrong ones at the same time are
    /// counted one after the other, so that no more than ten are ever told apart from a closed login.
    pub(crate) async fn check_password(&self, account: &mut Account, password: &Password) -> Result<(), LoginError> {
        for _ in 0..ROUNDS {
            let now = self.clock.now_seconds();
            let recent: Vec<i64> = recent(&account.wrong_passwords, now);
            if recent.len() >= WRONG_PASSWORDS {
                return Err(LoginError::TooManyTries);
            }
            if password.matches(&account.password).await? {
                return Ok(());
            }
            loop {
                match self.charge_wrong_password(account).await? {
                    Charged::Done => return Err(LoginError::WrongPassword),
                    Charged::Closed => return Err(LoginError::TooManyTries),
                    Charged::Changed(present) if present.password == account.password => *account = *present,
                    Charged::Changed(present) => {
                        *account = *present;
                        break;
                    }
                }
            }
        }
        Err(LoginError::Contended)
    }

    async fn charge_wrong_password(&self, account: &Account) -> Result<Charged, LoginError> {
        let now = self.clock.now_seconds();
        let mut wrong = recent(&account.wrong_passwords, now);
        if wrong.len() >= WRONG_PASSWORDS {
            return Ok(Charged::Closed);
        }
        wrong.push(now);
        let update = Update::builder()
            .table_name(&self.users.table)
            .set_key(Some(key(&account.phone)))
            .update_expression("SET wrong_passwords = :new")
            .condition_expression("wrong_passwords = :seen AND password = :password")
            .expression_attribute_values(":new", numbers(&wrong))
            .expression_attribute_values(":seen", numbers(&account.wrong_passwords))
            .expression_attribute_values(":password", dynamo::text(&account.password))
            .return_values_on_condition_check_failure(OnRefusal::AllOld)
            .build()
            .map_err(|error| StoreError::new("counting a wrong password", error))?;
        // A transaction of one: sent twice, it is carried out once.
        match Transaction::new().update(update).write(&self.client).await? {
            Written::Done => Ok(Charged::Done),
            Written::Refused(refused) => {
                let present = dynamo::met(refused).ok_or(LoginError::UnknownUser)?;
                Ok(Charged::Changed(Box::new(read(present)?)))
            }
        }
    }

    /// The account that another write left, judged again by what that write changed.
    pub(crate) async fn present(
        &self,
        item: Item,
        before: &Account,
        password: &Password,
    ) -> Result<Account, LoginError> {
        if item.is_empty() {
            return Err(LoginError::UnknownUser);
        }
        let mut account = read(item)?;
        if account.password != before.password {
            self.check_password(&mut account, password).await?;
        } else if recent(&account.wrong_passwords, self.clock.now_seconds()).len() >= WRONG_PASSWORDS {
            return Err(LoginError::TooManyTries);
        }
        Ok(account)
    }

    /// Lists the sessions in the account and deletes the displaced ones: first the account, then the dead.
    fn session_writes(&self, account: &Account, room: &Displacement, now: i64) -> Result<Transaction, StoreError> {
        let list = self.account_update(account, "SET sessions = :sessions")?;
        let list = list
            .expression_attribute_values(":sessions", dynamo::to_attribute_value(&room.sessions)?)
            .build()
            .map_err(|error| StoreError::new("listing a session", error))?;
        let mut writes = Transaction::new().update(list);
        for session in &room.dead {
            writes = writes.delete(self.delete_dead_session(session, now)?);
        }
        if let Some(session) = &room.oldest {
            writes = writes.delete(self.delete_session(session)?);
        }
        Ok(writes)
    }

    /// An update that is refused when the account's sessions, password or wrong tries are no longer those of
    /// `account`; the refusal tells what they are.
    pub(crate) fn account_update(
        &self,
        account: &Account,
        expression: &str,
    ) -> Result<aws_sdk_dynamodb::types::builders::UpdateBuilder, StoreError> {
        Ok(self
            .update(&account.phone)
            .update_expression(expression)
            .condition_expression("sessions = :seen AND password = :verified AND wrong_passwords = :wrong")
            .expression_attribute_values(":seen", dynamo::to_attribute_value(&account.sessions)?)
            .expression_attribute_values(":verified", dynamo::text(&account.password))
            .expression_attribute_values(":wrong", numbers(&account.wrong_passwords))
            .return_values_on_condition_check_failure(OnRefusal::AllOld))
    }
}

enum Charged {
    /// The wrong try is written.
    Done,
    /// There are ten already.
    Closed,
    /// Another write came first; this is what it left.
    Changed(Box<Account>),
}

fn recent(wrong_passwords: &[i64], now: i64) -> Vec<i64> {
    wrong_passwords.iter().copied().filter(|at| *at > now - WRONG_PASSWORD_SECONDS).collect()
}
