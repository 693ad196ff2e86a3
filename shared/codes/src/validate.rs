use std::time::Duration;

use domain::{Phone, is_md5_hex};
use dynamo::{Item, StoreError, Written};
use futures_util::future::try_join;
use serde::{Deserialize, Serialize};

use crate::{
    Codes, key,
    record::{PhoneRecord, Purpose},
    window::Window,
};

/// Misses that one source address has before it must wait.
const MISSES: Window = Window { limit: 20, seconds: 15 * 60 };

/// How often a try that met other tries is charged anew.
const ROUNDS: usize = 64;

/// How often, and how long each time, a try waits for others at the same moment to be judged.
const WAITS: u32 = 8;
const WAIT: Duration = Duration::from_millis(40);

/// Which phone a hash was made for.
#[derive(Serialize, Deserialize)]
pub(crate) struct HashOwner {
    pub id: String,
    pub phone: Phone,
    pub expires: i64,
}

impl HashOwner {
    pub fn new(hash: &str, phone: Phone, expires: i64) -> Self {
        Self { id: hash_id(hash), phone, expires }
    }
}

/// Why an SMS hash is not confirmed.
#[derive(Debug, thiserror::Error)]
pub enum NotValid {
    /// No live code has this hash.
    #[error("no pending code has this hash")]
    Wrong,
    /// The source address missed too often.
    #[error("too many wrong hashes from one address")]
    TooManyMisses,
    /// The table failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Codes {
    /// Confirms that `hash` is that of a pending SMS code, without using it up.
    ///
    /// Misses count against `source`, and hits are not told either once it has missed too often. A try is charged
    /// before anybody is told how it was judged, and refunded when it hits: many at once learn no more than one after the
    /// other.
    pub async fn validate_sms(&self, hash: &str, source: &str) -> Result<(), NotValid> {
        if !is_md5_hex(hash) {
            return Err(NotValid::Wrong);
        }
        let misses_id = format!("misses#{source}");
        let [owner, misses] =
            dynamo::read(&self.client, [(&self.table, key(hash_id(hash))), (&self.table, key(misses_id.clone()))])
                .await?;
        let owner = owner.map(dynamo::from_item::<HashOwner>).transpose().map_err(StoreError::from)?;
        let is_pending = async {
            match owner {
                Some(owner) => Ok(self.is_pending(&owner.phone, hash).await?),
                None => Ok(false),
            }
        };
        // Nobody is told what the second found out unless the first was written.
        let (expires, is_pending) = try_join(self.charge_miss(&misses_id, misses), is_pending).await?;
        if !is_pending {
            return Err(NotValid::Wrong);
        }
        let refund = Window::refund(&self.table, &misses_id, expires)?;
        if let Err(error) = refund.write(&self.client).await {
            tracing::warn!(%error, "a right hash stays counted as a wrong one");
        }
        Ok(())
    }

    /// Answers when the window ends in which the try was charged.
    async fn charge_miss(&self, id: &str, mut misses: Option<Item>) -> Result<i64, NotValid> {
        let mut waits = 0;
        for _ in 0..ROUNDS {
            match MISSES.charge(&self.table, id, misses.as_ref(), self.clock.now_seconds())? {
                Some(charge) => {
                    if let Written::Done = charge.write.write(&self.client).await? {
                        return Ok(charge.expires);
                    }
                }
                // Hits that are being judged give their charge back in a moment; misses never do.
                None if waits < WAITS => {
                    waits += 1;
                    tokio::time::sleep(WAIT).await;
                }
                None => break,
            }
            misses = self.get(id.to_owned()).await?;
        }
        Err(NotValid::TooManyMisses)
    }

    async fn is_pending(&self, phone: &Phone, hash: &str) -> Result<bool, StoreError> {
        let now = self.clock.now_seconds();
        let Some(item) = self.get(crate::phone_id(phone)).await? else { return Ok(false) };
        let record: PhoneRecord = dynamo::from_item(item)?;
        Ok([Purpose::Register, Purpose::ResetPassword]
            .into_iter()
            .filter_map(|purpose| record.pending(purpose))
            .any(|pending| pending.hash == hash && pending.is_alive(now)))
    }
}

fn hash_id(hash: &str) -> String {
    format!("sms-hash#{hash}")
}
