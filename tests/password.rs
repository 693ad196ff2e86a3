//! `password/forget` and `password/change`.

use serde_json::{Value, json};

use crate::support::{PASSWORD, Reply, Table, World, assert_one_succeeds, at_once, is_alive, log_in, md5};

const NEW: &str = "another one 8";

async fn password(world: &World, subtype: &str, data: Value) -> Reply {
    world.call("/api/user/password", &format!("password/{subtype}"), data).await
}

async fn forget(world: &World, phone: &str, hash: &str) -> Reply {
    password(world, "forget", json!({ "phone": phone, "hash": hash, "pass": NEW })).await
}

async fn change(world: &World, phone: &str, old: &str, new: &str) -> Reply {
    password(world, "change", json!({ "phone": phone, "old": old, "new": new })).await
}

async fn login(world: &World, phone: &str, password: &str) -> Reply {
    world.call("/api/user/login", "login/pass", json!({ "phone": phone, "pass": password })).await
}

/// The next code for a forgotten password, half a minute after the one before.
async fn forgotten(world: &World, phone: &str) -> String {
    world.advance(30).await;
    world.sms_hash(phone, 2).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_shows_the_code_sets_a_forgotten_password_and_ends_all_tokens() {
    let world = World::new().await;
    let (family, other) = (world.family().await, world.family().await);
    let second = log_in(&world, &family.phone).await;
    let hash = forgotten(&world, &family.phone).await;
    assert_eq!(forget(&world, &family.phone, &hash).await.ok(), &json!({}));
    assert!(!family.is_logged_in().await);
    assert!(!is_alive(&world, &second).await);
    assert!(other.is_logged_in().await);
    login(&world, &family.phone, PASSWORD).await.fails(101, "Error password");
    login(&world, &family.phone, NEW).await.ok();
    login(&world, &other.phone, PASSWORD).await.ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_sets_a_forgotten_password_once_however_many_ask_at_once() {
    let world = World::new().await;
    let family = world.family().await;
    let hash = forgotten(&world, &family.phone).await;
    let replies = at_once(50, |person| {
        let data = json!({ "phone": family.phone, "hash": hash, "pass": format!("password of {person}") });
        password(&world, "forget", data)
    })
    .await;
    assert_one_succeeds(&replies, &[400]);
    let winner = replies.iter().position(|reply| reply.status() == 0).unwrap();
    login(&world, &family.phone, &format!("password of {winner}")).await.ok();
    forget(&world, &family.phone, &hash).await.fails(400, "Error hash");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_a_living_code_for_this_phone_and_purpose_sets_a_forgotten_password() {
    let world = World::new().await;
    let (family, other) = (world.family().await, world.family().await);
    forget(&world, &World::phone(), &md5("any")).await.fails(100, "Incorrect user");
    forget(&world, &family.phone, &md5("none is pending")).await.fails(400, "Error hash");
    let for_other = forgotten(&world, &other.phone).await;
    forget(&world, &family.phone, &for_other).await.fails(400, "Error hash");
    world.advance(30).await;
    let for_registering = world.sms_hash(&family.phone, 1).await;
    forget(&world, &family.phone, &for_registering).await.fails(400, "Error hash");
    let expired = forgotten(&world, &family.phone).await;
    world.advance(180).await;
    assert!(world.keys(Table::Codes).await.contains(&format!("phone#{}", family.phone)));
    forget(&world, &family.phone, &expired).await.fails(-4, "Error Hash");
    login(&world, &family.phone, PASSWORD).await.ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_wrong_tries_void_a_code_for_a_forgotten_password() {
    let world = World::new().await;
    let family = world.family().await;
    let hash = forgotten(&world, &family.phone).await;
    let wrong = md5("wrong");
    for reply in at_once(50, |_| forget(&world, &family.phone, &wrong)).await {
        reply.fails(400, "Error hash");
    }
    forget(&world, &family.phone, &hash).await.fails(400, "Error hash");
    assert!(family.is_logged_in().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phones_wrong_tries_are_counted_over_both_purposes() {
    let world = World::with([("SMS_PER_SOURCE_PER_HOUR", "1000")]).await;
    let family = world.family().await;
    for _ in 0..2 {
        forgotten(&world, &family.phone).await;
        world.advance(30).await;
        world.sms_hash(&family.phone, 1).await;
        for _ in 0..5 {
            forget(&world, &family.phone, &md5("wrong")).await.fails(400, "Error hash");
            let data = json!({ "phone": family.phone, "hash": md5("wrong"), "pass": PASSWORD });
            world.call("/api/user/register", "register/phone", data).await.fails(400, "Error hash");
        }
    }
    world.advance(3600).await;
    let hash = world.sms_hash(&family.phone, 2).await;
    forget(&world, &family.phone, &hash).await.fails(-429, "Too many requests");
    world.advance(24 * 3600).await;
    let hash = world.sms_hash(&family.phone, 2).await;
    forget(&world, &family.phone, &hash).await.ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_knows_the_old_password_sets_a_new_one_and_ends_all_tokens() {
    let world = World::new().await;
    let (family, other) = (world.family().await, world.family().await);
    assert_eq!(change(&world, &family.phone, PASSWORD, NEW).await.ok(), &json!({}));
    assert!(!family.is_logged_in().await);
    assert!(other.is_logged_in().await);
    change(&world, &family.phone, PASSWORD, "third").await.fails(101, "Error password");
    login(&world, &family.phone, PASSWORD).await.fails(101, "Error password");
    login(&world, &family.phone, NEW).await.ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_does_not_know_the_old_password_changes_nothing() {
    let world = World::new().await;
    let family = world.family().await;
    change(&world, &World::phone(), PASSWORD, NEW).await.fails(100, "Incorrect user");
    change(&world, &family.phone, "wrong", NEW).await.fails(101, "Error password");
    assert!(family.is_logged_in().await);
    login(&world, &family.phone, PASSWORD).await.ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_changes_at_once_with_the_same_old_password_one_succeeds() {
    let world = World::new().await;
    let family = world.family().await;
    let replies = at_once(8, |person| {
        let data = json!({ "phone": family.phone, "old": PASSWORD, "new": format!("password of {person}") });
        password(&world, "change", data)
    })
    .await;
    assert_one_succeeds(&replies, &[101]);
    let winner = replies.iter().position(|reply| reply.status() == 0).unwrap();
    login(&world, &family.phone, &format!("password of {winner}")).await.ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_login_with_the_old_password_outlives_the_change() {
    let world = World::new().await;
    let family = world.family().await;
    let (logins, changed) = tokio::join!(
        at_once(20, |_| login(&world, &family.phone, PASSWORD)),
        change(&world, &family.phone, PASSWORD, NEW)
    );
    // Logins that came too late may have counted as wrong ones, but the change itself was right.
    changed.ok();
    for reply in logins {
        match reply.status() {
            0 => assert!(!is_alive(&world, reply.ok()["token"].as_str().unwrap()).await),
            status => assert!([101, -429].contains(&status), "{}", reply.body),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_old_passwords_close_the_login_as_wrong_logins_do() {
    let world = World::new().await;
    let family = world.family().await;
    for _ in 0..5 {
        change(&world, &family.phone, "wrong", NEW).await.fails(101, "Error password");
        login(&world, &family.phone, "wrong").await.fails(101, "Error password");
    }
    login(&world, &family.phone, PASSWORD).await.fails(-429, "Too many requests");
    change(&world, &family.phone, PASSWORD, NEW).await.fails(-429, "Too many requests");
    world.advance(15 * 60).await;
    change(&world, &family.phone, PASSWORD, NEW).await.ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_value_must_be_there_and_be_a_text() {
    let world = World::new().await;
    let family = world.family().await;
    let forget = json!({ "phone": family.phone, "hash": md5("wrong"), "pass": NEW });
    let change = json!({ "phone": family.phone, "old": PASSWORD, "new": NEW });
    for (subtype, good) in [("forget", forget), ("change", change)] {
        for key in good.as_object().unwrap().keys() {
            let mut data = good.clone();
            data.as_object_mut().unwrap().remove(key);
            password(&world, subtype, data).await.fails(-3, "Error data key");
            for (value, status, message) in [
                (json!(""), -201, "Necessary key-value can't be empty"),
                (json!(null), -201, "Necessary key-value can't be empty"),
                (json!(7), -203, "Arg's value type error"),
                (json!(["a"]), -203, "Arg's value type error"),
            ] {
                let mut data = good.clone();
                data[key] = value;
                password(&world, subtype, data).await.fails(status, message);
            }
            if ["pass", "old", "new"].contains(&key.as_str()) {
                let mut data = good.clone();
                data[key] = json!("a".repeat(1025));
                password(&world, subtype, data).await.fails(-204, "Arg's value error");
            }
        }
    }
    assert!(family.is_logged_in().await);
    login(&world, &family.phone, PASSWORD).await.ok();
}
