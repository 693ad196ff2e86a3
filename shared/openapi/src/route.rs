use envelope::Status;
use serde_json::{Map, Value, json};

use crate::{
    Operation,
    operation::{Schemas, failures},
};

/// One route of `template.yaml`, with everything that it can be asked and can answer.
pub struct Route {
    key: &'static str,
    summary: &'static str,
    description: String,
    parameters: Vec<Value>,
    bodies: Map<String, Value>,
    responses: Vec<Response>,
    /// The operations of the main API that the route serves.
    operations: Vec<Operation>,
    /// The statuses that all of them share.
    shared: Vec<Status>,
}

/// The type of every answer that is JSON.
const JSON: &str = "application/json; charset=utf-8";

/// What stands in one HTTP response.
pub struct Response {
    status: &'static str,
    description: String,
    content: Map<String, Value>,
    headers: Map<String, Value>,
}

/// A response whose body is JSON of this schema.
#[must_use]
pub fn json(schema: &Value) -> Response {
    Response::new("200", "The answer, whatever it says.", Map::new())
        .or_json(schema)
        .header("Cache-Control", "no-store")
        .header("X-Content-Type-Options", "nosniff")
}

/// A response whose body is a picture of one of these types.
#[must_use]
pub fn binary(description: &str, types: &[&str]) -> Response {
    let content = types.iter().map(|media_type| ((*media_type).to_owned(), json!({})));
    Response::new("200", description, content.collect())
        .header("X-Content-Type-Options", "nosniff")
        .header("Content-Security-Policy", "default-src 'none'; sandbox")
}

impl Response {
    /// A response without a body.
    #[must_use]
    pub fn empty(status: &'static str, description: &str) -> Self {
        Self::new(status, description, Map::new())
    }

    fn new(status: &'static str, description: &str, content: Map<String, Value>) -> Self {
        Self { status, description: description.to_owned(), content, headers: Map::new() }
    }

    /// With a header that always says `value`, or something where that is empty.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let schema = if value.is_empty() { json!({ "type": "string" }) } else { json!({ "const": value }) };
        self.headers.insert(name.to_owned(), json!({ "schema": schema, "required": true }));
        self
    }

    /// With a header that is there in some cases only, and when.
    #[must_use]
    pub fn header_at_times(mut self, name: &str, when: &str) -> Self {
        self.headers.insert(name.to_owned(), json!({ "schema": { "type": "string" }, "description": when }));
        self
    }

    /// The same with JSON instead, in some cases.
    #[must_use]
    pub fn or_json(mut self, schema: &Value) -> Self {
        self.content.insert(JSON.to_owned(), json!({ "schema": schema }));
        self
    }

    fn into_object(self) -> (String, Value) {
        let mut object = json!({ "description": self.description });
        if !self.content.is_empty() {
            object["content"] = Value::Object(self.content);
        }
        if !self.headers.is_empty() {
            object["headers"] = Value::Object(self.headers);
        }
        (self.status.to_owned(), object)
    }
}

impl Route {
    /// A route with an answer of its own.
    #[must_use]
    pub fn new(key: &'static str, summary: &'static str, response: Response) -> Self {
        Self {
            key,
            summary,
            description: String::new(),
            parameters: Vec::new(),
            bodies: Map::new(),
            responses: vec![response],
            operations: Vec::new(),
            shared: Vec::new(),
        }
    }

    /// A route that serves operations of the main API. Its own `shared` statuses are those of every operation.
    #[must_use]
    pub fn serving(
        key: &'static str,
        summary: &'static str,
        shared: impl IntoIterator<Item = Status>,
        operations: impl IntoIterator<Item = Operation>,
    ) -> Self {
        let mut route = Self::new(key, summary, json(&Value::Null));
        route.operations.extend(operations);
        route.shared.extend(shared);
        route
    }

    /// What else there is to say, in Markdown.
    #[must_use]
    pub fn describe(mut self, text: &str) -> Self {
        self.description.push_str(text);
        self
    }

    /// Wants `token` in the address, and answers -100 without it.
    #[must_use]
    pub fn token(mut self, description: &str, example: &str) -> Self {
        self.shared.push(Status::MISSING_NECESSARY_ARGS);
        self.query(
            "token",
            &format!("{description} Without it the reply says -100."),
            json!({ "type": "string", "examples": [example] }),
        )
    }

    /// May have this argument in the address.
    #[must_use]
    pub fn query(self, name: &str, description: &str, schema: Value) -> Self {
        self.parameter("query", name, description, schema)
    }

    /// Has this segment in its path.
    #[must_use]
    pub fn path(self, name: &str, description: &str, schema: Value) -> Self {
        self.parameter("path", name, description, schema)
    }

    /// May have this header.
    #[must_use]
    pub fn header(self, name: &str, description: &str, schema: Value) -> Self {
        self.parameter("header", name, description, schema)
    }

    /// May have this cookie.
    #[must_use]
    pub fn cookie(self, name: &str, description: &str, schema: Value) -> Self {
        self.parameter("cookie", name, description, schema)
    }

    /// Takes a body of this type. Anything else is answered too: the answer says what was wrong.
    #[must_use]
    pub fn body(mut self, media_type: &str, schema: &Value, example: &Value) -> Self {
        let example = json!({ "summary": self.summary, "value": example });
        let schema = json!({ "anyOf": [schema, anything_else()] });
        let body =
            self.bodies.entry(media_type.to_owned()).or_insert_with(|| json!({ "schema": schema, "examples": {} }));
        if let Value::Object(examples) = &mut body["examples"] {
            examples.insert("usual".to_owned(), example);
        }
        self
    }

    /// Can answer 404 too.
    #[must_use]
    pub fn or_not_found(self, when: &str) -> Self {
        self.or(Response::new("404", when, Map::new()).or_json(&said_by_http("Not Found")))
    }

    /// Can answer this too.
    #[must_use]
    pub fn or(mut self, response: Response) -> Self {
        self.responses.push(response);
        self
    }

    fn parameter(mut self, place: &str, name: &str, description: &str, mut schema: Value) -> Self {
        let examples = schema.as_object_mut().and_then(|schema| schema.remove("examples"));
        let mut parameter = json!({ "name": name, "in": place, "description": description, "schema": schema });
        parameter["required"] = json!(place == "path");
        if let Some(example) = examples.as_ref().and_then(|examples| examples.get(0)) {
            parameter["example"] = example.clone();
        }
        self.parameters.push(parameter);
        self
    }

    /// `POST /api/captcha`.
    pub(crate) const fn key(&self) -> &'static str {
        self.key
    }

    /// The route as an Operation Object. What it refers to is then among `schemas`.
    pub(crate) fn into_object(mut self, tag: &str, schemas: &mut Schemas) -> Value {
        let is_get = self.key.starts_with("GET ");
        if !self.operations.is_empty() {
            self.serve(is_get, schemas);
        }
        let mut responses: Map<String, Value> = self.responses.into_iter().map(Response::into_object).collect();
        if self.key.contains('{') && !responses.contains_key("404") {
            responses.insert("404".to_owned(), json!({ "$ref": "#/components/responses/NotFound" }));
        }
        responses.insert("405".to_owned(), json!({ "$ref": "#/components/responses/MethodNotAllowed" }));
        if !is_get {
            responses.insert("413".to_owned(), json!({ "$ref": "#/components/responses/TooLarge" }));
        }
        for (status, name) in SAID_BY_GATEWAY {
            responses.insert(status.to_owned(), json!({ "$ref": format!("#/components/responses/{name}") }));
        }
        let mut object = json!({
            "operationId": crate::operation::pascal(self.key),
            "summary": self.summary,
            "tags": [tag],
            "responses": responses,
        });
        if !self.description.is_empty() {
            object["description"] = json!(self.description);
        }
        if !self.parameters.is_empty() {
            object["parameters"] = json!(self.parameters);
        }
        if !self.bodies.is_empty() {
            object["requestBody"] = json!({ "content": self.bodies });
        }
        object
    }

    /// Describes the envelopes of the route's operations.
    fn serve(&mut self, is_get: bool, schemas: &mut Schemas) {
        let (mut requests, mut replies, mut examples) = (Vec::new(), Vec::new(), Map::new());
        for operation in &self.operations {
            let name = operation.component();
            let reply = operation.reply(&self.shared, schemas);
            schemas.insert(format!("{name}Reply"), reply);
            replies.push(json!({ "$ref": format!("#/components/schemas/{name}Reply") }));
            if !is_get {
                schemas.insert(name.clone(), operation.request());
                requests.push(json!({ "$ref": format!("#/components/schemas/{name}") }));
                let (label, about) = (operation.label(), operation.summary());
                let example = json!({ "summary": label, "description": about, "value": operation.example() });
                examples.insert(label, example);
            }
        }
        if !is_get {
            requests.push(anything_else());
            let body = json!({ "schema": { "anyOf": requests }, "examples": examples });
            self.bodies.insert("application/json".to_owned(), body);
            let envelope = [Status::ERROR_JSON_KEY, Status::ERROR_JSON_VALUE];
            replies.extend(failures(self.shared.iter().copied().chain(envelope), schemas));
        }
        self.responses[0] = json(&json!({ "anyOf": replies }));
    }
}

/// What API Gateway says of itself in a deployment, in the place of a function.
const SAID_BY_GATEWAY: [(&str, &str); 3] =
    [("429", "TooManyRequests"), ("500", "InternalServerError"), ("503", "ServiceUnavailable")];

/// What HTTP itself says, outside of every envelope.
pub(crate) fn said_by_http(message: &str) -> Value {
    json!({
        "type": "object",
        "properties": { "message": { "const": message } },
        "required": ["message"],
        "additionalProperties": false,
    })
}

/// Whatever a caller may send: nothing is refused by HTTP. Stands in the schema itself, and not as a reference, so that tools see
/// that no body is against it.
fn anything_else() -> Value {
    json!({ "title": "anything else", "description": "Is answered with HTTP 200 too, and the status says what was wrong." })
}
