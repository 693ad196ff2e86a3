use std::str::FromStr;

use environment::Random;

use crate::{Malformed, hex_id::HexId, sha256_hex};

/// What a login gives out: 32 lower-case hex digits. Never stored, only its [`TokenHash`] is.
#[derive(Clone)]
pub struct Token(HexId);

impl Token {
    /// A new token of 128 random bits.
    #[must_use]
    pub fn new(random: &Random) -> Self {
        Self(HexId::random(random))
    }

    /// The token as it stands on the wire.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0.into_string()
    }

    /// What the sessions table knows of it.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        TokenHash(sha256_hex(self.0.as_str()))
    }
}

impl FromStr for Token {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        text.parse().map(Self)
    }
}

/// The SHA-256 of a token: a leaked table opens nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenHash(String);

impl TokenHash {
    /// 64 lower-case hex digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<TokenHash> for String {
    fn from(hash: TokenHash) -> Self {
        hash.0
    }
}
