//! What a call may cost: round trips to DynamoDB, S3 and SNS, as the log line of each request counts them.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Camera, Family, PASSWORD, World, envelope, hash, is_alive, jpeg, log_in, send};

/// Round trips to DynamoDB, S3 and SNS.
type Trips = [u64; 3];

/// No line takes that long through a pipe.
const PATIENCE: Duration = Duration::from_secs(20);

/// The round trips of one request, and its data.
pub async fn measure(world: &World, request: reqwest::RequestBuilder) -> (Trips, Value) {
    let (trips, line, reply) = trips(world, request).await;
    assert_eq!(line["status"], reply["status"]);
    (trips, reply)
}

/// The round trips of one request, its log line, and its answer.
async fn trips(world: &World, request: reqwest::RequestBuilder) -> (Trips, Value, Value) {
    let response = send(request).await;
    let request_id = response.headers()["apigw-requestid"].to_str().expect("a text").to_owned();
    let answer: Value = response.json().await.expect("JSON");
    let line = tokio::time::timeout(PATIENCE, line_of(world, &request_id)).await.expect("each request has its line");
    (["dynamodb", "s3", "sns"].map(|service| line[service].as_u64().expect("a number")), line, answer)
}

/// The line was written before the answer, and is on its way through the pipe.
async fn line_of(world: &World, request_id: &str) -> Value {
    loop {
        let output = world.stack.process().output();
        let line = output.lines().find(|line| line.contains(request_id) && line.contains("\"message\":\"request\""));
        if let Some(line) = line {
            return serde_json::from_str(line).expect("JSON");
        }
        tokio::task::yield_now().await;
    }
}

/// The call must have this status and cost at most this much. Answers its data.
async fn costs(world: &World, path: &str, operation: &str, data: Value, status: i64, most: Trips) -> Value {
    let request = world.http.post(world.url(path)).json(&envelope(operation, data));
    let (trips, reply) = measure(world, request).await;
    assert_eq!(reply["status"], status, "{operation}: {reply}");
    assert!(trips.iter().zip(most).all(|(trips, most)| *trips <= most), "{operation} cost {trips:?}, not {most:?}");
    reply["data"].clone()
}

async fn family_costs(
    family: &Family<'_>,
    path: &str,
    operation: &str,
    data: Value,
    status: i64,
    most: Trips,
) -> Value {
    costs(family.world, &format!("{path}?token={}", family.token), operation, data, status, most).await
}

async fn upload_costs(camera: &Camera<'_>, key: Option<&str>, most: Trips) {
    let path = camera.world.url(&format!("/api/notice?token={}", camera.id));
    let post = camera.world.http.post(path).json(&envelope("notice/upload", json!({ "base64": jpeg(1, 500).1 })));
    let post = match key {
        Some(key) => post.header("Idempotency-Key", key),
        None => post,
    };
    let (trips, reply) = measure(camera.world, post).await;
    assert_eq!(reply["status"], 0);
    assert!(trips.iter().zip(most).all(|(trips, most)| *trips <= most), "an upload cost {trips:?}, not {most:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn captchas_registering_and_logging_in_keep_to_their_budgets() {
    let directory = tempfile::tempdir().unwrap();
    let world = World::process(directory.path(), []).await;
    let phone = World::phone();
    costs(&world, "/api/captcha", "img/generate", json!({}), 0, [1, 0, 0]).await;
    costs(&world, "/api/captcha", "img/validate", json!({ "hash": "0".repeat(32) }), 100, [1, 0, 0]).await;
    let sent = costs(&world, "/api/captcha", "sms/generate", json!({ "phone": phone }), 0, [2, 0, 1]).await;
    let hash = hash(&world.code(&phone).await, sent["rand"].as_str().unwrap());
    let data = json!({ "phone": phone, "hash": hash, "pass": "correct horse 7" });
    costs(&world, "/api/user/register", "register/phone", data, 0, [2, 0, 0]).await;
    let mut token = Value::Null;
    // The eleventh displaces the first.
    for _ in 0..12 {
        let data = json!({ "phone": phone, "pass": "correct horse 7" });
        token = costs(&world, "/api/user/login", "login/pass", data, 0, [2, 0, 0]).await["token"].clone();
    }
    let data = json!({ "phone": phone, "pass": "wrong" });
    costs(&world, "/api/user/login", "login/pass", data, 101, [2, 0, 0]).await;
    for (token, status, most) in [(token.as_str().unwrap(), 0, 1), (&*"0".repeat(32), 1, 1), ("x", 1, 0)] {
        let (trips, reply) = measure(&world, world.http.get(world.url(&format!("/api/user/doki?token={token}")))).await;
        assert_eq!(reply["status"], status);
        assert!(trips[0] <= most, "doki cost {trips:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn codes_passwords_and_profiles_keep_to_their_budgets() {
    let directory = tempfile::tempdir().unwrap();
    let world = World::process(directory.path(), []).await;
    let family = world.family().await;
    world.advance(30).await;
    let reset = json!({ "phone": family.phone, "command_type": 2 });
    let sent = costs(&world, "/api/captcha", "sms/generate", reset.clone(), 0, [3, 0, 1]).await;
    costs(&world, "/api/captcha", "sms/generate", reset, 1023, [2, 0, 0]).await;
    let hash = hash(&world.code(&family.phone).await, sent["rand"].as_str().unwrap());
    costs(&world, "/api/captcha", "sms/validate", json!({ "hash": hash }), 0, [4, 0, 0]).await;
    costs(&world, "/api/captcha", "sms/validate", json!({ "hash": "0".repeat(32) }), 100, [2, 0, 0]).await;
    let data = json!({ "phone": family.phone, "hash": hash, "pass": PASSWORD });
    costs(&world, "/api/user/password", "password/forget", data, 0, [3, 0, 0]).await;
    let family = Family { token: log_in(&world, &family.phone).await, ..family };
    let data = json!({ "phone": family.phone, "name": "somebody" });
    family_costs(&family, "/api/user/info", "info/update", data, 0, [2, 0, 0]).await;
    let data = json!({ "user_id": family.phone });
    family_costs(&family, "/api/user/nickname", "info/nickname", data, 0, [2, 0, 0]).await;
    let portrait = json!({ "base64": jpeg(1, 500).1 });
    family_costs(&family, "/api/portrait", "portrait/upload", portrait, 0, [2, 1, 0]).await;
    let data = json!({ "phone": family.phone, "old": PASSWORD, "new": "another horse 8" });
    family_costs(&family, "/api/user/password", "password/change", data, 0, [2, 0, 0]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn registering_by_the_errno_api_reads_the_account_and_the_code_and_writes_account_and_session() {
    let directory = tempfile::tempdir().unwrap();
    let world = World::process(directory.path(), []).await;
    let phone = World::phone();
    let user = json!({ "mobile": phone, "sms_code": world.sms_code(&phone).await, "password": PASSWORD });
    let (trips, _, answer) = trips(&world, world.http.post(world.url("/api/v1.0/users")).json(&user)).await;
    assert_eq!(answer["data"]["mobile"], phone.as_str());
    assert!(trips[0] <= 4 && trips[1..] == [0, 0], "{trips:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cameras_keep_to_their_budgets() {
    let directory = tempfile::tempdir().unwrap();
    let world = World::process(directory.path(), []).await;
    let family = world.family().await;
    let device = async |subtype: &str, data: Value, most: Trips| {
        family_costs(&family, "/api/device", &format!("device/{subtype}"), data, 0, most).await
    };
    let id = device("add", json!({ "device": "hall" }), [2, 0, 0]).await["device_id"].clone();
    let data = json!({ "device_id": id });
    device("bind", data.clone(), [5, 0, 0]).await;
    device("list", json!({}), [3, 0, 0]).await;
    device("info", data.clone(), [2, 0, 0]).await;
    device("unbind", data, [3, 0, 0]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_report_costs_two_round_trips_the_picture_and_one_more_for_alerts_that_were_sent() {
    let directory = tempfile::tempdir().unwrap();
    let world = World::process(directory.path(), []).await;
    let (family, others) = (world.family().await, world.family().await);
    let camera = family.add_camera("hall").await;
    upload_costs(&camera, None, [2, 1, 0]).await;
    family.bind(&camera).await.ok();
    upload_costs(&camera, None, [3, 1, 1]).await;
    others.bind(&camera).await.ok();
    upload_costs(&camera, None, [3, 1, 2]).await;
    upload_costs(&camera, Some("key"), [3, 1, 2]).await;
    upload_costs(&camera, Some("key"), [1, 0, 0]).await;
    let upload = json!({ "base64": jpeg(1, 500).1 });
    costs(&world, &format!("/api/notice?token={}", "0".repeat(32)), "notice/upload", upload, -104, [1, 0, 0]).await;
    let bad = json!({ "base64": "bad" });
    costs(&world, &format!("/api/notice?token={}", camera.id), "notice/upload", bad, -204, [1, 0, 0]).await;
    costs(&world, "/api/notice?token=x", "notice/upload", json!({}), -104, [0, 0, 0]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_report_without_alerts_costs_two_round_trips_whoever_is_bound() {
    let directory = tempfile::tempdir().unwrap();
    let world = World::process(directory.path(), [("FALL_ALERTS", "false")]).await;
    let family = world.family().await;
    let camera = family.camera("hall").await;
    upload_costs(&camera, None, [2, 1, 0]).await;
    upload_costs(&camera, Some("key"), [2, 1, 0]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reading_costs_a_token_check_and_one_round_trip_whatever_the_history() {
    let directory = tempfile::tempdir().unwrap();
    let world = World::process(directory.path(), [("FALL_ALERTS", "false")]).await;
    let family = world.family().await;
    let path = "/api/get/notice";
    family_costs(&family, path, "notice/get", json!({ "mode": 0 }), 101, [2, 0, 0]).await;
    let cameras = [family.camera("a").await, family.camera("b").await, family.camera("c").await];
    for seed in 0..30 {
        cameras[seed as usize % 3].fall(seed).await.ok();
    }
    let falls = family.notices(2).await;
    for fall in &falls[10..] {
        family.sign(fall).await.ok();
    }
    for mode in 0..3 {
        family_costs(&family, path, "notice/get", json!({ "mode": mode }), 0, [2, 0, 0]).await;
        family_costs(&family, path, "notice/get", json!({ "mode": mode, "limit": 4 }), 0, [2, 0, 0]).await;
        let next = json!({ "mode": mode, "limit": 4, "before": falls[15] });
        family_costs(&family, path, "notice/get", next, 0, [3, 0, 0]).await;
    }
    let data = json!({ "event_id": falls[0] });
    family_costs(&family, path, "notice/info", data.clone(), 0, [2, 1, 0]).await;
    family_costs(&family, path, "notice/sign", data.clone(), 0, [2, 0, 0]).await;
    family_costs(&family, path, "notice/sign", data, 101, [2, 0, 0]).await;
    let unknown = json!({ "event_id": "0".repeat(32) });
    family_costs(&family, path, "notice/info", unknown.clone(), -204, [2, 0, 0]).await;
    family_costs(&family, path, "notice/sign", unknown, 100, [2, 0, 0]).await;
    costs(&world, &format!("{path}?token={}", "0".repeat(32)), "notice/get", json!({ "mode": 0 }), -101, [1, 0, 0])
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_beside_ten_old_tokens_that_are_alive_costs_one_round_trip_more() {
    let directory = tempfile::tempdir().unwrap();
    let world = World::process(directory.path(), []).await;
    let family = world.family().await;
    let mut tokens = vec![family.token.clone()];
    for _ in 1..10 {
        tokens.push(log_in(&world, &family.phone).await);
    }
    for _ in 0..2 {
        world.advance(400).await;
        for token in &tokens {
            assert!(is_alive(&world, token).await);
        }
    }
    // Which old tokens are dead is known only once a transaction that takes them for dead is refused.
    let data = json!({ "phone": family.phone, "pass": "correct horse 7" });
    costs(&world, "/api/user/login", "login/pass", data, 0, [3, 0, 0]).await;
}
