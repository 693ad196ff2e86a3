//! API Gateway's WebSocket API, as far as a function or a caller can tell: somebody connects, each message becomes an
//! event, and what the function returns goes back over the connection.

mod event;
mod frames;
mod session;

use std::{net::SocketAddr, sync::Arc};

use environment::{Clock, Random};
use fastwebsockets::upgrade::{is_upgrade_request, upgrade};
use hyper::{
    Method, Request, StatusCode,
    body::Incoming,
    header::{self, HeaderValue},
};
use serde_json::Value;
use tokio::sync::watch;

use self::{
    event::{Connection, Event},
    session::Session,
};
use crate::{
    functions::Functions,
    gateway::{Reply, message},
    server::GRACE,
    template::WebSocketApi,
    uuid,
};

/// The WebSocket API in front of the functions.
pub(crate) struct WebSockets {
    api: WebSocketApi,
    functions: Arc<Functions>,
    clock: Clock,
    random: Random,
    /// Every session listens for its end, so that this also knows when the last one is over.
    stopping: watch::Sender<bool>,
}

impl WebSockets {
    pub(crate) fn new(api: WebSocketApi, functions: Arc<Functions>, clock: Clock, random: Random) -> Self {
        Self { api, functions, clock, random, stopping: watch::Sender::new(false) }
    }

    /// Whether `path` is the API's address, which is its stage as on AWS.
    pub(crate) fn serves(&self, path: &str) -> bool {
        path.strip_prefix('/') == Some(&self.api.stage)
    }

    /// Answers a request to connect that came from `peer`. The function decides about it.
    pub(crate) async fn answer(self: &Arc<Self>, mut request: Request<Incoming>, peer: SocketAddr) -> Reply {
        if request.method() != Method::GET || !is_upgrade_request(&request) {
            return upgrade_required();
        }
        let Ok((response, upgrade)) = upgrade(&mut request) else {
            return message(StatusCode::BAD_REQUEST, "Bad Request");
        };
        let (parts, _) = request.into_parts();
        let id = self.random.bytes::<11>();
        let Some(connection) = Connection::new(id, &self.api.stage, &parts, peer, self.clock.now()) else {
            return message(StatusCode::BAD_REQUEST, "Bad Request");
        };
        if let Some(Err(error)) = self.invoke(&connection, &Event::Connect(&parts)).await {
            return match error {
                InvokeError::Refused(status) => message(status, status.canonical_reason().unwrap_or_default()),
                InvokeError::Failed(_) => message(StatusCode::BAD_GATEWAY, "Bad Gateway"),
            };
        }
        tokio::spawn(Session::new(Arc::clone(self), connection).run(upgrade, self.stopping.subscribe()));
        response.map(|_| http_body_util::Full::default())
    }

    /// Ends all sessions, and waits for them, but not for ever.
    pub(crate) async fn stop(&self) {
        self.stopping.send_replace(true);
        let _ = tokio::time::timeout(GRACE, self.stopping.closed()).await;
    }

    /// Hands an event to the function that the template names for it. `None` when it names none.
    async fn invoke(&self, connection: &Connection, event: &Event<'_>) -> Option<Result<Value, InvokeError>> {
        let key = event.route_key();
        let route = self.api.routes.get(key)?;
        let request_id = uuid(&self.random);
        let json = connection.event(event, &request_id, self.random.bytes(), self.clock.now());
        let functions = Arc::clone(&self.functions);
        let mut answered = functions
            .invoke(route.function.clone(), json.to_string().into_bytes())
            .await
            .and_then(|answer| Ok((status(&answer).ok_or("the answer is not a response")?, answer)));
        if let Err(error) = &answered {
            tracing::error!(request_id, route = key, error, "a function failed");
        }
        Some(match answered.as_mut() {
            Ok((status, answer)) if status.is_success() => Ok(answer["body"].take()),
            Ok((status, _)) => Err(InvokeError::Refused(*status)),
            Err(_) => Err(InvokeError::Failed(request_id)),
        })
    }
}

/// Why an event has no answer.
enum InvokeError {
    /// The function says no, which matters to who wants to connect.
    Refused(StatusCode),
    /// The function failed; this is the id of the request.
    Failed(String),
}

fn status(answer: &Value) -> Option<StatusCode> {
    let status = u16::try_from(answer["statusCode"].as_u64()?).ok()?;
    StatusCode::from_u16(status).ok()
}

fn upgrade_required() -> Reply {
    let mut reply = message(StatusCode::UPGRADE_REQUIRED, "Upgrade Required");
    reply.headers_mut().insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    reply.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    reply
}
