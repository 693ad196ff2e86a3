//! `sms/validate`.

use serde_json::{Value, json};

use crate::support::{PASSWORD, Reply, Table, World, at_once, md5};

const PATH: &str = "/api/captcha";

/// More misses than any limit that is worth the name lets through.
const MANY: usize = 200;

async fn validate(world: &World, hash: impl Into<Value>) -> Reply {
    world.call(PATH, "sms/validate", json!({ "hash": hash.into() })).await
}

async fn register(world: &World, phone: &str, hash: &str) -> Reply {
    let data = json!({ "phone": phone, "hash": hash, "pass": PASSWORD });
    world.call("/api/user/register", "register/phone", data).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pending_code_is_confirmed_as_often_as_asked_and_stays_pending() {
    let world = World::new().await;
    let phone = World::phone();
    let hash = world.sms_hash(&phone, 1).await;
    for reply in at_once(50, |_| validate(&world, &*hash)).await {
        assert_eq!(reply.ok(), &json!({}));
    }
    register(&world, &phone, &hash).await.ok();
    validate(&world, hash).await.fails(100, "Error captcha hash");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_for_a_forgotten_password_is_confirmed_too() {
    let world = World::new().await;
    let family = world.family().await;
    world.advance(30).await;
    let hash = world.sms_hash(&family.phone, 2).await;
    validate(&world, hash).await.ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hash_that_belongs_to_no_pending_code_is_an_error() {
    let world = World::new().await;
    let hash = world.sms_hash(&World::phone(), 1).await;
    let long = "a".repeat(100_000);
    for wrong in ["0123456789abcdef0123456789abcdef", &hash.to_uppercase(), "wrong", "\u{0}", &long] {
        validate(&world, wrong).await.fails(100, "Error captcha hash");
    }
    world.call(PATH, "sms/validate", json!({})).await.fails(-3, "Error data key");
    validate(&world, "").await.fails(-201, "Necessary key-value can't be empty");
    validate(&world, json!(null)).await.fails(-201, "Necessary key-value can't be empty");
    validate(&world, json!([])).await.fails(-203, "Arg's value type error");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_is_dead_after_three_minutes_while_it_is_still_in_the_table() {
    let world = World::new().await;
    let phone = World::phone();
    let hash = world.sms_hash(&phone, 1).await;
    world.advance(170).await;
    validate(&world, &*hash).await.ok();
    world.advance(10).await;
    assert!(world.keys(Table::Codes).await.contains(&format!("phone#{phone}")));
    validate(&world, hash).await.fails(100, "Error captcha hash");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_that_was_replaced_or_guessed_at_too_often_is_not_confirmed() {
    let world = World::new().await;
    let phone = World::phone();
    let replaced = world.sms_hash(&phone, 1).await;
    world.advance(30).await;
    let guessed = world.sms_hash(&phone, 1).await;
    validate(&world, replaced).await.fails(100, "Error captcha hash");
    validate(&world, &*guessed).await.ok();
    for guess in 0..5 {
        register(&world, &phone, &md5(format!("guess {guess}"))).await.fails(400, "Error hash");
    }
    validate(&world, guessed).await.fails(100, "Error captcha hash");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_that_misses_too_often_must_wait_and_nobody_else_must() {
    let world = World::new().await;
    let phone = World::phone();
    let hash = world.sms_hash(&phone, 1).await;
    let mut misses = 0;
    while validate(&world, md5(format!("miss {misses}"))).await.status() == 100 {
        misses += 1;
        assert!(misses < MANY, "misses are limited");
    }
    validate(&world, md5("one more")).await.fails(-429, "Too many requests");
    validate(&world, &*hash).await.fails(-429, "Too many requests");
    world.visitor(2).call(PATH, "sms/validate", json!({ "hash": hash })).await.ok();
    world.advance(24 * 3600).await;
    validate(&world, md5("a day later")).await.fails(100, "Error captcha hash");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn misses_at_once_are_limited_as_misses_in_turn_are() {
    let world = World::new().await;
    let mut in_turn = 0;
    while validate(&world, md5(format!("miss {in_turn}"))).await.status() == 100 {
        in_turn += 1;
        assert!(in_turn < MANY, "misses are limited");
    }
    let world = World::new().await;
    let replies = at_once(in_turn + 30, |miss| validate(&world, md5(format!("miss {miss}")))).await;
    let told = replies.iter().filter(|reply| reply.status() == 100).count();
    assert_eq!(told, in_turn);
    for reply in replies.iter().filter(|reply| reply.status() != 100) {
        reply.fails(-429, "Too many requests");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_table_is_away_nothing_is_confirmed_and_nothing_is_lost() {
    let world = World::new().await;
    let hash = world.sms_hash(&World::phone(), 1).await;
    world.stack.dynamodb().unwrap().set_available(false).await.unwrap();
    validate(&world, &*hash).await.fails(-404, "Unknown Error");
    world.stack.dynamodb().unwrap().set_available(true).await.unwrap();
    validate(&world, hash).await.ok();
}
