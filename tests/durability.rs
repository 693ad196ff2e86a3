//! What was answered with 0 is there after any crash. The stack runs as a process with its data on disk.

use std::{path::Path, sync::Mutex};

use base64::{Engine, engine::general_purpose::STANDARD};
use futures_util::future::{join, join_all};
use serde_json::{Value, json};

use crate::budgets::measure;
use crate::support::{Camera, Family, Process, World, envelope, is_alive, jpeg, log_in, md5};

/// What a call came to, when it was answered before the process died.
async fn attempt(world: &World, path: &str, operation: &str, data: Value) -> Option<Value> {
    let post = world.http.post(world.url(path)).json(&envelope(operation, data));
    let reply: Value = post.send().await.ok()?.json().await.ok()?;
    (reply["status"] == 0).then(|| reply["data"].clone())
}

/// Calls until the process is gone; answers what was answered.
async fn stream<T>(mut call: impl AsyncFnMut(u32) -> Option<T>) -> Vec<T> {
    let mut answered = Vec::new();
    for seed in 0.. {
        match call(seed).await {
            Some(answer) => answered.push(answer),
            None => break,
        }
    }
    answered
}

/// Resolves when so many things were answered.
async fn once(count: u32, done: &Mutex<u32>) {
    while *done.lock().expect("no panic") < count {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_in_the_middle_of_uploads_loses_no_fall_no_picture_and_no_alert() {
    let directory = tempfile::tempdir().unwrap();
    for round in 0..3 {
        let world = World::process(directory.path(), []).await;
        let family = world.family().await;
        let camera = family.camera(&format!("camera {round}")).await;
        let done = Mutex::new(0);
        let streams = join_all((0..4).map(|lane| {
            let (world, path, done) = (&world, format!("/api/notice?token={}", camera.id), &done);
            stream(async move |seed| {
                let (picture, base64) = jpeg(lane * 100_000 + seed, 20_000);
                attempt(world, &path, "notice/upload", json!({ "base64": base64 })).await?;
                *done.lock().unwrap() += 1;
                Some(picture)
            })
        }));
        let killing = async {
            once(10 + round * 7, &done).await;
            world.stack.process().start_kill();
        };
        let (uploads, ()) = join(streams, killing).await;
        let pictures = uploads.concat();
        let (phone, token, id) = (family.phone.clone(), family.token.clone(), camera.id.clone());
        world.kill().await;

        let world = World::process(directory.path(), []).await;
        world.advance(120).await;
        let (family, camera) = (Family { world: &world, phone, token }, Camera { world: &world, id });
        let falls = family.notices(0).await;
        let infos = falls.iter().map(|fall| json!({ "event_id": fall }));
        let infos = join_all(infos.map(|data| family.call("/api/get/notice", "notice/info", data))).await;
        let there: Vec<_> =
            infos.iter().map(|info| STANDARD.decode(info.ok()["base64"].as_str().unwrap()).unwrap()).collect();
        assert!(pictures.len() >= 10);
        for picture in &pictures {
            assert!(there.contains(picture), "a fall that was answered 0 is gone");
        }
        let alerts = world.messages(&family.phone).await;
        let alerts = alerts.iter().filter(|message| message.contains("摔倒")).count();
        assert!(alerts >= falls.len(), "{alerts} alerts for {} falls", falls.len());
        camera.fall(1).await.ok();
        world.kill().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_in_the_middle_of_registrations_loses_no_account_no_token_and_no_camera() {
    let directory = tempfile::tempdir().unwrap();
    let parameters = [("SMS_PER_SOURCE_PER_HOUR", "1000")];
    let world = World::process(directory.path(), parameters).await;
    let done = Mutex::new(0);
    let streams = join_all((0..3).map(|_| {
        let (world, done) = (&world, &done);
        stream(async move |_| {
            let phone = World::phone();
            let code = json!({ "phone": phone, "command_type": 1 });
            let rand = attempt(world, "/api/captcha", "sms/generate", code).await?["rand"].clone();
            let outbox: Value = world.http.get(world.url("/_local/sms")).send().await.ok()?.json().await.ok()?;
            let message = outbox.as_array()?.iter().find(|message| message["phone"] == *phone)?["message"].clone();
            let code: String = message.as_str()?.chars().filter(char::is_ascii_digit).take(6).collect();
            let hash = md5(code + rand.as_str()?);
            let data = json!({ "phone": phone, "hash": hash, "pass": "correct horse 7" });
            attempt(world, "/api/user/register", "register/phone", data).await?;
            let data = json!({ "phone": phone, "pass": "correct horse 7", "enduring": 1 });
            let token = attempt(world, "/api/user/login", "login/pass", data).await;
            let path =
                format!("/api/device?token={}", token.as_ref().map_or("", |token| token["token"].as_str().unwrap()));
            let camera = attempt(world, &path, "device/add", json!({ "device": "hall" })).await;
            *done.lock().unwrap() += 1;
            Some((phone, token, camera))
        })
    }));
    let killing = async {
        once(9, &done).await;
        world.stack.process().start_kill();
    };
    let (lanes, ()) = join(streams, killing).await;
    world.kill().await;

    let world = World::process(directory.path(), parameters).await;
    let people = lanes.concat();
    assert!(people.len() >= 9);
    for (phone, token, camera) in people {
        log_in(&world, &phone).await;
        let Some(token) = token else { continue };
        let token = token["token"].as_str().unwrap().to_owned();
        assert!(is_alive(&world, &token).await);
        let family = Family { world: &world, phone, token };
        if let Some(camera) = camera {
            let list = family.call("/api/device", "device/list", json!({})).await;
            assert_eq!(list.ok()["list"][0]["device_id"], camera["device_id"]);
        }
    }
}

pub fn pictures(directory: &Path, prefix: &str) -> usize {
    std::fs::read_dir(directory.join("s3/helpaged-pictures").join(prefix)).map_or(0, Iterator::count)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_removal_that_a_kill_cut_short_is_completed_by_asking_again() {
    let directory = tempfile::tempdir().unwrap();
    let parameters = [("FALL_ALERTS", "false")];
    let world = World::process(directory.path(), parameters).await;
    let family = world.family().await;
    let camera = family.camera("hall").await;
    for seed in 0..80 {
        camera.fall(seed).await.ok();
    }
    let falls = family.notices(2).await;
    let files = pictures(directory.path(), "falls");
    let path = format!("/api/device?token={}", family.token);
    let remove = json!({ "device_id": camera.id });
    let killing = async {
        while pictures(directory.path(), "falls") == files {
            tokio::task::yield_now().await;
        }
        world.stack.process().start_kill();
    };
    join(attempt(&world, &path, "device/remove", remove.clone()), killing).await;
    let (phone, token) = (family.phone.clone(), family.token.clone());
    world.kill().await;

    let world = World::process(directory.path(), parameters).await;
    let family = Family { world: &world, phone, token };
    let again = family.call("/api/device", "device/remove", remove).await;
    assert!([0, 100].contains(&again.status()), "{}", again.body);
    assert_eq!(pictures(directory.path(), "falls"), 0, "no picture stays that nobody can delete any more");
    for fall in falls {
        let info = family.call("/api/get/notice", "notice/info", json!({ "event_id": fall })).await;
        info.fails(-204, "Arg's value error");
    }
    family.add_camera("hall").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_binding_that_a_kill_cut_short_goes_on_where_it_was_when_it_is_asked_for_again() {
    let directory = tempfile::tempdir().unwrap();
    let parameters = [("FALL_ALERTS", "false")];
    let world = World::process(directory.path(), parameters).await;
    let (family, others) = (world.family().await, world.family().await);
    let camera = family.camera("hall").await;
    for seed in 0..220 {
        camera.fall(seed).await.ok();
    }
    let path = format!("/api/device?token={}", others.token);
    let bind = attempt(&world, &path, "device/bind", json!({ "device_id": camera.id }));
    let killing = async {
        // A part of the history is there: the binding is under way.
        let get = json!({ "mode": 0 });
        let path = format!("/api/get/notice?token={}", others.token);
        while attempt(&world, &path, "notice/get", get.clone()).await.is_none_or(|page| page["num"] == 0) {}
        world.stack.process().start_kill();
    };
    join(bind, killing).await;
    let (phone, token, id) = (others.phone.clone(), others.token.clone(), camera.id.clone());
    world.kill().await;

    let world = World::process(directory.path(), parameters).await;
    let (others, camera) = (Family { world: &world, phone, token }, Camera { world: &world, id });
    let missing = 220 - others.notices(0).await.len();
    let path = world.url(&format!("/api/device?token={}", others.token));
    let bind = world.http.post(path).json(&envelope("device/bind", json!({ "device_id": camera.id })));
    let (trips, reply) = measure(&world, bind).await;
    assert_eq!(reply["status"], 0);
    assert_eq!(others.notices(0).await.len(), 220);
    // The token, the binding, the falls that are left, and that this is all: nothing is done twice.
    let most = 4 + missing.div_ceil(99) as u64;
    assert!(trips[0] <= most, "{} round trips for {missing} falls", trips[0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unbinding_that_dies_beside_a_new_binding_takes_nothing_out_of_its_inbox() {
    let directory = tempfile::tempdir().unwrap();
    let parameters = [("FALL_ALERTS", "false")];
    let mut world = World::process(directory.path(), parameters).await;
    let (family, others) = (world.family().await, world.family().await);
    let camera = family.camera("hall").await;
    for seed in 0..220 {
        camera.fall(seed).await.ok();
    }
    let (phone, token, id) = (others.phone.clone(), others.token.clone(), camera.id.clone());
    let data = json!({ "device_id": id });
    let (devices, notices) = (format!("/api/device?token={token}"), format!("/api/get/notice?token={token}"));
    for round in 0..4 {
        assert!(attempt(&world, &devices, "device/bind", data.clone()).await.is_some());
        let unbind = attempt(&world, &devices, "device/unbind", data.clone());
        let killing = async {
            // Unbound already, but most of the entries are still there.
            while attempt(&world, &notices, "notice/get", json!({ "mode": 0 })).await.is_some() {}
            assert!(attempt(&world, &devices, "device/bind", data.clone()).await.is_some());
            world.stack.process().start_kill();
        };
        join(unbind, killing).await;
        world.kill().await;

        world = World::process(directory.path(), parameters).await;
        let others = Family { world: &world, phone: phone.clone(), token: token.clone() };
        assert_eq!(others.notices(0).await.len(), 220, "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_to_stop_is_followed_and_everything_is_there_at_the_next_start() {
    let directory = tempfile::tempdir().unwrap();
    let world = World::process(directory.path(), []).await;
    let family = world.family().await;
    let camera = family.camera("hall").await;
    camera.report_once("key", json!({ "base64": jpeg(1, 100).1 })).await.ok();
    family.sign(&family.notices(0).await[0]).await.ok();
    let second = Process::start(directory.path(), &[]).await;
    let second = second.err().expect("a directory serves one stack at a time");
    assert!(!second.status.success() && second.output.contains("in use"), "{}", second.output);
    let (phone, token, id) = (family.phone.clone(), family.token.clone(), camera.id.clone());
    let ended = world.terminate().await;
    assert!(ended.status.success(), "{:?}", ended.status);

    let world = World::process(directory.path(), []).await;
    let (family, camera) = (Family { world: &world, phone, token }, Camera { world: &world, id });
    camera.report_once("key", json!({ "base64": jpeg(1, 100).1 })).await.ok();
    assert_eq!((family.notices(0).await.len(), family.notices(1).await.len()), (0, 1));
    world.advance(300).await;
    assert_eq!(world.messages(&family.phone).await.len(), 2, "the code and one alert");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_malformed_parameter_stops_the_start_with_its_name_and_without_its_value() {
    for (name, value) in [
        ("ADMIN_PHONES", "13800000001,nobody-7731"),
        ("BACKEND_KEY", "short-key-7731"),
        ("REQUIRE_CAPTCHA_FOR_SMS", "perhaps-7731"),
        ("SMS_PER_SOURCE_PER_HOUR", "-7731"),
        ("SMS_PER_DAY", "many-7731"),
        ("SMS_PER_DAY", ""),
        ("FALL_ALERTS", "TRUE-7731"),
        ("ALLOWED_REFERERS", "http://example.org/7731"),
        ("UTC_OFFSET", "Shanghai-7731"),
        ("UTC_OFFSET", "+14:30"),
        ("PORT", "7731000"),
    ] {
        let directory = tempfile::tempdir().unwrap();
        let ended = Process::start(directory.path(), &[(name, value)]).await.err().expect("it does not start");
        assert!(!ended.status.success());
        assert!(ended.output.contains(name), "{name}: {}", ended.output);
        assert!(!ended.output.contains("7731"), "{name}: {}", ended.output);
    }
}
