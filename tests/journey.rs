//! The main job, from a stranger to a fall that was seen.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::json;

use crate::support::{World, jpeg, md5};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_family_registers_binds_a_camera_and_sees_a_fall() {
    let world = World::with([("ADMIN_PHONES", "13800000001")]).await;
    let admin = world.family_of("13800000001").await;
    let family = world.family().await;
    let camera = family.camera("卧室").await;

    let (picture, base64) = jpeg(1, 50_000);
    let uploaded = camera.report(json!({ "base64": base64, "content": "摔倒地点：卧室" })).await;
    assert_eq!(uploaded.ok()["pic_name"], md5(&picture));

    let alert = world.messages(&family.phone).await.remove(0);
    assert!(alert.contains("卧室"), "{alert}");

    let unread = family.call("/api/get/notice", "notice/get", json!({ "mode": 0 })).await;
    assert_eq!(unread.ok()["num"], 1);
    let notice = &unread.ok()["list"][0];
    assert_eq!(notice["device"], "卧室");
    assert_eq!(notice["content"], "摔倒地点：卧室");
    assert_eq!(notice["pic_name"], md5(&picture));

    let event_id = notice["event_id"].as_str().unwrap();
    let info = family.call("/api/get/notice", "notice/info", json!({ "event_id": event_id })).await;
    assert_eq!(STANDARD.decode(info.ok()["base64"].as_str().unwrap()).unwrap(), picture);
    assert_eq!(family.notices(0).await, [event_id], "looking does not mark it");

    family.sign(event_id).await.ok();
    assert!(family.notices(0).await.is_empty());
    assert_eq!(family.notices(1).await, [event_id]);

    let accounts = admin.call("/api/admin/user", "user/list", json!({})).await;
    let phones: Vec<_> = accounts.ok().as_array().unwrap().iter().map(|account| &account["phone"]).collect();
    assert_eq!(phones, [&json!("13800000001"), &json!(family.phone)]);
}
