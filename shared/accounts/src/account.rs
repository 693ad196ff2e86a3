use domain::Phone;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// An account as it stands in the users table.
#[derive(Clone, Serialize, Deserialize)]
pub struct Account {
    /// Its id.
    pub phone: Phone,
    /// Argon2id of the MD5 of the wire's password, in PHC form.
    pub(crate) password: String,
    /// The person's name, at most 20 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What the person wants to be called, at most 20 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nickname: Option<String>,
    /// An address of at most 50 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Known of accounts that were made through the `result` API.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gender: Option<Gender>,
    /// A number that clients keep here. It carries no permission.
    pub level: i64,
    /// When the account was made, in seconds since 1970.
    pub(crate) created: i64,
    /// The picture that other people see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub portrait: Option<Portrait>,
    /// At most ten, oldest first. A session that is not listed here is not in the sessions table either.
    pub(crate) sessions: Vec<SessionEntry>,
    /// When wrong passwords were given, oldest first, at most as many as close the login.
    pub(crate) wrong_passwords: Vec<i64>,
}

impl Account {
    /// When the account was made.
    #[must_use]
    pub fn created_at(&self) -> Timestamp {
        Timestamp::from_second(self.created).unwrap_or_default()
    }
}

/// As seed 002 has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Gender {
    /// "0"
    Female,
    /// "1"
    Male,
}

/// Where a portrait is, and what a conditional request needs to know of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Portrait {
    /// Its key in the picture store.
    pub key: String,
    /// The MD5 of its bytes.
    pub md5: String,
}

/// What an account knows of one of its sessions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SessionEntry {
    pub token_hash: String,
    pub created: i64,
    pub enduring: bool,
}
