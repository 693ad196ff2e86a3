//! The user, made by the SMS code.

use futures_util::future::join_all;
use reqwest::header;
use serde_json::{Value, json};

use crate::support::{ErrnoReply, PASSWORD, World, is_alive, send};

fn user(mobile: &str, sms_code: impl Into<Value>) -> Value {
    json!({ "mobile": mobile, "sms_code": sms_code.into(), "password": PASSWORD })
}

/// Six digits that are not `code`, others for each `n`.
fn wrong(code: &str, n: u32) -> String {
    let code: u32 = code.parse().expect("digits");
    format!("{:06}", (code + 1 + n) % 1_000_000)
}

async fn assert_has_no_account(world: &World, phone: &str) {
    world.log(phone, PASSWORD).await.is("0007");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_code_makes_a_user_and_a_session_whose_cookie_is_a_token_of_the_main_api() {
    let world = World::new().await;
    let phone = World::phone();
    let code = world.sms_code(&phone).await;
    let made = world.post_user(&user(&phone, code)).await;
    let token = made.token();
    assert_eq!(made.cookie.as_deref(), Some(&*format!("session={token}; HttpOnly; SameSite=Lax; Path=/")));
    assert!(is_alive(&world, token).await);

    let created = made.body["data"]["create_time"].as_str().unwrap();
    let form: String = created.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    assert_eq!(form, "0000-00-00 00:00:00", "{created}");
    let data = json!({
        "user_id": phone,
        "name": phone,
        "mobile": phone,
        "avatar_url": format!("/api/get/portrait/{phone}"),
        "create_time": created,
    });
    assert_eq!(made.body["data"], data);
    let avatar = world.get_raw(made.body["data"]["avatar_url"].as_str().unwrap()).await;
    assert_eq!((avatar.status().as_u16(), &avatar.headers()["content-type"]), (200, &"image/png".parse().unwrap()));
    assert_eq!(world.get(&format!("/api/user/info?token={token}")).await.ok()["phone"], phone.as_str());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_code_may_be_a_number_also_one_that_begins_with_zeros() {
    let world = World::with([("SMS_PER_SOURCE_PER_HOUR", "1000")]).await;
    let (mut zero, mut other) = (false, false);
    while !(zero && other) {
        let phone = World::phone();
        let code = world.sms_code(&phone).await;
        if code.starts_with('0') {
            zero = true;
        } else {
            other = true;
        }
        world.post_user(&user(&phone, code.parse::<u32>().unwrap())).await.token();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_code_lives_five_minutes() {
    let world = World::new().await;
    let (in_time, late) = (World::phone(), World::phone());
    let (code, late_code) = (world.sms_code(&in_time).await, world.sms_code(&late).await);
    world.advance(290).await;
    world.post_user(&user(&in_time, code)).await.token();
    world.advance(10).await;
    world.post_user(&user(&late, late_code)).await.is("4002", "短信验证码已过期");
    assert_has_no_account(&world, &late).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_wrong_codes_are_4004_and_then_even_the_right_one_is_4002() {
    let world = World::new().await;
    let phone = World::phone();
    let code = world.sms_code(&phone).await;
    for n in 0..5 {
        world.post_user(&user(&phone, wrong(&code, n))).await.is("4004", "短信验证码不一致");
    }
    world.post_user(&user(&phone, code)).await.is("4002", "短信验证码已过期");
    assert_has_no_account(&world, &phone).await;

    world.advance(31).await;
    let code = world.sms_code(&phone).await;
    world.post_user(&user(&phone, code)).await.token();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_guesses_at_once_five_are_judged() {
    let world = World::new().await;
    let phone = World::phone();
    let code = world.sms_code(&phone).await;
    let bodies: Vec<Value> = (0..50).map(|n| user(&phone, wrong(&code, n))).collect();
    let answers = join_all(bodies.iter().map(|body| world.post_user(body))).await;
    let with = |errno| answers.iter().filter(|answer| answer.body["errno"] == errno).count();
    assert_eq!((with("4004"), with("4002")), (5, 45));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_ten_registrations_at_once_one_succeeds() {
    let world = World::new().await;
    let phone = World::phone();
    let code = world.sms_code(&phone).await;
    let body = user(&phone, code);
    let answers = join_all((0..10).map(|_| world.post_user(&body))).await;
    let (made, not): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.body["errno"] == "0");
    assert_eq!((made.len(), not.len()), (1, 9));
    for answer in not {
        let errno = answer.body["errno"].as_str().unwrap();
        assert!(["4003", "4002"].contains(&errno), "{}", answer.body);
    }
    assert!(is_alive(&world, made[0].token()).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_code_a_used_one_and_a_registered_phone_are_told() {
    let world = World::new().await;
    let phone = World::phone();
    world.post_user(&user(&phone, "123456")).await.is("4002", "短信验证码已过期");
    let code = world.sms_code(&phone).await;
    world.post_user(&user(&phone, code.clone())).await.token();
    world.post_user(&user(&phone, code)).await.is("4003", "手机号已注册");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_for_another_phone_is_none() {
    let world = World::new().await;
    let (mine, other) = (World::phone(), World::phone());
    let code = world.sms_code(&mine).await;
    world.post_user(&user(&other, code.clone())).await.is("4002", "短信验证码已过期");
    let (their_code, mine_is) = (world.sms_code(&other).await, code);
    if their_code != mine_is {
        world.post_user(&user(&other, mine_is)).await.is("4004", "短信验证码不一致");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_is_no_object_is_4103_and_so_is_one_that_lacks_something() {
    let world = World::new().await;
    let phone = World::phone();
    let code = world.sms_code(&phone).await;
    let bodies: [&[u8]; 8] =
        [b"", b"null", b"[]", b"1", b"\"text\"", b"{\"mobile\":", b"\xff\xfe", b"mobile=1&sms_code=2&password=3"];
    for body in bodies {
        let answer = ErrnoReply::of(world.post_raw("/api/v1.0/users", body).await).await;
        answer.is("4103", "参数错误");
    }
    for name in ["mobile", "sms_code", "password"] {
        for value in [None, Some(json!("")), Some(json!(null)), Some(json!(true)), Some(json!([1])), Some(json!({}))] {
            let mut body = user(&phone, code.clone());
            match value {
                Some(value) => body[name] = value,
                None => drop(body.as_object_mut().unwrap().remove(name)),
            }
            world.post_user(&body).await.is("4103", "参数缺失");
        }
    }
    assert_has_no_account(&world, &phone).await;
    world.post_user(&user(&phone, code)).await.token();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn malformed_values_are_told_and_cost_nothing() {
    let world = World::new().await;
    let phone = World::phone();
    let code = world.sms_code(&phone).await;
    for not_a_phone in [json!("1"), json!("12000000000"), json!("+8613900000000"), json!("你"), json!(1.5), json!(-1)]
    {
        let mut body = user(&phone, code.clone());
        body["mobile"] = not_a_phone;
        world.post_user(&body).await.is("4103", "手机号格式错误");
    }
    let mut body = user(&phone, code.clone());
    body["password"] = json!("x".repeat(1025));
    world.post_user(&body).await.is("4103", "参数错误");
    for not_a_code in [json!("你好"), json!("1".repeat(10_000)), json!(-1), json!(1e300)] {
        world.post_user(&user(&phone, not_a_code)).await.is("4004", "短信验证码不一致");
    }
    assert_has_no_account(&world, &phone).await;
    world.post_user(&user(&phone, code)).await.token();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn json_is_understood_whatever_its_content_type() {
    let world = World::new().await;
    for content_type in ["application/json; charset=UTF-8", "text/plain", "application/x-www-form-urlencoded"] {
        let phone = World::phone();
        let code = world.sms_code(&phone).await;
        let post = world.http.post(world.url("/api/v1.0/users")).header(header::CONTENT_TYPE, content_type);
        ErrnoReply::of(send(post.body(user(&phone, code).to_string())).await).await.token();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_the_tables_are_away_nothing_happens_and_the_code_stays_good() {
    let world = World::new().await;
    let phone = World::phone();
    let code = world.sms_code(&phone).await;
    let tables = world.stack.dynamodb().unwrap();
    tables.set_available(false).await.unwrap();
    world.post_user(&user(&phone, code.clone())).await.is("4001", "查询手机号异常");
    tables.set_available(true).await.unwrap();
    world.post_user(&user(&phone, code)).await.token();
}
