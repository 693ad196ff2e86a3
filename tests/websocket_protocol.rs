//! The WebSocket API's connections as such: handshake, frames, limits and the end.

use reqwest::StatusCode;
use serde_json::json;
use tokio_tungstenite::tungstenite::{
    Message,
    protocol::{
        CloseFrame,
        frame::{
            Frame,
            coding::{Data, OpCode},
        },
    },
};

use crate::support::{Socket, World, send, socket_message};

const KEY: &str = "a-backend-key-of-some-length";
const FRAME: usize = 32 * 1024;

async fn connect() -> (World, Socket) {
    let world = World::with([("BACKEND_KEY", KEY)]).await;
    let socket = Socket::connect(&world, Some(KEY), "").await.expect("the key is right");
    (world, socket)
}

/// One frame of a text that may have several.
fn frame(text: &[u8], is_first: bool, is_last: bool) -> Message {
    let kind = if is_first { Data::Text } else { Data::Continue };
    Message::Frame(Frame::message(text.to_vec(), OpCode::Data(kind), is_last))
}

/// A good message that is this long.
fn long_message(length: usize) -> String {
    let message = socket_message("img", json!({})).to_string();
    " ".repeat(length - message.len()) + &message
}

async fn send_in_frames(socket: &mut Socket, text: &str, length: usize) {
    let frames: Vec<_> = text.as_bytes().chunks(length).collect();
    for (place, bytes) in frames.iter().enumerate() {
        socket.send(frame(bytes, place == 0, place + 1 == frames.len())).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_text_is_a_bad_message_and_the_connection_stays_open() {
    let (_world, mut socket) = connect().await;
    let good = socket_message("img", json!({})).to_string();
    let binary = |bytes: &[u8]| Message::binary(bytes.to_vec());
    for message in [
        frame(b"\xff\xfe\xfd", true, true),
        frame(b"{\"id\":\"\xc3\x28\"}", true, true),
        binary(b""),
        binary(b"\x00\xff\x89PNG"),
        binary(good.as_bytes()),
    ] {
        socket.send(message).await;
        socket.receive().await.fails(-1, "Error JSON key");
    }
    socket.send(frame(b"{\"id\":\"\xe4\xbd", true, false)).await;
    socket.send(frame(b"\xff\"}", false, true)).await;
    socket.receive().await.fails(-1, "Error JSON key");
    socket.ask_raw(good).await.ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_may_come_in_many_frames_with_pings_between_them() {
    let (_world, mut socket) = connect().await;
    let mut message = socket_message("img", json!({}));
    message["id"] = json!("你好");
    let text = message.to_string();
    // Of one byte each, so that no character is whole.
    for (place, byte) in text.bytes().enumerate() {
        socket.send(frame(&[byte], place == 0, place + 1 == text.len())).await;
        if place == 10 {
            socket.send(Message::Ping("between".into())).await;
        }
    }
    assert_eq!(socket.next().await, Some(Message::Pong("between".into())));
    let reply = socket.receive().await;
    reply.ok();
    assert_eq!(reply.body["id"], "你好");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frame_over_32_kilobytes_closes_the_connection() {
    let (world, mut socket) = connect().await;
    socket.ask_raw(long_message(FRAME)).await.ok();
    socket.send(long_message(FRAME + 1)).await;
    assert_eq!(socket.closed_with().await, 1009);
    let mut another = Socket::connect(&world, Some(KEY), "").await.expect("others go on");
    another.send(long_message(40 * 1024 * 1024)).await;
    assert_eq!(another.closed_with().await, 1009, "who still sends gets to know why");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_over_128_kilobytes_closes_the_connection() {
    let (_world, mut socket) = connect().await;
    send_in_frames(&mut socket, &long_message(4 * FRAME), FRAME).await;
    socket.receive().await.ok();
    send_in_frames(&mut socket, &long_message(4 * FRAME + 1), FRAME).await;
    assert_eq!(socket.closed_with().await, 1009);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_continuation_of_nothing_closes_the_connection() {
    let (_world, mut socket) = connect().await;
    socket.send(frame(b"{}", false, true)).await;
    assert_eq!(socket.closed_with().await, 1002);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pings_are_answered() {
    let (_world, mut socket) = connect().await;
    for payload in ["", "hello", &"x".repeat(125)] {
        socket.send(Message::Ping(payload.to_owned().into())).await;
        assert_eq!(socket.next().await, Some(Message::Pong(payload.to_owned().into())));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_close_is_answered_with_its_own_code_after_the_replies() {
    let (_world, mut socket) = connect().await;
    socket.send(socket_message("img", json!({})).to_string()).await;
    socket.send(Message::Close(Some(CloseFrame { code: 4000.into(), reason: "done".into() }))).await;
    socket.receive().await.ok();
    assert_eq!(socket.closed_with().await, 4000);
    assert_eq!(socket.next().await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stack_that_stops_says_so() {
    let (world, mut socket) = connect().await;
    let (code, ()) = tokio::join!(socket.closed_with(), world.stop());
    assert_eq!(code, 1001);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_without_an_upgrade_is_told_to_make_one() {
    let (world, _socket) = connect().await;
    for request in [world.http.get(world.url("/ws")), world.http.post(world.url("/ws")).body("{}")] {
        let response = send(request.header("x-api-key", KEY)).await;
        assert_eq!(response.status(), StatusCode::UPGRADE_REQUIRED);
        assert_eq!(response.headers()["upgrade"], "websocket");
    }
    let upgrade = world.http.get(world.url("/ws")).header("connection", "upgrade").header("upgrade", "websocket");
    let response = send(upgrade.header("x-api-key", KEY).header("sec-websocket-version", "8")).await;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
}
