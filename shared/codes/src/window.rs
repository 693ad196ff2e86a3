use aws_sdk_dynamodb::types::{Put, Update};
use dynamo::{Item, StoreError, Transaction, number, text};
use serde::Deserialize;

use crate::key;

/// How often something may happen in a stretch of time that starts with its first use.
#[derive(Clone, Copy)]
pub(crate) struct Window {
    pub limit: u32,
    pub seconds: i64,
}

/// A window's item: how often it was used, and when it ends.
#[derive(Deserialize)]
struct Uses {
    uses: u32,
    expires: i64,
}

/// A use that is not written yet.
pub(crate) struct Charge {
    pub write: Transaction,
    /// When the window ends that it counts in.
    pub expires: i64,
}

impl Window {
    /// Whether `item`, the window as it was read, allows one more use.
    pub fn allows(self, item: Option<&Item>, now: i64) -> Result<bool, StoreError> {
        Ok(alive(item, now)?.map_or(0, |uses| uses.uses) < self.limit)
    }

    /// Takes a use back from the window that ends at `expires`. Refused when another has begun since.
    pub fn refund(table: &str, id: &str, expires: i64) -> Result<Transaction, StoreError> {
        let update = Update::builder()
            .table_name(table)
            .set_key(Some(key(id.to_owned())))
            .update_expression("ADD uses :minus_one")
            .condition_expression("expires = :expires AND uses > :zero")
            .expression_attribute_values(":minus_one", number(-1))
            .expression_attribute_values(":expires", number(expires))
            .expression_attribute_values(":zero", number(0));
        Ok(Transaction::new().update(update.build().map_err(|error| StoreError::new("refunding a window", error))?))
    }

    /// One more use, as part of a transaction that is refused when `item` is no longer what it was; `None` when the
    /// limit is reached. A live window is only counted up, so that uses at the same time do not refuse each other.
    pub fn charge(self, table: &str, id: &str, item: Option<&Item>, now: i64) -> Result<Option<Charge>, StoreError> {
        let built = |error| StoreError::new("charging a window", error);
        let window = Transaction::new();
        let alive = alive(item, now)?;
        let expires = alive.as_ref().map_or(now + self.seconds, |uses| uses.expires);
        let write = match alive {
            _ if !self.allows(item, now)? => return Ok(None),
            Some(uses) => window.update(
                Update::builder()
                    .table_name(table)
                    .set_key(Some(key(id.to_owned())))
                    .update_expression("ADD uses :one")
                    .condition_expression("expires = :expires AND uses < :limit")
                    .expression_attribute_values(":one", number(1))
                    .expression_attribute_values(":expires", number(uses.expires))
                    .expression_attribute_values(":limit", number(self.limit))
                    .build()
                    .map_err(built)?,
            ),
            None => window.put(
                Put::builder()
                    .table_name(table)
                    .item("id", text(id))
                    .item("uses", number(1))
                    .item("expires", number(expires))
                    .condition_expression("attribute_not_exists(id) OR expires <= :now")
                    .expression_attribute_values(":now", number(now))
                    .build()
                    .map_err(built)?,
            ),
        };
        Ok(Some(Charge { write, expires }))
    }
}

fn alive(item: Option<&Item>, now: i64) -> Result<Option<Uses>, StoreError> {
    let Some(item) = item else { return Ok(None) };
    let uses: Uses = dynamo::from_item(item.clone())?;
    Ok((uses.expires > now).then_some(uses))
}
