//! Requests of the older APIs: forms, multipart forms and JSON objects say the same.

use std::{collections::HashMap, convert::Infallible};

use futures_util::stream;
use lambda_http::{Body, Request, http::header};
use multer::{Constraints, Multipart, SizeLimit, bytes::Bytes};
use serde_json::Value;

/// The longest field that is not a file, and how long the whole may be. The gateway lets less through; this only bounds
/// what is held twice.
const MAX_FIELD_BYTES: u64 = 64 * 1024;
const MAX_BYTES: u64 = 6 * 1024 * 1024;

/// What a request says.
#[derive(Debug, Default)]
pub struct Form {
    fields: HashMap<String, String>,
    file: Option<Vec<u8>>,
    #[cfg(feature = "asked")]
    route: String,
}

impl Form {
    /// Reads the body by its content type; `file` is the one field that may hold a file. `None` for a body that is not
    /// what its type says.
    pub async fn of(request: &Request, file: &str) -> Option<Self> {
        let content_type = function::header(request, &header::CONTENT_TYPE).unwrap_or_default();
        let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let form = match essence.as_str() {
            "multipart/form-data" => multipart(content_type, request.body(), file).await?,
            "application/json" => json(request.body().as_ref())?,
            _ => Self { fields: urlencoded(request.body().as_ref()), ..Self::default() },
        };
        Some(form.of_route(request))
    }

    /// Reads a body that must be a JSON object, whatever its content type.
    #[must_use]
    pub fn of_json(request: &Request) -> Option<Self> {
        json(request.body().as_ref()).map(|form| form.of_route(request))
    }

    #[cfg_attr(not(feature = "asked"), expect(unused_mut, unused_variables, reason = "only the tests want to know"))]
    fn of_route(mut self, request: &Request) -> Self {
        #[cfg(feature = "asked")]
        function::route(request).clone_into(&mut self.route);
        self
    }

    /// The value of `name`, unless it is missing or empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        #[cfg(feature = "asked")]
        envelope::asked::note(&self.route, name);
        self.fields.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The file, if there was one.
    pub fn take_file(&mut self) -> Option<Vec<u8>> {
        self.file.take()
    }
}

fn urlencoded(body: &[u8]) -> HashMap<String, String> {
    form_urlencoded::parse(body).into_owned().collect()
}

/// Strings and numbers are values; anything else is as if it were missing.
fn json(body: &[u8]) -> Option<Form> {
    let object: HashMap<String, Value> = serde_json::from_slice(body).ok()?;
    let fields = object.into_iter().filter_map(|(name, value)| match value {
        Value::String(text) => Some((name, text)),
        Value::Number(number) => Some((name, number.to_string())),
        _ => None,
    });
    Some(Form { fields: fields.collect(), ..Form::default() })
}

async fn multipart(content_type: &str, body: &Body, file: &str) -> Option<Form> {
    let boundary = multer::parse_boundary(content_type).ok()?;
    let body = Bytes::copy_from_slice(body.as_ref());
    let limits = SizeLimit::new().whole_stream(MAX_BYTES).per_field(MAX_FIELD_BYTES).for_field(file, MAX_BYTES);
    let limits = Constraints::new().size_limit(limits);
    let body = stream::iter([Ok::<_, Infallible>(body)]);
    let mut multipart = Multipart::with_constraints(body, boundary, limits);
    let mut form = Form::default();
    while let Some(field) = multipart.next_field().await.ok()? {
        let name = field.name().unwrap_or_default().to_owned();
        if name == file {
            form.file = Some(field.bytes().await.ok()?.into());
        } else {
            // As UTF-8, which is what browsers write. `text()` would bring the tables of every other encoding along.
            let text = field.bytes().await.ok()?;
            form.fields.insert(name, String::from_utf8_lossy(&text).into_owned());
        }
    }
    Some(form)
}

#[cfg(test)]
mod tests {
    use lambda_http::http::HeaderValue;

    use super::*;

    fn request(content_type: &'static str, body: &str) -> Request {
        let mut request = Request::new(Body::Text(body.to_owned()));
        request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        request
    }

    #[tokio::test]
    async fn all_three_ways_of_writing_a_form_say_the_same() {
        let multipart = "--x\r\nContent-Disposition: form-data; name=\"code\"\r\n\r\n0042\r\n\
                         --x\r\nContent-Disposition: form-data; name=\"code_v\"\r\n\r\n你\r\n--x--\r\n";
        for request in [
            request("application/x-www-form-urlencoded", "code=0042&code_v=%E4%BD%A0"),
            request("application/json; charset=utf-8", r#"{"code":"0042","code_v":"你"}"#),
            request("multipart/form-data; boundary=x", multipart),
        ] {
            let form = Form::of(&request, "img").await.unwrap();
            assert_eq!((form.get("code"), form.get("code_v")), (Some("0042"), Some("你")));
        }
    }

    #[tokio::test]
    async fn a_file_keeps_its_bytes() {
        let body = "--x\r\nContent-Disposition: form-data; name=\"img\"; filename=\"a\"\r\n\r\n\0\r\n\x01\r\n--x--\r\n";
        let mut form = Form::of(&request("multipart/form-data; boundary=x", body), "img").await.unwrap();
        assert_eq!(form.take_file().unwrap(), b"\0\r\n\x01");
    }

    #[tokio::test]
    async fn a_body_that_is_not_what_it_claims_is_none() {
        assert!(Form::of(&request("multipart/form-data; boundary=x", "nothing"), "img").await.is_none());
        assert!(Form::of(&request("multipart/form-data", "--x--"), "img").await.is_none());
        assert!(Form::of(&request("application/json", "[1]"), "img").await.is_none());
    }
}
