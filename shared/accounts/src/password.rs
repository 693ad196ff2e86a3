use std::sync::LazyLock;

use argon2::{
    Argon2, PasswordHasher, PasswordVerifier,
    password_hash::{PasswordHash, SaltString},
};
use domain::md5_hex;
use dynamo::StoreError;
use environment::Random;
use tokio::{sync::Semaphore, task};

/// The longest password that is looked at.
const MAX_BYTES: usize = 1024;

/// Hashing takes 19 MiB and a whole core each time: no more at once than there are cores, so that a flood of logins
/// waits instead of taking the memory.
static CORES: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(std::thread::available_parallelism().map_or(1, usize::from)));

/// A password as a caller gave it: 1 to 1024 bytes. Only its MD5 is kept (seed 004: 后端只取其MD5值进行判断), so that
/// a table of old MD5 values can be brought over without knowing anyone's password.
#[derive(Clone)]
pub struct Password {
    md5: String,
}

/// The text cannot be a password: it is empty or longer than 1024 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a password has 1 to 1024 bytes")]
pub struct InvalidPassword;

impl Password {
    /// Takes the password as it came over the wire.
    pub fn new(text: &str) -> Result<Self, InvalidPassword> {
        if (1..=MAX_BYTES).contains(&text.len()) { Ok(Self { md5: md5_hex(text) }) } else { Err(InvalidPassword) }
    }

    /// What the OpenAPI document says of a key that holds a password.
    #[cfg(feature = "schema")]
    #[must_use]
    pub fn key(name: &'static str, description: &str) -> openapi::Key {
        let description = format!("{description} At most {MAX_BYTES} bytes in UTF-8.");
        let schema = serde_json::json!({ "maxLength": MAX_BYTES, "examples": ["correct horse 7"] });
        openapi::Key::text(name, &description, schema)
    }

    /// What the table keeps: Argon2id with OWASP's parameters, which are the crate's defaults. Runs off the async
    /// threads.
    pub(crate) async fn hash(&self, random: &Random) -> Result<String, StoreError> {
        let salt = SaltString::encode_b64(&random.bytes::<16>()).map_err(failed)?;
        let md5 = self.md5.clone();
        off_thread(move || Argon2::default().hash_password(md5.as_bytes(), &salt).map(|hash| hash.to_string())).await
    }

    /// Whether `stored` was made of this password.
    pub(crate) async fn matches(&self, stored: &str) -> Result<bool, StoreError> {
        let (md5, stored) = (self.md5.clone(), stored.to_owned());
        off_thread(move || {
            let stored = PasswordHash::new(&stored)?;
            match Argon2::default().verify_password(md5.as_bytes(), &stored) {
                Ok(()) => Ok(true),
                Err(argon2::password_hash::Error::Password) => Ok(false),
                Err(error) => Err(error),
            }
        })
        .await
    }
}

async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> argon2::password_hash::Result<T> + Send + 'static,
) -> Result<T, StoreError> {
    let _core = CORES.acquire().await.map_err(failed)?;
    task::spawn_blocking(work).await.map_err(failed)?.map_err(failed)
}

fn failed(error: impl std::fmt::Display) -> StoreError {
    StoreError::new("hashing a password", error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_stored_password_matches_itself_and_no_other() {
        let stored = Password::new("right").unwrap().hash(&Random::os()).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert!(Password::new("right").unwrap().matches(&stored).await.unwrap());
        assert!(!Password::new("wrong").unwrap().matches(&stored).await.unwrap());
    }

    #[test]
    fn empty_and_very_long_passwords_are_none() {
        assert!(Password::new("").is_err());
        assert!(Password::new(&"a".repeat(1024)).is_ok());
        assert!(Password::new(&"a".repeat(1025)).is_err());
    }
}
