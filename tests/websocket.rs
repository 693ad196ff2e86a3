//! Trusted backends over WebSocket (seed 001): who gets a connection, and what comes back over it.

use std::collections::HashMap;

use futures_util::future::join_all;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::{Secrets, Socket, World, socket_message};

const KEY: &str = "a-backend-key-of-some-length";
const NO_SUCH_PHONE: &str = "手机号不存在";

async fn world() -> World {
    World::with([("BACKEND_KEY", KEY)]).await
}

async fn connect(world: &World) -> Socket {
    Socket::connect(world, Some(KEY), "").await.expect("the key is right")
}

async fn refused(world: &World, key: Option<&str>, query: &str) -> Option<StatusCode> {
    Socket::connect(world, key, query).await.err()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_key_opens_a_connection_from_the_header_or_from_the_address() {
    let world = world().await;
    for (key, query) in [(Some(KEY), String::new()), (None, format!("?key={KEY}")), (Some("x"), format!("?key={KEY}"))]
    {
        let mut socket = Socket::connect(&world, key, &query).await.expect("the key is right");
        socket.ask("img", json!({})).await.ok();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_does_not_show_the_key_gets_no_connection() {
    let world = world().await;
    let wrong = [&KEY[..KEY.len() - 1], &format!("{KEY}x"), &KEY.to_uppercase(), "", "undefined"].map(str::to_owned);
    assert_eq!(refused(&world, None, "").await, Some(StatusCode::UNAUTHORIZED));
    assert_eq!(refused(&world, None, &format!("?token={KEY}")).await, Some(StatusCode::UNAUTHORIZED));
    assert_eq!(refused(&world, None, &format!("?Key={KEY}")).await, Some(StatusCode::UNAUTHORIZED));
    for key in &wrong {
        assert_eq!(refused(&world, Some(key), "").await, Some(StatusCode::UNAUTHORIZED), "{key:?}");
        assert_eq!(refused(&world, None, &format!("?key={key}")).await, Some(StatusCode::UNAUTHORIZED), "{key:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_backend_key_nobody_gets_a_connection() {
    for world in [World::new().await, World::with([("BACKEND_KEY", "")]).await] {
        for (key, query) in [(None, ""), (Some(""), ""), (None, "?key="), (None, "?key"), (Some(KEY), "?key=null")] {
            assert_eq!(refused(&world, key, query).await, Some(StatusCode::UNAUTHORIZED), "{key:?} {query}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_image_code_comes_with_its_text_and_the_name_of_its_picture() {
    let world = world().await;
    let mut socket = connect(&world).await;
    let reply = socket.ask("img", json!({})).await;
    let data = reply.ok().as_object().unwrap();
    assert_eq!(data.keys().collect::<Vec<_>>(), ["addr", "title"]);
    let (title, addr) = (data["title"].as_str().unwrap(), data["addr"].as_str().unwrap());
    assert!(title.len() == 5 && title.bytes().all(|c| c.is_ascii_alphanumeric()), "{title}");
    assert!(!title.contains(['0', 'O', '1', 'I', 'l']), "{title}");
    assert!(addr.strip_suffix(".png").is_some_and(domain::is_md5_hex), "{addr}");

    let picture = world.get_raw(&format!("/captcha/{addr}")).await;
    assert_eq!(picture.status(), StatusCode::OK);
    assert_eq!(picture.headers()["content-type"], "image/png");
    assert!(picture.bytes().await.unwrap().starts_with(b"\x89PNG\r\n\x1a\n"));
    world.advance(290).await;
    assert_eq!(world.get_raw(&format!("/captcha/{addr}")).await.status(), StatusCode::OK);
    world.advance(10).await;
    assert_eq!(world.get_raw(&format!("/captcha/{addr}")).await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_sms_code_has_four_digits_and_reaches_the_phone() {
    let world = world().await;
    let mut socket = connect(&world).await;
    let phone = World::phone();
    let reply = socket.ask("sms", json!({ "phone": phone })).await;
    assert_eq!(reply.ok().as_object().unwrap().len(), 1, "{}", reply.text);
    let title = reply.ok()["title"].as_str().unwrap();
    assert!(title.len() == 4 && title.bytes().all(|c| c.is_ascii_digit()), "{title}");
    assert_eq!(world.code(&phone).await, title);
    assert_eq!(world.messages(&phone).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_id_comes_back_exactly_as_it_was_sent() {
    let world = world().await;
    let mut socket = connect(&world).await;
    for id in [
        "1",
        "-7",
        "\"123456\"",
        "\"事件ID\"",
        r#""\u4e8b\n""#,
        "\"\"",
        "null",
        "true",
        "1.50",
        "1e400",
        "123456789012345678901234567890",
        "[1, 2]",
        r#"{"b": 1, "a": {"id": 2}}"#,
    ] {
        let good = format!(r#"{{"id":{id},"type":"captcha","subtype":"img","data":{{"action":"generate"}}}}"#);
        let bad = format!(r#"{{"id": {id} ,"type":"captcha"}}"#);
        for message in [good, bad] {
            socket.send(message).await;
            let reply = socket.receive_text().await;
            assert!(reply.contains(&format!(r#""id":{id},"#)), "{id}: {reply}");
        }
    }
    let long = "x".repeat(20_000);
    let reply = socket.ask_raw(json!({ "id": long }).to_string()).await;
    assert_eq!(reply.body["id"], long);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_without_an_id_is_answered_with_null() {
    let world = world().await;
    let mut socket = connect(&world).await;
    let mut message = socket_message("img", json!({}));
    message.as_object_mut().unwrap().remove("id");
    let reply = socket.ask_raw(message.to_string()).await;
    reply.ok();
    assert_eq!(reply.body["id"], Value::Null);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phone_that_is_none_does_not_exist() {
    let world = world().await;
    let mut socket = connect(&world).await;
    for phone in [
        json!(""),
        json!("1390000000"),
        json!("139000000000"),
        json!("12900000000"),
        json!(" 13900000000"),
        json!("+8613900000000"),
        json!("１３９００００００００"),
        json!("13900000000\n"),
        json!(13_900_000_000_i64),
        json!(null),
        json!(["13900000000"]),
        json!({ "phone": "13900000000" }),
    ] {
        socket.ask("sms", json!({ "phone": phone })).await.fails(1000, NO_SUCH_PHONE);
    }
    assert!(world.messages("13900000000").await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bad_message_is_answered_and_the_connection_stays_open() {
    let world = world().await;
    let mut socket = connect(&world).await;
    let nested = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let deep = format!(r#"{{"type":"captcha","subtype":"img","data":{nested}}}"#);
    for text in [
        "",
        "hello",
        "[]",
        "1",
        "null",
        "\"captcha\"",
        "{",
        "{\"id\":1",
        "{}",
        "\0",
        "{\"id\":1} {\"id\":2}",
        r#"{"type":"captcha","subtype":"img"}"#,
        r#"{"type":"captcha","data":{"action":"generate"}}"#,
        r#"{"subtype":"img","data":{"action":"generate"}}"#,
        r#"{"type":"captcha","subtype":"img","data":{}}"#,
        r#"{"type":"captcha","subtype":"sms","data":{"action":"generate"}}"#,
        &nested,
    ] {
        socket.ask_raw(text).await.fails(-1, "Error JSON key");
    }
    for text in [
        r#"{"type":"user","subtype":"img","data":{"action":"generate"}}"#,
        r#"{"type":"captcha","subtype":"voice","data":{"action":"generate"}}"#,
        r#"{"type":"captcha","subtype":"img","data":{"action":"validate"}}"#,
        r#"{"type":"captcha","subtype":"img","data":{"action":1}}"#,
        r#"{"type":1,"subtype":"img","data":{"action":"generate"}}"#,
        r#"{"type":"captcha","subtype":null,"data":{"action":"generate"}}"#,
        r#"{"type":"captcha","subtype":"img","data":[]}"#,
        r#"{"type":"captcha","subtype":"img","data":"generate"}"#,
        r#"{"type":"captcha","subtype":"img","data":null}"#,
        &deep,
    ] {
        socket.ask_raw(text).await.fails(-2, "Error JSON value");
    }
    socket.ask("img", json!({})).await.ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replies_to_fifty_messages_at_once_come_in_their_order() {
    let world = world().await;
    let mut socket = connect(&world).await;
    for id in 0..50 {
        let mut message = socket_message("img", json!({}));
        message["id"] = json!(id);
        if id % 7 == 3 {
            message["type"] = json!("user");
        }
        socket.send(message.to_string()).await;
    }
    for id in 0..50 {
        let reply = socket.receive().await;
        assert_eq!(reply.body["id"], id);
        assert_eq!(reply.body["status"], if id % 7 == 3 { json!(-2) } else { json!("0") });
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_connection_gets_its_own_replies() {
    let world = world().await;
    let talk = async |name: usize| {
        let mut socket = connect(&world).await;
        for round in 0..5 {
            let mut message = socket_message("img", json!({}));
            message["id"] = json!([name, round]);
            let reply = socket.ask_raw(message.to_string()).await;
            reply.ok();
            assert_eq!(reply.body["id"], json!([name, round]));
        }
    };
    join_all((0..8).map(talk)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_limits_of_a_phone_hold_here_too() {
    let world = world().await;
    let mut socket = connect(&world).await;
    let phone = World::phone();
    let half_minute = "单个手机号30秒内下发短信条数超过设定的上限";
    socket.ask("sms", json!({ "phone": phone })).await.ok();
    socket.ask("sms", json!({ "phone": phone })).await.fails(1023, half_minute);
    world.call("/api/captcha", "sms/generate", json!({ "phone": phone })).await.fails(1023, half_minute);
    for _ in 0..4 {
        world.advance(31).await;
        socket.ask("sms", json!({ "phone": phone })).await.ok();
    }
    world.advance(31).await;
    let hour = "单个手机号1小时内下发短信条数超过设定的上限";
    socket.ask("sms", json!({ "phone": phone })).await.fails(1024, hour);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_limits_of_an_address_and_of_a_day_hold_here_too() {
    let world = World::with([("BACKEND_KEY", KEY), ("SMS_PER_SOURCE_PER_HOUR", "2"), ("SMS_PER_DAY", "3")]).await;
    let mut socket = connect(&world).await;
    socket.ask("sms", json!({ "phone": World::phone() })).await.ok();
    world.call("/api/captcha", "sms/generate", json!({ "phone": World::phone() })).await.ok();
    socket.ask("sms", json!({ "phone": World::phone() })).await.fails(1013, "短信请求频率过高");
    world.advance(3600).await;
    socket.ask("sms", json!({ "phone": World::phone() })).await.ok();
    let budget = "业务短信日下发条数超过设定的上限";
    socket.ask("sms", json!({ "phone": World::phone() })).await.fails(1022, budget);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn faults_are_answered_and_pass() {
    let world = world().await;
    let mut socket = connect(&world).await;
    let phone = World::phone();
    world.stack.sms().unwrap().fail_next(1);
    socket.ask("sms", json!({ "phone": phone })).await.fails(1008, "短信服务请求超时");
    world.stack.dynamodb().unwrap().set_available(false).await.unwrap();
    socket.ask("img", json!({})).await.fails(-404, "Unknown Error");
    world.stack.dynamodb().unwrap().set_available(true).await.unwrap();
    socket.ask("img", json!({})).await.ok();
    socket.ask("sms", json!({ "phone": phone })).await.ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_log_tells_the_key_or_a_code() {
    let directory = tempfile::tempdir().unwrap();
    let world = World::process(directory.path(), [("BACKEND_KEY", KEY), ("LOG_LEVEL", "trace")]).await;
    let (phone, wrong) = (World::phone(), "another-key-of-some-length");
    let mut secrets = Secrets::new([KEY, wrong, &phone]);
    assert!(refused(&world, Some(wrong), &format!("?key={wrong}")).await.is_some());
    let mut socket = Socket::connect(&world, None, &format!("?key={KEY}")).await.expect("the key is right");
    let image = socket.ask("img", json!({})).await.ok().clone();
    secrets.hold(image["addr"].as_str().expect("a text").trim_end_matches(".png"));
    secrets.hold_code(image["title"].as_str().expect("a text"));
    let sms = socket.ask("sms", json!({ "phone": phone })).await.ok().clone();
    secrets.hold_code(sms["title"].as_str().expect("a text"));
    connect(&world).await.ask_raw(format!("{{{KEY}")).await.fails(-1, "Error JSON key");
    drop(socket);
    let log = world.terminate().await.output;
    assert!(log.contains("websocket/captcha") && log.contains("$connect"), "there is a log:\n{log}");
    secrets.assert_not_in(&log);
}

/// API Gateway lists no connections: an operator who must cut one off has its id from here.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_tells_over_which_connection_each_message_came() {
    let directory = tempfile::tempdir().unwrap();
    let world = World::process(directory.path(), [("BACKEND_KEY", KEY)]).await;
    let (mut first, mut second) = (connect(&world).await, connect(&world).await);
    for _ in 0..2 {
        first.ask("img", json!({})).await.ok();
    }
    second.ask("img", json!({})).await.ok();
    world.call("/api/captcha", "img/generate", json!({})).await.ok();
    let log = world.terminate().await.output;
    let lines = log.lines().filter(|line| line.contains("\"message\":\"request\""));
    let mut told: HashMap<String, Vec<String>> = HashMap::new();
    for line in lines.map(|line| serde_json::from_str::<Value>(line).expect("JSON")) {
        let route = line["route"].as_str().expect("a text").to_owned();
        match line["connection_id"].as_str() {
            Some(id) => told.entry(id.to_owned()).or_default().push(route),
            None => assert_eq!(route, "POST /api/captcha"),
        }
    }
    let mut told: Vec<_> = told.into_values().collect();
    for routes in &mut told {
        routes.retain(|route| route != "$disconnect");
    }
    told.sort_unstable_by_key(Vec::len);
    assert_eq!(told, [vec!["$connect", "$default"], vec!["$connect", "$default", "$default"]]);
}
