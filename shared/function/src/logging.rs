//! One JSON line a request, with nothing personal in it: what was called, how it went, how long it took and how
//! many requests to AWS it needed.

use std::time::Duration;

use environment::{RoundTrips, Service};
use lambda_http::{Body, Request, Response};
use tracing_subscriber::EnvFilter;

use crate::{WebSocketEvent, WebSocketReply, request::template_path, response::Outcome};

/// Writes JSON lines to standard output, at the level that `LOG_LEVEL` names (default `info`).
///
/// A second call in one process changes nothing.
pub fn start() {
    // The SDK's own debug lines hold requests with everything in them, so no level lets them through.
    let level = std::env::var("LOG_LEVEL").unwrap_or_else(|_| "info".to_owned());
    let filter = EnvFilter::try_new(format!(
        "{level},aws_smithy_runtime=warn,aws_smithy_runtime_api=warn,aws_smithy_http_client=warn,aws_sdk_dynamodb=warn,\
         aws_sdk_s3=warn,aws_sdk_sns=warn,hyper=warn,hyper_util=warn,h2=warn,lambda_runtime=warn,dynoxide=error,s3s=warn,\
         s3s_fs=warn"
    ))
    .unwrap_or_else(|_| EnvFilter::new("info"));
    let _ = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_env_filter(filter)
        .try_init();
}

/// What is known of a request before it is answered.
pub struct Line {
    request_id: String,
    route: String,
}

impl Line {
    pub fn of(request: &Request, request_id: &str) -> Self {
        Self { request_id: request_id.to_owned(), route: format!("{} {}", request.method(), template_path(request)) }
    }

    pub fn of_websocket(event: &WebSocketEvent, request_id: &str) -> Self {
        Self { request_id: request_id.to_owned(), route: event.route().to_owned() }
    }

    pub fn write(&self, response: &Response<Body>, duration: Duration, trips: &RoundTrips) {
        let outcome = response.extensions().get::<Outcome>();
        let operation = outcome.and_then(|outcome| outcome.operation.as_deref());
        self.log(operation, outcome.map(|outcome| outcome.status), response.status().as_u16(), duration, trips);
    }

    pub fn write_websocket(&self, reply: &WebSocketReply, duration: Duration, trips: &RoundTrips) {
        let (operation, status) = reply.outcome.unzip();
        self.log(operation, status, reply.status_code(), duration, trips);
    }

    fn log(
        &self,
        operation: Option<&str>,
        status: Option<i64>,
        http_status: u16,
        duration: Duration,
        trips: &RoundTrips,
    ) {
        tracing::info!(
            request_id = self.request_id,
            route = self.route,
            operation,
            status,
            http_status,
            duration_ms = milliseconds(duration),
            dynamodb = trips.to(Service::DynamoDb),
            s3 = trips.to(Service::S3),
            sns = trips.to(Service::Sns),
            "request"
        );
    }
}

pub fn scheduled(request_id: &str, finished: bool, duration: Duration, trips: &RoundTrips) {
    tracing::info!(
        request_id,
        finished,
        duration_ms = milliseconds(duration),
        dynamodb = trips.to(Service::DynamoDb),
        s3 = trips.to(Service::S3),
        sns = trips.to(Service::Sns),
        "scheduled run"
    );
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
