use std::str::FromStr;

use environment::Random;
use serde::{Deserialize, Serialize};

use crate::{Malformed, hex_id::HexId};

/// A camera's id and only credential: 32 lower-case hex digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(
        description = "A camera's id and only credential.",
        extend("examples" = ["5f0c7d2e9b1a4c3d8e6f7a8b9c0d1e2f"])
    )
)]
pub struct DeviceId(HexId);

impl DeviceId {
    /// A new id of 128 random bits.
    #[must_use]
    pub fn new(random: &Random) -> Self {
        Self(HexId::random(random))
    }

    /// The 32 hex digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl FromStr for DeviceId {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        text.parse().map(Self)
    }
}

/// What people call a camera: 1 to 64 characters, none of them a control character.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(
        description = "What people call a camera.",
        extend("minLength" = 1, "maxLength" = 64, "examples" = ["bedroom"])
    )
)]
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
