//! A write to DynamoDB may be carried out without its answer getting through. The SDK then sends it again, and nobody may
//! notice: neither is anything done twice, nor is a caller refused because of what their own first try did.

use serde_json::{Value, json};

use crate::support::{Applicant, Camera, Family, Reply, STRONG, World, hash, is_alive, jpeg, send};

/// More writes than any request makes.
const WRITES: u32 = 8;

const BACKEND_KEY: &str = "a-backend-key-of-some-length";

/// Does `what` while the answer to its write `which` gets lost, if it makes so many.
async fn losing<T>(world: &World, which: u32, what: impl Future<Output = T>) -> T {
    world.stack.lose_answer_to_write(which);
    let outcome = what.await;
    let missing = world.stack.lose_answer_to_write(0);
    assert!(which != 1 || missing == 0, "nothing was written");
    assert!(which != WRITES || missing > 0, "there are more writes");
    outcome
}

async fn device(family: &Family<'_>, subtype: &str, id: &str) -> Reply {
    family.call("/api/device", &format!("device/{subtype}"), json!({ "device_id": id })).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_is_made_and_logged_in_to() {
    let world = World::new().await;
    for which in 1..=WRITES {
        let phone = World::phone();
        let hash = losing(&world, which, world.sms_hash(&phone, 1)).await;
        assert_eq!(world.messages(&phone).await.len(), 1);
        losing(&world, which, world.call("/api/captcha", "sms/validate", json!({ "hash": hash }))).await.ok();
        let data = json!({ "phone": phone, "hash": hash, "pass": STRONG });
        losing(&world, which, world.call("/api/user/register", "register/phone", data)).await.ok();
        let data = json!({ "phone": phone, "pass": STRONG });
        let login = losing(&world, which, world.call("/api/user/login", "login/pass", data)).await;
        let token = login.ok()["token"].as_str().unwrap();
        assert!(losing(&world, which, is_alive(&world, token)).await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_s_data_and_password_are_changed() {
    let world = World::new().await;
    for which in 1..=WRITES {
        let family = world.family().await;
        let data = json!({ "phone": family.phone, "name": "somebody" });
        losing(&world, which, family.call("/api/user/info", "info/update", data)).await.ok();
        let data = json!({ "phone": family.phone, "old": crate::support::PASSWORD, "new": STRONG });
        losing(&world, which, family.call("/api/user/password", "password/change", data)).await.ok();
        world.advance(30).await;
        let hash = world.sms_hash(&family.phone, 2).await;
        let data = json!({ "phone": family.phone, "hash": hash, "pass": crate::support::PASSWORD });
        losing(&world, which, world.call("/api/user/password", "password/forget", data)).await.ok();
        crate::support::log_in(&world, &family.phone).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_portrait_is_replaced_and_shown() {
    let world = World::new().await;
    let family = world.family().await;
    for which in 1..=WRITES {
        let (picture, base64) = jpeg(which, 1000);
        let data = json!({ "base64": base64 });
        losing(&world, which, family.call("/api/portrait", "portrait/upload", data)).await.ok();
        let shown = world.get_raw(&format!("/api/get/portrait/{}", family.phone)).await;
        assert_eq!(shown.bytes().await.unwrap(), picture);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_image_code_is_solved() {
    let world = World::with([("BACKEND_KEY", BACKEND_KEY)]).await;
    for which in 1..=WRITES {
        let generate = world.http.post(world.url("/api/captcha")).header("x-api-key", BACKEND_KEY);
        let generate = generate.json(&crate::support::envelope("img/generate", json!({})));
        let captcha = losing(&world, which, async { Reply::of(send(generate).await).await }).await;
        let text = |key: &str| captcha.ok()[key].as_str().unwrap();
        let data = json!({ "hash": hash(text("code"), text("rand")) });
        losing(&world, which, world.call("/api/captcha", "img/validate", data.clone())).await.ok();
        world.call("/api/captcha", "img/validate", data).await.fails(100, "Error captcha hash");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_camera_is_added_bound_unbound_and_removed() {
    let world = World::new().await;
    let family = world.family().await;
    for which in 1..=WRITES {
        let data = json!({ "device": format!("hall {which}") });
        let added = losing(&world, which, family.call("/api/device", "device/add", data)).await;
        let id = added.ok()["device_id"].as_str().unwrap();
        let camera = Camera { world: &world, id: id.to_owned() };
        for subtype in ["bind", "unbind", "bind"] {
            losing(&world, which, device(&family, subtype, id)).await.ok();
            camera.fall(which).await.ok();
        }
        losing(&world, which, device(&family, "remove", id)).await.ok();
        let notices = family.call("/api/get/notice", "notice/get", json!({ "mode": 2 })).await;
        notices.fails(101, "not bind device");
        assert_eq!(family.call("/api/device", "device/list", json!({})).await.ok()["num"], 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fall_is_told_once_listed_once_and_marked() {
    let world = World::new().await;
    for which in 1..=WRITES {
        let family = world.family().await;
        let camera = family.camera("hall").await;
        let before = world.messages(&family.phone).await.len();
        losing(&world, which, camera.fall(which)).await.ok();
        let notices = family.notices(0).await;
        assert_eq!(notices.len(), 1);
        world.advance(120).await;
        assert_eq!(world.messages(&family.phone).await.len(), before + 1);
        losing(&world, which, family.sign(&notices[0])).await.ok();
        assert_eq!(family.notices(1).await, notices);
        family.sign(&notices[0]).await.fails(101, "event_id has been signed");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_alert_that_waited_is_sent_once_and_without_delay() {
    let world = World::new().await;
    for which in 1..=WRITES {
        let family = world.family().await;
        let camera = family.camera("hall").await;
        let before = world.messages(&family.phone).await.len();
        world.stack.sms().unwrap().fail_next(1);
        losing(&world, which, camera.fall(which)).await.ok();
        losing(&world, which, world.advance(120)).await;
        assert_eq!(world.messages(&family.phone).await.len(), before + 1);
        world.advance(120).await;
        assert_eq!(world.messages(&family.phone).await.len(), before + 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_administrator_changes_and_ends_an_account() {
    let world = World::with([("ADMIN_PHONES", "13800000001")]).await;
    let operator = world.family_of("13800000001").await;
    let admin = async |operation: &str, data: Value| operator.call("/api/admin/user", operation, data).await;
    for which in 1..=WRITES {
        let family = world.family().await;
        family.camera("hall").await.fall(which).await.ok();
        let data = json!({ "phone": family.phone, "name": "somebody" });
        losing(&world, which, admin("user/update", data.clone())).await.ok();
        losing(&world, which, admin("user/delete", data)).await.ok();
        assert!(!family.is_logged_in().await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_older_apis_make_accounts() {
    let world = World::new().await;
    for which in 1..=WRITES {
        let phone = World::phone();
        let applicant = losing(&world, which, Applicant::start(&world, &phone)).await;
        let code = world.code(&phone).await;
        losing(&world, which, applicant.verify(&code)).await.is("0000");
        let path = losing(&world, which, applicant.upload(jpeg(1, 1000).0)).await.ok().to_owned();
        losing(&world, which, applicant.finish(&[("password", STRONG), ("headImage", &path)])).await.is("0000");
        losing(&world, which, world.log(&phone, STRONG)).await.ok();

        let phone = World::phone();
        let (id, text) = losing(&world, which, world.image_code()).await;
        losing(&world, which, world.answer_image(&phone, &id, &text)).await.is("0", "发送成功");
        let body = json!({ "mobile": phone, "sms_code": world.code(&phone).await, "password": STRONG });
        losing(&world, which, world.post_user(&body)).await.token();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_tries_count_once() {
    let world = World::new().await;
    let family = world.family().await;
    let wrong = json!({ "phone": family.phone, "pass": "not the one 1" });
    // Nine do not close the login, whichever answers got lost.
    for _ in 1..=9 {
        let login = losing(&world, 1, world.call("/api/user/login", "login/pass", wrong.clone())).await;
        assert_eq!(login.status(), 101);
    }
    crate::support::log_in(&world, &family.phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_code_costs_one_try() {
    let world = World::new().await;
    let applicant = Applicant::start(&world, &World::phone()).await;
    let code = world.code(&applicant.phone).await;
    let wrong = if code == "0000" { "1111" } else { "0000" };
    for _ in 0..4 {
        losing(&world, 1, applicant.verify(wrong)).await.is("0004");
    }
    applicant.verify(&code).await.is("0000");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_was_not_sent_costs_nothing() {
    let world = World::with([("SMS_PER_DAY", "8")]).await;
    for which in 1..=WRITES {
        let phone = World::phone();
        world.stack.sms().unwrap().fail_next(1);
        let data = json!({ "phone": phone });
        losing(&world, which, world.call("/api/captcha", "sms/generate", data)).await.fails(1008, "短信服务请求超时");
        world.sms_hash(&phone, 1).await;
        assert_eq!(world.messages(&phone).await.len(), 1);
    }
}
