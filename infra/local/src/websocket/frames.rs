use std::time::Duration;

use fastwebsockets::{Frame, OpCode, WebSocket, WebSocketError};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

// API Gateway's quotas.
const FRAME_LIMIT: usize = 32 * 1024;
const MESSAGE_LIMIT: usize = 128 * 1024;

/// How long, and for how many bytes, a connection that was closed is still read from.
const FAREWELL: Duration = Duration::from_secs(2);
const FAREWELL_LIMIT: u64 = 64 * 1024 * 1024;

// Close codes of RFC 6455.
const NORMAL: u16 = 1000;
pub(super) const GOING_AWAY: u16 = 1001;
const PROTOCOL_ERROR: u16 = 1002;
const TOO_BIG: u16 = 1009;

/// What came over a connection.
pub(super) enum Next {
    Message(Message),
    /// It is to be closed with this code.
    Close(u16),
    /// The other side is not there any more.
    Gone,
}

/// A whole message.
pub(super) enum Message {
    Text(String),
    Bytes(Vec<u8>),
}

/// The frames of one connection.
pub(super) struct Frames(WebSocket<TokioIo<Upgraded>>);

impl Frames {
    pub(super) fn new(mut socket: WebSocket<TokioIo<Upgraded>>) -> Self {
        socket.set_auto_close(false);
        // The library's limit is the first size that is too large.
        socket.set_max_message_size(FRAME_LIMIT + 1);
        Self(socket)
    }

    /// Puts the frames of one message together. Pings are answered on the way.
    pub(super) async fn next(&mut self) -> Next {
        let mut begun: Option<(OpCode, Vec<u8>)> = None;
        loop {
            let frame = match self.0.read_frame().await {
                Ok(frame) => frame,
                // The library keeps text that is none to itself, and goes on with the next frame. Such text is a bad
                // message, which must not close the connection.
                Err(WebSocketError::InvalidUTF8) if begun.is_none() => {
                    return Next::Message(Message::Bytes(Vec::new()));
                }
                Err(WebSocketError::FrameTooLarge) => return Next::Close(TOO_BIG),
                Err(WebSocketError::UnexpectedEOF | WebSocketError::IoError(_)) => return Next::Gone,
                Err(_) => return Next::Close(PROTOCOL_ERROR),
            };
            let (kind, mut bytes) = match (frame.opcode, begun.take()) {
                (OpCode::Text | OpCode::Binary, None) => (frame.opcode, Vec::new()),
                (OpCode::Continuation, Some(begun)) => begun,
                (OpCode::Ping | OpCode::Pong, unchanged) => {
                    begun = unchanged;
                    continue;
                }
                (OpCode::Close, _) => return Next::Close(code(&frame.payload)),
                _ => return Next::Close(PROTOCOL_ERROR),
            };
            if bytes.len() + frame.payload.len() > MESSAGE_LIMIT {
                return Next::Close(TOO_BIG);
            }
            bytes.extend_from_slice(&frame.payload);
            if frame.fin {
                return Next::Message(Message::of(kind, bytes));
            }
            begun = Some((kind, bytes));
        }
    }

    pub(super) async fn send(&mut self, text: String) -> Result<(), WebSocketError> {
        self.0.write_frame(Frame::text(text.into_bytes().into())).await
    }

    /// Closes the connection with this code.
    pub(super) async fn close(mut self, code: u16) {
        let closing = async {
            self.0.write_frame(Frame::close(code, b"")).await?;
            let mut stream = self.0.into_inner();
            stream.shutdown().await?;
            // Whoever still sends to a socket that is gone may never get to read why.
            tokio::io::copy(&mut stream.take(FAREWELL_LIMIT), &mut tokio::io::sink()).await?;
            Ok::<_, WebSocketError>(())
        };
        let _ = tokio::time::timeout(FAREWELL, closing).await;
    }
}

impl Message {
    fn of(kind: OpCode, bytes: Vec<u8>) -> Self {
        if kind != OpCode::Text {
            return Self::Bytes(bytes);
        }
        String::from_utf8(bytes).map_or_else(|error| Self::Bytes(error.into_bytes()), Self::Text)
    }
}

/// The code to answer a close frame with: its own, if it has one.
fn code(payload: &[u8]) -> u16 {
    payload.first_chunk().map_or(NORMAL, |code| u16::from_be_bytes(*code))
}
