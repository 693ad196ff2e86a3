use environment::{StartError, Variables};
use lambda_http::{Request, http::HeaderName};
use subtle::ConstantTimeEq;

const HEADER: HeaderName = HeaderName::from_static("x-api-key");

/// A shorter key could be guessed.
const MIN_LENGTH: usize = 24;

/// The key by which trusted backends are known. Without one there are none.
pub(crate) struct BackendKey(Option<String>);

impl BackendKey {
    /// Reads `BACKEND_KEY`, which must have at least 24 characters if it is set.
    pub fn new(variables: &Variables) -> Result<Self, StartError> {
        let key = variables.get("BACKEND_KEY");
        if key.is_some_and(|key| key.chars().count() < MIN_LENGTH) {
            let reason = format!("it must have at least {MIN_LENGTH} characters");
            return Err(StartError::Malformed { name: "BACKEND_KEY", reason });
        }
        Ok(Self(key.map(str::to_owned)))
    }

    /// Whether `shown` is the key. Takes the same time wherever the two differ.
    pub fn is(&self, shown: Option<&str>) -> bool {
        match (&self.0, shown) {
            (Some(key), Some(shown)) => key.as_bytes().ct_eq(shown.as_bytes()).into(),
            _ => false,
        }
    }

    /// Whether the request shows the key in its `x-api-key` header.
    pub fn is_shown_by(&self, request: &Request) -> bool {
        self.is(function::header(request, &HEADER))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(key: &str) -> Result<BackendKey, StartError> {
        BackendKey::new(&[("BACKEND_KEY".to_owned(), key.to_owned())].into_iter().collect())
    }

    #[test]
    fn only_the_key_itself_is_the_key() {
        let key = key("0123456789abcdef01234567").unwrap();
        assert!(key.is(Some("0123456789abcdef01234567")));
        assert!(!key.is(Some("0123456789abcdef01234568")));
        assert!(!key.is(Some("0123456789abcdef0123456")));
        assert!(!key.is(None));
    }

    #[test]
    fn without_a_key_nothing_is_one() {
        let off = key("").unwrap();
        assert!(!off.is(Some("")) && !off.is(None));
    }

    #[test]
    fn a_short_key_stops_the_start() {
        assert!(key("0123456789abcdef0123456").err().unwrap().to_string().contains("BACKEND_KEY"));
    }
}
