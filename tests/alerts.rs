//! Fall alerts: everybody who is bound is told by SMS, whatever becomes of the SMS service meanwhile.

use local::{Options, Storage};
use serde_json::json;

use crate::support::{Family, World, is_alive, jpeg, log_in};

/// The alerts among the messages that `phone` got.
async fn alerts(world: &World, phone: &str) -> Vec<String> {
    let messages = world.messages(phone).await;
    messages.into_iter().filter(|message| message.contains("摔倒")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_bound_account_is_told_the_camera_and_the_time() {
    let world = World::new().await;
    let (family, others, strangers) = (world.family().await, world.family().await, world.family().await);
    let camera = family.camera("奶奶的卧室").await;
    others.bind(&camera).await.ok();
    camera.report(json!({ "base64": jpeg(1, 100).1, "content": "not for the SMS" })).await.ok();
    let list = family.call("/api/get/notice", "notice/get", json!({ "mode": 0 })).await;
    let time = list.ok()["list"][0]["createtime"].as_str().unwrap();
    for phone in [&family.phone, &others.phone] {
        let [alert] = alerts(&world, phone).await.try_into().unwrap();
        assert!(alert.contains("奶奶的卧室") && alert.contains(time), "{alert}");
        assert!(!alert.contains("not for the SMS"));
    }
    assert!(alerts(&world, &strangers.phone).await.is_empty());
    world.advance(3600).await;
    assert_eq!(alerts(&world, &family.phone).await.len(), 1, "told once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deployment_without_alerts_sends_none_and_keeps_every_notice() {
    let world = World::with([("FALL_ALERTS", "false")]).await;
    let family = world.family().await;
    family.camera("hall").await.fall(1).await.ok();
    world.advance(3600).await;
    assert!(alerts(&world, &family.phone).await.is_empty());
    let token = log_in(&world, &family.phone).await;
    let family = Family { token, ..family };
    assert_eq!(family.notices(0).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_alert_that_fails_fails_no_notice_and_is_sent_later_once() {
    let world = World::new().await;
    let family = world.family().await;
    let camera = family.camera("hall").await;
    let sms = world.stack.sms().unwrap();
    sms.fail_all(true);
    camera.fall(1).await.ok();
    camera.fall(2).await.ok();
    assert_eq!(family.notices(0).await.len(), 2);
    assert!(alerts(&world, &family.phone).await.is_empty());

    // As often as the service stays away.
    world.advance(120).await;
    world.advance(600).await;
    assert!(alerts(&world, &family.phone).await.is_empty());

    sms.fail_all(false);
    world.advance(900).await;
    assert_eq!(alerts(&world, &family.phone).await.len(), 2);
    world.advance(3600).await;
    assert_eq!(alerts(&world, &family.phone).await.len(), 2, "told once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_alert_is_tried_again_within_two_minutes() {
    let world = World::new().await;
    let family = world.family().await;
    let camera = family.camera("hall").await;
    world.stack.sms().unwrap().fail_next(1);
    camera.fall(1).await.ok();
    assert!(alerts(&world, &family.phone).await.is_empty());
    world.advance(60).await;
    world.advance(60).await;
    assert_eq!(alerts(&world, &family.phone).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_an_outage_the_newest_falls_are_told_first() {
    let world = World::new().await;
    let family = world.family().await;
    let sms = world.stack.sms().unwrap();
    sms.fail_all(true);
    for number in 0..30 {
        family.camera(&format!("camera {number:02}")).await.fall(number).await.ok();
    }
    sms.fail_all(false);
    world.advance(60).await;
    // The outbox has the newest message first.
    let told = alerts(&world, &family.phone).await;
    assert_eq!(told.len(), 30);
    let oldest = told.iter().rev().position(|message| message.contains("camera 00")).unwrap();
    assert!(oldest >= 20, "only {oldest} were told before the oldest fall");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_those_who_were_not_told_are_told_later() {
    let world = World::new().await;
    let families = [world.family().await, world.family().await, world.family().await];
    let camera = families[0].camera("hall").await;
    families[1].bind(&camera).await.ok();
    families[2].bind(&camera).await.ok();
    world.stack.sms().unwrap().fail_next(1);
    camera.fall(1).await.ok();
    let mut told = 0;
    for family in &families {
        told += alerts(&world, &family.phone).await.len();
    }
    assert_eq!(told, 2);
    world.advance(120).await;
    for family in &families {
        assert_eq!(alerts(&world, &family.phone).await.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_sms_service_that_does_not_answer_delays_the_camera_but_loses_nothing() {
    let world = World::new().await;
    let family = world.family().await;
    let camera = family.camera("hall").await;
    let sms = world.stack.sms().unwrap();
    sms.hang(true);
    camera.fall(1).await.ok();
    assert!(alerts(&world, &family.phone).await.is_empty());
    sms.hang(false);
    world.advance(120).await;
    assert!(!alerts(&world, &family.phone).await.is_empty());
    assert_eq!(family.notices(0).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_sms_service_that_is_away_is_no_different_from_one_that_refuses() {
    let world = World::new().await;
    let family = world.family().await;
    let camera = family.camera("hall").await;
    let sms = world.stack.sms().unwrap();
    sms.set_available(false).await.unwrap();
    camera.fall(1).await.ok();
    sms.set_available(true).await.unwrap();
    world.advance(120).await;
    assert_eq!(alerts(&world, &family.phone).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn alerts_do_not_count_against_the_budget_of_codes() {
    let world = World::with([("SMS_PER_DAY", "1")]).await;
    let family = world.family().await;
    let camera = family.camera("hall").await;
    for seed in 0..15 {
        camera.fall(seed).await.ok();
    }
    assert_eq!(alerts(&world, &family.phone).await.len(), 15);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_told_of_a_camera_that_they_have_unbound_meanwhile() {
    let world = World::new().await;
    let (family, others) = (world.family().await, world.family().await);
    let camera = family.camera("hall").await;
    others.bind(&camera).await.ok();
    let sms = world.stack.sms().unwrap();
    sms.fail_all(true);
    camera.fall(1).await.ok();
    sms.fail_all(false);
    family.call("/api/device", "device/unbind", json!({ "device_id": camera.id })).await.ok();
    world.advance(120).await;
    assert!(alerts(&world, &family.phone).await.is_empty());
    assert_eq!(alerts(&world, &others.phone).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn alerts_that_are_turned_off_stay_off_for_falls_from_before() {
    let directory = tempfile::tempdir().unwrap();
    let options = |alerts: &str| Options {
        storage: Storage::Disk(directory.path().to_owned()),
        parameters: [("FALL_ALERTS".to_owned(), alerts.to_owned())].into(),
        ..Options::default()
    };
    let world = World::start(options("true")).await;
    let family = world.family().await;
    let camera = family.camera("hall").await;
    world.stack.sms().unwrap().fail_all(true);
    camera.fall(1).await.ok();
    let (phone, token) = (family.phone.clone(), family.token.clone());
    world.stop().await;

    let world = World::start(options("false")).await;
    world.advance(300).await;
    assert!(alerts(&world, &phone).await.is_empty());
    assert!(is_alive(&world, &token).await);
}
