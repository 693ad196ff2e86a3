use std::{borrow::Cow, collections::BTreeMap, net::SocketAddr};

use base64::{Engine, engine::general_purpose::STANDARD};
use hyper::{
    header::HeaderValue,
    http::{request::Parts, uri::Authority},
};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::frames::Message;
use crate::gateway::host;

/// What a function is told of.
pub(super) enum Event<'a> {
    /// This request wants a connection.
    Connect(&'a Parts),
    Message(&'a Message),
    Disconnect,
}

/// What the events of one connection have in common.
pub(super) struct Connection {
    id: String,
    stage: String,
    host: Authority,
    source_ip: String,
    user_agent: Option<String>,
    connected_at: i64,
}

/// One or more values of a header or an argument.
type Values<'a> = BTreeMap<Cow<'a, str>, Vec<Cow<'a, str>>>;

impl Event<'_> {
    pub(super) fn route_key(&self) -> &'static str {
        match self {
            Self::Connect(_) => "$connect",
            // API Gateway chooses by the template's route selection expression, and takes this for want of another.
            Self::Message(_) => "$default",
            Self::Disconnect => "$disconnect",
        }
    }
}

impl Connection {
    /// `None` when the request names no host.
    pub(super) fn new(id: [u8; 11], stage: &str, parts: &Parts, peer: SocketAddr, now: Timestamp) -> Option<Self> {
        Some(Self {
            id: STANDARD.encode(id),
            stage: stage.to_owned(),
            host: host(parts)?.parse().ok()?,
            source_ip: peer.ip().to_canonical().to_string(),
            user_agent: parts.headers.get("user-agent").map(|value| text(value).into_owned()),
            connected_at: now.as_millisecond(),
        })
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// API Gateway's event for a WebSocket API. `unique` makes the ids that a message and a trace have.
    pub(super) fn event(&self, event: &Event<'_>, request_id: &str, unique: [u8; 12], now: Timestamp) -> Value {
        let mut context = json!({
            "routeKey": event.route_key(),
            "eventType": match event {
                Event::Connect(_) => "CONNECT",
                Event::Message(_) => "MESSAGE",
                Event::Disconnect => "DISCONNECT",
            },
            "messageDirection": "IN",
            "connectionId": self.id,
            "connectedAt": self.connected_at,
            "requestId": request_id,
            "extendedRequestId": request_id,
            "requestTime": now.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string(),
            "requestTimeEpoch": now.as_millisecond(),
            "apiId": "local",
            "domainName": self.host.host(),
            "stage": self.stage,
            "identity": { "sourceIp": self.source_ip },
        });
        if let Some(user_agent) = &self.user_agent {
            context["identity"]["userAgent"] = json!(user_agent);
        }
        match event {
            Event::Connect(parts) => self.connect(parts, &context, unique, now),
            Event::Message(message) => {
                context["messageId"] = json!(STANDARD.encode(unique));
                let (body, is_base64_encoded) = match message {
                    Message::Text(text) => (Cow::Borrowed(text.as_str()), false),
                    Message::Bytes(bytes) => (Cow::Owned(STANDARD.encode(bytes)), true),
                };
                json!({ "requestContext": context, "body": body, "isBase64Encoded": is_base64_encoded })
            }
            Event::Disconnect => json!({ "requestContext": context, "isBase64Encoded": false }),
        }
    }

    fn connect(&self, parts: &Parts, context: &Value, trace: [u8; 12], now: Timestamp) -> Value {
        let mut headers = Values::new();
        for (name, value) in &parts.headers {
            headers.entry(Cow::Borrowed(name.as_str())).or_default().push(text(value));
        }
        // The gateway's own, whatever the caller sent under these names.
        for (name, value) in [
            ("host", self.host.to_string()),
            ("x-amzn-trace-id", format!("Root=1-{:08x}-{}", now.as_second(), hex::encode(trace))),
            ("x-forwarded-for", self.source_ip.clone()),
            ("x-forwarded-port", self.host.port_u16().unwrap_or(80).to_string()),
            ("x-forwarded-proto", "http".to_owned()),
        ] {
            headers.insert(Cow::Borrowed(name), vec![Cow::Owned(value)]);
        }
        let mut arguments = Values::new();
        for (name, value) in form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()) {
            arguments.entry(name).or_default().push(value);
        }
        let mut event = json!({
            "headers": last_of_each(&headers),
            "multiValueHeaders": headers,
            "requestContext": context,
            "isBase64Encoded": false,
        });
        if !arguments.is_empty() {
            event["queryStringParameters"] = last_of_each(&arguments);
            event["multiValueQueryStringParameters"] = json!(arguments);
        }
        event
    }
}

/// Of several values of one name, the last one counts.
fn last_of_each(values: &Values<'_>) -> Value {
    let last = values.iter().map(|(name, values)| (name.to_string(), json!(values.last())));
    Value::Object(last.collect::<Map<_, _>>())
}

/// Header bytes that are not UTF-8 are replaced: an event is JSON.
fn text(value: &HeaderValue) -> Cow<'_, str> {
    String::from_utf8_lossy(value.as_bytes())
}

#[cfg(test)]
mod tests {
    use hyper::Request;

    use super::*;

    fn connection(parts: &Parts) -> Option<Connection> {
        let (peer, now) = ("127.0.0.9:5000".parse().unwrap(), Timestamp::from_second(1_583_348_638).unwrap());
        Connection::new([7; 11], "ws", parts, peer, now)
    }

    fn parts(request: hyper::http::request::Builder) -> Parts {
        request.body(()).unwrap().into_parts().0
    }

    fn event(event: &Event<'_>) -> Value {
        let request = Request::get("/ws").header("Host", "localhost:8080").header("User-Agent", "test");
        let later = Timestamp::from_second(1_583_348_640).unwrap();
        connection(&parts(request)).unwrap().event(event, "id", [7; 12], later)
    }

    fn context(key: &str, kind: &str) -> Value {
        json!({
            "routeKey": key,
            "eventType": kind,
            "messageDirection": "IN",
            "connectionId": "BwcHBwcHBwcHBwc=",
            "connectedAt": 1_583_348_638_000_i64,
            "requestId": "id",
            "extendedRequestId": "id",
            "requestTime": "04/Mar/2020:19:04:00 +0000",
            "requestTimeEpoch": 1_583_348_640_000_i64,
            "apiId": "local",
            "domainName": "localhost",
            "stage": "ws",
            "identity": { "sourceIp": "127.0.0.9", "userAgent": "test" },
        })
    }

    #[test]
    fn who_connects_is_told_with_headers_and_arguments() {
        let request = Request::get("/ws?key=a&key=b%20c&x=")
            .header("Host", "localhost:8080")
            .header("X-Twice", "one")
            .header("X-Twice", "two")
            .header("X-Forwarded-For", "1.2.3.4");
        let trace = "Root=1-5e5ffba0-070707070707070707070707";
        assert_eq!(
            event(&Event::Connect(&parts(request))),
            json!({
                "headers": {
                    "host": "localhost:8080",
                    "x-amzn-trace-id": trace,
                    "x-forwarded-for": "127.0.0.9",
                    "x-forwarded-port": "8080",
                    "x-forwarded-proto": "http",
                    "x-twice": "two",
                },
                "multiValueHeaders": {
                    "host": ["localhost:8080"],
                    "x-amzn-trace-id": [trace],
                    "x-forwarded-for": ["127.0.0.9"],
                    "x-forwarded-port": ["8080"],
                    "x-forwarded-proto": ["http"],
                    "x-twice": ["one", "two"],
                },
                "queryStringParameters": { "key": "b c", "x": "" },
                "multiValueQueryStringParameters": { "key": ["a", "b c"], "x": [""] },
                "requestContext": context("$connect", "CONNECT"),
                "isBase64Encoded": false,
            })
        );
    }

    #[test]
    fn a_message_is_text_or_else_base64() {
        let mut context = context("$default", "MESSAGE");
        context["messageId"] = json!("BwcHBwcHBwcHBwcH");
        assert_eq!(
            event(&Event::Message(&Message::Text("你好".to_owned()))),
            json!({ "requestContext": context, "body": "你好", "isBase64Encoded": false })
        );
        assert_eq!(
            event(&Event::Message(&Message::Bytes(vec![0xff, 0]))),
            json!({ "requestContext": context, "body": "/wA=", "isBase64Encoded": true })
        );
    }

    #[test]
    fn the_end_of_a_connection_is_an_event_of_its_own() {
        let context = context("$disconnect", "DISCONNECT");
        assert_eq!(event(&Event::Disconnect), json!({ "requestContext": context, "isBase64Encoded": false }));
    }

    #[test]
    fn a_request_without_a_host_is_no_connection() {
        assert!(connection(&parts(Request::get("/ws"))).is_none());
        assert!(connection(&parts(Request::get("/ws").header("host", "a b"))).is_none());
    }
}
