use std::{borrow::Cow, collections::BTreeMap, net::SocketAddr};

use hyper::{
    HeaderMap, Uri, Version,
    header::{self, HeaderValue},
    http::{request::Parts, uri::Authority},
};
use jiff::Timestamp;
use serde::Serialize;
use url::Url;

use super::{body, host, router::Matched};

/// What of an event is not in the request.
pub(super) struct Context<'a> {
    pub(super) peer: SocketAddr,
    pub(super) request_id: &'a str,
    pub(super) now: Timestamp,
    pub(super) trace: [u8; 12],
}

/// A request that no event can be made of.
#[derive(Debug)]
pub(super) struct BadRequest;

/// API Gateway's event for an HTTP API, payload format 2.0.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Event<'a> {
    version: &'static str,
    route_key: &'a str,
    raw_path: &'a str,
    raw_query_string: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cookies: Vec<Cow<'a, str>>,
    headers: BTreeMap<&'a str, Cow<'a, str>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    query_string_parameters: BTreeMap<Cow<'a, str>, String>,
    request_context: RequestContext<'a>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    path_parameters: BTreeMap<&'a str, &'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<&'a str>,
    is_base64_encoded: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RequestContext<'a> {
    account_id: &'static str,
    api_id: &'static str,
    domain_name: &'a str,
    domain_prefix: &'a str,
    http: Http<'a>,
    request_id: &'a str,
    route_key: &'a str,
    stage: &'static str,
    time: String,
    time_epoch: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Http<'a> {
    method: &'a str,
    path: &'a str,
    protocol: &'static str,
    source_ip: String,
    user_agent: Cow<'a, str>,
}

/// The path as HTTP APIs show it to functions: percent-decoded.
pub(super) fn decoded_path(path: &str) -> Cow<'_, str> {
    percent_encoding::percent_decode_str(path).decode_utf8_lossy()
}

/// The event as the JSON text that Lambda hands to the function.
pub(super) fn build(
    parts: &Parts,
    path: &str,
    matched: &Matched<'_>,
    body: &[u8],
    context: &Context<'_>,
) -> Result<Vec<u8>, BadRequest> {
    let authority: Authority = host(parts).and_then(|host| host.parse().ok()).ok_or(BadRequest)?;
    let (host, domain) = (authority.as_str(), authority.host());
    let query = parts.uri.query().unwrap_or_default();
    if !makes_a_request(host, path, query) {
        return Err(BadRequest);
    }
    let source_ip = context.peer.ip().to_canonical().to_string();
    let trace = format!("Root=1-{:08x}-{}", context.now.as_second(), hex::encode(context.trace));
    let mut headers = headers(&parts.headers);
    // The gateway's own, whatever the caller sent under these names.
    headers.insert("host", Cow::Borrowed(host));
    headers.insert("x-amzn-trace-id", Cow::Owned(trace));
    headers.insert("x-forwarded-for", Cow::Borrowed(&source_ip));
    headers.insert("x-forwarded-port", Cow::Owned(authority.port_u16().unwrap_or(80).to_string()));
    headers.insert("x-forwarded-proto", Cow::Borrowed("http"));
    let (body_text, is_base64_encoded) = body::in_event(&parts.headers, body);
    let event = Event {
        version: "2.0",
        route_key: matched.key,
        raw_path: path,
        raw_query_string: query,
        cookies: cookies(&parts.headers),
        query_string_parameters: arguments(query),
        request_context: RequestContext {
            account_id: "000000000000",
            api_id: "local",
            domain_name: domain,
            domain_prefix: domain.split('.').next().unwrap_or_default(),
            http: Http {
                method: parts.method.as_str(),
                path,
                protocol: if parts.version == Version::HTTP_10 { "HTTP/1.0" } else { "HTTP/1.1" },
                source_ip: source_ip.clone(),
                user_agent: headers.get("user-agent").cloned().unwrap_or_default(),
            },
            request_id: context.request_id,
            route_key: matched.key,
            stage: "$default",
            time: context.now.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string(),
            time_epoch: context.now.as_millisecond(),
        },
        headers,
        path_parameters: matched.parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect(),
        body: body_text.as_deref(),
        is_base64_encoded,
    };
    let mut json = Vec::with_capacity(event.body.map_or(0, str::len) + 4096);
    serde_json::to_writer(&mut json, &event).map_err(|_| BadRequest)?;
    Ok(json)
}

/// Whether `lambda_http` can make its request of these. It panics where it cannot: at a host or a path that is none, or too
/// long an address. (What a query may not hold, the functions escape.) API Gateway lets none of these through.
fn makes_a_request(host: &str, path: &str, query: &str) -> bool {
    let url = Url::parse(&format!("http://{host}{path}")).ok().filter(|_| !host.contains('@'));
    url.is_some_and(|url| format!("{url}?{query}").parse::<Uri>().is_ok())
}

/// Lower-case names; the values of one name joined by commas; cookies apart.
fn headers(headers: &HeaderMap) -> BTreeMap<&str, Cow<'_, str>> {
    let names = headers.keys().filter(|name| *name != header::COOKIE);
    names.map(|name| (name.as_str(), joined(headers.get_all(name).iter()))).collect()
}

fn joined<'a>(mut values: impl Iterator<Item = &'a HeaderValue>) -> Cow<'a, str> {
    let first = values.next().map(text).unwrap_or_default();
    values.fold(first, |joined, value| Cow::Owned(format!("{joined},{}", text(value))))
}

/// Header bytes that are not UTF-8 are replaced: an event is JSON.
fn text(value: &HeaderValue) -> Cow<'_, str> {
    String::from_utf8_lossy(value.as_bytes())
}

fn cookies(headers: &HeaderMap) -> Vec<Cow<'_, str>> {
    let mut cookies = Vec::new();
    for value in headers.get_all(header::COOKIE) {
        match text(value) {
            Cow::Borrowed(text) => cookies.extend(split(text).map(Cow::Borrowed)),
            Cow::Owned(text) => cookies.extend(split(&text).map(|cookie| Cow::Owned(cookie.to_owned()))),
        }
    }
    cookies
}

fn split(cookies: &str) -> impl Iterator<Item = &str> {
    cookies.split(';').map(str::trim).filter(|cookie| !cookie.is_empty())
}

/// The query's arguments, decoded; the values of one name joined by commas.
fn arguments(query: &str) -> BTreeMap<Cow<'_, str>, String> {
    let mut arguments: BTreeMap<_, String> = BTreeMap::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        arguments
            .entry(name)
            .and_modify(|values| {
                values.push(',');
                values.push_str(&value);
            })
            .or_insert_with(|| value.clone().into_owned());
    }
    arguments
}

#[cfg(test)]
mod tests {
    use hyper::Request;
    use serde_json::{Value, json};

    use super::*;
    use crate::{gateway::Router, template::Template};

    fn event(request: hyper::http::request::Builder, body: &[u8]) -> Result<Value, BadRequest> {
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let router = Router::new(&Template::embedded().unwrap().routes().unwrap()).unwrap();
        let matched = router.find(parts.method.as_str(), parts.uri.path()).unwrap();
        let context = Context {
            peer: "127.0.0.9:5000".parse().unwrap(),
            request_id: "id",
            now: Timestamp::from_second(1_583_348_638).unwrap(),
            trace: [7; 12],
        };
        let path = decoded_path(parts.uri.path());
        build(&parts, &path, &matched, body, &context).map(|json| serde_json::from_slice(&json).unwrap())
    }

    #[test]
    fn a_request_becomes_the_event_that_api_gateway_sends() {
        let request = Request::post("/api/captcha?a=1&b=x%20y&a=2")
            .header("Host", "127.0.0.1:8080")
            .header("User-Agent", "test")
            .header("Content-Type", "application/json")
            .header("X-Twice", "one")
            .header("X-Twice", "two")
            .header("Cookie", "a=1; b=2")
            .header("X-Forwarded-For", "1.2.3.4")
            .header("X-Forwarded-Proto", "not a scheme");
        assert_eq!(
            event(request, br#"{"id":1}"#).unwrap(),
            json!({
                "version": "2.0",
                "routeKey": "POST /api/captcha",
                "rawPath": "/api/captcha",
                "rawQueryString": "a=1&b=x%20y&a=2",
                "cookies": ["a=1", "b=2"],
                "headers": {
                    "content-type": "application/json",
                    "host": "127.0.0.1:8080",
                    "user-agent": "test",
                    "x-amzn-trace-id": "Root=1-5e5ffb9e-070707070707070707070707",
                    "x-forwarded-for": "127.0.0.9",
                    "x-forwarded-port": "8080",
                    "x-forwarded-proto": "http",
                    "x-twice": "one,two",
                },
                "queryStringParameters": {"a": "1,2", "b": "x y"},
                "requestContext": {
                    "accountId": "000000000000",
                    "apiId": "local",
                    "domainName": "127.0.0.1",
                    "domainPrefix": "127",
                    "http": {
                        "method": "POST",
                        "path": "/api/captcha",
                        "protocol": "HTTP/1.1",
                        "sourceIp": "127.0.0.9",
                        "userAgent": "test",
                    },
                    "requestId": "id",
                    "routeKey": "POST /api/captcha",
                    "stage": "$default",
                    "time": "04/Mar/2020:19:03:58 +0000",
                    "timeEpoch": 1_583_348_638_000_i64,
                },
                "body": "{\"id\":1}",
                "isBase64Encoded": false,
            })
        );
    }

    #[test]
    fn a_method_without_a_route_of_its_own_arrives_as_any() {
        let event = event(Request::delete("/api/captcha").header("host", "h"), b"").unwrap();
        assert_eq!(event["routeKey"], "ANY /api/captcha");
        assert_eq!(event["requestContext"]["http"]["method"], "DELETE");
    }

    #[test]
    fn path_parameters_and_the_path_are_percent_decoded() {
        let event = event(Request::get("/get/portrait/%E4%BD%A0%3F").header("host", "h"), b"").unwrap();
        assert_eq!(event["pathParameters"], json!({"user_id": "你?"}));
        assert_eq!(event["rawPath"], "/get/portrait/你?");
    }

    #[test]
    fn a_picture_is_base64() {
        let request = Request::post("/api/captcha").header("host", "h").header("content-type", "image/png");
        let event = event(request, b"\x89PNG").unwrap();
        assert_eq!((&event["body"], &event["isBase64Encoded"]), (&json!("iVBORw=="), &json!(true)));
    }

    #[test]
    fn a_host_that_is_not_one_is_refused() {
        for host in ["", "a b", "user@host", "[", "h:port", "h/p", "1.2.3.999", "%zz", "h?q"] {
            assert!(event(Request::get("/api/captcha").header("host", host), b"").is_err(), "{host:?}");
        }
        assert!(event(Request::get("/api/captcha"), b"").is_err(), "HTTP/1.1 needs one");
        assert!(event(Request::get("/api/captcha").version(Version::HTTP_10), b"").is_ok(), "HTTP/1.0 does not");
        let twice = Request::get("/api/captcha").header("host", "h").header("host", "h");
        assert!(event(twice, b"").is_err());
    }

    #[test]
    fn header_bytes_that_are_not_text_are_replaced() {
        let value = HeaderValue::from_bytes(b"caf\xe9").unwrap();
        let event = event(Request::get("/api/captcha").header("host", "h").header("x-name", value), b"").unwrap();
        assert_eq!(event["headers"]["x-name"], "caf\u{fffd}");
    }
}
