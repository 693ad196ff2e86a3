use std::{fmt, str::FromStr};

use environment::Random;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Malformed;

/// 128 bits as 32 lower-case hex digits: the form of every id and token on the wire.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline, extend("pattern" = "^[0-9a-f]{32}$")))]
pub(crate) struct HexId(String);

impl HexId {
    /// 128 random bits.
    pub fn random(random: &Random) -> Self {
        Self(hex::encode(random.bytes::<16>()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn into_string(self) -> String {
        self.0
    }

    pub fn to_uuid(&self) -> Option<Uuid> {
        Uuid::try_parse(&self.0).ok()
    }
}

/// Whether `text` is `length` lower-case hex digits.
pub(crate) fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

impl From<Uuid> for HexId {
    fn from(uuid: Uuid) -> Self {
        Self(uuid.simple().to_string())
    }
}

impl FromStr for HexId {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        Self::try_from(text.to_owned())
    }
}

impl TryFrom<String> for HexId {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        if is_hex(&text, 32) { Ok(Self(text)) } else { Err(Malformed("32 lower-case hex digits")) }
    }
}

impl fmt::Debug for HexId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HexId(…)")
    }
}
