//! The writes that need nothing said but where and what.

use aws_sdk_dynamodb::{
    error::BuildError,
    primitives::Blob,
    types::{AttributeValue, Delete, Put},
};
use environment::Random;

use crate::{Item, Key, StoreError};

/// A value by which a conditional write knows its own first try again, for when the SDK sends it twice because the first
/// answer got lost. The condition must allow what it would refuse where an attribute has this very value already.
#[must_use]
pub fn mark(random: &Random) -> AttributeValue {
    AttributeValue::B(Blob::new(random.bytes::<8>()))
}

/// Puts `item`, whatever is there.
pub fn put(table: &str, item: Item) -> Result<Put, StoreError> {
    Put::builder().table_name(table).set_item(Some(item)).build().map_err(failed)
}

/// Puts `item` where there is none yet; `key` is an attribute of the table's key.
pub fn put_new(table: &str, item: Item, key: &str) -> Result<Put, StoreError> {
    let put = Put::builder().table_name(table).set_item(Some(item));
    put.condition_expression(format!("attribute_not_exists({key})")).build().map_err(failed)
}

/// Deletes what is at `key`, if there is anything.
pub fn delete(table: &str, key: Key) -> Result<Delete, StoreError> {
    Delete::builder().table_name(table).set_key(Some(key)).build().map_err(failed)
}

fn failed(error: BuildError) -> StoreError {
    StoreError::new("a write", error)
}
