use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::{Value, json};

/// The schema of what `T` serializes to, in one piece. It admits the keys that the type has and no others.
#[must_use]
pub fn closed<T: JsonSchema>() -> Value {
    let mut settings = SchemaSettings::draft2020_12().for_serialize();
    settings.inline_subschemas = true;
    settings.meta_schema = None;
    let mut schema = settings.into_generator().into_root_schema_for::<T>().to_value();
    if let Value::Object(schema) = &mut schema {
        // The name of a type of ours tells a reader of the document nothing.
        schema.remove("title");
    }
    close(&mut schema);
    schema
}

/// Closes every object whose keys are known.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            object.values_mut().for_each(close);
            if object.get("type") == Some(&json!("object")) && !object.contains_key("additionalProperties") {
                object.insert("additionalProperties".to_owned(), json!(false));
            }
        }
        Value::Array(array) => array.iter_mut().for_each(close),
        _ => {}
    }
}

/// Any text, with `example`.
#[must_use]
pub fn text(example: &str) -> Value {
    json!({ "type": "string", "examples": [example] })
}

/// A picture in base64, with one of a single pixel as its example.
#[must_use]
pub fn picture() -> Value {
    json!({ "contentEncoding": "base64", "examples": ["R0lGODlhAQABAIAAALMyGwAAACwAAAAAAQABAAACAkQBADs="] })
}

/// What a text of this many lower-case hex digits is, with `example`.
#[must_use]
pub fn hex(digits: usize, example: &str) -> Value {
    json!({ "pattern": format!("^[0-9a-f]{{{digits}}}$"), "examples": [example] })
}
