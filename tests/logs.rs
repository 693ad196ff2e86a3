//! The log of a whole journey says what was called and how it went, and nothing of whom it was about.

use reqwest::header;
use serde_json::{Value, json};

use crate::support::{Family, Secrets, World, envelope, hash, jpeg, png, send};

const BACKEND_KEY: &str = "a-backend-key-of-some-length";
const PERSONAL: [&str; 7] =
    ["林小满", "球球", "somebody@example.com", "奶奶的卧室", "摔倒地点", "hunter-22", "new-pass-33"];

/// Has a code sent; answers its hash.
async fn code(world: &World, secrets: &mut Secrets, phone: &str, command_type: i64) -> String {
    let data = json!({ "phone": phone, "command_type": command_type });
    let reply = world.call("/api/captcha", "sms/generate", data).await;
    let rand = secrets.hold_code(reply.ok()["rand"].as_str().expect("a text"));
    let code = secrets.hold_code(world.code(phone).await);
    let hash = secrets.hold(hash(&code, &rand));
    world.call("/api/captcha", "sms/validate", json!({ "hash": hash })).await.ok();
    hash
}

async fn register<'a>(world: &'a World, secrets: &mut Secrets, phone: &str) -> Family<'a> {
    secrets.hold(phone);
    let captcha = world.call("/api/captcha", "img/generate", json!({})).await;
    secrets.hold(captcha.ok()["imgdata"].as_str().expect("a text"));
    secrets.hold_code(captcha.ok()["rand"].as_str().expect("a text"));
    let wrong = secrets.hold("fedcba98765432100123456789abcdef");
    world.call("/api/captcha", "img/validate", json!({ "hash": wrong })).await;
    let sent = code(world, secrets, phone, 1).await;
    for hash in [&wrong, &sent, &sent] {
        let data = json!({ "phone": phone, "hash": hash, "pass": "hunter-22" });
        world.call("/api/user/register", "register/phone", data).await;
    }
    world.call("/api/user/login", "login/pass", json!({ "phone": phone, "pass": "new-pass-33" })).await;
    let data = json!({ "phone": phone, "pass": "hunter-22", "enduring": 1 });
    let login = world.call("/api/user/login", "login/pass", data).await;
    let token = secrets.hold(login.ok()["token"].as_str().expect("a text"));
    Family { world, phone: phone.to_owned(), token }
}

/// Everything that one can do, and a good deal that goes wrong.
async fn journey(world: &World, secrets: &mut Secrets) {
    let admin = register(world, secrets, "13800000001").await;
    let family = register(world, secrets, &World::phone()).await;
    let data = json!({
        "phone": family.phone, "name": "林小满", "nickname": "球球", "email": "somebody@example.com", "level": 3,
    });
    family.call("/api/user/info", "info/update", data).await.ok();
    let bad = json!({ "phone": family.phone, "email": "somebody@example.com@", "nickname": "球球".repeat(20) });
    family.call("/api/user/info", "info/update", bad).await;
    world.get(&format!("/api/user/info?token={}", family.token)).await.ok();
    world.get(&format!("/api/user/doki?token={}", family.token)).await.ok();
    admin.call("/api/user/nickname", "info/nickname", json!({ "user_id": family.phone })).await.ok();

    let portrait = secrets.hold(png(77, 5000).1);
    family.call("/api/portrait", "portrait/upload", json!({ "base64": portrait })).await.ok();
    for path in ["/api/get/portrait/", "/get/portrait/"] {
        world.get_raw(&format!("{path}{}", family.phone)).await;
    }

    let camera = family.camera("奶奶的卧室").await;
    secrets.hold(&camera.id);
    let fall = secrets.hold(jpeg(88, 5000).1);
    let report = json!({ "base64": fall, "content": "摔倒地点" });
    camera.report_once("hunter-22", report.clone()).await.ok();
    camera.report_once("hunter-22", report.clone()).await.ok();
    camera.report(json!({ "base64": "摔倒地点" })).await;
    let event_id = family.notices(0).await.remove(0);
    family.call("/api/get/notice", "notice/info", json!({ "event_id": event_id })).await.ok();
    family.sign(&event_id).await.ok();
    family.sign(&event_id).await;
    family.call("/api/device", "device/info", json!({ "device_name": "奶奶的卧室" })).await.ok();
    family.call("/api/device", "device/unbind", json!({ "device_id": camera.id })).await.ok();

    // Secrets where they do not belong.
    let token = &family.token;
    let misplaced = json!({ "id": family.phone, "type": token, "subtype": family.phone, "data": { "x": token } });
    for path in [format!("/api/device?token={token}"), format!("/api/notice?token={token}"), format!("/{token}")] {
        world.post_raw(&path, misplaced.to_string()).await;
    }
    let strange = world.http.post(world.url(&format!("/api/captcha?token={token}&phone={}", family.phone)));
    let strange = strange.header(header::USER_AGENT, &family.phone).header(header::COOKIE, format!("token={token}"));
    let strange = strange.header("x-api-key", BACKEND_KEY).header(header::REFERER, format!("http://x/?{token}"));
    send(strange.json(&envelope("sms/generate", json!({ "phone": format!("{}0", family.phone) })))).await;
    send(world.http.delete(world.url(&format!("/api/get/portrait/{}", family.phone)))).await;

    world.advance(60).await;
    let reset = code(world, secrets, &family.phone, 2).await;
    let data = json!({ "phone": family.phone, "hash": reset, "pass": "new-pass-33" });
    world.call("/api/user/password", "password/forget", data).await.ok();
    let data = json!({ "phone": family.phone, "old": "new-pass-33", "new": "hunter-22" });
    world.call("/api/user/password", "password/change", data).await.ok();
    for operation in ["user/list", "user/info", "user/update", "user/delete"] {
        admin.call("/api/admin/user", operation, json!({ "phone": family.phone, "name": "林小满" })).await.ok();
    }
    world.advance(60).await;
}

/// A tour past everything that can break under a function: its log tells of faults.
async fn broken_journey(world: &World, secrets: &mut Secrets, family: &Family<'_>, directory: &std::path::Path) {
    world.advance(60).await;
    let data = json!({ "phone": family.phone, "command_type": 2 });
    world.call("/api/captcha", "sms/generate", data).await.fails(1008, "短信服务请求超时");
    let camera = family.camera("奶奶的卧室").await;
    secrets.hold(&camera.id);
    camera.fall(1).await.ok();
    world.advance(120).await;
    std::fs::remove_dir_all(directory.join("s3")).expect("the bucket is there");
    camera.fall(2).await.fails(-500, "COS upload Error");
    let event_id = family.notices(0).await.remove(0);
    family.call("/api/get/notice", "notice/info", json!({ "event_id": event_id })).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_of_a_whole_journey_holds_nothing_personal_and_nothing_secret() {
    // Whatever an operator asks the log to tell.
    for level in ["info", "trace"] {
        let directory = tempfile::tempdir().unwrap();
        let parameters = [("ADMIN_PHONES", "13800000001"), ("BACKEND_KEY", BACKEND_KEY), ("LOG_LEVEL", level)];
        let world = World::process(directory.path(), parameters).await;
        let mut secrets = Secrets::new(PERSONAL);
        secrets.hold(BACKEND_KEY);
        journey(&world, &mut secrets).await;
        let family = register(&world, &mut secrets, &World::phone()).await;
        let (phone, token) = (family.phone.clone(), family.token.clone());
        let ended = world.terminate().await;
        assert!(ended.status.success());
        secrets.assert_not_in(&ended.output);

        let parameters =
            [("AWS_ENDPOINT_URL_SNS", "http://127.0.0.1:9"), ("LOG_LEVEL", level), ("UTC_OFFSET", "+00:00")];
        let world = World::process(directory.path(), parameters).await;
        let family = Family { world: &world, phone, token };
        broken_journey(&world, &mut secrets, &family, directory.path()).await;
        let ended = world.kill().await;
        assert!(ended.output.contains("\"message\":\"fault\""), "faults are logged");
        secrets.assert_not_in(&ended.output);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_request_has_one_line_with_its_route_and_outcome() {
    let directory = tempfile::tempdir().unwrap();
    let world = World::process(directory.path(), []).await;
    world.call("/api/captcha", "img/validate", json!({ "hash": "x" })).await.fails(100, "Error captcha hash");
    world.get("/api/user/doki?token=x").await.fails(1, "Token not existed");
    world.get_raw("/get/portrait/13900000000").await;
    send(world.http.put(world.url("/api/device"))).await;
    let output = world.terminate().await.output;
    let lines: Vec<Value> = output.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let lines: Vec<_> = lines.iter().filter(|line| line["message"] == "request").collect();
    let told = |key: &str| lines.iter().map(|line| line[key].clone()).collect::<Vec<_>>();
    assert_eq!(
        told("route"),
        ["POST /api/captcha", "GET /api/user/doki", "GET /get/portrait/{user_id}", "PUT /api/device"]
    );
    assert_eq!(told("function"), ["captcha", "token", "user", "device"]);
    assert!(told("request_id").iter().all(|id| id.as_str().is_some_and(|id| !id.is_empty())));
    assert_eq!(told("operation"), [json!("img/validate"), json!(null), json!(null), json!(null)]);
    assert_eq!(told("status"), [json!(100), json!(1), json!(null), json!(null)]);
    assert_eq!(told("http_status"), [200, 200, 200, 405]);
    assert!(told("duration_ms").iter().all(|duration| duration.as_f64().is_some_and(|duration| duration >= 0.0)));
}
