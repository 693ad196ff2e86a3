//! What every table's code does alike: the client, keys and values, conditional writes, transactions.

mod batch;
mod error;
mod retry;
mod transaction;
mod value;
mod write;

pub use aws_sdk_dynamodb::{Client, operation::update_item::UpdateItemError, types::AttributeValue};
use environment::{Aws, Service};
pub use serde_dynamo::aws_sdk_dynamodb_1::{from_attribute_value, from_item, to_attribute_value, to_item};

pub use self::{
    batch::{delete_all, read},
    error::{StoreError, unless_refused},
    transaction::{Transaction, Written, met},
    value::{Item, Key, number, numbers, text},
    write::{delete, mark, put, put_new},
};

/// The client of the tables: the same for all of a function.
#[must_use]
pub fn client(aws: &Aws) -> Client {
    aws.client(|aws| {
        let (shared, round_trips) = aws.of(Service::DynamoDb);
        Client::from_conf(
            aws_sdk_dynamodb::config::Builder::from(&shared)
                .interceptor(round_trips)
                .retry_classifier(retry::TransactionConflicts)
                .build(),
        )
    })
}
