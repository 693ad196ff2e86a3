//! Every reply of the whole suite is held to the OpenAPI document: its HTTP status, headers and content type must be among those
//! of its route, and its body must be what the document says of the operation that was asked for.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use envelope::asked::asked;
use jsonschema::Validator;
use reqwest::{Method, Request, Response, ResponseBuilderExt, StatusCode};
use serde_json::{Value, json};

/// The document, as the local stack serves it.
pub static DOCUMENT: LazyLock<Value> = LazyLock::new(local::openapi_document);

static VALIDATORS: LazyLock<Mutex<HashMap<String, Arc<Validator>>>> = LazyLock::new(Mutex::default);

/// What of a request tells which reply the document allows.
pub struct Asked {
    method: Method,
    path: String,
    /// `type/subtype` of an envelope that is not broken.
    operation: Option<String>,
    /// Whether a browser asks if a page may ask.
    is_preflight: bool,
}

impl Asked {
    pub fn of(request: &Request) -> Self {
        let body = request.body().and_then(reqwest::Body::as_bytes).unwrap_or_default();
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let operation = match (&body["type"], &body["subtype"], &body["data"]) {
            (Value::String(r#type), Value::String(subtype), Value::Object(_)) => Some(format!("{type}/{subtype}")),
            _ => None,
        };
        let is_preflight =
            request.method() == Method::OPTIONS && request.headers().contains_key("access-control-request-method");
        Self { method: request.method().clone(), path: request.url().path().to_owned(), operation, is_preflight }
    }

    /// Hands back the response, which must be what the document says.
    pub async fn check(self, response: Response) -> Response {
        let Some((template, path)) = path_item(&self.path) else { return response };
        let (status, headers, url) = (response.status(), response.headers().clone(), response.url().clone());
        let body = response.bytes().await.expect("a whole response");
        let method = self.method.as_str().to_lowercase();
        let name = format!("{} {template} {:?} {status}", self.method, self.operation);
        match path.get(&method) {
            // Browsers' business with API Gateway, which no client writes and the document does not tell of.
            None if self.is_preflight => {
                assert_eq!((status, body.len()), (StatusCode::NO_CONTENT, 0), "{name}");
            }
            None => assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED, "{name}"),
            Some(route) => {
                // Those are described for API Gateway's sake.
                assert!(!matches!(status.as_u16(), 429 | 500..), "{name}");
                let described = resolve(&route["responses"][status.as_str()]);
                assert!(described.is_object(), "{name} is not in the document");
                for (header, about) in described["headers"].as_object().into_iter().flatten() {
                    let value = headers.get(header).map(|value| value.to_str().expect("a header is text"));
                    assert!(value.is_some() || about["required"] != true, "{name}: no {header}");
                    if let Some(expected) = about["schema"]["const"].as_str() {
                        assert_eq!(value, Some(expected), "{name}: {header}");
                    }
                }
                match described["content"].as_object() {
                    None => assert!(body.is_empty(), "{name} has a body"),
                    Some(_) if self.method == Method::HEAD => {}
                    Some(content) => {
                        let content_type =
                            headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
                        let essence = |text: &str| text.split(';').next().unwrap_or_default().trim().to_owned();
                        let known = content.iter().find(|(known, _)| essence(known) == essence(content_type));
                        let (_, known) = known.unwrap_or_else(|| panic!("{name}: {content_type}"));
                        if essence(content_type) == "application/json" {
                            let body: Value = serde_json::from_slice(&body).expect("JSON");
                            self.check_body(route, &known["schema"], &body, &name);
                        }
                    }
                }
                self.check_keys(template, route);
            }
        }
        let mut rebuilt = http::Response::builder().status(status).url(url).body(body).expect("a response");
        *rebuilt.headers_mut() = headers;
        rebuilt.into()
    }

    /// Whatever the code asked a body for is described. (What runs in a process of its own notes it there.)
    fn check_keys(&self, template: &str, route: &'static Value) {
        let route_key = format!("{} {template}", self.method);
        for of in self.operation.iter().chain([&route_key]) {
            // An operation of another route is none here.
            let Some(described) = described_keys(route, of) else { continue };
            for key in asked(of) {
                assert!(described.contains(&*key), "{of} asks for {key}, of which the document does not tell");
            }
        }
    }

    /// An operation's reply is held to what is said of that operation; a reply to anything else, to what is said of that.
    fn check_body(&self, route: &Value, schema: &Value, body: &Value, name: &str) {
        let examples = &route["requestBody"]["content"]["application/json"]["examples"];
        let (key, schema) = match &self.operation {
            Some(operation) if schema["anyOf"].is_array() && examples.get(operation).is_some() => {
                let component = component(operation);
                (component.clone(), json!({ "$ref": format!("#/components/schemas/{component}Reply") }))
            }
            Some(_) if schema["anyOf"].is_array() => {
                let is_refusal = |schema: &&Value| !schema["$ref"].as_str().is_some_and(|name| name.ends_with("Reply"));
                let refusals: Vec<_> = schema["anyOf"].as_array().into_iter().flatten().filter(is_refusal).collect();
                (format!("{} else", route["operationId"]), json!({ "anyOf": refusals }))
            }
            _ => (format!("{} {:.60}", route["operationId"], schema.to_string()), schema.clone()),
        };
        let validator = validator(key, schema);
        if let Err(error) = validator.validate(body) {
            panic!("{name} is against the document: {error:.500} in {:.500}", body.to_string());
        }
    }
}

/// The keys that the document names for an operation of this route, or for the route itself if its bodies are forms.
fn described_keys(route: &'static Value, of: &str) -> Option<BTreeSet<&'static str>> {
    let contents = route["requestBody"]["content"].as_object().into_iter().flatten();
    let schemas: Vec<_> = contents.flat_map(|(_, content)| variants(&content["schema"])).collect();
    let operation =
        schemas.iter().find(|schema| schema["title"] == of).map(|schema| vec![&schema["properties"]["data"]]);
    let forms = || of.starts_with("POST ").then_some(schemas);
    let keys = operation.or_else(forms)?.into_iter().filter_map(|schema| schema["properties"].as_object());
    Some(keys.flat_map(|keys| keys.keys().map(String::as_str)).collect())
}

/// A schema, or those of which it is any, however deep.
fn variants(schema: &'static Value) -> Vec<&'static Value> {
    let schema = resolve(schema);
    match schema["anyOf"].as_array() {
        Some(schemas) => schemas.iter().flat_map(variants).collect(),
        None => vec![schema],
    }
}

/// The component that describes `type/subtype`.
pub fn component(operation: &str) -> String {
    let words = operation.split('/').map(|word| word[..1].to_uppercase() + &word[1..]);
    words.collect()
}

/// What a reference refers to.
pub fn resolve(value: &'static Value) -> &'static Value {
    match value["$ref"].as_str().and_then(|reference| reference.strip_prefix('#')) {
        Some(pointer) => DOCUMENT.pointer(pointer).expect("a reference has a target"),
        None => value,
    }
}

/// The path of the document that an address belongs to.
fn path_item(path: &str) -> Option<(&'static String, &'static Value)> {
    let segments: Vec<_> = path.split('/').collect();
    DOCUMENT["paths"].as_object()?.iter().find(|(template, _)| {
        let template: Vec<_> = template.split('/').collect();
        let fits = |(known, given): (&&str, &&str)| known == given || (known.starts_with('{') && !given.is_empty());
        template.len() == segments.len() && template.iter().zip(&segments).all(fits)
    })
}

/// Each schema is compiled once a process.
fn validator(key: String, mut schema: Value) -> Arc<Validator> {
    let mut validators = VALIDATORS.lock().unwrap_or_else(PoisonError::into_inner);
    let validator = validators.entry(key).or_insert_with(|| {
        schema["components"] = DOCUMENT["components"].clone();
        Arc::new(jsonschema::validator_for(&schema).expect("the document holds schemas"))
    });
    Arc::clone(validator)
}
