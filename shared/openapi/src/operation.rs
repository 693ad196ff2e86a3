use std::collections::BTreeMap;

use envelope::Status;
use schemars::JsonSchema;
use serde_json::{Map, Value, json};

use crate::{Key, closed};

/// Every component schema by its name.
pub(crate) type Schemas = BTreeMap<String, Value>;

/// One operation of the main API: a request's `data`, a reply's `data`, and the statuses.
pub struct Operation {
    name: (&'static str, &'static str),
    summary: &'static str,
    keys: Vec<Key>,
    data: Value,
    /// The schema of a `next` beside `data`.
    next: Option<Value>,
    failures: Vec<Status>,
}

impl Operation {
    /// An operation that takes nothing and replies with `{}`. A `GET` has no `type` and `subtype`; its words only name
    /// it in the document.
    #[must_use]
    pub fn new(r#type: &'static str, subtype: &'static str, summary: &'static str) -> Self {
        let nothing = json!({ "type": "object", "additionalProperties": false });
        Self { name: (r#type, subtype), summary, keys: Vec::new(), data: nothing, next: None, failures: Vec::new() }
    }

    /// The keys of `data`.
    #[must_use]
    pub fn takes(mut self, keys: impl IntoIterator<Item = Key>) -> Self {
        self.keys.extend(keys);
        self
    }

    /// What stands in `data` of a success.
    #[must_use]
    pub fn replies<T: JsonSchema>(mut self) -> Self {
        self.data = closed::<T>();
        self
    }

    /// What the next page's `before` is, where it stands beside `data`.
    #[must_use]
    pub fn pages(mut self, next: Value) -> Self {
        self.next = Some(next);
        self
    }

    /// The statuses that it answers, beside those of its keys and of its route.
    #[must_use]
    pub fn fails(mut self, statuses: impl IntoIterator<Item = Status>) -> Self {
        self.failures.extend(statuses);
        self
    }

    /// `type/subtype`.
    pub(crate) fn label(&self) -> String {
        format!("{}/{}", self.name.0, self.name.1)
    }

    /// `LoginPass`, by which its schemas are named.
    pub(crate) fn component(&self) -> String {
        pascal(&self.label())
    }

    pub(crate) const fn summary(&self) -> &'static str {
        self.summary
    }

    /// A request as it might be sent. The data is made up.
    pub(crate) fn example(&self) -> Value {
        let data: Map<String, Value> =
            self.keys.iter().filter_map(|key| Some((key.name.to_owned(), key.shown()?.clone()))).collect();
        json!({ "id": 1, "type": self.name.0, "subtype": self.name.1, "data": data })
    }

    /// The schema of a request that is what the operation takes.
    pub(crate) fn request(&self) -> Value {
        let properties: Map<String, Value> = self.keys.iter().map(|key| (key.name.to_owned(), key.schema())).collect();
        let mut data = json!({ "type": "object", "properties": properties });
        let required: Vec<_> = self.keys.iter().filter(|key| key.is_required).map(|key| key.name).collect();
        if !required.is_empty() {
            data["required"] = json!(required);
        }
        json!({
            "title": self.label(),
            "description": self.summary,
            "type": "object",
            "properties": {
                "id": { "$ref": "#/components/schemas/RequestId" },
                "type": { "const": self.name.0 },
                "subtype": { "const": self.name.1 },
                "data": data,
            },
            "required": ["type", "subtype", "data"],
            "examples": [self.example()],
        })
    }

    /// The schema of a reply: the success, or one of the failures; `route` has those that every operation of the
    /// route shares.
    pub(crate) fn reply(&self, route: &[Status], schemas: &mut Schemas) -> Value {
        let mut properties = Map::from_iter([
            ("id".to_owned(), json!({ "$ref": "#/components/schemas/ReplyId" })),
            ("status".to_owned(), json!({ "const": Status::SUCCESSFUL.code })),
            ("message".to_owned(), json!({ "const": Status::SUCCESSFUL.message })),
            ("data".to_owned(), self.data.clone()),
        ]);
        let required: Vec<_> = ["id", "status", "message", "data"].into();
        if let Some(next) = &self.next {
            properties.insert("next".to_owned(), next.clone());
        }
        let success = json!({
            "title": "0 successful",
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": false,
        });
        let keys = self.keys.iter().flat_map(Key::statuses);
        let statuses = route.iter().copied().chain(keys).chain(self.failures.iter().copied());
        let outcomes: Vec<_> = [success].into_iter().chain(failures(statuses, schemas)).collect();
        json!({
            "title": format!("the reply to {}", self.label()),
            "description": self.summary,
            "anyOf": outcomes,
        })
    }
}

/// References to the schemas of these failures, which then are among `schemas`. One for each status, by its code.
pub(crate) fn failures(statuses: impl IntoIterator<Item = Status>, schemas: &mut Schemas) -> Vec<Value> {
    let by_code: BTreeMap<_, _> =
        statuses.into_iter().map(|status| ((status.code, status.message), component_of(status))).collect();
    let reference = |((code, message), name): ((i64, &str), String)| {
        let reference = json!({ "$ref": format!("#/components/schemas/{name}") });
        schemas.entry(name).or_insert_with(|| {
            json!({
                "title": format!("{code} {message}"),
                "type": "object",
                "properties": {
                    "id": { "$ref": "#/components/schemas/ReplyId" },
                    "status": { "const": code },
                    "message": { "const": message },
                    "data": { "type": "object", "additionalProperties": false },
                },
                "required": ["id", "status", "message", "data"],
                "additionalProperties": false,
            })
        });
        reference
    };
    by_code.into_iter().map(reference).collect()
}

/// `Status100IncorrectUser`, `StatusMinus3ErrorDataKey`, `Status1016`.
fn component_of(Status { code, message }: Status) -> String {
    let sign = if code < 0 { "Minus" } else { "" };
    format!("Status{sign}{}{}", code.unsigned_abs(), pascal(message))
}

/// The ASCII words of `text` in one.
pub(crate) fn pascal(text: &str) -> String {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(|word| word[..1].to_ascii_uppercase() + &word[1..]).collect()
}
