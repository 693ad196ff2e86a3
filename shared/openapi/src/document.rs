use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::{Route, operation::Schemas, route::said_by_http};

/// What stands at the head of the document.
pub struct About<'a> {
    /// The API's name.
    pub title: &'a str,
    /// Its version.
    pub version: &'a str,
    /// What a reader must know of all of it, in Markdown.
    pub description: &'a str,
}

/// The document: the routes of each function, under the function's name and what it is for.
#[must_use]
pub fn document(about: &About<'_>, functions: Vec<(&str, &str, Vec<Route>)>) -> Value {
    let mut schemas = shared_schemas();
    let (mut tags, mut paths) = (Vec::new(), BTreeMap::<String, Map<String, Value>>::new());
    for (name, purpose, routes) in functions {
        tags.push(json!({ "name": name, "description": purpose }));
        for route in routes {
            let key = route.key();
            let (method, path) = key.split_once(' ').unwrap_or(("", key));
            let object = route.into_object(name, &mut schemas);
            paths.entry(path.to_owned()).or_default().insert(method.to_ascii_lowercase(), object);
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": about.title,
            "version": about.version,
            "description": about.description,
            "license": { "name": "MIT", "identifier": "MIT" },
        },
        "servers": [{ "url": "/" }],
        "tags": tags,
        "paths": paths,
        "components": { "schemas": schemas, "responses": shared_responses() },
    })
}

fn shared_schemas() -> Schemas {
    Schemas::from([
        (
            "RequestId".to_owned(),
            json!({
                "description": "Comes back in the reply: an integer, or a string that holds one. Anything else is taken too, and comes back as -1.",
                "examples": [1],
            }),
        ),
        (
            "ReplyId".to_owned(),
            json!({
                "description": "The request's `id` as an integer; -1 where it had none.",
                "type": "integer",
                "format": "int64",
            }),
        ),
    ])
}

/// The responses that routes share.
fn shared_responses() -> Value {
    let message = |description: &str, text: &str| {
        json!({
            "description": description,
            "content": { "application/json": { "schema": said_by_http(text) } },
        })
    };
    let mut not_allowed = message("The path has no such method.", "Method Not Allowed");
    not_allowed["headers"] =
        json!({ "Allow": { "schema": { "type": "string" }, "required": true, "description": "Those that it has." } });
    json!({
        "NotFound": message("What stands in the path's place holds a slash: that is another path.", "Not Found"),
        "MethodNotAllowed": not_allowed,
        "TooLarge": message("The body is over the limit of 6 MB.", "Request Entity Too Large"),
        "TooManyRequests":
            message("The deployment's limit for this address is reached, whoever asks. Ask again in a second.", "Too Many Requests"),
        "InternalServerError": message("A function did not answer. Ask again.", "Internal Server Error"),
        "ServiceUnavailable": message("No function was free, or none was in time. Ask again.", "Service Unavailable"),
    })
}
