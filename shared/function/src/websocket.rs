use std::collections::HashMap;

use serde::{Deserialize, Serialize};

/// An event of the WebSocket API: somebody connects or sends a message.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WebSocketEvent {
    request_context: RequestContext,
    #[serde(default)]
    headers: Option<HashMap<String, String>>,
    #[serde(default)]
    query_string_parameters: Option<HashMap<String, String>>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RequestContext {
    #[serde(default)]
    route_key: String,
    #[serde(default)]
    request_id: String,
    #[serde(default)]
    connection_id: String,
    #[serde(default)]
    identity: Identity,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Identity {
    #[serde(default)]
    source_ip: Option<String>,
}

impl WebSocketEvent {
    pub(crate) fn is_routed(&self) -> bool {
        self.route().starts_with('$')
    }

    /// `$connect`, `$default` or `$disconnect`.
    #[must_use]
    pub fn route(&self) -> &str {
        &self.request_context.route_key
    }

    /// What API Gateway calls the event.
    pub(crate) fn api_request_id(&self) -> &str {
        &self.request_context.request_id
    }

    /// What API Gateway calls the connection.
    pub(crate) fn connection_id(&self) -> &str {
        &self.request_context.connection_id
    }

    /// A header of the request to connect; `name` in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let headers = self.headers.as_ref()?;
        headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// An argument of the address to connect to.
    #[must_use]
    pub fn argument(&self, name: &str) -> Option<&str> {
        self.query_string_parameters.as_ref()?.get(name).map(String::as_str)
    }

    /// The message, if it is text.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        self.body.as_deref().filter(|_| !self.is_base64_encoded)
    }

    /// The address that the connection came from, as API Gateway saw it.
    #[must_use]
    pub fn source_address(&self) -> &str {
        self.request_context.identity.source_ip.as_deref().unwrap_or_default()
    }
}

/// What API Gateway is told: whether a connection may be made, or what to send back.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WebSocketReply {
    status_code: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
    #[serde(skip)]
    pub(crate) outcome: Option<(&'static str, i64)>,
}

impl WebSocketReply {
    /// The connection may be made, or ends.
    #[must_use]
    pub const fn accepted() -> Self {
        Self { status_code: 200, body: None, outcome: None }
    }

    /// There will be no connection.
    #[must_use]
    pub const fn refused() -> Self {
        Self { status_code: 401, body: None, outcome: None }
    }

    /// `body` goes back over the connection; `operation` and `status` go to the log.
    #[must_use]
    pub const fn message(operation: &'static str, status: i64, body: String) -> Self {
        Self { status_code: 200, body: Some(body), outcome: Some((operation, status)) }
    }

    pub(crate) const fn status_code(&self) -> u16 {
        self.status_code
    }
}
