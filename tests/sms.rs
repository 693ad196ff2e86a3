//! `sms/generate`: who gets a code, and what happens when none can be sent. Its limits are in `sms_limits.rs`.

use serde_json::{Value, json};

use crate::support::{PASSWORD, Reply, World, assert_one_succeeds, at_once, hash};

const PATH: &str = "/api/captcha";

async fn generate(world: &World, data: Value) -> Reply {
    world.call(PATH, "sms/generate", data).await
}

async fn register(world: &World, phone: &str, hash: &str) -> Reply {
    let data = json!({ "phone": phone, "hash": hash, "pass": PASSWORD });
    world.call("/api/user/register", "register/phone", data).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_of_six_digits_reaches_the_phone_and_the_caller_gets_five_letters_or_digits() {
    let world = World::new().await;
    let phone = World::phone();
    let reply = generate(&world, json!({ "phone": phone, "command_type": 1 })).await;
    let data = reply.ok().as_object().unwrap();
    assert_eq!(data.keys().collect::<Vec<_>>(), ["rand"], "the code goes to the phone and nowhere else");
    let rand = data["rand"].as_str().unwrap();
    assert!(rand.len() == 5 && rand.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{rand}");
    assert_eq!(world.messages(&phone).await.len(), 1);
    let code = world.code(&phone).await;
    assert!(code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()), "{code}");
    register(&world, &phone, &hash(&code, rand)).await.ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_without_a_command_type_is_one_for_registering() {
    let world = World::new().await;
    let phone = World::phone();
    let rand = generate(&world, json!({ "phone": phone })).await.ok()["rand"].as_str().unwrap().to_owned();
    let hash = hash(&world.code(&phone).await, &rand);
    register(&world, &phone, &hash).await.ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_type_that_is_neither_one_nor_two_is_an_error_and_sends_nothing() {
    let world = World::new().await;
    let phone = World::phone();
    for (command_type, status, message) in [
        (json!(0), -204, "Arg's value error"),
        (json!(3), -204, "Arg's value error"),
        (json!(-1), -204, "Arg's value error"),
        (json!(i64::MAX), -204, "Arg's value error"),
        (json!(u64::MAX), -204, "Arg's value error"),
        (json!("1"), -203, "Arg's value type error"),
        (json!(1.5), -203, "Arg's value type error"),
        (json!(true), -203, "Arg's value type error"),
        (json!([1]), -203, "Arg's value type error"),
    ] {
        let reply = generate(&world, json!({ "phone": phone, "command_type": command_type })).await;
        reply.fails(status, message);
    }
    assert!(world.messages(&phone).await.is_empty());
    generate(&world, json!({ "phone": phone })).await.ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_numbers_of_mainland_china_get_codes() {
    let world = World::new().await;
    let long = "1".repeat(100_000);
    for phone in [
        "1390000000",
        "139000000000",
        "12900000000",
        "23900000000",
        "+8613900000000",
        "1390000000a",
        "139 0000 0000",
        "13900000000\n",
        " 13900000000",
        "１３９００００００００",
        "13900000000\u{0}",
        &long,
    ] {
        generate(&world, json!({ "phone": phone })).await.fails(1016, "手机号格式错误");
    }
    generate(&world, json!({})).await.fails(-3, "Error data key");
    generate(&world, json!({ "phone": "" })).await.fails(-201, "Necessary key-value can't be empty");
    generate(&world, json!({ "phone": null })).await.fails(-201, "Necessary key-value can't be empty");
    generate(&world, json!({ "phone": 13_900_000_000_i64 })).await.fails(-203, "Arg's value type error");
    assert!(world.stack.sms().unwrap().messages().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_code_replaces_the_one_before_it() {
    let world = World::new().await;
    let phone = World::phone();
    let first = world.sms_hash(&phone, 1).await;
    world.advance(30).await;
    let second = world.sms_hash(&phone, 1).await;
    register(&world, &phone, &first).await.fails(400, "Error hash");
    register(&world, &phone, &second).await.ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_for_one_purpose_leaves_the_other_purposes_code_alone() {
    let world = World::new().await;
    let family = world.family().await;
    world.advance(30).await;
    let forgotten = world.sms_hash(&family.phone, 2).await;
    world.advance(30).await;
    world.sms_hash(&family.phone, 1).await;
    let data = json!({ "phone": family.phone, "hash": forgotten, "pass": "new" });
    world.call("/api/user/password", "password/forget", data).await.ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stranger_who_forgot_a_password_gets_the_same_reply_and_the_same_limits_and_no_message() {
    let world = World::new().await;
    let phone = World::phone();
    let reply = generate(&world, json!({ "phone": phone, "command_type": 2 })).await;
    assert_eq!(reply.ok()["rand"].as_str().unwrap().len(), 5);
    assert_eq!(reply.ok().as_object().unwrap().len(), 1);
    assert!(world.messages(&phone).await.is_empty());
    let again = generate(&world, json!({ "phone": phone, "command_type": 2 })).await;
    assert_eq!(again.status(), 1023, "the limits must not tell either");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_used_up_budget_does_not_tell_whose_phone_has_an_account() {
    let world = World::with([("SMS_PER_DAY", "1")]).await;
    let family = world.family().await;
    world.advance(30).await;
    for phone in [&family.phone, &World::phone()] {
        let reply = generate(&world, json!({ "phone": phone, "command_type": 2 })).await;
        assert_eq!(reply.status(), 1022, "{}", reply.body);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_the_service_refuses_a_message_nothing_is_pending_and_the_phone_is_not_charged() {
    let world = World::new().await;
    let phone = World::phone();
    let before = world.sms_hash(&phone, 1).await;
    world.advance(30).await;
    world.stack.sms().unwrap().fail_next(1);
    let reply = generate(&world, json!({ "phone": phone })).await;
    assert_eq!((reply.status(), &reply.body["data"]), (1008, &json!({})), "{}", reply.body);
    register(&world, &phone, &before).await.fails(400, "Error hash");
    let after = world.sms_hash(&phone, 1).await;
    register(&world, &phone, &after).await.ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_that_failed_leave_all_ten_of_a_day() {
    let world = World::with([("SMS_PER_SOURCE_PER_HOUR", "1000")]).await;
    let phone = World::phone();
    world.stack.sms().unwrap().fail_all(true);
    for _ in 0..12 {
        assert_eq!(generate(&world, json!({ "phone": phone })).await.status(), 1008);
    }
    world.stack.sms().unwrap().fail_all(false);
    for _ in 0..2 {
        for _ in 0..5 {
            generate(&world, json!({ "phone": phone })).await.ok();
            world.advance(30).await;
        }
        world.advance(3600).await;
    }
    assert_eq!(generate(&world, json!({ "phone": phone })).await.status(), 1025);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_that_is_away_or_never_answers_is_a_failure_in_bounded_time() {
    let world = World::new().await;
    let (phone, other) = (World::phone(), World::phone());
    world.stack.sms().unwrap().set_available(false).await.unwrap();
    assert_eq!(generate(&world, json!({ "phone": phone })).await.status(), 1008);
    world.stack.sms().unwrap().set_available(true).await.unwrap();
    generate(&world, json!({ "phone": phone })).await.ok();
    world.stack.sms().unwrap().hang(true);
    let reply = tokio::time::timeout(std::time::Duration::from_secs(15), generate(&world, json!({ "phone": other })));
    assert_eq!(reply.await.expect("a reply in time").status(), 1008);
    world.stack.sms().unwrap().hang(false);
    generate(&world, json!({ "phone": other })).await.ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_table_is_away_no_code_is_sent() {
    let world = World::new().await;
    let phone = World::phone();
    world.stack.dynamodb().unwrap().set_available(false).await.unwrap();
    generate(&world, json!({ "phone": phone })).await.fails(-404, "Unknown Error");
    world.stack.dynamodb().unwrap().set_available(true).await.unwrap();
    assert!(world.messages(&phone).await.is_empty());
    generate(&world, json!({ "phone": phone })).await.ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_option_a_captchas_hash_is_not_looked_at() {
    let world = World::new().await;
    let captcha = world.captcha_hash().await;
    for hash in ["wrong", &captcha, ""] {
        generate(&world, json!({ "phone": World::phone(), "hash": hash })).await.ok();
    }
    world.call(PATH, "img/validate", json!({ "hash": captcha })).await.ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_the_option_a_code_costs_a_captcha() {
    let world = World::with([("REQUIRE_CAPTCHA_FOR_SMS", "true")]).await;
    let phone = World::phone();
    let captcha = world.captcha_hash().await;
    let with = |hash: Value| generate(&world, json!({ "phone": phone, "hash": hash }));
    generate(&world, json!({ "phone": phone })).await.fails(-3, "Error data key");
    with(json!("")).await.fails(-201, "Necessary key-value can't be empty");
    with(json!(1)).await.fails(-203, "Arg's value type error");
    let long = "a".repeat(100_000);
    for wrong in ["0123456789abcdef0123456789abcdef", "wrong", &captcha.to_uppercase(), "\u{0}", &long] {
        with(json!(wrong)).await.fails(-4, "Error Hash");
    }
    assert!(world.messages(&phone).await.is_empty());
    with(json!(captcha)).await.ok();
    let other = json!({ "phone": World::phone(), "hash": captcha });
    generate(&world, other).await.fails(-4, "Error Hash");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_the_option_a_missing_captcha_weighs_more_than_a_value_that_is_wrong() {
    let world = World::with([("REQUIRE_CAPTCHA_FOR_SMS", "true")]).await;
    for data in [
        json!({ "phone": 1 }),
        json!({ "phone": "" }),
        json!({ "phone": World::phone(), "command_type": 3 }),
        json!({ "phone": World::phone(), "command_type": "1" }),
    ] {
        generate(&world, data).await.fails(-3, "Error data key");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_the_option_a_dead_captcha_sends_nothing() {
    let world = World::with([("REQUIRE_CAPTCHA_FOR_SMS", "true")]).await;
    let phone = World::phone();
    let captcha = world.captcha_hash().await;
    world.advance(300).await;
    generate(&world, json!({ "phone": phone, "hash": captcha })).await.fails(-4, "Error Hash");
    assert!(world.messages(&phone).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_captcha_sends_one_code_however_many_phones_ask_with_it_at_once() {
    let world = World::with([("REQUIRE_CAPTCHA_FOR_SMS", "true"), ("SMS_PER_SOURCE_PER_HOUR", "1000")]).await;
    let captcha = world.captcha_hash().await;
    let replies = at_once(50, |_| generate(&world, json!({ "phone": World::phone(), "hash": captcha.clone() }))).await;
    assert_one_succeeds(&replies, &[-4]);
    assert_eq!(world.stack.sms().unwrap().messages().len(), 1);
}
