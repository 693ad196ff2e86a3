use std::time::Duration;

use aws_sdk_dynamodb::{
    Client,
    error::SdkError,
    operation::transact_write_items::TransactWriteItemsError,
    types::{CancellationReason, ConditionCheck, Delete, Put, TransactWriteItem, Update},
};

use crate::{Item, StoreError};

/// How often a transaction that only collided with another is sent again before it counts as failed.
const COLLISIONS: u32 = 12;

/// A set of writes of which all happen or none.
#[derive(Clone, Default)]
pub struct Transaction(Vec<TransactWriteItem>);

/// What became of a transaction.
pub enum Written {
    /// All of it is durable.
    Done,
    /// None of it happened: some conditions did not hold. One entry for each write, in order; `None` where its
    /// condition held, otherwise the item as it is (empty where there is none, or where it was not asked for).
    Refused(Vec<Option<Item>>),
}

impl Transaction {
    /// Starts an empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a put.
    #[must_use]
    pub fn put(self, put: Put) -> Self {
        self.with(TransactWriteItem::builder().put(put).build())
    }

    /// Adds an update.
    #[must_use]
    pub fn update(self, update: Update) -> Self {
        self.with(TransactWriteItem::builder().update(update).build())
    }

    /// Adds a delete.
    #[must_use]
    pub fn delete(self, delete: Delete) -> Self {
        self.with(TransactWriteItem::builder().delete(delete).build())
    }

    /// Adds a condition on an item that is not written.
    #[must_use]
    pub fn check(self, check: ConditionCheck) -> Self {
        self.with(TransactWriteItem::builder().condition_check(check).build())
    }

    /// Adds all writes of `other` behind those of `self`.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// How many writes it holds. DynamoDB takes at most 100.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it holds no write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn with(mut self, item: TransactWriteItem) -> Self {
        self.0.push(item);
        self
    }

    /// Sends it, again when it collided with another transaction on one of its items.
    pub async fn write(&self, client: &Client) -> Result<Written, StoreError> {
        let mut collisions = 0;
        loop {
            let sent = client.transact_write_items().set_transact_items(Some(self.0.clone())).send().await;
            let Err(error) = sent else { return Ok(Written::Done) };
            match cancellation(&error) {
                Some(reasons) if reasons.iter().any(|reason| code(reason) == "ConditionalCheckFailed") => {
                    return Ok(Written::Refused(reasons.iter().map(refused_item).collect()));
                }
                Some(reasons) if collided(reasons) && collisions < COLLISIONS => {
                    collisions += 1;
                    tokio::time::sleep(Duration::from_millis(u64::from(collisions) * 7)).await;
                }
                _ => return Err(error.into()),
            }
        }
    }
}

/// What the first write of a refused transaction met, where it asked for that; `None` where there was no item.
#[must_use]
pub fn met(refused: Vec<Option<Item>>) -> Option<Item> {
    refused.into_iter().next().flatten().filter(|item| !item.is_empty())
}

fn cancellation<R>(error: &SdkError<TransactWriteItemsError, R>) -> Option<&[CancellationReason]> {
    match error.as_service_error()? {
        TransactWriteItemsError::TransactionCanceledException(canceled) => Some(canceled.cancellation_reasons()),
        _ => None,
    }
}

fn code(reason: &CancellationReason) -> &str {
    reason.code().unwrap_or_default()
}

/// Whether waiting a moment may help: nothing but collisions and throttling kept the transaction from being written.
fn collided(reasons: &[CancellationReason]) -> bool {
    reasons.iter().all(|reason| {
        matches!(
            code(reason),
            "None" | "" | "TransactionConflict" | "ThrottlingError" | "ProvisionedThroughputExceeded"
        )
    })
}

fn refused_item(reason: &CancellationReason) -> Option<Item> {
    (code(reason) == "ConditionalCheckFailed").then(|| reason.item().cloned().unwrap_or_default())
}
