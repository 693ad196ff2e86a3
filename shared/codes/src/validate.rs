use domain::{Phone, is_md5_hex};
use dynamo::{StoreError, Written};
use serde::{Deserialize, Serialize};

use crate::{
    Codes, key,
    record::{PhoneRecord, Purpose},
    window::Window,
};

/// Misses that one source address has before it must wait.
const MISSES: Window = Window { limit: 20, seconds: 15 * 60 };

/// How often a miss that met other misses is charged anew.
const ROUNDS: usize = 32;

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
    /// Confirms that `hash` is that of a pending SMS code, without using it up. Misses count against `source`,
    /// and hits are not told either once it has missed too often.
    pub async fn validate_sms(&self, hash: &str, source: &str) -> Result<(), NotValid> {
        if !is_md5_hex(hash) {
            return Err(NotValid::Wrong);
        }
        let misses_id = format!("misses#{source}");
        let [owner, mut misses] =
            dynamo::read(&self.client, [(&self.table, key(hash_id(hash))), (&self.table, key(misses_id.clone()))])
                .await?;
        if !MISSES.allows(misses.as_ref(), self.clock.now_seconds())? {
            return Err(NotValid::TooManyMisses);
        }
        if let Some(owner) = owner {
            let owner: HashOwner = dynamo::from_item(owner).map_err(StoreError::from)?;
            if self.is_pending(&owner.phone, hash).await? {
                return Ok(());
            }
        }
        for _ in 0..ROUNDS {
            let now = self.clock.now_seconds();
            let Some(charge) = MISSES.charge(&self.table, &misses_id, misses.as_ref(), now)? else { break };
            match charge.write(&self.client).await? {
                Written::Done => return Err(NotValid::Wrong),
                Written::Refused(_) => misses = self.get(misses_id.clone()).await?,
            }
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
