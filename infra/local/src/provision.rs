//! Makes the tables and buckets of the template where they are missing.

use std::time::Duration;

use aws_sdk_dynamodb::{
    Client as Dynamodb,
    types::{BillingMode, TableDescription, TableStatus, TimeToLiveSpecification},
};
use aws_sdk_s3::{
    Client as S3,
    types::{BucketLocationConstraint, CreateBucketConfiguration},
};
use environment::{Aws, Service};

use crate::{
    StartError,
    template::{Table, Template},
};

/// The name of a table or bucket on any endpoint: a table's logical id; for a bucket, which may hold no capitals and whose
/// name no other account may have, something like `helpaged-pictures` or `helpaged-pictures-<account>`.
pub(crate) fn physical_name(logical_id: &str, account: Option<&str>) -> String {
    let Some(bucket) = logical_id.strip_suffix("Bucket") else { return logical_id.to_owned() };
    let name = format!("helpaged-{}", bucket.to_lowercase());
    account.map_or_else(|| name.clone(), |account| format!("{name}-{account}"))
}

/// Creates what is missing; what is there stays as it is.
pub(crate) async fn provision(
    template: &Template,
    aws: &Aws,
    region: &str,
    account: Option<&str>,
) -> Result<(), StartError> {
    let (config, _) = aws.of(Service::DynamoDb);
    let dynamodb = Dynamodb::new(&config);
    let failed = |name: &str, error: aws_sdk_dynamodb::Error| StartError::Provisioning(name.to_owned(), chain(&error));
    let existing = list_tables(&dynamodb).await.map_err(|error| failed("the tables", error))?;
    for table in template.tables()? {
        if !existing.contains(&table.name) {
            create_table(&dynamodb, &table).await.map_err(|error| failed(&table.name, error))?;
        }
        let description = describe(&dynamodb, &table.name).await.map_err(|error| failed(&table.name, error))?;
        if !description.is_some_and(|description| is_as_described(&table, &description)) {
            return Err(StartError::Outdated(table.name));
        }
    }
    let (config, _) = aws.of(Service::S3);
    let s3 = S3::from_conf(aws_sdk_s3::config::Builder::from(&config).force_path_style(true).build());
    for bucket in template.buckets() {
        create_bucket(&s3, &physical_name(bucket, account), region)
            .await
            .map_err(|error| StartError::Provisioning(bucket.to_owned(), chain(&error)))?;
    }
    Ok(())
}

/// An error and its causes on one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

async fn list_tables(dynamodb: &Dynamodb) -> Result<Vec<String>, aws_sdk_dynamodb::Error> {
    Ok(dynamodb.list_tables().into_paginator().items().send().collect::<Result<_, _>>().await?)
}

async fn describe(dynamodb: &Dynamodb, table: &str) -> Result<Option<TableDescription>, aws_sdk_dynamodb::Error> {
    Ok(dynamodb.describe_table().table_name(table).send().await?.table)
}

/// Whether an existing table has the keys and indexes that the template gives it.
fn is_as_described(table: &Table, existing: &TableDescription) -> bool {
    let wanted = table.local_indexes.iter().map(|index| (Some(index.index_name()), index.key_schema()));
    let wanted = wanted.chain(table.global_indexes.iter().map(|index| (Some(index.index_name()), index.key_schema())));
    let found = existing.local_secondary_indexes().iter().map(|index| (index.index_name(), index.key_schema()));
    let found =
        found.chain(existing.global_secondary_indexes().iter().map(|index| (index.index_name(), index.key_schema())));
    let (wanted, found) = (wanted.collect::<Vec<_>>(), found.collect::<Vec<_>>());
    existing.key_schema() == table.key
        && wanted.len() == found.len()
        && wanted.iter().all(|index| found.contains(index))
}

async fn create_table(dynamodb: &Dynamodb, table: &Table) -> Result<(), aws_sdk_dynamodb::Error> {
    let created = dynamodb
        .create_table()
        .table_name(&table.name)
        .set_attribute_definitions(Some(table.attributes.clone()))
        .set_key_schema(Some(table.key.clone()))
        .set_local_secondary_indexes(some(&table.local_indexes))
        .set_global_secondary_indexes(some(&table.global_indexes))
        .billing_mode(BillingMode::PayPerRequest)
        .send()
        .await;
    match created.map_err(aws_sdk_dynamodb::Error::from) {
        // Somebody else makes the same tables on the same endpoint at the same time.
        Ok(_) | Err(aws_sdk_dynamodb::Error::ResourceInUseException(_)) => {}
        Err(error) => return Err(error),
    }
    while describe(dynamodb, &table.name).await?.is_none_or(|table| table.table_status != Some(TableStatus::Active)) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    if let Some(expires) = &table.expires {
        let specification = TimeToLiveSpecification::builder().attribute_name(expires).enabled(true).build()?;
        dynamodb.update_time_to_live().table_name(&table.name).time_to_live_specification(specification).send().await?;
    }
    Ok(())
}

fn some<T: Clone>(list: &[T]) -> Option<Vec<T>> {
    (!list.is_empty()).then(|| list.to_vec())
}

async fn create_bucket(s3: &S3, bucket: &str, region: &str) -> Result<(), aws_sdk_s3::Error> {
    // The oldest region is the one that must not be named.
    let constraint = (region != "us-east-1").then(|| {
        CreateBucketConfiguration::builder().location_constraint(BucketLocationConstraint::from(region)).build()
    });
    match s3.create_bucket().bucket(bucket).set_create_bucket_configuration(constraint).send().await {
        Ok(_) => Ok(()),
        Err(error) => match aws_sdk_s3::Error::from(error) {
            aws_sdk_s3::Error::BucketAlreadyExists(_) | aws_sdk_s3::Error::BucketAlreadyOwnedByYou(_) => Ok(()),
            error => Err(error),
        },
    }
}
