//! Contract section 1.6, `notice/get`: which falls an account sees, in which order and by which pages.

use serde_json::{Value, json};

use crate::support::{Family, Reply, World};

async fn get(family: &Family<'_>, data: Value) -> Reply {
    family.call("/api/get/notice", "notice/get", data).await
}

fn ids(page: &Value) -> Vec<String> {
    let list = page["list"].as_array().expect("a list");
    assert_eq!(page["num"], list.len());
    list.iter().map(|notice| notice["event_id"].as_str().expect("a text").to_owned()).collect()
}

/// All pages, one after the other.
async fn pages(family: &Family<'_>, mode: i64, limit: usize) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    let mut data = json!({ "mode": mode, "limit": limit });
    loop {
        let reply = get(family, data.clone()).await;
        pages.push(ids(reply.ok()));
        match reply.ok().get("next") {
            Some(next) => data["before"] = next.clone(),
            None => return pages,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_without_a_camera_is_told_so_in_every_mode() {
    let world = World::new().await;
    let (family, others) = (world.family().await, world.family().await);
    others.camera("theirs").await.fall(1).await.ok();
    family.add_camera("added, not bound").await.fall(2).await.ok();
    for mode in 0..3 {
        get(&family, json!({ "mode": mode })).await.fails(101, "not bind device");
        get(&family, json!({ "mode": mode, "before": "f".repeat(32) })).await.fails(101, "not bind device");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_whose_cameras_saw_nothing_has_an_empty_list() {
    let world = World::new().await;
    let family = world.family().await;
    family.camera("hall").await;
    for mode in 0..3 {
        assert_eq!(get(&family, json!({ "mode": mode })).await.ok(), &json!({ "num": 0, "list": [] }));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mode_that_is_none_is_told_apart_from_a_missing_one() {
    let world = World::new().await;
    let family = world.family().await;
    family.camera("hall").await;
    get(&family, json!({})).await.fails(-3, "Error data key");
    get(&family, json!({ "limit": 1 })).await.fails(-3, "Error data key");
    for mode in [
        json!(3),
        json!(-1),
        json!("0"),
        json!(""),
        json!(null),
        json!(true),
        json!(0.5),
        json!([]),
        json!({}),
        json!(u64::MAX),
        json!("x".repeat(100_000)),
    ] {
        get(&family, json!({ "mode": mode })).await.fails(102, "mode value error");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unread_read_and_all_are_told_apart_for_each_account() {
    let world = World::new().await;
    let (family, others) = (world.family().await, world.family().await);
    let camera = family.camera("hall").await;
    others.bind(&camera).await.ok();
    for seed in 0..4 {
        camera.fall(seed).await.ok();
    }
    let all = family.notices(2).await;
    assert_eq!((family.notices(0).await, family.notices(1).await.len()), (all.clone(), 0));
    // In another order than they happened in.
    for at in [2, 0] {
        family.sign(&all[at]).await.ok();
    }
    assert_eq!(family.notices(0).await, [&*all[1], &*all[3]]);
    assert_eq!(family.notices(1).await, [&*all[0], &*all[2]]);
    assert_eq!(family.notices(2).await, all);
    assert_eq!((others.notices(0).await, others.notices(1).await.len()), (all, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_entry_shows_what_the_camera_reported_and_no_more() {
    let world = World::new().await;
    let family = world.family().await;
    family.camera("卧室").await.fall(1).await.ok();
    let reply = get(&family, json!({ "mode": 0 })).await;
    let mut keys: Vec<_> = reply.ok()["list"][0].as_object().unwrap().keys().cloned().collect();
    keys.sort();
    assert_eq!(keys, ["content", "createtime", "device", "event_id", "pic_name"]);
    let event_id = reply.ok()["list"][0]["event_id"].as_str().unwrap();
    assert!(event_id.len() == 32 && event_id.bytes().all(|byte| byte.is_ascii_hexdigit()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_over_several_cameras_hold_every_fall_once_newest_first() {
    let world = World::new().await;
    let family = world.family().await;
    let cameras = [family.camera("a").await, family.camera("b").await, family.camera("c").await];
    let mut happened = Vec::new();
    for seed in 0..10 {
        let camera = &cameras[[0, 1, 2, 1, 0, 0, 2, 2, 1, 0][seed as usize]];
        camera.fall(seed).await.ok();
        happened.insert(0, family.notices(2).await.remove(0));
    }
    for (at, event_id) in happened.iter().enumerate() {
        if at % 2 == 0 {
            family.sign(event_id).await.ok();
        }
    }
    let read: Vec<_> = happened.iter().step_by(2).cloned().collect();
    let unread: Vec<_> = happened.iter().skip(1).step_by(2).cloned().collect();
    for (mode, expected) in [(0, unread), (1, read), (2, happened)] {
        for limit in [1, 2, 3, 5, 9, 10, 11, 1000] {
            let pages = pages(&family, mode, limit).await;
            let (last, full) = pages.split_last().unwrap();
            assert!(full.iter().all(|page| page.len() == limit), "mode {mode}, limit {limit}: {pages:?}");
            assert!(!last.is_empty(), "a page that follows is never empty");
            assert_eq!(pages.concat(), expected, "mode {mode}, limit {limit}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_number_of_cameras_does_not_disturb_the_pages() {
    let world = World::new().await;
    let family = world.family().await;
    let mut cameras = Vec::new();
    for name in 0..9 {
        cameras.push(family.camera(&name.to_string()).await);
    }
    for (seed, camera) in (0..).zip(&cameras[..3]) {
        camera.fall(seed).await.ok();
    }
    let all = family.notices(2).await;
    assert_eq!(all.len(), 3);
    for mode in [0, 2] {
        for limit in [1, 2, 3, 4] {
            assert_eq!(pages(&family, mode, limit).await.concat(), all, "mode {mode}, limit {limit}");
        }
    }
    assert!(pages(&family, 1, 1).await.concat().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fall_between_two_pages_neither_repeats_nor_hides_an_entry() {
    let world = World::new().await;
    let family = world.family().await;
    let camera = family.camera("hall").await;
    for seed in 0..4 {
        camera.fall(seed).await.ok();
    }
    let all = family.notices(0).await;
    let first = get(&family, json!({ "mode": 0, "limit": 2 })).await;
    assert_eq!(ids(first.ok()), all[..2]);
    camera.fall(9).await.ok();
    family.sign(&all[1]).await.ok();
    let second = get(&family, json!({ "mode": 0, "limit": 2, "before": first.ok()["next"] })).await;
    assert_eq!(ids(second.ok()), all[2..]);
    assert_eq!(second.ok().get("next"), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn limit_and_before_must_be_what_they_are_said_to_be() {
    let world = World::new().await;
    let family = world.family().await;
    family.camera("hall").await.fall(1).await.ok();
    for (key, value, status) in [
        ("limit", json!(0), -204),
        ("limit", json!(-1), -204),
        ("limit", json!(1001), -204),
        ("limit", json!(i64::MAX), -204),
        ("limit", json!("1"), -203),
        ("limit", json!(1.5), -203),
        ("limit", json!([]), -203),
        ("before", json!("x"), -204),
        ("before", json!("F".repeat(32)), -204),
        ("before", json!("f".repeat(33)), -204),
        ("before", json!("\u{0}"), -204),
        ("before", json!("~".repeat(100_000)), -204),
        ("before", json!(1), -203),
        ("before", json!({}), -203),
    ] {
        let mut data = json!({ "mode": 0 });
        data[key] = value.clone();
        assert_eq!(get(&family, data).await.status(), status, "{key} {value:?}");
    }
    for (before, count) in [("f".repeat(32), 1), ("0".repeat(32), 0)] {
        let reply = get(&family, json!({ "mode": 0, "limit": 1000, "before": before })).await;
        assert_eq!(ids(reply.ok()).len(), count);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn binding_brings_a_long_history_whole() {
    let world = World::with([("FALL_ALERTS", "false")]).await;
    let (family, others) = (world.family().await, world.family().await);
    let camera = family.camera("hall").await;
    // More than one transaction fills in, and not many more: moto takes ever longer for each.
    for seed in 0..104 {
        camera.fall(seed).await.ok();
    }
    let all = family.notices(2).await;
    assert_eq!(all.len(), 104);
    others.bind(&camera).await.ok();
    assert_eq!(others.notices(0).await, all);
    assert_eq!(pages(&others, 2, 50).await.concat(), all);
}
