//! Values that nobody sends by mistake: each gets a documented status, none is a fault of ours, and nothing changes.

use serde_json::{Value, json};

use crate::support::{PASSWORD, Reply, World, jpeg};

/// Statuses that say that something of ours failed.
const FAULTS: [i64; 4] = [-200, -404, -500, 300];

/// JSON texts in the place of a value.
fn values() -> Vec<String> {
    let mut values: Vec<String> = [
        r#""\u0000""#,
        r#""\u0000\u0001\u001f""#,
        r#""\ud800""#,
        r#""\udfff\ud800""#,
        r#""\u202e\u200b\ufeff""#,
        r#"" ""#,
        r#""' OR 1=1 --""#,
        "\"#phone\"",
        r#""captcha#x""#,
        r#""../../etc/passwd""#,
        r#""<script>alert(1)</script>""#,
        r#""${jndi:ldap://x}""#,
        r#""１３９００００００００""#,
        "-0.0",
        "1e999",
        "-1e-999",
        "99999999999999999999999999999999999999999",
        "true",
        "{}",
        "[]",
        r#"{"S":"x"}"#,
        r#"{"$ne":null}"#,
    ]
    .map(str::to_owned)
    .into();
    values.push(format!("\"{}\"", "x".repeat(100_000)));
    values.push(format!("\"{}\"", "\\u0000".repeat(20_000)));
    values.push(format!("\"{}\"", "𝕏".repeat(25_000)));
    values.push(format!("\"{}\"", "1".repeat(100_000)));
    values.push("9".repeat(100_000));
    values.push(format!("{}{}", "[".repeat(5000), "]".repeat(5000)));
    values.push(format!("{}1{}", r#"{"a":"#.repeat(5000), "}".repeat(5000)));
    values
}

/// Posts `good` once for each of its keys and each of the values, with the value in the key's place.
async fn attack(world: &World, path: &str, operation: &str, good: &Value) {
    let (r#type, subtype) = operation.split_once('/').expect("type/subtype");
    for key in good.as_object().expect("an object").keys() {
        for value in values() {
            let mut others = good.clone();
            others.as_object_mut().expect("an object").remove(key);
            let others = others.to_string();
            let others = others.trim_start_matches('{').trim_end_matches('}');
            let comma = if others.is_empty() { "" } else { "," };
            let data = format!("{{{others}{comma}\"{key}\":{value}}}");
            let body = format!(r#"{{"id":9,"type":"{type}","subtype":"{subtype}","data":{data}}}"#);
            let reply = Reply::of(world.post_raw(path, body).await).await;
            assert!(!FAULTS.contains(&reply.status()), "{operation} {key}={value:.40}: {}", reply.body);
            assert_eq!(reply.id(), 9);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn captchas_and_codes_withstand_any_value() {
    let world = World::with([("REQUIRE_CAPTCHA_FOR_SMS", "true")]).await;
    let captcha = world.captcha_hash().await;
    attack(&world, "/api/captcha", "img/validate", &json!({ "hash": "x" })).await;
    attack(&world, "/api/captcha", "sms/validate", &json!({ "hash": "x" })).await;
    let good = json!({ "phone": World::phone(), "command_type": 1, "hash": "x" });
    attack(&world, "/api/captcha", "sms/generate", &good).await;
    assert!(world.stack.sms().unwrap().messages().is_empty());
    world.call("/api/captcha", "img/validate", json!({ "hash": captcha })).await.ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn accounts_withstand_any_value_and_stay_as_they_are() {
    let world = World::new().await;
    let family = world.family().await;
    let phone = World::phone();
    let good = json!({ "phone": phone, "pass": PASSWORD, "hash": "x" });
    attack(&world, "/api/user/register", "register/phone", &good).await;
    let good = json!({ "phone": family.phone, "pass": "new", "hash": "x" });
    attack(&world, "/api/user/password", "password/forget", &good).await;
    let good = json!({ "phone": phone, "old": PASSWORD, "new": "new" });
    attack(&world, "/api/user/password", "password/change", &good).await;
    attack(&world, "/api/user/login", "login/pass", &json!({ "phone": phone, "pass": PASSWORD })).await;
    let reply = world.call("/api/user/login", "login/pass", json!({ "phone": phone, "pass": PASSWORD })).await;
    reply.fails(100, "Incorrect user");
    assert!(family.is_logged_in().await);
    world.call("/api/user/login", "login/pass", json!({ "phone": family.phone, "pass": PASSWORD })).await.ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn profiles_and_portraits_withstand_any_value() {
    let world = World::new().await;
    let family = world.family().await;
    let with_token = |path: &str| format!("{path}?token={}", family.token);
    attack(&world, &with_token("/api/user/nickname"), "info/nickname", &json!({ "user_id": "x" })).await;
    attack(&world, &with_token("/api/user/nickname"), "info/nickname", &json!({ "phone": "x" })).await;
    attack(&world, &with_token("/api/portrait"), "portrait/upload", &json!({ "base64": jpeg(1, 500).1 })).await;
    let good = json!({ "phone": family.phone, "name": "n", "nickname": "n", "email": "e@example.com", "level": 1 });
    attack(&world, &with_token("/api/user/info"), "info/update", &good).await;
    let info = world.get(&with_token("/api/user/info")).await;
    assert_eq!(info.ok()["phone"], family.phone, "what was taken can be read");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn envelopes_withstand_any_value() {
    let world = World::new().await;
    let family = world.family().await;
    for value in values() {
        for path in ["/api/captcha", "/api/user/login", &format!("/api/user/info?token={}", family.token)] {
            for (body, status) in [
                (format!(r#"{{"type":{value},"subtype":"generate","data":{{}}}}"#), -2),
                (format!(r#"{{"type":"img","subtype":{value},"data":{{}}}}"#), -2),
                (format!(r#"{{"id":{value},"type":"no","subtype":"such","data":{{}}}}"#), -2),
                (format!(r#"{{"type":"no","subtype":"such","data":{{"x":{value}}}}}"#), -2),
                (format!(r#"{{"x":{value}}}"#), -1),
            ] {
                let reply = Reply::of(world.post_raw(path, body).await).await;
                assert_eq!((reply.status(), reply.id()), (status, -1), "{value:.40}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn addresses_withstand_any_path_and_token() {
    let world = World::new().await;
    let long = "x".repeat(5000);
    for text in ["%00", "%FF", "%ED%A0%80", "..%2F..%2F", "%2e%2e", "%25", "%23", "%3F", "a%0D%0Ab:c", "*", &long] {
        for path in [
            format!("/api/get/portrait/{text}"),
            format!("/api/user/doki?token={text}"),
            format!("/api/user/info?token={text}"),
            format!("/api/{text}"),
            format!("/{text}"),
            format!("/api/user/doki?{text}={text}&token=x"),
        ] {
            let status = world.get_raw(&path).await.status();
            assert!(!status.is_server_error(), "{path:.60}: {status}");
        }
    }
}
