use environment::{StartError, Variables};
use lambda_http::{Request, http::HeaderName};
use subtle::{Choice, ConstantTimeEq};

const HEADER: HeaderName = HeaderName::from_static("x-api-key");

/// Says that there is no key, where nothing cannot be said: `sam deploy --guided` takes no empty answer for a secret.
const NONE: &str = "none";

/// A shorter key could be guessed.
const MIN_LENGTH: usize = 24;

/// The keys by which trusted backends are known: the deployment's, and the one before it while backends still have that.
/// Without the first there are none.
pub(crate) struct BackendKeys(Vec<String>);

impl BackendKeys {
    /// Reads `BACKEND_KEY` and `PREVIOUS_BACKEND_KEY`, which must have at least 24 characters unless they are unset, empty
    /// or `none`.
    pub fn new(variables: &Variables) -> Result<Self, StartError> {
        let mut keys = Vec::new();
        for name in ["BACKEND_KEY", "PREVIOUS_BACKEND_KEY"] {
            // A previous key without a present one is a rotation that nobody finished.
            let Some(key) = variables.get(name).filter(|key| *key != NONE) else { break };
            if key.chars().count() < MIN_LENGTH {
                let reason = format!("it must have at least {MIN_LENGTH} characters");
                return Err(StartError::Malformed { name, reason });
            }
            keys.push(key.to_owned());
        }
        Ok(Self(keys))
    }

    /// Whether `shown` is one of the keys. Takes the same time wherever it differs from them.
    pub fn contain(&self, shown: Option<&str>) -> bool {
        let Some(shown) = shown else { return false };
        let same = self.0.iter().map(|key| key.as_bytes().ct_eq(shown.as_bytes()));
        same.fold(Choice::from(0), |found, same| found | same).into()
    }

    /// Whether the request shows one in its `x-api-key` header.
    pub fn are_shown_by(&self, request: &Request) -> bool {
        self.contain(function::header(request, &HEADER))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "0123456789abcdef01234567";
    const PREVIOUS: &str = "abcdefabcdefabcdefabcdef";

    fn keys(key: &str, previous: &str) -> Result<BackendKeys, StartError> {
        let variables = [("BACKEND_KEY", key), ("PREVIOUS_BACKEND_KEY", previous)];
        BackendKeys::new(&variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into_iter().collect())
    }

    #[test]
    fn only_the_key_itself_is_the_key() {
        let keys = keys(KEY, "").unwrap();
        assert!(keys.contain(Some(KEY)));
        assert!(!keys.contain(Some("0123456789abcdef01234568")));
        assert!(!keys.contain(Some("0123456789abcdef0123456")));
        assert!(!keys.contain(Some("")) && !keys.contain(None));
    }

    #[test]
    fn the_key_before_stays_good_beside_its_successor() {
        let keys = keys(KEY, PREVIOUS).unwrap();
        assert!(keys.contain(Some(KEY)) && keys.contain(Some(PREVIOUS)));
        assert!(!keys.contain(Some("0123456789abcdef01234568")));
    }

    #[test]
    fn without_a_key_nothing_is_one() {
        for (key, previous) in [("", ""), ("", PREVIOUS), ("none", PREVIOUS), ("none", "none")] {
            let off = keys(key, previous).unwrap();
            for shown in [None, Some(""), Some("none"), Some(PREVIOUS)] {
                assert!(!off.contain(shown), "{key} {previous} {shown:?}");
            }
        }
        assert!(!keys(KEY, "none").unwrap().contain(Some("none")));
    }

    #[test]
    fn a_short_key_stops_the_start() {
        assert!(keys("0123456789abcdef0123456", "").err().unwrap().to_string().contains("variable BACKEND_KEY"));
        assert!(keys(KEY, "short").err().unwrap().to_string().contains("variable PREVIOUS_BACKEND_KEY"));
    }
}
