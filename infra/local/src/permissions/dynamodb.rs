//! What IAM wants to be allowed for a request to DynamoDB.

use std::{borrow::Cow, collections::HashMap};

use serde::{Deserialize, de::IgnoredAny};

use super::{Need, Permissions};

/// What matters of a request's body. The items in it are passed over, not read.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[expect(clippy::zero_sized_map_values, reason = "it is a JSON object, of which the keys alone matter")]
struct Body<'a> {
    #[serde(borrow)]
    table_name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    index_name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    request_items: HashMap<Cow<'a, str>, IgnoredAny>,
    #[serde(borrow)]
    transact_items: Vec<HashMap<Cow<'a, str>, Place<'a>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Place<'a> {
    #[serde(borrow)]
    table_name: Cow<'a, str>,
}

/// The needs of a call of `operation`, which is `GetItem` or the like.
///
/// A transaction needs the single actions that it is made of, a batch the batch's own action on each table, and a
/// query of an index is one of the index and not of its table. Whatever this cannot make sense of needs what nobody
/// may do.
pub(crate) fn needs(permissions: &Permissions, operation: &str, body: &[u8]) -> Vec<Need> {
    let body: Body<'_> = serde_json::from_slice(body).unwrap_or_default();
    let on = |action: &str, table: &str| Need::new(format!("dynamodb:{action}"), permissions.table(table));
    let mut needs: Vec<Need> = match operation {
        "TransactWriteItems" | "TransactGetItems" => {
            let items = body.transact_items.iter().flatten();
            items.map(|(kind, place)| on(transacted(kind), &place.table_name)).collect()
        }
        "BatchGetItem" | "BatchWriteItem" => body.request_items.keys().map(|table| on(operation, table)).collect(),
        _ => match (&body.table_name, &body.index_name) {
            (Some(table), Some(index)) => vec![on(operation, &format!("{table}/index/{index}"))],
            (Some(table), None) => vec![on(operation, table)],
            (None, _) => Vec::new(),
        },
    };
    if needs.is_empty() {
        needs.push(Need::new(format!("dynamodb:{operation}"), "*"));
    }
    needs
}

/// The action behind a part of a transaction.
fn transacted(kind: &str) -> &str {
    match kind {
        "Put" => "PutItem",
        "Update" => "UpdateItem",
        "Delete" => "DeleteItem",
        "ConditionCheck" => "ConditionCheckItem",
        "Get" => "GetItem",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provision::physical_name;
    use crate::template::Template;

    fn needed(operation: &str, body: &str) -> Vec<(String, String)> {
        let permissions =
            Permissions::new(Template::embedded().unwrap(), "local", "r", |id| physical_name(id, None)).unwrap();
        let needs = needs(&permissions, operation, body.as_bytes());
        let mut needs: Vec<_> = needs
            .into_iter()
            .map(|need| {
                let resource = need.resource.strip_prefix("arn:aws:dynamodb:r:000000000000:table/");
                (need.action, resource.unwrap_or(&need.resource).to_owned())
            })
            .collect();
        needs.sort();
        needs
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(action, resource)| (format!("dynamodb:{action}"), (*resource).to_owned())).collect()
    }

    #[test]
    fn a_single_call_needs_its_own_action_on_the_table() {
        let body = r#"{"Item":{"a":{"S":"\u00e9"}},"TableName":"T"}"#;
        assert_eq!(needed("PutItem", body), pairs(&[("PutItem", "T")]));
    }

    #[test]
    fn a_query_of_an_index_needs_the_index() {
        let body = r#"{"TableName":"T","IndexName":"unread","Limit":3}"#;
        assert_eq!(needed("Query", body), pairs(&[("Query", "T/index/unread")]));
    }

    #[test]
    fn a_batch_needs_its_action_on_every_table() {
        let body = r#"{"RequestItems":{"T":{"Keys":[]},"U":{"Keys":[{"TableName":{"S":"x"}}]}}}"#;
        assert_eq!(needed("BatchGetItem", body), pairs(&[("BatchGetItem", "T"), ("BatchGetItem", "U")]));
    }

    #[test]
    fn a_transaction_needs_the_action_of_each_of_its_writes() {
        let body = r#"{"TransactItems":[{"Put":{"Item":{},"TableName":"T"}},{"ConditionCheck":{"TableName":"U"}},
                       {"Delete":{"TableName":"T"}},{"Update":{"TableName":"U"}}]}"#;
        let expected = [("ConditionCheckItem", "U"), ("DeleteItem", "T"), ("PutItem", "T"), ("UpdateItem", "U")];
        assert_eq!(needed("TransactWriteItems", body), pairs(&expected));
    }

    #[test]
    fn what_makes_no_sense_needs_what_nobody_may_do() {
        for (operation, body) in [("ListTables", "{}"), ("GetItem", "nonsense"), ("TransactWriteItems", "{}")] {
            assert_eq!(needed(operation, body), pairs(&[(operation, "*")]));
        }
    }
}
