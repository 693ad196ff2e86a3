//! Sending the code, and the cookie that comes with it.

use serde_json::{Value, json};

use crate::support::{Applicant, ResultReply, STRONG, World, send};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_code_never_leaves_by_http_and_the_handle_is_never_the_code() {
    let world = World::with([("SMS_PER_SOURCE_PER_HOUR", "1000")]).await;
    for _ in 0..200 {
        let phone = World::phone();
        let response = world.get_raw(&format!("/register?userId={phone}")).await;
        let answer: Value = response.json().await.unwrap();
        let code = world.code(&phone).await;
        let handle = answer["message"].as_str().unwrap();
        assert_eq!(answer, json!({ "result": "0000", "message": handle }));
        for text in [&code, handle] {
            assert!(text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit()), "{text}");
        }
        assert_ne!(handle, code);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_message_tells_the_code_and_how_long_it_lives() {
    let world = World::new().await;
    let applicant = Applicant::start(&world, &World::phone()).await;
    let code = world.code(&applicant.phone).await;
    let messages = world.messages(&applicant.phone).await;
    assert_eq!(messages, [format!("【HelpAged】验证码{code}，3分钟内有效。请勿告诉他人。")]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_cookie_is_kept_from_scripts_and_other_sites_and_nobody_can_guess_it() {
    let world = World::new().await;
    let mut values = Vec::new();
    for _ in 0..2 {
        let cookie = world.ask_for_code(&World::phone()).await.cookie.unwrap();
        let (pair, attributes) = cookie.split_once("; ").unwrap();
        assert_eq!(attributes, "HttpOnly; SameSite=Lax; Path=/; Max-Age=600");
        let value = pair.strip_prefix("registration=").unwrap();
        assert!(value.len() == 32 && value.bytes().all(|byte| byte.is_ascii_hexdigit()), "{value}");
        values.push(value.to_owned());
    }
    assert_ne!(values[0], values[1]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_cookie_that_came_with_a_code_verifies_it() {
    let world = World::new().await;
    let mine = Applicant::start(&world, &World::phone()).await;
    let other = Applicant::start(&world, &World::phone()).await;
    let code = world.code(&mine.phone).await;
    let unknown = format!("registration={}", "0".repeat(32));
    for cookie in ["", "registration=", "registration=%00", "session=1", &other.cookie, &unknown] {
        let stranger = Applicant { cookie: cookie.to_owned(), ..mine.clone() };
        stranger.verify(&code).await.is("0004");
        stranger.finish(&[("password", STRONG)]).await.is("0006");
    }
    // Its place among other cookies does not matter.
    let beside_others = Applicant { cookie: format!("a=1; {}; b=2", mine.cookie), ..mine };
    beside_others.verify(&code).await.is("0000");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_handle_that_was_changed_verifies_nothing_and_costs_no_try() {
    let world = World::new().await;
    let applicant = Applicant::start(&world, &World::phone()).await;
    let code = world.code(&applicant.phone).await;
    for handle in [code.as_str(), "", "99999", "handle"] {
        applicant.register(&[("code_v", handle), ("code", &code)]).await.is("0004");
    }
    applicant.register(&[("code", &code)]).await.is("0004");
    applicant.register(&[("code_v", &applicant.handle)]).await.is("0004");
    applicant.register(&[]).await.is("0004");
    applicant.verify(&code).await.is("0000");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_registration_is_over_after_ten_minutes() {
    let world = World::new().await;
    let (in_time, late) = (World::phone(), World::phone());
    let in_time = Applicant::verified(&world, &in_time).await;
    let late = Applicant::verified(&world, &late).await;
    world.advance(590).await;
    in_time.finish(&[("password", STRONG)]).await.is("0000");
    world.advance(10).await;
    late.upload(crate::support::jpeg(1, 100).0).await.is("0006");
    late.finish(&[("password", STRONG)]).await.is("0006");
    world.log(&late.phone, STRONG).await.is("0007");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_lives_three_minutes() {
    let world = World::new().await;
    let in_time = Applicant::start(&world, &World::phone()).await;
    let late = Applicant::start(&world, &World::phone()).await;
    world.advance(170).await;
    in_time.verify(&world.code(&in_time.phone).await).await.is("0000");
    world.advance(10).await;
    late.verify(&world.code(&late.phone).await).await.is("0004");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_is_used_once_and_what_it_verified_stays_so() {
    let world = World::new().await;
    let applicant = Applicant::verified(&world, &World::phone()).await;
    applicant.verify(&world.code(&applicant.phone).await).await.is("0004");
    applicant.finish(&[("password", STRONG)]).await.is("0000");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_registered_phone_is_0001_and_anything_else_that_sends_no_code_is_0002() {
    let world = World::with([("SMS_PER_DAY", "2")]).await;
    let family = world.family().await;
    let answer = world.ask_for_code(&family.phone).await;
    answer.is("0001");
    assert_eq!(answer.cookie, None);

    for not_a_phone in ["", "1390000000", "139000000000", "12000000000", "1390000000a", "%2B8613900000000", "%00", "你"]
    {
        world.ask_for_code(not_a_phone).await.is("0002");
    }
    for address in ["/register", "/register?", "/register?userid=13900000000"] {
        let answer = crate::support::ResultReply::of(world.get_raw(address).await).await;
        answer.is("0002");
        assert_eq!(answer.cookie, None);
    }

    let phone = World::phone();
    world.ask_for_code(&phone).await.ok();
    world.ask_for_code(&phone).await.is("0002");
    world.ask_for_code(&World::phone()).await.is("0002");
    assert_eq!(world.messages(&phone).await.len(), 1, "too soon");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_sms_that_fails_is_0002_and_costs_the_phone_nothing() {
    let world = World::new().await;
    let phone = World::phone();
    world.stack.sms().unwrap().fail_next(1);
    let failed = world.ask_for_code(&phone).await;
    failed.is("0002");
    assert_eq!(failed.cookie, None);
    Applicant::verified(&world, &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_the_tables_away_every_step_is_answered_and_can_be_done_again() {
    let world = World::new().await;
    let verified = Applicant::verified(&world, &World::phone()).await;
    let started = Applicant::start(&world, &World::phone()).await;
    let code = world.code(&started.phone).await;
    let tables = world.stack.dynamodb().unwrap();

    tables.set_available(false).await.unwrap();
    world.ask_for_code(&World::phone()).await.is("0002");
    started.verify(&code).await.is("0006");
    verified.upload(crate::support::jpeg(1, 100).0).await.is("0006");
    verified.finish(&[("password", STRONG)]).await.is("0006");
    world.log(&verified.phone, STRONG).await.is("0006");
    tables.set_available(true).await.unwrap();

    started.verify(&code).await.is("0000");
    verified.finish(&[("password", STRONG)]).await.is("0000");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_with_a_handle_is_kept_by_no_cache() {
    let world = World::new().await;
    let get = world.http.get(world.url(&format!("/register?userId={}", World::phone())));
    assert_eq!(send(get).await.headers()["cache-control"], "no-store");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_a_code_costs_a_captcha_it_does_so_here_too() {
    let world = World::with([("REQUIRE_CAPTCHA_FOR_SMS", "true"), ("SMS_PER_DAY", "2")]).await;
    let phone = World::phone();
    let ask = async |hash: &str| {
        let path = format!("/register?userId={phone}{hash}");
        ResultReply::of(world.get_raw(&path).await).await
    };
    for hash in ["", "&hash=", "&hash=wrong", "&hash=0123456789abcdef0123456789abcdef"] {
        ask(hash).await.is("0002");
    }
    assert!(world.messages(&phone).await.is_empty());
    let captcha = world.captcha_hash().await;
    ask(&format!("&hash={captcha}")).await.ok();
    assert_eq!(world.messages(&phone).await.len(), 1);
    world.advance(30).await;
    ask(&format!("&hash={captcha}")).await.is("0002");
    assert_eq!(world.messages(&phone).await.len(), 1, "it is used up");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_cookie_of_the_host_may_hold_any_text() {
    let world = World::new().await;
    let mut applicant = Applicant::start(&world, &World::phone()).await;
    applicant.cookie = format!("nick=张三; {}; 名=四", applicant.cookie);
    applicant.verify(&world.code(&applicant.phone).await).await.is("0000");
    applicant.finish(&[("password", STRONG)]).await.is("0000");
}
