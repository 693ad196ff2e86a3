use std::{borrow::Cow, collections::HashMap};

use aws_sdk_dynamodb::types::{Put, ReturnValuesOnConditionCheckFailure};
use domain::{Phone, captcha_hash};
use dynamo::{AttributeValue, Item, StoreError, Transaction, Written, number};
use subtle::ConstantTimeEq;

use crate::{
    Codes, key, phone_id,
    record::{PendingCode, PhoneRecord, Purpose},
};

/// How often a try is judged anew because another one came between its reading and its writing. Each such round
/// saw another caller's write succeed, and those are bounded by the tries that a phone has.
const ROUNDS: usize = 64;

/// What a caller shows of a code.
#[derive(Clone, Copy)]
pub enum Proof<'a> {
    /// `md5(code + rand)`: clients of the main API, who know `rand`.
    Hash(&'a str),
    /// The code itself: clients of the older APIs.
    Code(&'a str),
}

/// Why a code was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum NotRedeemed {
    /// It is wrong, which was charged.
    #[error("the code is wrong")]
    Wrong,
    /// No code is pending: none was sent for this, or it was used.
    #[error("no code is pending")]
    NonePending,
    /// The pending code was guessed at too often.
    #[error("the code is void")]
    Void,
    /// A code was pending and has expired.
    #[error("the code has expired")]
    Expired,
    /// The phone has no tries left today.
    #[error("too many wrong tries")]
    TooManyTries,
    /// The table failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A code that was right when it was looked at. It is used up by the [transaction](Redemption::transaction) that
/// does what it was sent for, and only by that.
pub struct Redemption(Transaction);

impl Redemption {
    /// The one write that uses the code up. It is refused when the code was used, guessed at or replaced meanwhile;
    /// whoever meets that asks [`Codes::redeem`] again.
    #[must_use]
    pub fn transaction(&self) -> &Transaction {
        &self.0
    }
}

impl PendingCode {
    fn is_proved_by(&self, proof: Proof<'_>) -> bool {
        let shown = match proof {
            Proof::Hash(hash) => Cow::Borrowed(hash),
            Proof::Code(code) => Cow::Owned(captcha_hash(code, &self.rand)),
        };
        self.hash.as_bytes().ct_eq(shown.as_bytes()).into()
    }
}

impl Codes {
    /// Judges `proof` against the code that is pending for `phone`, and charges a wrong try.
    ///
    /// One round trip when it is right. Guesses at the same time are judged one after the other, whatever their
    /// number: at most five are, and after those every answer is [`NotRedeemed::Void`].
    pub async fn redeem(&self, phone: &Phone, purpose: Purpose, proof: Proof<'_>) -> Result<Redemption, NotRedeemed> {
        let mut item = self.get(phone_id(phone)).await?;
        for _ in 0..ROUNDS {
            let now = self.clock.now_seconds();
            let Some(record) = item.map(dynamo::from_item::<PhoneRecord>).transpose().map_err(StoreError::from)? else {
                return Err(NotRedeemed::NonePending);
            };
            if !record.may_try(now) {
                return Err(NotRedeemed::TooManyTries);
            }
            let pending = record.pending(purpose).ok_or(NotRedeemed::NonePending)?;
            if pending.is_void() {
                return Err(NotRedeemed::Void);
            }
            if pending.expires <= now {
                return Err(NotRedeemed::Expired);
            }
            if pending.is_proved_by(proof) {
                let used = self.replace_within(&record, &record.without_code(purpose, now))?;
                return Ok(Redemption(used));
            }
            match self.replace(&record, &record.with_wrong_try(purpose, now)).await? {
                Replaced::Done => return Err(NotRedeemed::Wrong),
                Replaced::Changed(present) => item = present,
            }
        }
        Err(NotRedeemed::TooManyTries)
    }

    /// Writes `next` where `record` still stands. A transaction of one: sent twice, it is carried out once.
    pub(crate) async fn replace(&self, record: &PhoneRecord, next: &PhoneRecord) -> Result<Replaced, StoreError> {
        match self.replace_within(record, next)?.write(&self.client).await? {
            Written::Done => Ok(Replaced::Done),
            Written::Refused(refused) => Ok(Replaced::Changed(dynamo::met(refused))),
        }
    }

    /// The same as part of a transaction.
    pub(crate) fn replace_within(&self, record: &PhoneRecord, next: &PhoneRecord) -> Result<Transaction, StoreError> {
        let put = Put::builder().table_name(&self.table);
        let put = put
            .set_item(Some(dynamo::to_item(next)?))
            .condition_expression(unchanged(record))
            .set_expression_attribute_values(seen_version(record))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build();
        Ok(Transaction::new().put(put.map_err(|error| StoreError::new("writing a phone's codes", error))?))
    }

    /// The record of `phone`, an empty one when there is none.
    pub(crate) fn record(phone: &Phone, item: Option<Item>) -> Result<PhoneRecord, StoreError> {
        Ok(item.map(dynamo::from_item).transpose()?.unwrap_or_else(|| PhoneRecord::new(phone_id(phone))))
    }

    /// The record's key.
    pub(crate) fn record_key(phone: &Phone) -> dynamo::Key {
        key(phone_id(phone))
    }
}

/// What became of a conditional write.
pub(crate) enum Replaced {
    Done,
    /// Another write came first; this is what it left.
    Changed(Option<Item>),
}

/// Holds where the item is still the one that was read: none at all, if `record` was never written.
fn unchanged(record: &PhoneRecord) -> &'static str {
    if record.is_new() { "attribute_not_exists(id)" } else { "writes = :writes" }
}

fn seen_version(record: &PhoneRecord) -> Option<HashMap<String, AttributeValue>> {
    (!record.is_new()).then(|| HashMap::from([(":writes".to_owned(), number(record.writes()))]))
}
