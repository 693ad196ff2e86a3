use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Malformed;

/// A mainland-China mobile number, `^1[3-9]\d{9}$`: the id of an account.
///
/// It has no `Debug` that shows it, because phones must not reach a log.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String")]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(
        description = "A mainland-China mobile number: the id of an account.",
        extend("pattern" = "^1[3-9][0-9]{9}$", "examples" = ["13900000001"])
    )
)]
pub struct Phone(String);

impl Phone {
    /// The eleven digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The number as SMS services want it, with the country's code.
    #[must_use]
    pub fn to_e164(&self) -> String {
        format!("+86{}", self.0)
    }
}

impl FromStr for Phone {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        match text.as_bytes() {
            [b'1', b'3'..=b'9', rest @ ..] if rest.len() == 9 && rest.iter().all(u8::is_ascii_digit) => {
                Ok(Self(text.to_owned()))
            }
            _ => Err(Malformed("a mainland-China mobile number of eleven digits")),
        }
    }
}

impl TryFrom<String> for Phone {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        text.parse()
    }
}

impl std::fmt::Debug for Phone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Phone(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eleven_digits_of_a_mobile_network_are_a_phone() {
        for good in ["13000000000", "19999999999"] {
            assert_eq!(good.parse::<Phone>().unwrap().as_str(), good);
        }
    }

    #[test]
    fn anything_else_is_not() {
        for bad in [
            "",
            "1300000000",
            "130000000000",
            "12000000000",
            "23000000000",
            "1300000000a",
            "+8613000000000",
            "１３０００００００００",
            "13000000000\n",
        ] {
            assert!(bad.parse::<Phone>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_phone_does_not_show_in_debug_output() {
        assert!(!format!("{:?}", "13000000000".parse::<Phone>()).contains("1300"));
    }
}
