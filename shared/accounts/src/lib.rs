//! Accounts, their passwords and their sessions: the tables `users` and `sessions`.

mod account;
mod authenticate;
mod delete;
mod list;
mod login;
mod password;
mod portrait;
mod profile;
mod register;
mod reset;
mod sessions;

use aws_sdk_dynamodb::types::{ConditionCheck, Update, builders::UpdateBuilder};
use domain::Phone;
use dynamo::{Client, Item, Key, StoreError, Transaction};
use environment::{Clock, Environment, Random, StartError};

pub use self::{
    account::{Account, Gender, Portrait},
    list::Page,
    login::LoginError,
    password::{InvalidPassword, Password},
    profile::{Change, InvalidProfile, Profile, ProfileChanges, is_name},
    register::{Created, NewAccount, RegisterError},
    reset::{ChangePasswordError, ResetPasswordError},
    sessions::Sessions,
};

/// The users table, for whoever only needs to look an account up.
pub struct Users {
    client: Client,
    table: String,
}

impl Users {
    /// Reads `USERS_TABLE`.
    pub fn new(environment: &Environment) -> Result<Self, StartError> {
        Ok(Self {
            client: dynamo::client(&environment.aws),
            table: environment.variables.text("USERS_TABLE")?.to_owned(),
        })
    }

    /// The account of `phone`.
    pub async fn find(&self, phone: &Phone) -> Result<Option<Account>, StoreError> {
        let get = self.client.get_item().table_name(&self.table).set_key(Some(key(phone))).consistent_read(true);
        get.send().await?.item.map(read).transpose()
    }

    /// Writes nothing. Refused when `phone` has no account.
    pub fn exists_within(&self, phone: &Phone) -> Result<Transaction, StoreError> {
        ConditionCheck::builder()
            .table_name(&self.table)
            .set_key(Some(key(phone)))
            .condition_expression("attribute_exists(phone)")
            .build()
            .map(|check| Transaction::new().check(check))
            .map_err(|error| StoreError::new("checking an account", error))
    }
}

/// The users table, and the sessions that belong to it.
pub struct Accounts {
    client: Client,
    users: Users,
    sessions: String,
    clock: Clock,
    random: Random,
}

impl Accounts {
    /// Reads `USERS_TABLE` and `SESSIONS_TABLE`.
    pub fn new(environment: &Environment) -> Result<Self, StartError> {
        Ok(Self {
            client: dynamo::client(&environment.aws),
            users: Users::new(environment)?,
            sessions: environment.variables.text("SESSIONS_TABLE")?.to_owned(),
            clock: environment.clock.clone(),
            random: environment.random.clone(),
        })
    }

    /// The account of `phone`.
    pub async fn find(&self, phone: &Phone) -> Result<Option<Account>, StoreError> {
        self.users.find(phone).await
    }

    fn update(&self, phone: &Phone) -> UpdateBuilder {
        Update::builder().table_name(&self.users.table).set_key(Some(key(phone)))
    }
}

fn key(phone: &Phone) -> Key {
    Key::from([("phone".to_owned(), dynamo::text(phone.as_str()))])
}

fn read(item: Item) -> Result<Account, StoreError> {
    Ok(dynamo::from_item(item)?)
}
