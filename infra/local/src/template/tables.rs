use aws_sdk_dynamodb::{
    error::BuildError,
    types::{
        AttributeDefinition, GlobalSecondaryIndex, KeySchemaElement, KeyType, LocalSecondaryIndex, Projection,
        ProjectionType, ScalarAttributeType,
    },
};
use serde::Deserialize;

use super::{Template, TemplateError};

/// A table, in the SDK's own terms.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// The logical id, which the local stack also uses as the name.
    pub name: String,
    /// Every attribute that is part of a key.
    pub attributes: Vec<AttributeDefinition>,
    /// The table's key.
    pub key: Vec<KeySchemaElement>,
    /// Its local secondary indexes.
    pub local_indexes: Vec<LocalSecondaryIndex>,
    /// Its global secondary indexes.
    pub global_indexes: Vec<GlobalSecondaryIndex>,
    /// The attribute that holds an item's expiry.
    pub expires: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Attribute {
    attribute_name: String,
    attribute_type: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Key {
    attribute_name: String,
    key_type: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Index {
    #[serde(rename = "IndexName")]
    name: String,
    key_schema: Vec<Key>,
    projection: IndexProjection,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct IndexProjection {
    projection_type: String,
    #[serde(default)]
    non_key_attributes: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TimeToLive {
    attribute_name: String,
    enabled: bool,
}

impl Template {
    /// The tables, with their keys, indexes and expiry.
    pub fn tables(&self) -> Result<Vec<Table>, TemplateError> {
        self.of_type("AWS::DynamoDB::Table")
            .map(|(name, resource)| {
                let properties = &resource.properties;
                let table = || {
                    Ok(Table {
                        name: name.to_owned(),
                        attributes: properties.attribute_definitions.iter().map(attribute).collect::<Result<_, _>>()?,
                        key: key_schema(&properties.key_schema)?,
                        local_indexes: properties
                            .local_secondary_indexes
                            .iter()
                            .map(local)
                            .collect::<Result<_, _>>()?,
                        global_indexes: properties
                            .global_secondary_indexes
                            .iter()
                            .map(global)
                            .collect::<Result<_, _>>()?,
                        expires: properties
                            .time_to_live_specification
                            .as_ref()
                            .filter(|ttl| ttl.enabled)
                            .map(|ttl| ttl.attribute_name.clone()),
                    })
                };
                table().map_err(|error: BuildError| TemplateError(format!("{name}: {error}")))
            })
            .collect()
    }
}

fn attribute(attribute: &Attribute) -> Result<AttributeDefinition, BuildError> {
    AttributeDefinition::builder()
        .attribute_name(&attribute.attribute_name)
        .attribute_type(ScalarAttributeType::from(attribute.attribute_type.as_str()))
        .build()
}

fn key_schema(keys: &[Key]) -> Result<Vec<KeySchemaElement>, BuildError> {
    keys.iter()
        .map(|key| {
            KeySchemaElement::builder()
                .attribute_name(&key.attribute_name)
                .key_type(KeyType::from(key.key_type.as_str()))
                .build()
        })
        .collect()
}

fn local(index: &Index) -> Result<LocalSecondaryIndex, BuildError> {
    LocalSecondaryIndex::builder()
        .index_name(&index.name)
        .set_key_schema(Some(key_schema(&index.key_schema)?))
        .projection(index.projection.to_sdk())
        .build()
}

fn global(index: &Index) -> Result<GlobalSecondaryIndex, BuildError> {
    GlobalSecondaryIndex::builder()
        .index_name(&index.name)
        .set_key_schema(Some(key_schema(&index.key_schema)?))
        .projection(index.projection.to_sdk())
        .build()
}

impl IndexProjection {
    fn to_sdk(&self) -> Projection {
        let attributes = Some(self.non_key_attributes.clone()).filter(|attributes| !attributes.is_empty());
        Projection::builder()
            .projection_type(ProjectionType::from(self.projection_type.as_str()))
            .set_non_key_attributes(attributes)
            .build()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_has_five_tables_and_knows_which_of_them_expire() {
        let tables = Template::embedded().unwrap().tables().unwrap();
        let expiry: Vec<_> = tables.iter().map(|table| (table.name.as_str(), table.expires.as_deref())).collect();
        assert_eq!(
            expiry,
            [
                ("CodesTable", Some("expires")),
                ("DevicesTable", None),
                ("NoticesTable", Some("expires")),
                ("SessionsTable", Some("expires")),
                ("UsersTable", None),
            ]
        );
    }

    #[test]
    fn notices_have_two_local_indexes_on_the_table_s_own_partitions() {
        let tables = Template::embedded().unwrap().tables().unwrap();
        let notices = tables.iter().find(|table| table.name == "NoticesTable").unwrap();
        let indexes: Vec<_> = notices.local_indexes.iter().map(LocalSecondaryIndex::index_name).collect();
        assert_eq!(indexes, ["unread", "read"]);
        assert!(notices.local_indexes.iter().all(|index| index.key_schema()[0].attribute_name() == "pk"));
    }
}
