use futures_util::{SinkExt, StreamExt};
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{self, Message, client::IntoClientRequest},
};

use super::World;

/// A trusted backend's connection to the WebSocket API.
pub struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

/// A reply of the WebSocket API, and its text as it came.
pub struct SocketReply {
    pub text: String,
    pub body: Value,
}

impl Socket {
    /// Connects with a `key` in the `x-api-key` header; `query` follows the path. `Err` is what the handshake was
    /// refused with.
    pub async fn connect(world: &World, key: Option<&str>, query: &str) -> Result<Self, StatusCode> {
        let url = format!("{}{query}", world.url("/ws").replace("http://", "ws://"));
        let mut request = url.into_client_request().expect("an address");
        if let Some(key) = key {
            request.headers_mut().insert("x-api-key", key.parse().expect("a header's value"));
        }
        match connect_async(request).await {
            Ok((socket, _)) => Ok(Self(socket)),
            Err(tungstenite::Error::Http(response)) => Err(response.status()),
            Err(error) => panic!("the handshake is answered: {error}"),
        }
    }

    pub async fn send(&mut self, message: impl Into<Message>) {
        self.0.send(message.into()).await.expect("the connection is open");
    }

    /// What comes next, whatever it is. `None` when the connection is over.
    pub async fn next(&mut self) -> Option<Message> {
        self.0.next().await.and_then(Result::ok)
    }

    /// The next message, which must be text.
    pub async fn receive_text(&mut self) -> String {
        match self.next().await {
            Some(Message::Text(text)) => text.to_string(),
            other => panic!("a text, not {other:?}"),
        }
    }

    /// The next message, which must be a reply.
    pub async fn receive(&mut self) -> SocketReply {
        let text = self.receive_text().await;
        let body: Value = serde_json::from_str(&text).expect("a reply is JSON");
        for key in ["id", "status", "errmsg", "data"] {
            assert!(body.get(key).is_some(), "{key} is missing in {text}");
        }
        SocketReply { text, body }
    }

    /// Sends a text, whatever it is, and waits for the reply.
    pub async fn ask_raw(&mut self, text: impl Into<String>) -> SocketReply {
        self.send(text.into()).await;
        self.receive().await
    }

    /// The same with an operation in the usual envelope; its id is the text "1".
    pub async fn ask(&mut self, subtype: &str, data: Value) -> SocketReply {
        self.ask_raw(message(subtype, data).to_string()).await
    }

    /// The code that the other side closes with. Whatever else comes before is ignored.
    pub async fn closed_with(&mut self) -> u16 {
        loop {
            match self.next().await {
                Some(Message::Close(frame)) => return frame.expect("a close frame with a code").code.into(),
                Some(_) => {}
                None => panic!("the connection ended without a close frame"),
            }
        }
    }
}

impl SocketReply {
    /// The data of a reply that must be a success.
    #[track_caller]
    pub fn ok(&self) -> &Value {
        assert_eq!((&self.body["status"], &self.body["errmsg"]), (&json!("0"), &json!("successful")), "{}", self.text);
        &self.body["data"]
    }

    /// The reply must have exactly this status and text, and no data.
    #[track_caller]
    pub fn fails(&self, status: i64, errmsg: &str) {
        assert_eq!((&self.body["status"], &self.body["errmsg"]), (&json!(status), &json!(errmsg)), "{}", self.text);
        assert_eq!(self.body["data"], json!({}), "a failure has no data");
    }
}

/// The usual envelope.
pub fn message(subtype: &str, mut data: Value) -> Value {
    data["action"] = json!("generate");
    json!({ "id": "1", "status": "", "type": "captcha", "subtype": subtype, "data": data })
}
