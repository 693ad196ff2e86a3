//! The SMS code, for whoever read the picture.

use crate::support::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn six_digits_are_sent_and_said_to_live_five_minutes() {
    let world = World::new().await;
    let phone = World::phone();
    let code = world.sms_code(&phone).await;
    assert!(code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()), "{code}");
    assert_eq!(world.messages(&phone).await, [format!("【HelpAged】验证码{code}，5分钟内有效。请勿告诉他人。")]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_text_or_id_it_is_incomplete_and_the_picture_stays() {
    let world = World::new().await;
    let (id, text) = world.image_code().await;
    let phone = World::phone();
    for query in ["", "?", "?text=&id=", &format!("?text={text}"), &format!("?id={id}"), &format!("?text=&id={id}")] {
        let path = format!("/api/v1.0/smscode/{phone}{query}");
        world.errno_get(&path).await.is("4103", "参数不完整");
    }
    world.answer_image(&phone, &id, &text).await.is("0", "发送成功");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_phone_is_told_so_and_the_picture_stays() {
    let world = World::new().await;
    let (id, text) = world.image_code().await;
    for not_a_phone in
        ["1", "1390000000", "139000000000", "12000000000", "1390000000a", "+8613900000000", "%E4%BD%A0", "%00"]
    {
        world.answer_image(not_a_phone, &id, &text).await.is("4103", "手机号格式错误");
    }
    world.answer_image(&World::phone(), &id, &text).await.is("0", "发送成功");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_registered_phone_is_told_only_to_who_read_the_picture() {
    let world = World::new().await;
    let family = world.family().await;
    let before = world.messages(&family.phone).await.len();
    world.answer_image(&family.phone, "unknown", "12345").await.is("4002", "图片验证码已过期");
    let (id, _) = world.image_code().await;
    world.answer_image(&family.phone, &id, "wrong").await.is("4004", "图片验证码不一致");
    world.ask_for_sms(&family.phone).await.is("4003", "手机号已注册");
    assert_eq!(world.messages(&family.phone).await.len(), before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_code_in_half_a_minute_five_in_an_hour_and_ten_in_a_day() {
    let world = World::new().await;
    let phone = World::phone();
    let limited = || async { world.ask_for_sms(&phone).await.is("4301", "发送失败") };
    for round in 0..2 {
        for _ in 0..5 {
            world.sms_code(&phone).await;
            world.advance(20).await;
            limited().await;
            world.advance(10).await;
        }
        limited().await;
        if round == 0 {
            world.advance(3600 - 5 * 30).await;
        }
    }
    world.advance(3600).await;
    limited().await;
    world.advance(24 * 3600 - 3 * 3600).await;
    limited().await;
    world.advance(3600).await;
    world.sms_code(&phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_and_the_whole_deployment_have_their_limits() {
    for limit in ["SMS_PER_SOURCE_PER_HOUR", "SMS_PER_DAY"] {
        let world = World::with([(limit, "3")]).await;
        for _ in 0..3 {
            world.sms_code(&World::phone()).await;
        }
        world.ask_for_sms(&World::phone()).await.is("4301", "发送失败");
        world.advance(24 * 3600).await;
        world.sms_code(&World::phone()).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_the_sms_service_fails_nothing_is_pending_and_the_phone_may_ask_again() {
    let world = World::new().await;
    let phone = World::phone();
    world.stack.sms().unwrap().fail_next(1);
    world.ask_for_sms(&phone).await.is("4301", "发送短信异常");
    let body = serde_json::json!({ "mobile": phone, "sms_code": "000000", "password": "1" });
    world.post_user(&body).await.is("4002", "短信验证码已过期");
    world.sms_code(&phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_the_tables_are_away_the_picture_cannot_be_compared() {
    let world = World::new().await;
    let (id, text) = world.image_code().await;
    let phone = World::phone();
    let tables = world.stack.dynamodb().unwrap();
    tables.set_available(false).await.unwrap();
    world.answer_image(&phone, &id, &text).await.is("4001", "获取图片验证码失败");
    tables.set_available(true).await.unwrap();
    world.answer_image(&phone, &id, &text).await.is("0", "发送成功");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_of_any_form_are_merely_wrong() {
    let world = World::new().await;
    let long = "x".repeat(4000);
    for text in ["%E4%BD%A0", "%00", "%ff", "a%26id%3D1", "%20", &long] {
        let (id, _) = world.image_code().await;
        world.answer_image(&World::phone(), &id, text).await.is("4004", "图片验证码不一致");
    }
}
