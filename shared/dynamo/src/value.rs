use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

/// An item as the SDK has it.
pub type Item = HashMap<String, AttributeValue>;

/// A primary key.
pub type Key = HashMap<String, AttributeValue>;

/// A string value.
#[must_use]
pub fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

/// A number value.
#[must_use]
pub fn number(value: impl Into<i64>) -> AttributeValue {
    AttributeValue::N(value.into().to_string())
}

/// A list of numbers.
#[must_use]
pub fn numbers(values: &[i64]) -> AttributeValue {
    AttributeValue::L(values.iter().map(|value| number(*value)).collect())
}
