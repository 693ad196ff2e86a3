use envelope::{Answer, Call, Failure, Status};
use lambda_http::{
    Body, Response,
    http::{HeaderValue, StatusCode, header},
};

/// What the request's log line says of the answer.
#[derive(Clone)]
pub(crate) struct Outcome {
    pub operation: Option<String>,
    pub status: i64,
}

/// The reply to `call`: HTTP 200 whatever the status is. A fault's cause is logged here, and nowhere else.
#[must_use]
pub fn reply(call: &Call<'_>, outcome: Result<Answer, Failure>) -> Response<Body> {
    let status = outcome.as_ref().map_or_else(Failure::status, |_| Status::SUCCESSFUL);
    let operation = call.operation_name(status);
    if let Err(failure) = &outcome {
        log_fault(operation.as_deref().unwrap_or_default(), failure);
    }
    let mut response = json(envelope::reply(call.id(), outcome));
    response.extensions_mut().insert(Outcome { operation, status: status.code });
    response
}

/// The answer of an operation that has an envelope of its own; `operation` and `status` go to the log.
#[must_use]
pub fn answer(operation: &str, status: i64, body: String) -> Response<Body> {
    let mut response = json(body);
    response.extensions_mut().insert(Outcome { operation: Some(operation.to_owned()), status });
    response
}

/// Logs a fault's cause and counts it, once, where it is answered. An expected status is no fault and is not logged here.
pub fn log_fault(operation: &str, failure: &Failure) {
    if let Failure::Fault { status, source } = failure {
        metrics::count(metrics::Metric::Faults);
        tracing::error!(operation, status = status.code, error = %chain(&**source), "fault");
    }
}

/// `body` as a JSON document.
#[must_use]
pub fn json(body: String) -> Response<Body> {
    let mut response = Response::new(Body::Text(body));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// A picture, with the headers that keep a browser from taking it for anything else.
#[must_use]
pub fn image(bytes: Vec<u8>, media_type: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::Binary(bytes));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
    response
}

/// 304: the caller has the picture of this `etag`.
#[must_use]
pub fn not_modified() -> Response<Body> {
    let mut response = Response::new(Body::Empty);
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    response
}

/// 405: the path exists, and `allow` lists its methods.
#[must_use]
pub fn method_not_allowed(allow: &'static str) -> Response<Body> {
    let mut response = json(r#"{"message":"Method Not Allowed"}"#.to_owned());
    *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allow));
    response
}

/// 404, in API Gateway's own words.
#[must_use]
pub fn not_found() -> Response<Body> {
    let mut response = json(r#"{"message":"Not Found"}"#.to_owned());
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

/// An error and its causes on one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
