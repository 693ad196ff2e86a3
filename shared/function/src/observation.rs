//! One JSON line an invocation, with nothing personal in it: what was called, how it went, how long it took, how many
//! requests to AWS it needed, and the metrics that CloudWatch reads out of it.

use std::{
    io::Write,
    sync::Arc,
    time::{Duration, Instant},
};

use environment::{Clock, RoundTrips, Service, Variables};
use lambda_http::{Body, Request, Response};
use lambda_runtime::Context;
use metrics::{Embedded, Metrics};
use serde::Serialize;

use crate::{
    WebSocketEvent, WebSocketReply,
    request::{api_request_id, route, template_path},
    response::Outcome,
};

/// What a function is called.
#[derive(Clone)]
pub struct Name {
    /// In our log.
    short: &'static str,
    /// By Lambda, which calls it otherwise in each deployment.
    full: Arc<str>,
}

/// One invocation, from its event to its line.
pub struct Observation {
    function: Name,
    clock: Clock,
    request_id: String,
    started: Instant,
    trips: RoundTrips,
    metrics: Metrics,
}

/// Where a request arrived. Nothing is of the caller's making but for the method, which the metrics do without.
pub struct Route {
    /// What API Gateway calls the request, and tells the caller in a header: Lambda has an id of its own for the
    /// invocation.
    api_request_id: String,
    /// What API Gateway calls the WebSocket connection, by which an operator can cut it off.
    connection_id: Option<String>,
    /// For the log: the request's own method and the template's path.
    shown: String,
    /// For the metrics: the template's route.
    key: String,
}

/// The line of a request. Its metrics are why no log level silences it.
#[derive(Serialize)]
struct RequestLine<'a> {
    #[serde(flatten)]
    invocation: Invocation<'a>,
    api_request_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    connection_id: Option<&'a str>,
    route: &'a str,
    operation: Option<&'a str>,
    status: Option<i64>,
    http_status: u16,
    #[serde(flatten)]
    metrics: Option<Embedded>,
}

#[derive(Serialize)]
struct ScheduleLine<'a> {
    #[serde(flatten)]
    invocation: Invocation<'a>,
    finished: bool,
    #[serde(flatten)]
    metrics: Option<Embedded>,
}

/// What the lines of all invocations begin with.
#[derive(Serialize)]
struct Invocation<'a> {
    timestamp: String,
    level: &'static str,
    message: &'static str,
    function: &'static str,
    request_id: &'a str,
    duration_ms: f64,
    dynamodb: u32,
    s3: u32,
    sns: u32,
}

impl Name {
    pub fn new(short: &'static str, variables: &Variables) -> Self {
        Self { short, full: variables.get("AWS_LAMBDA_FUNCTION_NAME").unwrap_or(short).into() }
    }
}

impl Route {
    pub fn of(request: &Request) -> Self {
        Self {
            api_request_id: api_request_id(request).to_owned(),
            connection_id: None,
            shown: format!("{} {}", request.method(), template_path(request)),
            key: route(request).to_owned(),
        }
    }

    pub fn of_websocket(event: &WebSocketEvent) -> Self {
        Self {
            api_request_id: event.api_request_id().to_owned(),
            connection_id: Some(event.connection_id().to_owned()),
            shown: event.route().to_owned(),
            key: event.route().to_owned(),
        }
    }
}

impl Observation {
    pub fn start(function: Name, clock: &Clock, context: &Context) -> Self {
        Self {
            function,
            clock: clock.clone(),
            request_id: context.request_id.clone(),
            started: Instant::now(),
            trips: RoundTrips::default(),
            metrics: Metrics::default(),
        }
    }

    /// Runs what the invocation is for.
    pub async fn of<T>(&self, work: impl Future<Output = T>) -> T {
        self.trips.count(self.metrics.collect(work)).await
    }

    pub fn write_http(&self, route: &Route, response: &Response<Body>) {
        let outcome = response.extensions().get::<Outcome>();
        let operation = outcome.and_then(|outcome| outcome.operation.as_deref());
        self.write_request(route, operation, outcome.map(|outcome| outcome.status), response.status().as_u16());
    }

    pub fn write_websocket(&self, route: &Route, reply: &WebSocketReply) {
        let (operation, status) = reply.outcome.unzip();
        self.write_request(route, operation, status, reply.status_code());
    }

    fn write_request(&self, route: &Route, operation: Option<&str>, status: Option<i64>, http_status: u16) {
        let request = metrics::Request {
            operation: operation.unwrap_or(&route.key).to_owned(),
            status: status.map_or_else(|| format!("HTTP {http_status}"), |status| status.to_string()),
        };
        self.write(Some(request), |metrics| RequestLine {
            invocation: self.line("request"),
            api_request_id: &route.api_request_id,
            connection_id: route.connection_id.as_deref(),
            route: &route.shown,
            operation,
            status,
            http_status,
            metrics,
        });
    }

    pub fn write_schedule(&self, finished: bool) {
        self.write(None, |metrics| ScheduleLine { invocation: self.line("scheduled run"), finished, metrics });
    }

    fn line(&self, message: &'static str) -> Invocation<'_> {
        Invocation {
            timestamp: self.clock.now().to_string(),
            level: "INFO",
            message,
            function: self.function.short,
            request_id: &self.request_id,
            duration_ms: milliseconds(self.started.elapsed()),
            dynamodb: self.trips.to(Service::DynamoDb),
            s3: self.trips.to(Service::S3),
            sns: self.trips.to(Service::Sns),
        }
    }

    /// Writes the line with the first document of metrics, and the others, which are rare, on lines of their own.
    fn write<L: Serialize>(&self, request: Option<metrics::Request>, line: impl FnOnce(Option<Embedded>) -> L) {
        let timestamp = self.clock.now().as_millisecond();
        let mut documents = self.metrics.embedded(&self.function.full, timestamp, request).into_iter();
        print(&line(documents.next()));
        documents.for_each(|document| print(&document));
    }
}

/// A line that cannot be written is lost: no request fails for it.
fn print(line: &impl Serialize) {
    let Ok(mut text) = serde_json::to_vec(line) else { return };
    text.push(b'\n');
    let _ = std::io::stdout().lock().write_all(&text);
}

/// To the microsecond, so that it is written with three decimals at most. No invocation takes an hour.
fn milliseconds(duration: Duration) -> f64 {
    f64::from(u32::try_from(duration.as_micros()).unwrap_or(u32::MAX)) / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_written_with_three_decimals_at_most() {
        for nanoseconds in (0..60_000_000_000).step_by(7_654_321) {
            let written = serde_json::to_string(&milliseconds(Duration::from_nanos(nanoseconds))).unwrap();
            assert!(written.split('.').nth(1).is_none_or(|decimals| decimals.len() <= 3), "{written}");
        }
    }
}
