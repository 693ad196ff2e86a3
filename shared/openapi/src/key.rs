use envelope::Status;
use serde_json::{Map, Value, json};

/// The statuses by which an operation refuses one key of `data`, by the fault that it finds.
const FAULTS: [&str; 4] = ["missing", "wrong type", "empty", "malformed"];

/// One key of a request's `data`.
pub struct Key {
    pub(crate) name: &'static str,
    pub(crate) is_required: bool,
    schema: Map<String, Value>,
    refusals: [Option<Status>; 4],
}

impl Key {
    /// A string that must be there and not be empty.
    #[must_use]
    pub fn text(name: &'static str, description: &str, schema: Value) -> Self {
        let mut key = Self::new(name, description, json!({ "type": "string", "minLength": 1 }));
        key.is_required = true;
        key.refusals =
            [Status::ERROR_DATA_KEY, Status::VALUE_TYPE_ERROR, Status::EMPTY_VALUE, Status::VALUE_ERROR].map(Some);
        key.with(schema)
    }

    /// A string that may be missing; `null` and an empty one are as good as none, or clear what was there.
    #[must_use]
    pub fn optional_text(name: &'static str, description: &str, schema: Value) -> Self {
        let mut key = Self::new(name, description, json!({ "type": ["string", "null"] }));
        key.refusals = [None, Some(Status::VALUE_TYPE_ERROR), None, Some(Status::VALUE_ERROR)];
        let mut key = key.with(schema);
        key.schema.remove("minLength");
        if let Some(Value::String(pattern)) = key.schema.get_mut("pattern") {
            *pattern = format!("^$|{pattern}");
        }
        key
    }

    /// An integer that may be missing but not `null`.
    #[must_use]
    pub fn optional_integer(name: &'static str, description: &str, schema: Value) -> Self {
        let mut key = Self::new(name, description, json!({ "type": "integer", "format": "int64" }));
        key.refusals = [None, Some(Status::VALUE_TYPE_ERROR), Some(Status::EMPTY_VALUE), Some(Status::VALUE_ERROR)];
        key.with(schema)
    }

    /// A key of which every value is taken, and those that mean nothing as if it were missing.
    #[must_use]
    pub fn lenient(name: &'static str, description: &str, schema: Value) -> Self {
        Self::new(name, description, json!({})).with(schema)
    }

    /// `limit` and `before`, by which long lists are read a page at a time.
    #[must_use]
    pub fn page(before: Value) -> [Self; 2] {
        let limit = json!({ "minimum": 1, "maximum": 1000, "default": 1000, "examples": [100] });
        [
            Self::optional_integer("limit", "How many entries the page may hold.", limit),
            Self::optional_text("before", "The `next` of the page before; without it the first page.", before),
        ]
    }

    /// Must be there, and is otherwise judged as before.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.is_required = true;
        self.refusals[0] = Some(Status::ERROR_DATA_KEY);
        self
    }

    /// Has this status for a value of the right type that is malformed, instead of -204.
    #[must_use]
    pub fn malformed(mut self, status: Status) -> Self {
        self.refusals[3] = Some(status);
        self
    }

    /// Has this status for every value that it cannot be, whatever its type.
    #[must_use]
    pub fn otherwise(mut self, status: Status) -> Self {
        self.refusals[1..].fill(Some(status));
        self
    }

    /// Takes any text of the right type, and judges it by what it knows rather than by its form.
    #[must_use]
    pub fn any_form(mut self) -> Self {
        self.refusals[3] = None;
        self
    }

    fn new(name: &'static str, description: &str, schema: Value) -> Self {
        let schema_of_name = Map::from_iter([("description".to_owned(), json!(description))]);
        Self { name, is_required: false, schema: schema_of_name, refusals: [None; 4] }.with(schema)
    }

    fn with(mut self, schema: Value) -> Self {
        if let Value::Object(schema) = schema {
            // What the key means here says more than what its values are, and knows best whether one must be there.
            let said: Vec<_> =
                ["description", "type"].iter().filter_map(|word| self.schema.remove_entry(*word)).collect();
            self.schema.extend(schema);
            self.schema.extend(said);
        }
        self
    }

    /// Has this value in examples, where its usual one would not do.
    #[must_use]
    pub fn example(mut self, example: impl Into<Value>) -> Self {
        self.schema.insert("examples".to_owned(), Value::Array(vec![example.into()]));
        self
    }

    /// The value that stands in examples.
    pub(crate) fn shown(&self) -> Option<&Value> {
        self.schema.get("examples")?.get(0)
    }

    /// Every status by which the key can be refused.
    pub(crate) fn statuses(&self) -> impl Iterator<Item = Status> {
        self.refusals.into_iter().flatten()
    }

    /// The key's schema, with the statuses for its faults beside it.
    pub(crate) fn schema(&self) -> Value {
        let refusals: Map<String, Value> = FAULTS
            .iter()
            .zip(self.refusals)
            .filter_map(|(fault, status)| Some(((*fault).to_owned(), json!(status?.code))))
            .collect();
        let mut schema = self.schema.clone();
        if !refusals.is_empty() {
            schema.insert("x-refusals".to_owned(), Value::Object(refusals));
        }
        Value::Object(schema)
    }
}
