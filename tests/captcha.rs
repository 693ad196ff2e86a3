//! `img/generate` and `img/validate`.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::support::{Reply, Table, World, assert_one_succeeds, at_once};

const PATH: &str = "/api/captcha";

async fn generate(world: &World) -> Reply {
    world.call(PATH, "img/generate", json!({})).await
}

async fn validate(world: &World, hash: impl Into<Value>) -> Reply {
    world.call(PATH, "img/validate", json!({ "hash": hash.into() })).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_captcha_is_a_small_png_and_five_letters_or_digits() {
    let world = World::new().await;
    let reply = generate(&world).await;
    let data = reply.ok().as_object().unwrap();
    assert_eq!(data.keys().collect::<Vec<_>>(), ["imgdata", "rand"], "the code itself is nobody's business");
    let rand = data["rand"].as_str().unwrap();
    assert!(rand.len() == 5 && rand.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{rand}");
    let png = STANDARD.decode(data["imgdata"].as_str().unwrap()).expect("base64 without a prefix");
    assert!(png.starts_with(b"\x89PNG\r\n\x1a\n"));
    assert!(png.len() <= 6 * 1024, "{} bytes", png.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_two_captchas_are_alike() {
    let world = World::new().await;
    let replies = at_once(20, |_| generate(&world)).await;
    for key in ["imgdata", "rand"] {
        let mut values: Vec<_> = replies.iter().map(|reply| reply.ok()[key].as_str().unwrap()).collect();
        values.sort_unstable();
        values.dedup();
        assert_eq!(values.len(), 20, "{key}");
    }
    let hashes = world.keys(Table::Codes).await;
    assert_eq!(hashes.iter().filter(|id| id.starts_with("captcha#")).count(), 20);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_captcha_is_good_once() {
    let world = World::new().await;
    let hash = world.captcha_hash().await;
    assert_eq!(validate(&world, &*hash).await.ok(), &json!({}));
    validate(&world, &*hash).await.fails(100, "Error captcha hash");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_uses_of_one_captcha_at_once_one_succeeds() {
    let world = World::new().await;
    for _ in 0..3 {
        let hash = world.captcha_hash().await;
        let replies = at_once(50, |_| validate(&world, &*hash)).await;
        assert_one_succeeds(&replies, &[100]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_captcha_lives_five_minutes_and_is_dead_after_them_while_it_is_still_in_the_table() {
    let world = World::new().await;
    let (early, late) = (world.captcha_hash().await, world.captcha_hash().await);
    world.advance(290).await;
    validate(&world, early).await.ok();
    world.advance(10).await;
    assert!(world.keys(Table::Codes).await.contains(&format!("captcha#{late}")));
    validate(&world, late).await.fails(100, "Error captcha hash");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hash_that_is_no_captchas_is_an_error_whatever_it_looks_like() {
    let world = World::new().await;
    let hash = world.captcha_hash().await;
    let long = "a".repeat(100_000);
    for wrong in ["0123456789abcdef0123456789abcdef", &hash.to_uppercase(), &hash[1..], "\u{0}", "#", "验证码", &long]
    {
        validate(&world, wrong).await.fails(100, "Error captcha hash");
    }
    validate(&world, hash).await.ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn validating_needs_a_hash_that_is_a_text() {
    let world = World::new().await;
    world.call(PATH, "img/validate", json!({})).await.fails(-3, "Error data key");
    for empty in [json!(""), json!(null)] {
        validate(&world, empty).await.fails(-201, "Necessary key-value can't be empty");
    }
    for other in [json!(1), json!(true), json!(["a"]), json!({}), json!(1.5)] {
        validate(&world, other).await.fails(-203, "Arg's value type error");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_hash_of_a_text_message_is_no_captchas_and_the_other_way_round() {
    let world = World::new().await;
    let phone = World::phone();
    let (captcha, sms) = (world.captcha_hash().await, world.sms_hash(&phone, 1).await);
    validate(&world, &*sms).await.fails(100, "Error captcha hash");
    world.call(PATH, "sms/validate", json!({ "hash": captcha })).await.fails(100, "Error captcha hash");
    validate(&world, captcha).await.ok();
    world.call(PATH, "sms/validate", json!({ "hash": sms })).await.ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_table_is_away_captchas_fail_and_none_is_used_up() {
    let world = World::new().await;
    let hash = world.captcha_hash().await;
    world.stack.dynamodb().unwrap().set_available(false).await.unwrap();
    let (generated, validated) = tokio::join!(generate(&world), validate(&world, &*hash));
    generated.fails(-404, "Unknown Error");
    validated.fails(-404, "Unknown Error");
    world.stack.dynamodb().unwrap().set_available(true).await.unwrap();
    validate(&world, hash).await.ok();
}
