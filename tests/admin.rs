//! Contract section 1.7: accounts as administrators see them.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::{Family, Reply, World, is_alive, jpeg, log_in};

const ADMIN: &str = "13800000001";
const NOBODYS: &str = "13800009999";
const OPERATIONS: [&str; 4] = ["user/list", "user/info", "user/update", "user/delete"];

async fn world() -> World {
    World::with([("ADMIN_PHONES", "13800000001, 13800000002")]).await
}

async fn admin(family: &Family<'_>, operation: &str, data: Value) -> Reply {
    family.call("/api/admin/user", operation, data).await
}

fn phones(reply: &Reply) -> Vec<String> {
    let list = reply.ok().as_array().expect("the data of a list is an array");
    list.iter().map(|account| account["phone"].as_str().expect("a text").to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_phones_that_the_operator_named_administrate() {
    let world = world().await;
    let (first, second) = (world.family_of(ADMIN).await, world.family_of("13800000002").await);
    let family = world.family().await;
    for operation in OPERATIONS {
        let data = json!({ "phone": first.phone });
        let anonymous = world.call("/api/admin/user", operation, data.clone()).await;
        anonymous.fails(-100, "Missing necessary args");
        let path = "/api/admin/user?token=0123456789abcdef0123456789abcdef";
        world.call(path, operation, data.clone()).await.fails(-101, "Error token");
        admin(&family, operation, data).await.fails(-103, "No permission to operate");
        admin(&family, operation, json!({})).await.fails(-103, "No permission to operate");
    }
    for family in [&first, &second] {
        assert_eq!(phones(&admin(family, "user/list", json!({})).await).len(), 3);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_travels_over_the_api_makes_an_administrator() {
    let world = world().await;
    let family = world.family().await;
    let update =
        json!({ "phone": family.phone, "level": 99, "admin": true, "is_admin": 1, "ADMIN_PHONES": family.phone });
    family.call("/api/user/info", "info/update", update).await.ok();
    admin(&family, "user/list", json!({ "level": 99 })).await.fails(-103, "No permission to operate");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_administrators_nobody_is_one() {
    let world = World::new().await;
    let family = world.family().await;
    admin(&family, "user/list", json!({})).await.fails(-103, "No permission to operate");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_envelope_is_judged_before_the_permission() {
    let world = world().await;
    let family = world.family().await;
    for (body, status) in [
        (json!({}), -1),
        (json!({ "type": "user", "subtype": "list" }), -1),
        (json!({ "type": "user", "subtype": "promote", "data": {} }), -2),
        (json!({ "type": "user", "subtype": "list", "data": [] }), -2),
        (json!({ "type": "user", "subtype": "list", "data": {} }), -103),
    ] {
        let reply = world.post(&format!("/api/admin/user?token={}", family.token), &body).await;
        assert_eq!(reply.status(), status, "{body}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_list_shows_profiles_and_no_secrets() {
    let world = world().await;
    let operator = world.family_of(ADMIN).await;
    let data = json!({ "phone": ADMIN, "name": "林小满", "nickname": "球", "email": "a@example.com", "level": 2 });
    operator.call("/api/user/info", "info/update", data.clone()).await.ok();
    let reply = admin(&operator, "user/list", json!({})).await;
    assert_eq!(reply.ok(), &json!([data]));
    assert_eq!(reply.body.get("next"), None);
    let family = world.family().await;
    let unset = json!({ "phone": family.phone, "name": null, "nickname": null, "email": null, "level": 1 });
    assert_eq!(admin(&operator, "user/info", json!({ "phone": family.phone })).await.ok(), &unset);
    assert!(admin(&operator, "user/list", json!({})).await.ok().as_array().unwrap().contains(&unset));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_hold_every_account_once() {
    let world = world().await;
    let operator = world.family_of(ADMIN).await;
    let mut expected: BTreeSet<_> = [operator.phone.clone()].into();
    for _ in 0..6 {
        expected.insert(world.family().await.phone);
    }
    for limit in [1, 2, 3, 6, 7, 8, 1000] {
        let (mut seen, mut data) = (Vec::new(), json!({ "limit": limit }));
        loop {
            let reply = admin(&operator, "user/list", data.clone()).await;
            let page = phones(&reply);
            assert!(!page.is_empty() && page.len() <= limit);
            seen.extend(page);
            match reply.body.get("next") {
                Some(next) => data["before"] = next.clone(),
                None => break,
            }
        }
        assert_eq!(seen.len(), expected.len(), "limit {limit}");
        assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), expected, "limit {limit}");
    }
    for (key, value, status) in [
        ("limit", json!(0), -204),
        ("limit", json!(1001), -204),
        ("limit", json!(u64::MAX), -204),
        ("limit", json!("7"), -203),
        ("before", json!("x"), -204),
        ("before", json!(7), -203),
    ] {
        assert_eq!(admin(&operator, "user/list", json!({ key: value })).await.status(), status, "{key}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phone_is_required_and_must_be_one_with_an_account() {
    let world = world().await;
    let operator = world.family_of(ADMIN).await;
    for operation in &OPERATIONS[1..] {
        admin(&operator, operation, json!({ "phone": NOBODYS })).await.fails(100, "user not existed");
        for (data, status) in [
            (json!({}), -3),
            (json!({ "phone": "" }), -201),
            (json!({ "phone": null }), -201),
            (json!({ "phone": 13_800_000_001_i64 }), -203),
            (json!({ "phone": [ADMIN] }), -203),
            (json!({ "phone": "1380000000" }), -204),
            (json!({ "phone": "+8613800000001" }), -204),
            (json!({ "phone": " 13800000001" }), -204),
            (json!({ "phone": "1".repeat(100_000) }), -204),
        ] {
            assert_eq!(admin(&operator, operation, data.clone()).await.status(), status, "{operation} {data:.80}");
        }
    }
    assert!(operator.is_logged_in().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_administrator_changes_anybody_s_profile_within_the_owner_s_limits() {
    let world = world().await;
    let (operator, family) = (world.family_of(ADMIN).await, world.family().await);
    let update = async |changes: Value| {
        let mut data = changes;
        data["phone"] = json!(family.phone);
        admin(&operator, "user/update", data).await
    };
    let profile = async || admin(&operator, "user/info", json!({ "phone": family.phone })).await.ok().clone();
    update(json!({ "name": "王".repeat(20), "nickname": "球", "email": "a@example.com", "level": -3 })).await.ok();
    let set = profile().await;
    assert_eq!((&set["name"], &set["level"]), (&json!("王".repeat(20)), &json!(-3)));
    for (changes, status) in [
        (json!({ "name": "王".repeat(21) }), -204),
        (json!({ "nickname": "x".repeat(21) }), -204),
        (json!({ "email": "nowhere" }), -204),
        (json!({ "email": format!("{}@example.com", "a".repeat(39)) }), -204),
        (json!({ "name": 1 }), -203),
        (json!({ "level": "1" }), -203),
        (json!({ "level": 1.5 }), -203),
        (json!({ "level": null }), -201),
        (json!({ "name": "good", "level": null }), -201),
    ] {
        assert_eq!(update(changes.clone()).await.status(), status, "{changes}");
        assert_eq!(profile().await, set, "{changes} changed nothing");
    }
    update(json!({})).await.ok();
    assert_eq!(profile().await, set);
    update(json!({ "name": null, "nickname": "" })).await.ok();
    let cleared = profile().await;
    assert_eq!((&cleared["name"], &cleared["nickname"]), (&json!(null), &json!(null)));
    assert_eq!(cleared["email"], "a@example.com");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deleted_account_leaves_nothing_behind_but_what_others_hold() {
    let world = world().await;
    let (operator, family, others) = (world.family_of(ADMIN).await, world.family().await, world.family().await);
    let second_token = log_in(&world, &family.phone).await;
    let camera = family.camera("hall").await;
    others.bind(&camera).await.ok();
    camera.fall(1).await.ok();
    let fall = family.notices(0).await.remove(0);
    family.sign(&fall).await.ok();
    let portrait = json!({ "base64": jpeg(1, 100).1 });
    family.call("/api/portrait", "portrait/upload", portrait).await.ok();
    let path = format!("/api/get/portrait/{}", family.phone);
    assert_eq!(world.get_raw(&path).await.headers()["content-type"], "image/jpeg");
    let told = world.messages(&family.phone).await.len();

    let data = json!({ "phone": family.phone });
    assert_eq!(admin(&operator, "user/delete", data.clone()).await.ok(), &json!({}));
    admin(&operator, "user/delete", data.clone()).await.fails(100, "user not existed");
    admin(&operator, "user/info", data).await.fails(100, "user not existed");
    for token in [&family.token, &second_token] {
        assert!(!is_alive(&world, token).await);
    }
    assert_eq!(world.get_raw(&path).await.headers()["content-type"], "image/png", "the default picture");
    camera.fall(2).await.ok();
    assert_eq!(world.messages(&family.phone).await.len(), told);
    assert_eq!(others.notices(0).await.len(), 2, "the camera goes on for those bound to it");

    world.advance(3600).await;
    let again = world.family_of(&family.phone).await;
    let notices = again.call("/api/get/notice", "notice/get", json!({ "mode": 2 })).await;
    notices.fails(101, "not bind device");
    assert_eq!(again.call("/api/device", "device/list", json!({})).await.ok()["num"], 0);
    let info = again.call("/api/get/notice", "notice/info", json!({ "event_id": fall })).await;
    info.fails(-204, "Arg's value error");
    again.add_camera("hall").await;
    again.bind(&camera).await.ok();
    assert_eq!(again.notices(0).await.len(), 2, "what the account before had read is unread");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_deletions_at_once_one_succeeds() {
    let world = world().await;
    let (operator, family) = (world.family_of(ADMIN).await, world.family().await);
    family.camera("hall").await.fall(1).await.ok();
    let deletions = (0..20).map(|_| admin(&operator, "user/delete", json!({ "phone": family.phone })));
    let replies = futures_util::future::join_all(deletions).await;
    crate::support::assert_one_succeeds(&replies, &[100]);
    assert!(!family.is_logged_in().await);
}
