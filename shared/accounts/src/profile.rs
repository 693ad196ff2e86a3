use std::borrow::Cow;

use domain::Phone;
use dynamo::{StoreError, number, text};
use email_address::{EmailAddress, Options};
use envelope::{Data, Optional, Status};
use serde::Serialize;

use crate::{Account, Accounts, key};

/// The longest name and nickname, and the longest email address, in characters.
const MAX_NAME: usize = 20;
const MAX_EMAIL: usize = 50;

/// What an account shows to its owner and to administrators. Unset fields are `null`.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Profile {
    phone: Phone,
    name: Option<String>,
    nickname: Option<String>,
    email: Option<String>,
    level: i64,
}

impl From<Account> for Profile {
    fn from(account: Account) -> Self {
        let Account { phone, name, nickname, email, level, .. } = account;
        Self { phone, name, nickname, email, level }
    }
}

/// What happens to one field of a profile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Change<T> {
    /// It stays as it is.
    #[default]
    Keep,
    /// It becomes unset.
    Clear,
    /// It becomes this.
    Set(T),
}

/// What happens to a profile. Can only be made of values that a profile may hold.
#[derive(Clone, Debug, Default)]
pub struct ProfileChanges {
    name: Change<String>,
    nickname: Change<String>,
    email: Change<String>,
    level: Option<i64>,
}

/// A value that a profile may not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a name has at most 20 characters, an email address at most 50")]
pub struct InvalidProfile;

impl ProfileChanges {
    /// Names have at most 20 characters, none of them a control character; an email is an address of at most 50.
    pub fn new(
        name: Change<&str>,
        nickname: Change<&str>,
        email: Change<&str>,
        level: Option<i64>,
    ) -> Result<Self, InvalidProfile> {
        Ok(Self {
            name: name.check(is_name)?,
            nickname: nickname.check(is_name)?,
            email: email.check(|email| is_line(email, MAX_EMAIL) && is_address(email))?,
            level,
        })
    }
}

impl ProfileChanges {
    /// The changes that `data` asks for: `name`, `nickname` and `email` may be missing (kept), `null` or empty
    /// (cleared); `level` may be missing. -203, -201 or -204 for anything that a profile may not hold.
    pub fn from_data(data: &Data<'_>) -> Result<Self, Status> {
        let [name, nickname, email] = ["name", "nickname", "email"].map(|key| data.optional_text(key));
        let (name, nickname, email, level) = (name?, nickname?, email?, data.optional_integer("level")?);
        Self::new(Change::of(&name), Change::of(&nickname), Change::of(&email), level).map_err(|_| Status::VALUE_ERROR)
    }

    /// What the OpenAPI document says of the keys that [`Self::from_data`] reads.
    #[cfg(feature = "schema")]
    #[must_use]
    pub fn keys() -> [openapi::Key; 4] {
        use openapi::Key;
        use serde_json::json;
        let text = |name, description: &str, most: usize, example: &str| {
            let description = format!("{description} `null` or an empty text clears it.");
            Key::optional_text(name, &description, json!({ "maxLength": most, "examples": [example] }))
        };
        [
            text("name", "What the person is called.", MAX_NAME, "Wang Xiaoming"),
            text("nickname", "What the person wants to be called.", MAX_NAME, "Xiaoming"),
            text("email", "An email address.", MAX_EMAIL, "somebody@example.com"),
            Key::optional_integer(
                "level",
                "A number for the client's own use. It carries no permission.",
                json!({ "examples": [1] }),
            )
            .any_form(),
        ]
    }
}

impl<'a> Change<&'a str> {
    fn of(value: &'a Optional<Cow<'_, str>>) -> Self {
        match value {
            Optional::Missing => Self::Keep,
            Optional::Cleared => Self::Clear,
            Optional::Value(value) => Self::Set(value),
        }
    }

    fn check(self, allowed: impl FnOnce(&str) -> bool) -> Result<Change<String>, InvalidProfile> {
        match self {
            Self::Keep => Ok(Change::Keep),
            Self::Clear => Ok(Change::Clear),
            Self::Set(value) if allowed(value) => Ok(Change::Set(value.to_owned())),
            Self::Set(_) => Err(InvalidProfile),
        }
    }
}

/// Whether `text` can be a name or nickname: at most 20 characters, none of them a control character.
#[must_use]
pub fn is_name(text: &str) -> bool {
    is_line(text, MAX_NAME)
}

/// An address alone, without the name that a mail program puts before it.
fn is_address(value: &str) -> bool {
    EmailAddress::parse_with_options(value, Options::default().without_display_text()).is_ok()
}

fn is_line(value: &str, length: usize) -> bool {
    value.chars().count() <= length && !value.chars().any(char::is_control)
}

impl Accounts {
    /// Changes the profile of `phone`. False when there is no such account.
    pub async fn update_profile(&self, phone: &Phone, changes: &ProfileChanges) -> Result<bool, StoreError> {
        let (mut set, mut remove) = (Vec::new(), Vec::new());
        let mut update = self.client.update_item().table_name(&self.users.table).set_key(Some(key(phone)));
        // "name" and "level" are reserved words of DynamoDB's expressions.
        for (field, change) in [("name", &changes.name), ("nickname", &changes.nickname), ("email", &changes.email)] {
            match change {
                Change::Keep => continue,
                Change::Clear => remove.push(format!("#{field}")),
                Change::Set(value) => {
                    set.push(format!("#{field} = :{field}"));
                    update = update.expression_attribute_values(format!(":{field}"), text(value));
                }
            }
            update = update.expression_attribute_names(format!("#{field}"), field);
        }
        if let Some(level) = changes.level {
            set.push("#level = :level".to_owned());
            update = update
                .expression_attribute_values(":level", number(level))
                .expression_attribute_names("#level", "level");
        }
        let mut expression = Vec::new();
        if !set.is_empty() {
            expression.push(format!("SET {}", set.join(", ")));
        }
        if !remove.is_empty() {
            expression.push(format!("REMOVE {}", remove.join(", ")));
        }
        if !expression.is_empty() {
            update = update.update_expression(expression.join(" "));
        }
        let answer = update.condition_expression("attribute_exists(phone)").send().await;
        Ok(dynamo::unless_refused(answer)?.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn email(email: &str) -> Result<ProfileChanges, InvalidProfile> {
        ProfileChanges::new(Change::Keep, Change::Keep, Change::Set(email), None)
    }

    #[test]
    fn names_are_counted_in_characters() {
        let name = |name: &str| ProfileChanges::new(Change::Set(name), Change::Keep, Change::Keep, None);
        assert!(name(&"王".repeat(20)).is_ok());
        assert!(name(&"王".repeat(21)).is_err());
        assert!(name("a\u{0}").is_err());
    }

    #[test]
    fn an_email_must_be_an_address_of_at_most_fifty_characters() {
        assert!(email("somebody@example.com").is_ok());
        assert!(email("somebody").is_err());
        assert!(email(&format!("{}@example.com", "a".repeat(38))).is_ok());
        assert!(email(&format!("{}@example.com", "a".repeat(39))).is_err());
    }
}
