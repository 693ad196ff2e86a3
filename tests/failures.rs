//! What callers are told while the tables or the bucket are away, and that all is well afterwards.

use reqwest::StatusCode;
use serde_json::json;

use crate::support::{World, is_alive, jpeg};

const NOBODYS: &str = "0123456789abcdef0123456789abcdef";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_tables_every_operation_says_so_and_nothing_is_lost() {
    let world = World::with([("ADMIN_PHONES", "13800000001")]).await;
    let family = world.family_of("13800000001").await;
    let camera = family.camera("hall").await;
    camera.fall(1).await.ok();
    let falls = family.notices(0).await;
    let token = &family.token;
    let phone = &family.phone;
    let calls = [
        (format!("/api/notice?token={}", camera.id), "notice/upload", json!({ "base64": jpeg(2, 100).1 })),
        (format!("/api/get/notice?token={token}"), "notice/get", json!({ "mode": 0 })),
        (format!("/api/get/notice?token={token}"), "notice/sign", json!({ "event_id": falls[0] })),
        (format!("/api/device?token={token}"), "device/add", json!({ "device": "kitchen" })),
        (format!("/api/admin/user?token={token}"), "user/delete", json!({ "phone": phone })),
        (format!("/api/user/nickname?token={token}"), "info/nickname", json!({ "user_id": phone })),
        (format!("/api/portrait?token={token}"), "portrait/upload", json!({ "base64": jpeg(2, 100).1 })),
        ("/api/user/login".to_owned(), "login/pass", json!({ "phone": phone, "pass": "correct horse 7" })),
        ("/api/user/register".to_owned(), "register/phone", json!({ "phone": phone, "hash": NOBODYS, "pass": "x" })),
        (
            "/api/user/password".to_owned(),
            "password/change",
            json!({ "phone": phone, "old": "correct horse 7", "new": "x" }),
        ),
    ];
    let captchas = [
        ("img/generate", json!({})),
        ("img/validate", json!({ "hash": NOBODYS })),
        ("sms/generate", json!({ "phone": phone })),
        ("sms/validate", json!({ "hash": NOBODYS })),
    ];
    let tables = world.stack.dynamodb().unwrap();
    tables.set_available(false).await.unwrap();
    let failing = futures_util::future::join_all(
        calls.iter().map(|(path, operation, data)| world.call(path, operation, data.clone())),
    );
    for reply in failing.await {
        reply.fails(-200, "Failure to operate database");
    }
    world.get(&format!("/api/user/doki?token={token}")).await.fails(-200, "Failure to operate database");
    for (operation, data) in captchas {
        world.call("/api/captcha", operation, data).await.fails(-404, "Unknown Error");
    }
    let portrait = world.get_raw(&format!("/api/get/portrait/{phone}")).await;
    assert_eq!(portrait.status(), StatusCode::OK, "always an image");
    assert_eq!(portrait.headers()["content-type"], "image/png");

    tables.set_available(true).await.unwrap();
    assert!(is_alive(&world, token).await);
    assert_eq!(family.notices(0).await, falls);
    let list = family.call("/api/device", "device/list", json!({})).await;
    assert_eq!(list.ok()["num"], 1);
    camera.fall(3).await.ok();
}

/// Tokens are in a table of their own: the calls get further than in the test above.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_cameras_table_a_camera_is_not_added_and_all_else_says_why() {
    let world = World::new().await;
    let family = world.family().await;
    let camera = family.camera("hall").await;
    let answer = world.ask_dynamodb("local", "DeleteTable", json!({ "TableName": "DevicesTable" })).await;
    assert!(answer.status().is_success(), "{:?}", answer.text().await);
    let device = async |subtype: &str, data| family.call("/api/device", &format!("device/{subtype}"), data).await;
    device("add", json!({ "device": "kitchen" })).await.fails(100, "Failed to add device");
    for (subtype, data) in [
        ("bind", json!({ "device_id": camera.id })),
        ("unbind", json!({ "device_id": camera.id })),
        ("remove", json!({ "device_id": camera.id })),
        ("info", json!({ "device_id": camera.id })),
        ("list", json!({})),
    ] {
        device(subtype, data).await.fails(-200, "Failure to operate database");
    }
    camera.fall(1).await.fails(-200, "Failure to operate database");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_bucket_no_fall_is_recorded_and_the_camera_is_told_to_come_again() {
    let world = World::new().await;
    let family = world.family().await;
    let camera = family.camera("hall").await;
    camera.fall(1).await.ok();
    let before = family.notices(2).await;
    let told = world.messages(&family.phone).await.len();

    let bucket = world.stack.s3().unwrap();
    bucket.set_available(false).await.unwrap();
    let again = json!({ "base64": jpeg(2, 1000).1 });
    camera.report_once("again", again.clone()).await.fails(-500, "COS upload Error");
    let portrait = family.call("/api/portrait", "portrait/upload", again.clone()).await;
    portrait.fails(-500, "COS upload Error");
    let info = family.call("/api/get/notice", "notice/info", json!({ "event_id": before[0] })).await;
    info.fails(-500, "COS upload Error");
    assert_eq!(family.notices(2).await, before);
    assert_eq!(world.messages(&family.phone).await.len(), told);
    family.sign(&before[0]).await.ok();

    bucket.set_available(true).await.unwrap();
    camera.report_once("again", again).await.ok();
    assert_eq!(family.notices(0).await.len(), 1);
    assert_eq!(world.messages(&family.phone).await.len(), told + 1);
    family.call("/api/get/notice", "notice/info", json!({ "event_id": before[0] })).await.ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deletion_that_fails_leaves_an_account_that_can_be_deleted_again() {
    let world = World::with([("ADMIN_PHONES", "13800000001")]).await;
    let (operator, family) = (world.family_of("13800000001").await, world.family().await);
    let portrait = json!({ "base64": jpeg(1, 100).1 });
    family.call("/api/portrait", "portrait/upload", portrait).await.ok();
    let camera = family.camera("hall").await;
    camera.fall(1).await.ok();
    let data = json!({ "phone": family.phone });
    let bucket = world.stack.s3().unwrap();
    bucket.set_available(false).await.unwrap();
    operator.call("/api/admin/user", "user/delete", data.clone()).await.fails(-500, "COS upload Error");
    bucket.set_available(true).await.unwrap();
    camera.fall(2).await.ok();
    assert_eq!(family.notices(0).await.len(), 2, "who has an account hears of falls");
    operator.call("/api/admin/user", "user/delete", data).await.ok();
    assert!(!family.is_logged_in().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_removal_that_fails_leaves_a_camera_that_can_be_removed_again() {
    let world = World::new().await;
    let family = world.family().await;
    let camera = family.camera("hall").await;
    camera.fall(1).await.ok();
    let data = json!({ "device_id": camera.id });
    let bucket = world.stack.s3().unwrap();
    bucket.set_available(false).await.unwrap();
    family.call("/api/device", "device/remove", data.clone()).await.fails(-500, "COS upload Error");
    bucket.set_available(true).await.unwrap();
    camera.fall(2).await.ok();
    assert_eq!(family.notices(0).await.len(), 2, "who still has the camera sees its falls");
    family.call("/api/device", "device/remove", data.clone()).await.ok();
    family.call("/api/device", "device/remove", data).await.fails(100, "device_id not exist");
}
