//! The envelope: the id rule, what is judged in which order, and what HTTP itself says. Contract section 1.1.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{Camera, Family, Reply, World, send};

/// Addresses that want no token, and one of their operations with a required key.
const OPEN: [(&str, &str, &str); 5] = [
    ("/api/captcha", "img/validate", "hash"),
    ("/api/captcha", "sms/generate", "phone"),
    ("/api/user/login", "login/pass", "phone"),
    ("/api/user/register", "register/phone", "hash"),
    ("/api/user/password", "password/change", "old"),
];

/// The same for those that want a token. An administrator may call all of them.
const WITH_TOKEN: [(&str, &str, &str); 6] = [
    ("/api/user/nickname", "info/nickname", "user_id"),
    ("/api/user/info", "info/update", "phone"),
    ("/api/portrait", "portrait/upload", "base64"),
    ("/api/device", "device/add", "device"),
    ("/api/get/notice", "notice/info", "event_id"),
    ("/api/admin/user", "user/info", "phone"),
];

const ADMIN: &str = "13800000001";

/// Every `POST` address, with a token where it wants one.
fn addresses(admin: &Family<'_>, camera: &Camera<'_>) -> Vec<(String, &'static str, &'static str)> {
    let open = OPEN.into_iter().map(|(path, operation, key)| (path.to_owned(), operation, key));
    let token = |(path, operation, key)| (format!("{path}?token={}", admin.token), operation, key);
    let notice = (format!("/api/notice?token={}", camera.id), "notice/upload", "base64");
    open.chain(WITH_TOKEN.into_iter().map(token)).chain([notice]).collect()
}

async fn raw(world: &World, path: &str, body: impl Into<reqwest::Body>) -> Reply {
    Reply::of(world.post_raw(path, body).await).await
}

/// An envelope in which `key` is `value`, or missing where it is `None`.
fn envelope(operation: &str, key: &str, value: Option<Value>) -> Value {
    let mut envelope = crate::support::envelope(operation, json!({}));
    match value {
        Some(value) => envelope[key] = value,
        None => drop(envelope.as_object_mut().expect("an object").remove(key)),
    }
    envelope
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_id_is_echoed_as_an_integer_or_becomes_minus_one() {
    let world = World::new().await;
    for (id, echoed) in [
        (json!(0), 0),
        (json!(123_456), 123_456),
        (json!(-7), -7),
        (json!(i64::MAX), i64::MAX),
        (json!(i64::MIN), i64::MIN),
        (json!("123"), 123),
        (json!("-7"), -7),
        (json!("9223372036854775807"), i64::MAX),
        (json!("9223372036854775808"), -1),
        (json!(u64::MAX), -1),
        (json!("abc"), -1),
        (json!("12a"), -1),
        (json!("1.5"), -1),
        (json!(""), -1),
        (json!(1.5), -1),
        (json!(1e300), -1),
        (json!(null), -1),
        (json!(true), -1),
        (json!([1]), -1),
        (json!({ "id": 1 }), -1),
    ] {
        let reply = world.post("/api/captcha", &envelope("img/generate", "id", Some(id.clone()))).await;
        assert_eq!((reply.status(), reply.id()), (0, echoed), "{id}");
    }
    let reply = world.post("/api/captcha", &envelope("img/generate", "id", None)).await;
    assert_eq!((reply.status(), reply.id()), (0, -1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_error_echoes_the_id_too_whenever_the_body_is_an_object() {
    let world = World::new().await;
    let family = world.family().await;
    let good = format!("/api/device?token={}", family.token);
    for (path, body, status) in [
        ("/api/captcha", json!({ "id": "77" }), -1),
        ("/api/captcha", json!({ "id": 77, "type": "no", "subtype": "such", "data": {} }), -2),
        ("/api/captcha", json!({ "id": 77, "type": "img", "subtype": "validate", "data": {} }), -3),
        ("/api/device", json!({ "id": 77 }), -100),
        ("/api/device?token=x", json!({ "id": 77 }), -101),
        ("/api/notice?token=x", json!({ "id": 77 }), -104),
        (&good, json!({ "id": 77 }), -1),
    ] {
        let reply = world.post(path, &body).await;
        assert_eq!((reply.status(), reply.id()), (status, 77), "{path} {body}");
    }
    for path in ["/api/user/doki", "/api/user/info", &format!("/api/user/info?token={}&id=77", family.token)] {
        assert_eq!(world.get(path).await.id(), -1, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_is_no_json_object_is_a_key_error_with_the_id_minus_one() {
    let world = World::with([("ADMIN_PHONES", ADMIN)]).await;
    let admin = world.family_of(ADMIN).await;
    let camera = admin.camera("c").await;
    for (path, ..) in addresses(&admin, &camera) {
        for body in [
            &b""[..],
            b"{",
            b"[]",
            b"1",
            b"null",
            b"\"{}\"",
            b"\0",
            b"\xff\xfe",
            b"{\"id\":1,}",
            b"{\"id\":1}{\"id\":2}",
            b"{'id':1}",
            b"id=1&type=img",
        ] {
            let reply = raw(&world, &path, body.to_vec()).await;
            reply.fails(-1, "Error JSON key");
            assert_eq!(reply.id(), -1, "{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_address_judges_the_envelope_alike() {
    let world = World::with([("ADMIN_PHONES", ADMIN)]).await;
    let admin = world.family_of(ADMIN).await;
    let camera = admin.camera("c").await;
    for (path, operation, _) in addresses(&admin, &camera) {
        for key in ["type", "subtype", "data"] {
            world.post(&path, &envelope(operation, key, None)).await.fails(-1, "Error JSON key");
        }
        for key in ["type", "subtype"] {
            for value in [json!("such"), json!(""), json!(null), json!(1), json!([]), json!("x".repeat(100_000))] {
                let reply = world.post(&path, &envelope(operation, key, Some(value))).await;
                reply.fails(-2, "Error JSON value");
            }
        }
        for data in [json!(null), json!([]), json!("{}"), json!(1), json!(true)] {
            let reply = world.post(&path, &envelope(operation, "data", Some(data))).await;
            reply.fails(-2, "Error JSON value");
        }
        // An operation of another address is none of this one's.
        let other = if path.starts_with("/api/captcha") { "login/pass" } else { "img/generate" };
        world.call(&path, other, json!({})).await.fails(-2, "Error JSON value");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_address_judges_a_required_value_alike() {
    let world = World::with([("ADMIN_PHONES", ADMIN)]).await;
    let admin = world.family_of(ADMIN).await;
    let camera = admin.camera("c").await;
    for (path, operation, key) in addresses(&admin, &camera) {
        world.call(&path, operation, json!({})).await.fails(-3, "Error data key");
        world.call(&path, operation, json!({ "other": 1 })).await.fails(-3, "Error data key");
        // The operation's other required keys, so that only this one is at fault.
        let others = ["phone", "pass", "hash", "old", "new"].map(|key| (key.to_owned(), json!("13800000001")));
        for (value, status, message) in [
            (json!(""), -201, "Necessary key-value can't be empty"),
            (json!(null), -201, "Necessary key-value can't be empty"),
            (json!(1), -203, "Arg's value type error"),
            (json!(false), -203, "Arg's value type error"),
            (json!([""]), -203, "Arg's value type error"),
            (json!({ "": "" }), -203, "Arg's value type error"),
        ] {
            let mut data = Value::Object(others.clone().into_iter().collect());
            data[key] = value;
            world.call(&path, operation, data).await.fails(status, message);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_token_is_judged_before_the_envelope() {
    let world = World::new().await;
    let broken = [json!({ "id": 5 }), json!({ "id": 5, "type": 1, "subtype": 2, "data": 3 })];
    for (path, operation, _) in WITH_TOKEN.into_iter().chain([("/api/notice", "notice/upload", "")]) {
        let (unknown, message) = match path {
            "/api/notice" => (-104, "Error device_id token"),
            _ => (-101, "Error token"),
        };
        for body in broken.iter().cloned().chain([crate::support::envelope(operation, json!({}))]) {
            world.post(path, &body).await.fails(-100, "Missing necessary args");
            world.post(&format!("{path}?other=1"), &body).await.fails(-100, "Missing necessary args");
            for token in ["0123456789abcdef0123456789abcdef", "x", "%00", "%FF"] {
                world.post(&format!("{path}?token={token}"), &body).await.fails(unknown, message);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_device_is_no_account_and_an_account_is_no_device() {
    let world = World::new().await;
    let family = world.family().await;
    let camera = family.camera("c").await;
    for (path, operation, _) in WITH_TOKEN {
        let path = format!("{path}?token={}", camera.id);
        world.call(&path, operation, json!({})).await.fails(-101, "Error token");
    }
    let path = format!("/api/notice?token={}", family.token);
    world.call(&path, "notice/upload", json!({})).await.fails(-104, "Error device_id token");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_envelope_is_judged_before_permission_and_permission_before_the_data() {
    let world = World::with([("ADMIN_PHONES", ADMIN)]).await;
    let (family, other) = (world.family().await, world.family().await);
    let admin = format!("/api/admin/user?token={}", family.token);
    world.post(&admin, &envelope("user/info", "data", None)).await.fails(-1, "Error JSON key");
    world.post(&admin, &envelope("user/info", "data", Some(json!([])))).await.fails(-2, "Error JSON value");
    world.call(&admin, "user/such", json!({})).await.fails(-2, "Error JSON value");
    for operation in ["user/list", "user/info", "user/update", "user/delete"] {
        for data in [json!({}), json!({ "phone": 1 }), json!({ "phone": other.phone })] {
            world.call(&admin, operation, data).await.fails(-103, "No permission to operate");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unknown_keys_and_a_status_are_ignored_however_deep_they_are() {
    let world = World::new().await;
    let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
    for body in [
        r#"{"id":1,"status":0,"type":"img","subtype":"generate","data":{"device":"old","x":null}}"#.to_owned(),
        format!(r#"{{"id":1,"type":"img","subtype":"generate","data":{{"x":{deep}}},"extra":{deep}}}"#),
        format!(r#"{{"x":"{}","id":1,"type":"img","subtype":"generate","data":{{}}}}"#, "x".repeat(100_000)),
        " \r\n\t{ \"id\" : 1 , \"type\" : \"img\" , \"subtype\" : \"\\u0067enerate\" , \"data\" : { } } \n".to_owned(),
    ] {
        let reply = raw(&world, "/api/captcha", body).await;
        reply.ok();
        assert_eq!(reply.id(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_content_type_of_a_request_makes_no_difference() {
    let world = World::new().await;
    let body = envelope("img/generate", "id", Some(json!("7"))).to_string();
    for content_type in ["application/json; charset=utf-8", "text/plain", "application/x-www-form-urlencoded", "x"] {
        let post = world.http.post(world.url("/api/captcha")).header("content-type", content_type);
        let reply = Reply::of(send(post.body(body.clone())).await).await;
        assert_eq!((reply.status(), reply.id()), (0, 7), "{content_type}");
    }
    let reply = Reply::of(send(world.http.post(world.url("/api/captcha")).body(body)).await).await;
    assert_eq!((reply.status(), reply.id()), (0, 7));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn outside_the_envelope_http_has_its_own_errors() {
    let world = World::new().await;
    for path in ["/api", "/api/captcha/", "/api/user", "/api/no/such", "/api/get/portrait/", "/api/%00"] {
        assert_eq!(world.get_raw(path).await.status(), StatusCode::NOT_FOUND, "{path}");
        assert_eq!(world.post_raw(path, "{}").await.status(), StatusCode::NOT_FOUND, "{path}");
    }
    let posts = OPEN.iter().chain(&WITH_TOKEN).map(|(path, ..)| *path).filter(|path| *path != "/api/user/info");
    for path in posts.chain(["/api/notice"]) {
        for method in [Method::GET, Method::PUT, Method::DELETE, Method::PATCH] {
            let response = send(world.http.request(method, world.url(path))).await;
            assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED, "{path}");
            assert_eq!(response.headers()["allow"], "POST", "{path}");
        }
    }
    for (path, allow) in [
        ("/api/user/doki", "GET"),
        ("/api/get/portrait/1", "GET"),
        ("/get/portrait/1", "GET"),
        ("/api/user/info", "GET, POST"),
    ] {
        let response = send(world.http.put(world.url(path))).await;
        assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED, "{path}");
        assert_eq!(response.headers()["allow"], allow, "{path}");
    }
    for size in [7, 11] {
        let response = world.post_raw("/api/captcha", vec![b' '; size * 1024 * 1024]).await;
        assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE, "{size} MB");
    }
}
