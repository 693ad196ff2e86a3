//! API Gateway, as far as a function or a caller can tell: an HTTP request becomes the event that Lambda would get,
//! and what the function returns becomes the HTTP response.

mod answer;
mod body;
mod cors;
mod event;
mod router;

use std::{net::SocketAddr, sync::Arc};

use bytes::Bytes;
use environment::{Clock, Random};
use http_body_util::Full;
use hyper::{
    Request, Response, StatusCode,
    body::Incoming,
    header::{self, HeaderValue},
    http::request::Parts,
};

use self::{body::Refused, event::Context};
pub(crate) use self::{body::read, router::Router};
use crate::{functions::Functions, template::Cors, uuid};

/// A response to whoever sent the request.
pub(crate) type Reply = Response<Full<Bytes>>;

/// The HTTP API in front of the functions.
pub(crate) struct Gateway {
    pub(crate) router: Router,
    pub(crate) cors: Option<Cors>,
    pub(crate) functions: Arc<Functions>,
    pub(crate) clock: Clock,
    pub(crate) random: Random,
}

impl Gateway {
    /// Answers one request that came from `peer`.
    pub(crate) async fn answer(&self, request: Request<Incoming>, peer: SocketAddr) -> Reply {
        let (parts, body) = request.into_parts();
        let path = event::decoded_path(parts.uri.path());
        let Some(matched) = self.router.find(parts.method.as_str(), parts.uri.path()) else {
            return message(StatusCode::NOT_FOUND, "Not Found");
        };
        let body = match body::read(&parts, body, body::GATEWAY_LIMIT).await {
            Ok(body) => body,
            Err(refused) => return refused.into(),
        };
        let asked = cors::Asked::of(&parts);
        let request_id = uuid(&self.random);
        let context = Context { peer, request_id: &request_id, now: self.clock.now(), trace: self.random.bytes() };
        let event = match event::build(&parts, &path, &matched, &body, &context) {
            Ok(event) => event,
            Err(event::BadRequest) => return message(StatusCode::BAD_REQUEST, "Bad Request"),
        };
        drop(body);
        if event.len() > body::LAMBDA_LIMIT {
            return Refused::TooLarge.into();
        }
        let functions = Arc::clone(&self.functions);
        let answered = functions.invoke(matched.function.to_owned(), event).await;
        let response = answered.and_then(|answer| answer::response(answer).map_err(|error| error.to_string()));
        let mut reply = response.unwrap_or_else(|error| {
            tracing::error!(request_id, route = matched.key, error, "a function failed");
            message(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
        });
        if let Some(cors) = &self.cors {
            cors::add(cors, asked, reply.headers_mut());
        }
        if let Ok(id) = HeaderValue::from_str(&request_id) {
            reply.headers_mut().insert("apigw-requestid", id);
        }
        reply
    }
}

/// An answer of the gateway's own, in API Gateway's form.
pub(crate) fn message(status: StatusCode, message: &str) -> Reply {
    let mut response = Response::new(Full::new(Bytes::from(format!("{{\"message\":\"{message}\"}}"))));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

impl From<Refused> for Reply {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::TooLarge => message(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large"),
            Refused::Broken => message(StatusCode::BAD_REQUEST, "Bad Request"),
        }
    }
}

/// The request's host, when it names one and only one. HTTP/1.0 may leave it out.
pub(crate) fn host(parts: &Parts) -> Option<&str> {
    let mut hosts = parts.headers.get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.to_str().ok(),
        (None, None) if parts.version < hyper::Version::HTTP_11 => Some("localhost"),
        _ => None,
    }
}

/// Whether the request was made to this machine by name, and not through a name that somebody else's DNS points here.
pub(crate) fn is_for_loopback(parts: &Parts) -> bool {
    let authority = host(parts).and_then(|host| host.parse::<hyper::http::uri::Authority>().ok());
    authority.is_some_and(|authority| matches!(authority.host(), "127.0.0.1" | "localhost" | "[::1]"))
}
