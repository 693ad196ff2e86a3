use envelope::{Call, Failure, Status};
use lambda_http::{
    Request, RequestExt,
    http::{HeaderName, Method},
    request::RequestContext,
};

/// The request's method and path as the template names them: `POST /api/captcha`, `GET /api/get/portrait/{user_id}`.
///
/// This is what API Gateway matched. A method that the template gives a path no route for arrives as `ANY`.
#[must_use]
pub fn route(request: &Request) -> &str {
    match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => context.route_key.as_deref().unwrap_or_default(),
        _ => "",
    }
}

/// The path part of [`route`]: safe to log, because a caller's own values stand in it as names only.
pub(crate) fn template_path(request: &Request) -> &str {
    let route = route(request);
    route.split_once(' ').map_or(route, |(_, path)| path)
}

/// What API Gateway calls the request: Lambda has an id of its own for the invocation.
pub(crate) fn api_request_id(request: &Request) -> &str {
    match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => context.request_id.as_deref().unwrap_or_default(),
        _ => "",
    }
}

/// The `token` argument, or -100 when there is none.
pub fn token(request: &Request) -> Result<&str, Failure> {
    request
        .query_string_parameters_ref()
        .and_then(|arguments| arguments.first("token"))
        .ok_or(Failure::from(Status::MISSING_NECESSARY_ARGS))
}

/// The address that the request came from, as API Gateway saw it: never a header, which a caller can write.
#[must_use]
pub fn source_address(request: &Request) -> &str {
    match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => context.http.source_ip.as_deref().unwrap_or_default(),
        _ => "",
    }
}

/// The request's body as an envelope. A `GET` has none.
#[must_use]
pub fn call(request: &Request) -> Call<'_> {
    if request.method() == Method::GET { Call::get() } else { Call::parse(request.body().as_ref()) }
}

/// One of the values that the path's template names.
#[must_use]
pub fn path_parameter<'a>(request: &'a Request, name: &str) -> &'a str {
    request.path_parameters_ref().and_then(|parameters| parameters.first(name)).unwrap_or_default()
}

/// A header's value, when it is there and is text.
#[must_use]
pub fn header<'a>(request: &'a Request, name: &HeaderName) -> Option<&'a str> {
    request.headers().get(name)?.to_str().ok()
}
