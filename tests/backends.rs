//! Trusted backends on the HTTP API (seed 000): who shows the key sees the code, and nobody else does.

use base64::{Engine, engine::general_purpose::STANDARD};
use local::{Options, Stack};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::{Reply, World, envelope, hash, send};

const KEY: &str = "a-backend-key-of-some-length";

async fn world() -> World {
    World::with([("BACKEND_KEY", KEY)]).await
}

/// An operation as somebody who shows `key`.
async fn call(world: &World, key: &str, operation: &str, data: Value) -> Reply {
    let post = world.http.post(world.url("/api/captcha")).header("x-api-key", key);
    Reply::of(send(post.json(&envelope(operation, data))).await).await
}

fn keys(reply: &Reply) -> Vec<&str> {
    reply.ok().as_object().expect("an object").keys().map(String::as_str).collect()
}

fn text<'a>(reply: &'a Reply, key: &str) -> &'a str {
    reply.ok()[key].as_str().expect("a text")
}

async fn picture(world: &World, addr: &str) -> StatusCode {
    world.get_raw(&format!("/captcha/{addr}")).await.status()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backend_gets_the_code_and_the_picture_s_address_beside_the_usual() {
    let world = world().await;
    let reply = call(&world, KEY, "img/generate", json!({})).await;
    assert_eq!(keys(&reply), ["addr", "code", "imgdata", "rand"]);
    let (code, addr) = (text(&reply, "code"), text(&reply, "addr"));
    assert!(code.len() == 5 && code.bytes().all(|c| c.is_ascii_alphanumeric()), "{code}");
    assert!(addr.strip_suffix(".png").is_some_and(domain::is_md5_hex), "{addr}");

    let served = world.get_raw(&format!("/captcha/{addr}")).await;
    assert_eq!(served.status(), StatusCode::OK);
    assert_eq!(served.headers()["content-type"], "image/png");
    assert_eq!(served.headers()["cache-control"], "no-store");
    assert_eq!(STANDARD.encode(served.bytes().await.unwrap()), text(&reply, "imgdata"));

    // The code is the same captcha that everybody else solves, and using it up takes the picture away.
    let hash = hash(code, text(&reply, "rand"));
    world.call("/api/captcha", "img/validate", json!({ "hash": hash })).await.ok();
    assert_eq!(picture(&world, addr).await, StatusCode::NOT_FOUND);
    world.call("/api/captcha", "img/validate", json!({ "hash": hash })).await.fails(100, "Error captcha hash");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_picture_is_served_for_five_minutes() {
    let world = world().await;
    let reply = call(&world, KEY, "img/generate", json!({})).await;
    world.advance(290).await;
    assert_eq!(picture(&world, text(&reply, "addr")).await, StatusCode::OK);
    world.advance(10).await;
    assert_eq!(picture(&world, text(&reply, "addr")).await, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_try_leaves_the_picture_where_it_is() {
    let world = world().await;
    let reply = call(&world, KEY, "img/generate", json!({})).await;
    let wrong = hash("00000", text(&reply, "rand"));
    world.call("/api/captcha", "img/validate", json!({ "hash": wrong })).await.fails(100, "Error captcha hash");
    assert_eq!(picture(&world, text(&reply, "addr")).await, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn addresses_of_nothing_are_not_found() {
    let world = world().await;
    let reply = call(&world, KEY, "img/generate", json!({})).await;
    let addr = text(&reply, "addr");
    let name = addr.strip_suffix(".png").unwrap();
    for addr in [
        "0123456789abcdef0123456789abcdef.png",
        name,
        &format!("{name}.PNG"),
        &format!("{name}.jpg"),
        &format!("{}.png", name.to_uppercase().replace(|c: char| c.is_ascii_digit(), "A")),
        &format!("{addr}%00"),
        &format!("..%2F{addr}"),
        ".png",
        "%FF%FE",
        "captcha%23.png",
        &"9".repeat(5000),
    ] {
        assert_eq!(picture(&world, addr).await, StatusCode::NOT_FOUND, "{addr:.50}");
    }
    assert_eq!(picture(&world, addr).await, StatusCode::OK);
    let post = world.post_raw(&format!("/captcha/{addr}"), "").await;
    assert_eq!(post.status(), StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backend_gets_the_code_that_goes_to_the_phone() {
    let world = world().await;
    let phone = World::phone();
    let reply = call(&world, KEY, "sms/generate", json!({ "phone": phone })).await;
    assert_eq!(keys(&reply), ["rand", "title"]);
    let title = text(&reply, "title");
    assert!(title.len() == 6 && title.bytes().all(|c| c.is_ascii_digit()), "{title}");
    assert_eq!(world.code(&phone).await, title);
    let hash = hash(title, text(&reply, "rand"));
    world.call("/api/captcha", "sms/validate", json!({ "hash": hash })).await.ok();
    let data = json!({ "phone": phone, "hash": hash, "pass": "correct horse 7" });
    world.call("/api/user/register", "register/phone", data).await.ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backend_keeps_to_the_same_rules() {
    let world = world().await;
    let phone = World::phone();
    call(&world, KEY, "sms/generate", json!({ "phone": "137" })).await.fails(1016, "手机号格式错误");
    call(&world, KEY, "sms/generate", json!({})).await.fails(-3, "Error data key");
    call(&world, KEY, "sms/generate", json!({ "phone": phone })).await.ok();
    let half_minute = "单个手机号30秒内下发短信条数超过设定的上限";
    call(&world, KEY, "sms/generate", json!({ "phone": phone })).await.fails(1023, half_minute);
    call(&world, KEY, "img/draw", json!({})).await.fails(-2, "Error JSON value");
    world.stack.sms().unwrap().fail_next(1);
    call(&world, KEY, "sms/generate", json!({ "phone": World::phone() })).await.fails(1008, "短信服务请求超时");
    world.stack.dynamodb().unwrap().set_available(false).await.unwrap();
    call(&world, KEY, "img/generate", json!({})).await.fails(-404, "Unknown Error");
    assert_eq!(picture(&world, "0123456789abcdef0123456789abcdef.png").await, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_does_not_show_the_key_sees_no_code() {
    let wrong = [&KEY[1..], &format!("{KEY}x"), &KEY.to_uppercase(), "", "null"].map(str::to_owned);
    for (world, shown) in [(world().await, &wrong[..]), (World::new().await, &[KEY.to_owned(), String::new()])] {
        for key in shown {
            let image = call(&world, key, "img/generate", json!({})).await;
            assert_eq!(keys(&image), ["imgdata", "rand"], "{key:?}");
            let sms = call(&world, key, "sms/generate", json!({ "phone": World::phone() })).await;
            assert_eq!(keys(&sms), ["rand"], "{key:?}");
        }
        let query = world.call(&format!("/api/captcha?key={KEY}&x-api-key={KEY}"), "img/generate", json!({})).await;
        assert_eq!(keys(&query), ["imgdata", "rand"], "the address is no place for it here");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_key_is_being_replaced_the_one_before_is_good_too() {
    const NEXT: &str = "the-next-key-of-some-length";
    let world = World::with([("BACKEND_KEY", NEXT), ("PREVIOUS_BACKEND_KEY", KEY)]).await;
    for key in [NEXT, KEY] {
        assert!(keys(&call(&world, key, "img/generate", json!({})).await).contains(&"code"), "{key}");
    }
    // The previous key alone is a rotation that nobody finished: the feature is off.
    let world = World::with([("PREVIOUS_BACKEND_KEY", KEY)]).await;
    assert!(!keys(&call(&world, KEY, "img/generate", json!({})).await).contains(&"code"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_is_too_short_stops_the_start_with_its_name() {
    for key in ["x", "a-key-of-23-characters-"] {
        let parameters = [("BACKEND_KEY".to_owned(), key.to_owned())].into();
        let error = Stack::start(Options { parameters, ..Options::default() }).await.err().expect("it does not start");
        let message = error.to_string();
        assert!(message.contains("BACKEND_KEY") && message.contains("24"), "{message}");
        assert!(key.len() == 1 || !message.contains(key), "{message}");
    }
    World::with([("BACKEND_KEY", "a-key-of-24-characters--")]).await;
}
