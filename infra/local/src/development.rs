//! What only developers have: the pages, the OpenAPI document, the outbox, the clock and the list of routes. None of it deploys.

use std::sync::Arc;

use bytes::Bytes;
use codes::Codes;
use http_body_util::Full;
use hyper::{
    Method, Request, Response, StatusCode,
    body::Incoming,
    header::{self, HeaderValue},
    http::request::Parts,
};
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    embedded::Outbox,
    gateway::{Reply, is_for_loopback, message, read},
    page, reference,
    schedule::Scheduler,
    template::{Method as RouteMethod, Route},
    time::{AdvancingClock, LocalTime},
};

const IMAGE_CODE: &str = "/_local/imagecode/";

const BODY_LIMIT: usize = 4096;

/// The development endpoints.
pub(crate) struct Development {
    pub(crate) outbox: Arc<Outbox>,
    pub(crate) clock: Arc<AdvancingClock>,
    pub(crate) time: LocalTime,
    pub(crate) scheduler: Arc<Scheduler>,
    pub(crate) routes: Vec<Listed>,
    pub(crate) codes: Codes,
}

/// A route as the page lists it.
#[derive(Serialize)]
pub(crate) struct Listed {
    method: String,
    path: String,
    function: String,
}

#[derive(Deserialize)]
struct Advance {
    advance_seconds: u64,
}

impl Listed {
    /// The routes with a method of their own; `binary` names the function of a logical id.
    pub(crate) fn all<'a>(routes: &[Route], binary: impl Fn(&str) -> Option<&'a str>) -> Vec<Self> {
        let listed = |route: &Route| match &route.method {
            RouteMethod::Any => None,
            RouteMethod::Exactly(method) => Some(Self {
                method: method.clone(),
                path: route.path.clone(),
                function: binary(&route.function).unwrap_or(&route.function).to_owned(),
            }),
        };
        routes.iter().filter_map(listed).collect()
    }
}

impl Development {
    /// Whether `path` is one of these endpoints'.
    pub(crate) fn serves(path: &str) -> bool {
        path == "/" || path.starts_with("/_local/") || reference::serves(path)
    }

    /// Answers a request for one of these endpoints.
    pub(crate) async fn answer(&self, request: Request<Incoming>) -> Reply {
        let (parts, body) = request.into_parts();
        if !is_for_loopback(&parts) {
            // A page elsewhere may make its own name point at this machine, and must not read codes through it.
            return message(StatusCode::FORBIDDEN, "Only for this machine");
        }
        let is_get = matches!(parts.method, Method::GET | Method::HEAD);
        match parts.uri.path() {
            "/_local/sms" if is_get => json_reply(&self.outbox.messages()),
            "/_local/routes" if is_get => json_reply(&self.routes),
            "/_local/clock" if parts.method == Method::POST => self.advance(&parts, body).await,
            "/_local/clock" => not_allowed("POST"),
            "/_local/sms" | "/_local/routes" => not_allowed("GET, HEAD"),
            path => match path.strip_prefix(IMAGE_CODE) {
                Some(id) if is_get => self.image_code(id).await,
                Some(_) => not_allowed("GET, HEAD"),
                None => match page::file(path).or_else(|| reference::file(path)) {
                    Some(file) if is_get => file,
                    Some(_) => not_allowed("GET, HEAD"),
                    None => message(StatusCode::NOT_FOUND, "Not Found"),
                },
            },
        }
    }

    /// The text of an image code of seed 003, as a person would read it in the picture.
    async fn image_code(&self, id: &str) -> Reply {
        let id = percent_decode_str(id).decode_utf8_lossy();
        match self.codes.peek_image_code(&id).await {
            Ok(Some(text)) => json_reply(&json!({"text": text})),
            Ok(None) => message(StatusCode::NOT_FOUND, "Not Found"),
            Err(error) => {
                tracing::error!(%error, "the image code cannot be read");
                message(StatusCode::BAD_GATEWAY, "Bad Gateway")
            }
        }
    }

    /// Moves the clock and does what has become due before it answers, so that a test need not wait.
    async fn advance(&self, parts: &Parts, body: Incoming) -> Reply {
        // A form on somebody else's page cannot send this type without asking first.
        let content_type = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let media_type = content_type.and_then(|value| value.split(';').next()).map(str::trim);
        if !media_type.is_some_and(|media_type| media_type.eq_ignore_ascii_case("application/json")) {
            return message(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Content-Type must be application/json");
        }
        let body = match read(parts, body, BODY_LIMIT).await {
            Ok(body) => body,
            Err(refused) => return refused.into(),
        };
        let advanced = serde_json::from_slice(&body).ok().and_then(|Advance { advance_seconds }| {
            // Disk writes are short, and rare here.
            self.clock.advance(advance_seconds)
        });
        match advanced {
            Some(Ok(())) => {
                self.scheduler.run_all().await;
                json_reply(&json!({"now": self.time.now()}))
            }
            Some(Err(error)) => {
                tracing::error!(%error, "the clock cannot be kept");
                message(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
            }
            None => {
                message(StatusCode::BAD_REQUEST, "advance_seconds must be a whole number of at most a hundred years")
            }
        }
    }
}

fn json_reply(value: &impl Serialize) -> Reply {
    let mut response = Response::new(Full::new(Bytes::from(serde_json::to_vec(value).unwrap_or_default())));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn not_allowed(allow: &'static str) -> Reply {
    let mut response = message(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed");
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allow));
    response
}
