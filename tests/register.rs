//! `register/phone`.

use serde_json::{Value, json};

use crate::support::{PASSWORD, Reply, Table, World, at_once, log_in, md5};

async fn register(world: &World, phone: &str, hash: &str) -> Reply {
    send(world, json!({ "phone": phone, "hash": hash, "pass": PASSWORD })).await
}

async fn send(world: &World, data: Value) -> Reply {
    world.call("/api/user/register", "register/phone", data).await
}

/// A hash that no code has, another one for each number.
fn wrong(number: usize) -> String {
    md5(format!("wrong {number}"))
}

/// One succeeds. The others are told that the phone has an account or that the code is used, as they come.
#[track_caller]
fn assert_one_account(replies: &[Reply]) {
    assert_eq!(replies.iter().filter(|reply| reply.status() == 0).count(), 1);
    for reply in replies.iter().filter(|reply| reply.status() != 0) {
        assert!([101, 400].contains(&reply.status()), "{}", reply.body);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_shows_the_code_gets_an_account_and_can_log_in() {
    let world = World::new().await;
    let phone = World::phone();
    let hash = world.sms_hash(&phone, 1).await;
    assert_eq!(register(&world, &phone, &hash).await.ok(), &json!({}));
    log_in(&world, &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phone_with_an_account_does_not_get_another_and_the_first_keeps_its_password() {
    let world = World::new().await;
    let family = world.family().await;
    world.advance(30).await;
    let hash = world.sms_hash(&family.phone, 1).await;
    let data = json!({ "phone": family.phone, "hash": hash, "pass": "somebody else's" });
    send(&world, data).await.fails(101, "Phone number existed");
    log_in(&world, &family.phone).await;
    assert!(family.is_logged_in().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_registrations_at_once_one_succeeds() {
    let world = World::new().await;
    let phone = World::phone();
    let hash = world.sms_hash(&phone, 1).await;
    let replies = at_once(50, |person| {
        send(&world, json!({ "phone": phone, "hash": hash, "pass": format!("password of {person}") }))
    })
    .await;
    assert_one_account(&replies);
    let winner = replies.iter().position(|reply| reply.status() == 0).unwrap();
    let data = json!({ "phone": phone, "pass": format!("password of {winner}") });
    world.call("/api/user/login", "login/pass", data).await.ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_that_was_never_sent_or_went_to_another_phone_is_an_error() {
    let world = World::new().await;
    let (phone, other) = (World::phone(), World::phone());
    register(&world, &phone, &wrong(0)).await.fails(400, "Error hash");
    let hash = world.sms_hash(&other, 1).await;
    register(&world, &phone, &hash).await.fails(400, "Error hash");
    world.sms_hash(&phone, 1).await;
    register(&world, &phone, &hash).await.fails(400, "Error hash");
    register(&world, &other, &hash).await.ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_used_code_and_a_code_for_a_forgotten_password_make_no_account() {
    let world = World::with([("ADMIN_PHONES", "13800000001")]).await;
    let admin = world.family_of("13800000001").await;
    let phone = World::phone();
    let used = world.sms_hash(&phone, 1).await;
    register(&world, &phone, &used).await.ok();
    world.advance(30).await;
    let forgotten = world.sms_hash(&phone, 2).await;
    admin.call("/api/admin/user", "user/delete", json!({ "phone": phone })).await.ok();
    register(&world, &phone, &used).await.fails(400, "Error hash");
    register(&world, &phone, &forgotten).await.fails(400, "Error hash");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_lives_three_minutes_and_is_told_to_have_expired_after_them() {
    let world = World::new().await;
    let (early, late) = (World::phone(), World::phone());
    let (early_hash, late_hash) = (world.sms_hash(&early, 1).await, world.sms_hash(&late, 1).await);
    world.advance(170).await;
    register(&world, &early, &early_hash).await.ok();
    world.advance(10).await;
    assert!(world.keys(Table::Codes).await.contains(&format!("phone#{late}")));
    register(&world, &late, &late_hash).await.fails(-4, "Error Hash");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_five_wrong_tries_a_code_is_void_and_a_new_one_is_not() {
    let world = World::new().await;
    let phone = World::phone();
    let hash = world.sms_hash(&phone, 1).await;
    for guess in 0..5 {
        register(&world, &phone, &wrong(guess)).await.fails(400, "Error hash");
    }
    register(&world, &phone, &hash).await.fails(400, "Error hash");
    world.advance(30).await;
    let hash = world.sms_hash(&phone, 1).await;
    for guess in 0..4 {
        register(&world, &phone, &wrong(guess)).await.fails(400, "Error hash");
    }
    register(&world, &phone, &hash).await.ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_guesses_at_once_void_the_code_and_are_charged_as_five() {
    let world = World::new().await;
    let phone = World::phone();
    // Four codes are voided, which is all of the day's twenty tries: had more than five guesses been evaluated at any
    // of the codes, -429 would come before the fourth.
    for code in 0..4 {
        let hash = world.sms_hash(&phone, 1).await;
        for reply in at_once(50, |guess| {
            let (world, phone, guess) = (&world, &phone, wrong(code * 50 + guess));
            async move { register(world, phone, &guess).await }
        })
        .await
        {
            let last = code == 3 && reply.status() == -429;
            assert!(reply.status() == 400 || last, "{}", reply.body);
        }
        let reply = register(&world, &phone, &hash).await;
        if code < 3 {
            reply.fails(400, "Error hash");
        } else {
            assert!([400, -429].contains(&reply.status()), "{}", reply.body);
        }
        world.advance(30).await;
    }
    let hash = world.sms_hash(&phone, 1).await;
    register(&world, &phone, &hash).await.fails(-429, "Too many requests");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phone_has_twenty_wrong_tries_a_day_whatever_is_sent_anew() {
    let world = World::new().await;
    let phone = World::phone();
    for code in 0..4 {
        world.sms_hash(&phone, 1).await;
        for guess in 0..5 {
            register(&world, &phone, &wrong(code * 5 + guess)).await.fails(400, "Error hash");
        }
        world.advance(30).await;
    }
    let hash = world.sms_hash(&phone, 1).await;
    register(&world, &phone, &wrong(20)).await.fails(-429, "Too many requests");
    register(&world, &phone, &hash).await.fails(-429, "Too many requests");
    world.advance(23 * 3600).await;
    let hash = world.sms_hash(&phone, 1).await;
    register(&world, &phone, &hash).await.fails(-429, "Too many requests");
    world.advance(3600).await;
    let hash = world.sms_hash(&phone, 1).await;
    register(&world, &phone, &hash).await.ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_value_must_be_there_and_be_a_text() {
    let world = World::new().await;
    let phone = World::phone();
    let hash = world.sms_hash(&phone, 1).await;
    let good = json!({ "phone": phone, "hash": hash, "pass": PASSWORD });
    for key in ["phone", "hash", "pass"] {
        let mut data = good.clone();
        data.as_object_mut().unwrap().remove(key);
        send(&world, data).await.fails(-3, "Error data key");
        for (value, status, message) in [
            (json!(""), -201, "Necessary key-value can't be empty"),
            (json!(null), -201, "Necessary key-value can't be empty"),
            (json!(13_900_000_000_i64), -203, "Arg's value type error"),
            (json!(false), -203, "Arg's value type error"),
            (json!([""]), -203, "Arg's value type error"),
            (json!({}), -203, "Arg's value type error"),
        ] {
            let mut data = good.clone();
            data[key] = value;
            send(&world, data).await.fails(status, message);
        }
    }
    send(&world, good).await.ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_that_is_too_long_is_refused_and_does_not_cost_the_code() {
    let world = World::new().await;
    let (phone, other) = (World::phone(), World::phone());
    let (hash, other_hash) = (world.sms_hash(&phone, 1).await, world.sms_hash(&other, 1).await);
    for long in ["a".repeat(1025), "密".repeat(342), "a".repeat(100_000)] {
        let data = json!({ "phone": phone, "hash": hash, "pass": long });
        send(&world, data).await.fails(-204, "Arg's value error");
    }
    for (phone, hash, longest) in [(phone, hash, "a".repeat(1024)), (other, other_hash, "\u{0}密 ".repeat(204))] {
        send(&world, json!({ "phone": phone, "hash": hash, "pass": longest })).await.ok();
        let data = json!({ "phone": phone, "pass": longest });
        world.call("/api/user/login", "login/pass", data).await.ok();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hash_of_any_other_shape_is_a_wrong_one() {
    let world = World::new().await;
    let phone = World::phone();
    let hash = world.sms_hash(&phone, 1).await;
    let long = "a".repeat(100_000);
    for wrong in ["wrong", &hash.to_uppercase(), "\u{0}", &long] {
        register(&world, &phone, wrong).await.fails(400, "Error hash");
    }
    register(&world, &phone, &hash).await.ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_tables_are_away_nobody_registers_and_the_code_is_kept() {
    let world = World::new().await;
    let phone = World::phone();
    let hash = world.sms_hash(&phone, 1).await;
    world.stack.dynamodb().unwrap().set_available(false).await.unwrap();
    register(&world, &phone, &hash).await.fails(-200, "Failure to operate database");
    world.stack.dynamodb().unwrap().set_available(true).await.unwrap();
    register(&world, &phone, &hash).await.ok();
}
