use std::sync::Arc;

use fastwebsockets::upgrade::UpgradeFut;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::{
    InvokeError, WebSockets,
    event::{Connection, Event},
    frames::{Frames, GOING_AWAY, Message, Next},
};

/// A connection from the moment that the function accepted it.
pub(super) struct Session {
    websockets: Arc<WebSockets>,
    connection: Connection,
}

impl Session {
    pub(super) fn new(websockets: Arc<WebSockets>, connection: Connection) -> Self {
        Self { websockets, connection }
    }

    /// Answers messages, one after the other, until either side has had enough.
    pub(super) async fn run(self, upgrade: UpgradeFut, mut stopping: watch::Receiver<bool>) {
        if let Ok(socket) = upgrade.await {
            let mut frames = Frames::new(socket);
            if let Some(code) = self.talk(&mut frames, &mut stopping).await {
                frames.close(code).await;
            }
        }
        let _ = self.websockets.invoke(&self.connection, &Event::Disconnect).await;
    }

    /// Returns the code to close the connection with, if it is still there.
    async fn talk(&self, frames: &mut Frames, stopping: &mut watch::Receiver<bool>) -> Option<u16> {
        loop {
            let next = tokio::select! {
                next = frames.next() => next,
                _ = stopping.wait_for(|stopping| *stopping) => Next::Close(GOING_AWAY),
            };
            match next {
                Next::Message(message) => {
                    if let Some(answer) = self.answer(&message).await {
                        frames.send(answer).await.ok()?;
                    }
                }
                Next::Close(code) => return Some(code),
                Next::Gone => return None,
            }
        }
    }

    /// What goes back over the connection.
    async fn answer(&self, message: &Message) -> Option<String> {
        let event = Event::Message(message);
        let goes_back = self.websockets.api.routes.get(event.route_key()).is_some_and(|route| route.answers);
        match self.websockets.invoke(&self.connection, &event).await {
            Some(Ok(Value::String(body))) if goes_back => Some(body),
            Some(Ok(_) | Err(InvokeError::Refused(_))) => None,
            Some(Err(InvokeError::Failed(request_id))) => Some(self.failure("Internal server error", &request_id)),
            None => Some(self.failure("Forbidden", "")),
        }
    }

    /// A message of the gateway's own, in API Gateway's form.
    fn failure(&self, message: &str, request_id: &str) -> String {
        json!({"message": message, "connectionId": self.connection.id(), "requestId": request_id}).to_string()
    }
}
