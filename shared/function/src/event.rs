use lambda_http::{aws_lambda_events::apigw::ApiGatewayV2httpRequest, request::LambdaRequest};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::{Deserialize, Deserializer, de::Error};
use serde_json::value::RawValue;

use crate::WebSocketEvent;

/// An event that one of the functions can be invoked with.
pub enum Event {
    /// A request from the HTTP API (payload format 2.0).
    Http(Box<LambdaRequest>),
    /// A connection or a message of the WebSocket API.
    WebSocket(Box<WebSocketEvent>),
    /// A tick of a schedule.
    Scheduled,
}

/// What no address may hold as it is, and `lambda_http` panics at.
const NOT_IN_A_QUERY: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>');

/// What tells a scheduled event from others.
#[derive(Deserialize)]
struct Source {
    source: String,
}

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let event = Box::<RawValue>::deserialize(deserializer)?;
        // Nearly every event is a request, and some carry megabytes: it is tried first, and parsed once.
        match serde_json::from_str::<ApiGatewayV2httpRequest>(event.get()) {
            Ok(mut request) => {
                // Whoever sent such a character meant it: it is escaped for them.
                request.raw_query_string =
                    request.raw_query_string.map(|query| utf8_percent_encode(&query, NOT_IN_A_QUERY).to_string());
                Ok(Self::Http(Box::new(LambdaRequest::ApiGatewayV2(request))))
            }
            Err(error) => rare(event.get()).ok_or_else(|| D::Error::custom(error)),
        }
    }
}

fn rare(event: &str) -> Option<Event> {
    if let Ok(Source { source }) = serde_json::from_str(event) {
        return matches!(source.as_str(), "aws.scheduler" | "aws.events").then_some(Event::Scheduled);
    }
    let event: WebSocketEvent = serde_json::from_str(event).ok()?;
    event.is_routed().then(|| Event::WebSocket(Box::new(event)))
}

#[cfg(test)]
mod tests {
    use lambda_http::RequestExt;

    use super::*;

    #[test]
    fn a_tick_of_event_bridge_is_a_scheduled_event() {
        let tick = r#"{"version":"0","detail-type":"Scheduled Event","source":"aws.events","detail":{}}"#;
        assert!(matches!(serde_json::from_str(tick), Ok(Event::Scheduled)));
    }

    #[test]
    fn a_connection_of_the_websocket_api_is_known_by_its_route() {
        let connect = r#"{"requestContext":{"routeKey":"$connect","eventType":"CONNECT"},"isBase64Encoded":false}"#;
        assert!(matches!(serde_json::from_str(connect), Ok(Event::WebSocket(_))));
    }

    #[test]
    fn characters_that_no_address_may_hold_are_what_their_sender_meant() {
        let query = " \"#<>é\u{7f}%22+";
        let event = serde_json::json!({
            "rawPath": "/api/user/doki",
            "rawQueryString": format!("token={query}"),
            "headers": { "host": "example.org" },
            "requestContext": { "http": { "method": "GET" } },
            "isBase64Encoded": false,
        });
        let Ok(Event::Http(request)) = serde_json::from_str(&event.to_string()) else { panic!("it is a request") };
        let request = lambda_http::Request::from(*request);
        let arguments = request.query_string_parameters();
        assert_eq!(arguments.first("token"), Some(" \"#<>é\u{7f}\" "));
    }

    #[test]
    fn an_event_of_another_kind_is_refused() {
        assert!(serde_json::from_str::<Event>(r#"{"source":"somewhere.else"}"#).is_err());
    }
}
