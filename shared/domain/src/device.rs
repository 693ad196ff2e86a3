use std::str::FromStr;

use environment::Random;
use serde::{Deserialize, Serialize};

use crate::{Malformed, digest::is_hex};

/// A camera's id and only credential: 32 lower-case hex digits.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct DeviceId(String);

impl DeviceId {
    /// A new id of 128 random bits.
    #[must_use]
    pub fn new(random: &Random) -> Self {
        Self(hex::encode(random.bytes::<16>()))
    }

    /// The 32 hex digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for DeviceId {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        if is_hex(text, 32) { Ok(Self(text.to_owned())) } else { Err(Malformed("32 lower-case hex digits")) }
    }
}

impl TryFrom<String> for DeviceId {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        text.parse()
    }
}

/// What people call a camera: 1 to 64 characters, none of them a control character.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct DeviceName(String);

impl DeviceName {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for DeviceName {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        if (1..=64).contains(&text.chars().count()) && !text.chars().any(char::is_control) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Malformed("1 to 64 characters"))
        }
    }
}

impl TryFrom<String> for DeviceName {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_counted_in_characters_not_bytes() {
        assert!("卧".repeat(64).parse::<DeviceName>().is_ok());
        assert!("卧".repeat(65).parse::<DeviceName>().is_err());
        assert!("".parse::<DeviceName>().is_err());
        assert!("a\u{0}b".parse::<DeviceName>().is_err());
    }
}
