use std::{collections::HashMap, time::Duration};

use aws_sdk_dynamodb::{
    Client,
    error::BuildError,
    types::{DeleteRequest, KeysAndAttributes, WriteRequest},
};

use crate::{Item, Key, StoreError};

/// What DynamoDB writes in one batch.
const WRITES: usize = 25;

/// How often the part of a batch that a busy table left undone is asked for again.
const ROUNDS: u32 = 8;

/// Reads items by their keys, from one table or several, in one round trip; strongly consistent.
///
/// At most 100 keys, all different. The answer is in the keys' order, `None` where there is no item.
pub async fn read<const N: usize>(client: &Client, keys: [(&str, Key); N]) -> Result<[Option<Item>; N], StoreError> {
    let mut found: [Option<Item>; N] = [const { None }; N];
    let mut wanted: HashMap<String, KeysAndAttributes> = HashMap::new();
    for (table, key) in &keys {
        let keys = wanted.remove(*table).map(|keys| keys.keys).unwrap_or_default();
        let keys = KeysAndAttributes::builder().set_keys(Some(keys)).keys(key.clone()).consistent_read(true);
        wanted.insert((*table).to_owned(), keys.build().map_err(|error| StoreError::new("a batch read", error))?);
    }
    let mut round = 0;
    while !wanted.is_empty() {
        pause(&mut round).await?;
        let answer = client.batch_get_item().set_request_items(Some(wanted)).send().await?;
        for (table, item) in answer
            .responses
            .into_iter()
            .flatten()
            .flat_map(|(table, items)| items.into_iter().map(move |i| (table.clone(), i)))
        {
            let is_that = |(name, key): &(&str, Key)| *name == table && key.iter().all(|(k, v)| item.get(k) == Some(v));
            if let Some(place) = keys.iter().position(is_that) {
                found[place] = Some(item);
            }
        }
        wanted = answer.unprocessed_keys.unwrap_or_default();
    }
    Ok(found)
}

/// Deletes items of one table, in as few round trips as DynamoDB allows. Not atomic.
pub async fn delete_all(client: &Client, table: &str, keys: Vec<Key>) -> Result<(), StoreError> {
    let requests = keys.into_iter().map(|key| {
        let delete = DeleteRequest::builder().set_key(Some(key)).build()?;
        Ok(WriteRequest::builder().delete_request(delete).build())
    });
    let requests: Vec<_> =
        requests.collect::<Result<_, BuildError>>().map_err(|error| StoreError::new("a batch write", error))?;
    for batch in requests.chunks(WRITES) {
        let mut left = HashMap::from([(table.to_owned(), batch.to_vec())]);
        let mut round = 0;
        while !left.is_empty() {
            pause(&mut round).await?;
            let answer = client.batch_write_item().set_request_items(Some(left)).send().await?;
            left = answer.unprocessed_items.unwrap_or_default();
        }
    }
    Ok(())
}

/// Waits before every round but the first, longer each time.
async fn pause(round: &mut u32) -> Result<(), StoreError> {
    match *round {
        0 => {}
        ROUNDS => return Err(StoreError::new("a batch", "the table is too busy")),
        again => tokio::time::sleep(Duration::from_millis(10 << again)).await,
    }
    *round += 1;
    Ok(())
}
