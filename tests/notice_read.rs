//! Contract section 1.6, `notice/info` and `notice/sign`: opening a fall, and marking it read.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{Family, Reply, World, assert_one_succeeds, jpeg, md5};

const NOBODYS: &str = "0190a0b1c2d37e4f8a9b0c1d2e3f4a5b";

async fn info(family: &Family<'_>, data: Value) -> Reply {
    family.call("/api/get/notice", "notice/info", data).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fall_is_opened_with_its_picture_as_often_as_one_likes() {
    let world = World::new().await;
    let family = world.family().await;
    let camera = family.camera("卧室").await;
    let (picture, base64) = jpeg(1, 3000);
    camera.report(json!({ "base64": base64, "content": "摔倒" })).await.ok();
    let fall = family.notices(0).await.remove(0);
    let listed = family.call("/api/get/notice", "notice/get", json!({ "mode": 0 })).await;
    let mut expected = listed.ok()["list"][0].clone();
    expected["base64"] = json!(base64);
    assert_eq!(expected["pic_name"], md5(picture));
    for _ in 0..2 {
        assert_eq!(info(&family, json!({ "event_id": fall })).await.ok(), &expected);
    }
    assert_eq!(family.notices(0).await, [&*fall], "looking does not mark it");
    family.sign(&fall).await.ok();
    assert_eq!(info(&family, json!({ "event_id": fall })).await.ok(), &expected, "nor does marking hide it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fall_is_marked_once_and_for_the_caller_only() {
    let world = World::new().await;
    let (family, others) = (world.family().await, world.family().await);
    let camera = family.camera("hall").await;
    others.bind(&camera).await.ok();
    camera.fall(1).await.ok();
    let fall = family.notices(0).await.remove(0);
    assert_eq!(family.sign(&fall).await.ok(), &json!({}));
    family.sign(&fall).await.fails(101, "event_id has been signed");
    assert_eq!(others.notices(0).await, [&*fall]);
    others.sign(&fall).await.ok();
    assert!(others.notices(0).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_marks_at_once_one_succeeds() {
    let world = World::new().await;
    let family = world.family().await;
    family.camera("hall").await.fall(1).await.ok();
    let fall = family.notices(0).await.remove(0);
    let replies = join_all((0..50).map(|_| family.sign(&fall))).await;
    assert_one_succeeds(&replies, &[101]);
    assert_eq!(family.notices(1).await, [fall]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fall_that_is_not_the_caller_s_to_see_is_like_one_that_never_was() {
    let world = World::new().await;
    let (family, others) = (world.family().await, world.family().await);
    let theirs = others.camera("theirs").await;
    theirs.fall(1).await.ok();
    let fall = others.notices(0).await.remove(0);
    family.camera("hall").await;
    for event_id in [&*fall, NOBODYS, "x", "~", &NOBODYS.to_uppercase(), &format!("~{}", theirs.id), "\u{0}"] {
        info(&family, json!({ "event_id": event_id })).await.fails(-204, "Arg's value error");
        family.sign(event_id).await.fails(100, "Error event_id");
    }
    assert_eq!(others.notices(0).await, [fall], "nothing of theirs has changed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_id_must_be_a_text() {
    let world = World::new().await;
    let family = world.family().await;
    family.camera("hall").await;
    for subtype in ["info", "sign"] {
        for (data, status) in [
            (json!({}), -3),
            (json!({ "event": NOBODYS }), -3),
            (json!({ "event_id": "" }), -201),
            (json!({ "event_id": null }), -201),
            (json!({ "event_id": 1 }), -203),
            (json!({ "event_id": [NOBODYS] }), -203),
            (json!({ "event_id": true }), -203),
        ] {
            let reply = family.call("/api/get/notice", &format!("notice/{subtype}"), data.clone()).await;
            assert_eq!(reply.status(), status, "{subtype} {data}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn strangers_neither_list_nor_open_nor_mark() {
    let world = World::new().await;
    let family = world.family().await;
    let camera = family.camera("hall").await;
    camera.fall(1).await.ok();
    let fall = family.notices(0).await.remove(0);
    for operation in ["notice/get", "notice/info", "notice/sign"] {
        let data = json!({ "mode": 0, "event_id": fall });
        let anonymous = world.call("/api/get/notice", operation, data.clone()).await;
        anonymous.fails(-100, "Missing necessary args");
        for token in [&*camera.id, NOBODYS, "x", "%00", &"a".repeat(4000)] {
            let reply = world.call(&format!("/api/get/notice?token={token}"), operation, data.clone()).await;
            reply.fails(-101, "Error token");
        }
    }
    family.call("/api/get/notice", "notice/upload", json!({})).await.fails(-2, "Error JSON value");
    world.advance(601).await;
    family.call("/api/get/notice", "notice/get", json!({ "mode": 0 })).await.fails(-101, "Error token");
}
