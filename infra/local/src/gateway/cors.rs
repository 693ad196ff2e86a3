use hyper::{
    HeaderMap, Method,
    header::{self, HeaderName, HeaderValue},
    http::request::Parts,
};

use crate::template::Cors;

/// Headers that API Gateway takes out of a function's answer where CORS is configured.
const OWN: [HeaderName; 6] = [
    header::ACCESS_CONTROL_ALLOW_CREDENTIALS,
    header::ACCESS_CONTROL_ALLOW_HEADERS,
    header::ACCESS_CONTROL_ALLOW_METHODS,
    header::ACCESS_CONTROL_ALLOW_ORIGIN,
    header::ACCESS_CONTROL_EXPOSE_HEADERS,
    header::ACCESS_CONTROL_MAX_AGE,
];

/// What of a request decides the headers of its answer.
pub(super) struct Asked {
    origin: Option<HeaderValue>,
    is_preflight: bool,
}

impl Asked {
    pub(super) fn of(parts: &Parts) -> Self {
        Self {
            origin: parts.headers.get(header::ORIGIN).cloned(),
            is_preflight: parts.method == Method::OPTIONS
                && parts.headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD),
        }
    }
}

/// Adds to a function's answer what `cors` allows the page that asked, as API Gateway does: nothing for a page of
/// another origin.
pub(super) fn add(cors: &Cors, asked: Asked, headers: &mut HeaderMap) {
    for name in OWN {
        headers.remove(name);
    }
    let Some(origin) = asked.origin.filter(|origin| cors.origins.iter().any(|allowed| origin == allowed)) else {
        return;
    };
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    if cors.credentials {
        headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    }
    let mut insert = |name, value: String| {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(name, value);
        }
    };
    if asked.is_preflight {
        insert(header::ACCESS_CONTROL_ALLOW_METHODS, cors.methods.join(","));
        insert(header::ACCESS_CONTROL_ALLOW_HEADERS, cors.headers.join(","));
        insert(header::ACCESS_CONTROL_MAX_AGE, cors.max_age.to_string());
    } else {
        insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, cors.exposed.join(","));
    }
}
