//! Bad input of any kind gets the documented status, never a 5xx and never -404, and changes nothing.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{Camera, Family, Reply, World, jpeg};

/// An operation as somebody who may do it would send it.
struct Operation {
    path: String,
    name: &'static str,
    /// Data that is right, as far as it can be without a captcha or code.
    data: Value,
    /// The statuses of that data's mistakes: its own are never among -1, -2, -101 and -404.
    own: &'static [i64],
}

fn operations(family: &Family<'_>, camera: &Camera<'_>, fall: &str) -> Vec<Operation> {
    let nobodys = "0123456789abcdef0123456789abcdef";
    let (phone, free) = (family.phone.as_str(), "13700000000");
    let with_token = |path: &str| format!("{path}?token={}", family.token);
    let of = |path: String, name, data, own| Operation { path, name, data, own };
    vec![
        of("/api/captcha".to_owned(), "img/validate", json!({ "hash": nobodys }), &[100]),
        of("/api/captcha".to_owned(), "sms/generate", json!({ "phone": phone, "command_type": 3 }), &[1016]),
        of("/api/captcha".to_owned(), "sms/validate", json!({ "hash": nobodys }), &[100, -429]),
        of("/api/user/login".to_owned(), "login/pass", json!({ "phone": free, "pass": "x" }), &[100]),
        of(
            "/api/user/register".to_owned(),
            "register/phone",
            json!({ "phone": free, "hash": nobodys, "pass": "x" }),
            &[400],
        ),
        of(
            "/api/user/password".to_owned(),
            "password/forget",
            json!({ "phone": free, "hash": nobodys, "pass": "x" }),
            &[100, 400],
        ),
        of(
            "/api/user/password".to_owned(),
            "password/change",
            json!({ "phone": free, "old": "x", "new": "y" }),
            &[100],
        ),
        of(with_token("/api/user/nickname"), "info/nickname", json!({ "user_id": phone }), &[100]),
        of(
            with_token("/api/user/info"),
            "info/update",
            json!({ "phone": phone, "name": "x", "nickname": "y", "email": "a@example.com", "level": 1 }),
            &[-103, 0],
        ),
        of(with_token("/api/portrait"), "portrait/upload", json!({ "base64": jpeg(1, 50).1 }), &[]),
        of(with_token("/api/device"), "device/add", json!({ "device": "hall" }), &[101]),
        of(with_token("/api/device"), "device/bind", json!({ "device_id": nobodys }), &[100]),
        of(with_token("/api/device"), "device/unbind", json!({ "device_id": nobodys }), &[100]),
        of(with_token("/api/device"), "device/remove", json!({ "device_id": nobodys }), &[100]),
        of(
            with_token("/api/device"),
            "device/info",
            json!({ "device_id": nobodys, "device_name": "hall" }),
            &[100, 101, 0],
        ),
        of(
            format!("/api/notice?token={}", camera.id),
            "notice/upload",
            json!({ "base64": "no picture", "content": "x" }),
            &[],
        ),
        of(
            with_token("/api/get/notice"),
            "notice/get",
            json!({ "mode": 0, "limit": 10, "before": nobodys }),
            &[102, 0],
        ),
        of(with_token("/api/get/notice"), "notice/info", json!({ "event_id": fall }), &[]),
        of(with_token("/api/get/notice"), "notice/sign", json!({ "event_id": nobodys }), &[100]),
        of(with_token("/api/admin/user"), "user/list", json!({ "limit": 10, "before": free }), &[0]),
        of(with_token("/api/admin/user"), "user/info", json!({ "phone": free }), &[100]),
        of(with_token("/api/admin/user"), "user/update", json!({ "phone": free, "level": 1 }), &[100]),
        of(with_token("/api/admin/user"), "user/delete", json!({ "phone": free }), &[100]),
    ]
}

struct House {
    world: World,
}

impl House {
    async fn new() -> Self {
        Self { world: World::with([("ADMIN_PHONES", "13800000001")]).await }
    }

    /// A household with a fall in it, and everything that can be seen of it.
    async fn family(&self) -> (Family<'_>, Camera<'_>, String) {
        let family = self.world.family_of("13800000001").await;
        let camera = family.camera("hall").await;
        camera.fall(1).await.ok();
        let data = json!({ "phone": family.phone, "name": "x", "nickname": "y", "email": "a@example.com", "level": 1 });
        family.call("/api/user/info", "info/update", data).await.ok();
        let fall = family.notices(0).await.remove(0);
        (family, camera, fall)
    }

    async fn snapshot(&self, family: &Family<'_>) -> Vec<Value> {
        let path = format!("/api/user/info?token={}", family.token);
        let calls = join_all([
            family.call("/api/admin/user", "user/list", json!({})),
            family.call("/api/device", "device/list", json!({})),
            family.call("/api/get/notice", "notice/get", json!({ "mode": 0 })),
            family.call("/api/get/notice", "notice/get", json!({ "mode": 2 })),
        ]);
        let mut seen: Vec<_> = calls.await.iter().map(|reply| reply.ok().clone()).collect();
        seen.push(self.world.get(&path).await.ok().clone());
        let portrait = self.world.get_raw(&format!("/api/get/portrait/{}", family.phone)).await;
        seen.push(json!(portrait.headers()["etag"].to_str().expect("JSON")));
        seen.push(json!(self.world.messages(&family.phone).await));
        seen
    }
}

fn nested(depth: usize) -> String {
    format!("{}1{}", r#"{"a":["#.repeat(depth / 2), "]}".repeat(depth / 2))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_is_no_envelope_is_a_json_error_at_every_address() {
    let house = House::new().await;
    let (family, camera, fall) = house.family().await;
    let before = house.snapshot(&family).await;
    let long = "x".repeat(100_000);
    let deep = nested(5000);
    for Operation { path, name, .. } in operations(&family, &camera, &fall) {
        let (kind, subtype) = name.split_once('/').unwrap();
        let envelope = |data: &str| format!(r#"{{"id":7,"type":"{kind}","subtype":"{subtype}","data":{data}}}"#);
        let mut bodies: Vec<(Vec<u8>, i64, i64)> = vec![];
        for broken in ["", "{", "[]", "null", "1", "\"x\"", "\0", "{\"id\":7", "{'id':7}", "{\"id\":7}x", "\u{feff}{}"]
        {
            bodies.push((broken.into(), -1, -1));
        }
        bodies.push((b"\xff\xfe{}".to_vec(), -1, -1));
        bodies.push(([b"{\"id\":7,\"type\":\"", &b"\xc3\x28"[..], b"\"}"].concat(), -1, -1));
        bodies.push(("[".repeat(100_000).into(), -1, -1));
        bodies.push((deep.replacen("{\"a\"", "{\"id\":7,\"a\"", 1).into(), 7, -1));
        for missing in [
            format!(r#"{{"id":7,"subtype":"{subtype}","data":{{}}}}"#),
            format!(r#"{{"id":7,"type":"{kind}","data":{{}}}}"#),
            format!(r#"{{"id":7,"type":"{kind}","subtype":"{subtype}"}}"#),
        ] {
            bodies.push((missing.into(), 7, -1));
        }
        for data in ["null", "[]", "1", "\"\"", "true", &format!("\"{long}\""), &format!("[{deep}]")] {
            bodies.push((envelope(data).into(), 7, -2));
        }
        for wrong in ["1", "null", "[]", "{}", "\"\"", "\"\\u0000\"", "\"LOGIN\"", &deep, &format!("\"{long}\"")] {
            bodies.push((format!(r#"{{"id":7,"type":{wrong},"subtype":"{subtype}","data":{{}}}}"#).into(), 7, -2));
            bodies.push((format!(r#"{{"id":7,"type":"{kind}","subtype":{wrong},"data":{{}}}}"#).into(), 7, -2));
        }
        for (body, id, status) in bodies {
            let shown = String::from_utf8_lossy(&body[..body.len().min(80)]).into_owned();
            let reply = Reply::of(house.world.post_raw(&path, body).await).await;
            assert_eq!((reply.id(), reply.status()), (id, status), "{name}: {shown}");
        }
    }
    assert_eq!(house.snapshot(&family).await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_absurd_id_becomes_minus_one_and_changes_nothing_else() {
    let world = World::new().await;
    let deep = nested(5000);
    let long = format!("\"{}\"", "9".repeat(100_000));
    for id in
        ["null", "1.5", "1e3", "[]", "{}", "true", "\"x\"", "\"\"", "99999999999999999999", "\"\\u0000\"", &deep, &long]
    {
        let body = format!(r#"{{"id":{id},"type":"img","subtype":"generate","data":{{}}}}"#);
        let reply = Reply::of(world.post_raw("/api/captcha", body).await).await;
        reply.ok();
        assert_eq!(reply.id(), -1, "{id:.40}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_value_of_the_wrong_type_or_form_is_told_as_such_for_every_key() {
    let house = House::new().await;
    let (family, camera, fall) = house.family().await;
    let before = house.snapshot(&family).await;
    let deep: Box<serde_json::value::RawValue> = serde_json::value::RawValue::from_string(nested(5000)).unwrap();
    let long = "x".repeat(100_000);
    for Operation { path, name, data, own } in operations(&family, &camera, &fall) {
        for key in data.as_object().unwrap().keys() {
            let odd_types = [json!({}), json!([]), json!([[]]), json!(1.5), json!(true)];
            let odd_texts = [
                long.as_str(),
                "\u{0}",
                "a\u{0}b",
                "../../etc/passwd",
                "' OR 1=1 --",
                "${jndi:ldap://x}",
                "\u{202e}\u{fffd}",
                "<svg/>",
            ];
            // A camera may be called what one likes, as long as it is one line of up to 64 characters.
            let any_line = name == "device/add";
            let odd_texts = odd_texts.into_iter().filter(|text| !any_line || text.contains('\0') || text.len() > 64);
            let odd = odd_types.into_iter().chain(odd_texts.map(Value::from));
            for value in odd.chain([json!(null), json!(""), json!(i64::MIN), json!(u64::MAX), json!(-0.0)]) {
                let mut data = data.clone();
                data[key] = value.clone();
                let reply = house.world.call(&path, name, data).await;
                let allowed = [-201, -203, -204].contains(&reply.status()) || own.contains(&reply.status());
                assert!(allowed, "{name} {key}={:.60}: {}", value.to_string(), reply.body);
            }
            // A value that is deeper than a parser's stack, at the place of a plain one.
            let (kind, subtype) = name.split_once('/').unwrap();
            let mut data = data.clone();
            data[key] = json!("HERE");
            let data = data.to_string().replace("\"HERE\"", deep.get());
            let body = format!(r#"{{"id":7,"type":"{kind}","subtype":"{subtype}","data":{data}}}"#);
            let reply = Reply::of(house.world.post_raw(&path, body).await).await;
            let allowed = reply.status() == -203 || own.contains(&reply.status());
            assert!(allowed && reply.id() == 7, "{name} {key}: {}", reply.body);
        }
        restore_profile(&family).await;
    }
    assert_eq!(house.snapshot(&family).await, before);
}

/// Some odd texts are names that a profile may well have.
async fn restore_profile(family: &Family<'_>) {
    let data = json!({ "phone": family.phone, "name": "x", "nickname": "y", "email": "a@example.com", "level": 1 });
    family.call("/api/user/info", "info/update", data).await.ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_missing_key_is_told_before_anything_that_is_wrong_with_the_others() {
    let house = House::new().await;
    let (family, camera, fall) = house.family().await;
    let optional = ["command_type", "content", "limit", "before", "name", "nickname", "email", "level"];
    for Operation { path, name, data, .. } in operations(&family, &camera, &fall) {
        if matches!(name, "device/info" | "user/list") {
            continue;
        }
        for key in data.as_object().unwrap().keys().filter(|key| !optional.contains(&key.as_str())) {
            let mut without = data.clone();
            without.as_object_mut().unwrap().remove(key);
            for value in without.as_object_mut().unwrap().values_mut() {
                *value = json!([1]);
            }
            house.world.call(&path, name, without).await.fails(-3, "Error data key");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unknown_keys_are_ignored_however_deep_and_long() {
    let world = World::new().await;
    let family = world.family().await;
    let deep = nested(5000);
    let long = "x".repeat(100_000);
    let body = format!(
        r#"{{"id":7,"status":{deep},"{long}":1,"type":"device","subtype":"add","data":{{"x":{deep},"device":"hall","y":"{long}"}}}}"#
    );
    let reply = Reply::of(world.post_raw(&format!("/api/device?token={}", family.token), body).await).await;
    reply.ok();
    assert_eq!(reply.id(), 7);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_absurd_token_is_a_wrong_token_everywhere() {
    let house = House::new().await;
    let (family, camera, fall) = house.family().await;
    let before = house.snapshot(&family).await;
    let long = "a".repeat(8000);
    let upper = family.token.to_uppercase();
    let tokens =
        ["x", "%00", "%FF%FE", "%E6%91%94", "%", "%zz", "'--", "a+b", "null", "~", "..%2F..", "x&token=y", &long];
    let tokens = tokens.into_iter().chain((upper != family.token).then_some(&*upper));
    for token in tokens {
        for Operation { path, name, data, .. } in operations(&family, &camera, &fall) {
            let Some((path, _)) = path.split_once("?token=") else { continue };
            let reply = house.world.call(&format!("{path}?token={token}"), name, data.clone()).await;
            let expected = if name == "notice/upload" { -104 } else { -101 };
            assert_eq!(reply.status(), expected, "{name} {token:.60}");
        }
        for path in ["/api/user/doki", "/api/user/info"] {
            assert_eq!(house.world.get(&format!("{path}?token={token}")).await.status(), 1, "{path} {token:.60}");
        }
    }
    for Operation { path, name, data, .. } in operations(&family, &camera, &fall) {
        let Some((path, _)) = path.split_once("?token=") else { continue };
        for query in ["", "?", "?tok=x", "?Token=x", "?%20token=x"] {
            let reply = house.world.call(&format!("{path}{query}"), name, data.clone()).await;
            reply.fails(-100, "Missing necessary args");
        }
    }
    assert_eq!(house.snapshot(&family).await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_absurd_user_id_in_a_path_is_answered_with_a_picture() {
    let world = World::new().await;
    let long = "1".repeat(8000);
    for user_id in
        ["x", "%00", "%FF", "%2e%2e%2f", "..%2F..%2Fetc%2Fpasswd", "-1", "1e5", "%E6%91%94", "0", &long, "%zz"]
    {
        for path in ["/api/get/portrait/", "/get/portrait/"] {
            let response = world.get_raw(&format!("{path}{user_id}")).await;
            assert_eq!(response.status(), 200, "{user_id:.40}");
            assert_eq!(response.headers()["content-type"], "image/png");
        }
    }
}
