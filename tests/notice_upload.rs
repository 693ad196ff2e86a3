//! Contract section 1.6, `notice/upload`: what a camera may report, and what it is told.

use base64::{Engine, engine::general_purpose::STANDARD};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{Camera, Family, Reply, World, envelope, jpeg, log_in, md5, png, send};

const MOST: usize = 4 * 1024 * 1024;

async fn info(family: &Family<'_>, event_id: &str) -> Value {
    family.call("/api/get/notice", "notice/info", json!({ "event_id": event_id })).await.ok().clone()
}

async fn count(family: &Family<'_>) -> usize {
    family.notices(2).await.len()
}

async fn alerts(world: &World, phone: &str) -> usize {
    world.messages(phone).await.iter().filter(|message| message.contains("摔倒")).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_a_camera_s_id_is_a_camera_s_token() {
    let world = World::new().await;
    let family = world.family().await;
    let camera = family.camera("hall").await;
    let data = json!({ "base64": jpeg(1, 100).1 });
    world.call("/api/notice", "notice/upload", data.clone()).await.fails(-100, "Missing necessary args");
    let (upper, longer) = (camera.id.to_uppercase(), format!("{}0", camera.id));
    for token in [&family.token, "0123456789abcdef0123456789abcdef", "x", &upper, &longer, "%00", &camera.id[..31]] {
        let reply = world.call(&format!("/api/notice?token={token}"), "notice/upload", data.clone()).await;
        reply.fails(-104, "Error device_id token");
    }
    assert_eq!(count(&family).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_token_is_judged_before_the_envelope_and_that_before_the_data() {
    let world = World::new().await;
    let family = world.family().await;
    let camera = family.camera("hall").await;
    let of = |token: &str, body: Value| {
        let path = format!("/api/notice?token={token}");
        let world = &world;
        async move { world.post(&path, &body).await }
    };
    let reply = of("x", json!({ "id": "17" })).await;
    assert_eq!((reply.id(), reply.status()), (17, -104));
    let reply = of(&camera.id, json!({ "id": "17" })).await;
    assert_eq!((reply.id(), reply.status()), (17, -1));
    for operation in ["notice/get", "notice/info", "device/add", "x/upload"] {
        let reply = world.call(&format!("/api/notice?token={}", camera.id), operation, json!({})).await;
        reply.fails(-2, "Error JSON value");
    }
    for (data, status) in [
        (json!({}), -3),
        (json!({ "content": 1 }), -3),
        (json!({ "base64": 1 }), -203),
        (json!({ "base64": "" }), -201),
        (json!({ "base64": null }), -201),
        (json!({ "base64": jpeg(1, 100).1, "content": 1 }), -203),
        (json!({ "base64": jpeg(1, 100).1, "content": ["x"] }), -203),
    ] {
        assert_eq!(camera.report(data.clone()).await.status(), status, "{data}");
    }
    assert_eq!(count(&family).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pictures_are_told_by_their_content() {
    let world = World::new().await;
    let family = world.family().await;
    let camera = family.camera("hall").await;
    for bytes in [
        jpeg(1, 500).0,
        png(2, 500).0,
        b"GIF89a\x01\0\x01\0\0\0\0;".to_vec(),
        b"RIFF\x10\0\0\0WEBPVP8 \x04\0\0\0\0\0\0\0".to_vec(),
    ] {
        let encoded = STANDARD.encode(&bytes);
        for base64 in [
            encoded.clone(),
            format!("data:image/jpg;base64,{encoded}"),
            format!("data:image/png;base64,{encoded}"),
            encoded.trim_end_matches('=').to_owned(),
        ] {
            let reply = camera.report(json!({ "base64": base64, "device": "of an older camera" })).await;
            assert_eq!(reply.ok(), &json!({ "pic_name": md5(&bytes) }));
            let newest = family.notices(0).await.remove(0);
            let shown = info(&family, &newest).await;
            assert_eq!(STANDARD.decode(shown["base64"].as_str().unwrap()).unwrap(), bytes);
        }
    }
    assert_eq!(count(&family).await, 16);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_picture_is_refused_and_told_to_nobody() {
    let world = World::new().await;
    let family = world.family().await;
    let camera = family.camera("hall").await;
    let encode = |bytes: &[u8]| STANDARD.encode(bytes);
    for base64 in [
        encode(b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        format!("data:image/svg+xml;base64,{}", encode(b"<?xml version='1.0'?><svg/>")),
        format!("data:image/jpeg;base64,{}", encode(b"<!DOCTYPE html><script>alert(1)</script>")),
        encode(b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0"),
        encode(b"%PDF-1.7"),
        encode(b"just text"),
        "data:image/png;base64,".to_owned(),
        "data:image/png,abc".to_owned(),
        "data:".to_owned(),
        "not base64!".to_owned(),
        format!("{}*", jpeg(1, 99).1),
        jpeg(1, 100).1.replace('/', "_"),
        "\u{0}".to_owned(),
        "摔倒".to_owned(),
        "=".repeat(1000),
        "A".repeat(100_000),
    ] {
        let reply = camera.report(json!({ "base64": base64 })).await;
        assert_eq!(reply.status(), -204, "{base64:.60}");
        assert_eq!(reply.body["message"], "Arg's value error");
    }
    assert_eq!(count(&family).await, 0);
    assert_eq!(alerts(&world, &family.phone).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_picture_has_at_most_four_mebibytes() {
    let world = World::new().await;
    let family = world.family().await;
    let camera = family.camera("hall").await;
    let (largest, encoded) = jpeg(1, MOST);
    camera.report(json!({ "base64": format!("data:image/jpeg;base64,{encoded}") })).await.ok();
    let shown = info(&family, &family.notices(0).await[0]).await;
    assert!(STANDARD.decode(shown["base64"].as_str().unwrap()).unwrap() == largest, "it comes back whole");
    for length in [MOST + 1, MOST + 100_000] {
        camera.report(json!({ "base64": jpeg(1, length).1 })).await.fails(-204, "Arg's value error");
    }
    assert_eq!(count(&family).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn content_has_at_most_255_characters_of_any_kind() {
    let world = World::new().await;
    let family = world.family().await;
    let camera = family.camera("hall").await;
    let base64 = jpeg(1, 100).1;
    for content in ["摔".repeat(255), "🛏".repeat(255), "\"\\\n\u{0}<br>\u{202e}".to_owned(), String::new()] {
        camera.report(json!({ "base64": base64, "content": content })).await.ok();
        let newest = family.notices(0).await.remove(0);
        assert_eq!(info(&family, &newest).await["content"], content);
    }
    for data in [json!({ "base64": base64 }), json!({ "base64": base64, "content": null })] {
        camera.report(data).await.ok();
        let newest = family.notices(0).await.remove(0);
        assert_eq!(info(&family, &newest).await["content"], "");
    }
    for content in ["摔".repeat(256), "x".repeat(256), "x".repeat(100_000)] {
        let reply = camera.report(json!({ "base64": base64, "content": content })).await;
        reply.fails(-204, "Arg's value error");
    }
    assert_eq!(count(&family).await, 6);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fall_is_not_refused_for_half_a_character_in_its_content() {
    let world = World::new().await;
    let family = world.family().await;
    let camera = family.camera("hall").await;
    // As Python writes a byte that was no text, and JavaScript an emoji that was cut.
    for (written, kept) in [
        ("fall \\udc80".to_owned(), "fall \u{fffd}".to_owned()),
        (format!("{}\\ud83d", "x".repeat(254)), format!("{}\u{fffd}", "x".repeat(254))),
    ] {
        let report = envelope("notice/upload", json!({ "base64": jpeg(1, 100).1, "content": "here" })).to_string();
        let body = report.replace("\"here\"", &format!("\"{written}\""));
        let reply = Reply::of(world.post_raw(&format!("/api/notice?token={}", camera.id), body).await).await;
        reply.ok();
        let newest = family.notices(0).await.remove(0);
        assert_eq!(info(&family, &newest).await["content"], kept);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fall_is_kept_although_nobody_is_bound_yet() {
    let world = World::new().await;
    let family = world.family().await;
    let camera = family.add_camera("hall").await;
    camera.fall(1).await.ok();
    assert_eq!(alerts(&world, &family.phone).await, 0);
    family.bind(&camera).await.ok();
    assert_eq!(count(&family).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repeated_request_gets_the_first_answer_and_makes_one_notice_and_one_alert() {
    let world = World::new().await;
    let family = world.family().await;
    let camera = family.camera("hall").await;
    let data = json!({ "base64": jpeg(1, 1000).1, "content": "fall" });
    let first = camera.report_once("a1", data.clone()).await;
    assert_eq!(first.ok()["pic_name"], md5(jpeg(1, 1000).0));
    for _ in 0..3 {
        assert_eq!(camera.report_once("a1", data.clone()).await.body, first.body);
    }
    world.advance(300).await;
    assert_eq!(camera.report_once("a1", data.clone()).await.body, first.body);
    assert_eq!((count(&family).await, alerts(&world, &family.phone).await), (1, 1));

    camera.report_once("a2", data.clone()).await.ok();
    camera.report(data.clone()).await.ok();
    camera.report(data).await.ok();
    assert_eq!((count(&family).await, alerts(&world, &family.phone).await), (4, 4));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_repetitions_at_once_make_one_notice_and_one_alert() {
    let world = World::new().await;
    let family = world.family().await;
    let camera = family.camera("hall").await;
    // Each repetition carries another picture, so that the one answer shows which of them was the first.
    let replies = join_all((0..50).map(|seed| {
        let camera = &camera;
        async move { camera.report_once("once", json!({ "base64": jpeg(seed, 1000).1 })).await }
    }))
    .await;
    for reply in &replies {
        assert_eq!(reply.ok(), replies[0].ok());
    }
    world.advance(120).await;
    assert_eq!((count(&family).await, alerts(&world, &family.phone).await), (1, 1));
    let shown = info(&family, &family.notices(0).await[0]).await;
    assert_eq!(shown["pic_name"], replies[0].ok()["pic_name"]);
    assert_eq!(md5(STANDARD.decode(shown["base64"].as_str().unwrap()).unwrap()), shown["pic_name"].as_str().unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_a_camera_uses_again_after_a_restart_swallows_no_fall() {
    let world = World::new().await;
    let family = world.family().await;
    let camera = family.camera("hall").await;
    let told = async || {
        let family = Family { world: &world, phone: family.phone.clone(), token: log_in(&world, &family.phone).await };
        (count(&family).await, alerts(&world, &family.phone).await)
    };
    let (first, second) = (json!({ "base64": jpeg(1, 100).1 }), json!({ "base64": jpeg(2, 100).1 }));
    let answer = camera.report_once("1", first.clone()).await;
    world.advance(9 * 60).await;
    // The camera took another picture for its next try.
    assert_eq!(camera.report_once("1", second.clone()).await.body, answer.body);
    world.advance(2 * 60).await;
    assert_eq!(camera.report_once("1", first).await.body, answer.body, "the very same request");
    assert_eq!(told().await, (1, 1));

    let another = camera.report_once("1", second.clone()).await;
    assert_eq!(another.ok()["pic_name"], md5(jpeg(2, 100).0));
    assert_eq!(camera.report_once("1", second).await.body, another.body);
    assert_eq!(told().await, (2, 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_belongs_to_one_camera_and_a_refused_request_leaves_it_unused() {
    let world = World::new().await;
    let family = world.family().await;
    let (hall, kitchen) = (family.camera("hall").await, family.camera("kitchen").await);
    hall.report_once("key", json!({ "base64": "not a picture" })).await.fails(-204, "Arg's value error");
    hall.report_once("key", json!({ "base64": jpeg(1, 100).1 })).await.ok();
    let other = kitchen.report_once("key", json!({ "base64": jpeg(2, 100).1 })).await;
    assert_eq!(other.ok()["pic_name"], md5(jpeg(2, 100).0));
    assert_eq!(count(&family).await, 2);
}

async fn report_with(camera: &Camera<'_>, key: &[u8]) -> Reply {
    let post = camera.world.http.post(camera.world.url(&format!("/api/notice?token={}", camera.id)));
    let post = post.header("Idempotency-Key", reqwest::header::HeaderValue::from_bytes(key).expect("a header"));
    Reply::of(send(post.json(&envelope("notice/upload", json!({ "base64": jpeg(1, 100).1 })))).await).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_text_is_a_key() {
    let world = World::new().await;
    let family = world.family().await;
    let camera = family.camera("hall").await;
    let long = "k".repeat(4000);
    let keys = ["卧室 1", "a b", "#~'\"", &long];
    for key in keys {
        report_with(&camera, key.as_bytes()).await.ok();
        report_with(&camera, key.as_bytes()).await.ok();
    }
    assert_eq!(count(&family).await, keys.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn times_are_those_of_the_deployment_s_zone() {
    let mut hours = Vec::new();
    for offset in ["+08:00", "-03:30"] {
        let world = World::with([("UTC_OFFSET", offset)]).await;
        let family = world.family().await;
        let camera = family.camera("hall").await;
        camera.fall(1).await.ok();
        let shown = info(&family, &family.notices(0).await[0]).await;
        let time = shown["createtime"].as_str().unwrap().to_owned();
        let pattern: String = time.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
        assert_eq!(pattern, "0000-00-00 00:00:00");
        assert!(world.messages(&family.phone).await[0].contains(&time), "the alert tells the same time");
        let number = |range: std::ops::Range<usize>| time[range].parse::<i64>().unwrap();
        hours.push(number(11..13) * 60 + number(14..16));
    }
    let apart = (hours[0] - hours[1]).rem_euclid(24 * 60);
    assert!((11 * 60 + 28..=11 * 60 + 30).contains(&apart), "{apart} minutes");
}
