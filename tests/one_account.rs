//! All APIs speak about one set of accounts, codes and limits.

use serde_json::{Value, json};

use crate::support::{Applicant, World, hash, is_alive};

/// A password that the rules of all three APIs allow.
const PASSWORD: &str = "one for all 3";

/// The APIs that make accounts.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Api {
    Main,
    Result,
    Errno,
}

const ALL: [Api; 3] = [Api::Main, Api::Result, Api::Errno];

impl Api {
    async fn register(self, world: &World, phone: &str) {
        match self {
            Self::Main => {
                let hash = world.sms_hash(phone, 1).await;
                let data = json!({ "phone": phone, "hash": hash, "pass": PASSWORD });
                world.call("/api/user/register", "register/phone", data).await.ok();
            }
            Self::Result => {
                let applicant = Applicant::verified(world, phone).await;
                applicant.finish(&[("password", PASSWORD)]).await.is("0000");
            }
            Self::Errno => {
                let body = json!({ "mobile": phone, "sms_code": world.sms_code(phone).await, "password": PASSWORD });
                world.post_user(&body).await.token();
            }
        }
    }

    /// Asks for a code. Answers how that is told: its status and text, where there is one.
    async fn ask(self, world: &World, phone: &str) -> (Value, Value) {
        let (mut body, status, text) = match self {
            Self::Main => {
                let data = json!({ "phone": phone });
                (world.call("/api/captcha", "sms/generate", data).await.body, "status", "message")
            }
            Self::Result => (json!({ "result": world.ask_for_code(phone).await.result }), "result", "none"),
            Self::Errno => (world.ask_for_sms(phone).await.body, "errno", "errmsg"),
        };
        (body[status].take(), body[text].take())
    }

    fn sent(self) -> (Value, Value) {
        match self {
            Self::Main => (json!(0), json!("successful")),
            Self::Result => (json!("0000"), Value::Null),
            Self::Errno => (json!("0"), json!("发送成功")),
        }
    }

    fn too_soon(self) -> (Value, Value) {
        match self {
            Self::Main => (json!(1023), json!("单个手机号30秒内下发短信条数超过设定的上限")),
            Self::Result => (json!("0002"), Value::Null),
            Self::Errno => (json!("4301"), json!("发送失败")),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_registers_by_one_api_logs_in_by_the_others() {
    let world = World::new().await;
    for api in ALL {
        let phone = World::phone();
        api.register(&world, &phone).await;
        let data = json!({ "phone": phone, "pass": PASSWORD });
        let main = world.call("/api/user/login", "login/pass", data).await.ok()["token"].clone();
        let result = world.log(&phone, PASSWORD).await;
        for token in [main.as_str().unwrap(), result.ok()] {
            assert!(is_alive(&world, token).await, "{api:?}");
            let info = world.get(&format!("/api/user/info?token={token}")).await;
            assert_eq!(info.ok(), &json!({"phone": phone, "name": null, "nickname": null, "email": null, "level": 1}));
        }
        world.log(&phone, "not the password 1").await.is("0008");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phone_that_registered_by_one_api_has_an_account_for_the_others() {
    let world = World::new().await;
    for api in ALL {
        let phone = World::phone();
        api.register(&world, &phone).await;
        world.advance(31).await;
        world.ask_for_code(&phone).await.is("0001");
        world.ask_for_sms(&phone).await.is("4003", "手机号已注册");
        let body = json!({ "mobile": phone, "sms_code": "123456", "password": "other" });
        world.post_user(&body).await.is("4003", "手机号已注册");
        let hash = world.sms_hash(&phone, 1).await;
        let data = json!({ "phone": phone, "hash": hash, "pass": "other" });
        world.call("/api/user/register", "register/phone", data).await.fails(101, "Phone number existed");
        world.log(&phone, PASSWORD).await.ok();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_that_one_api_sent_makes_the_next_too_soon_for_every_api() {
    let world = World::with([("SMS_PER_SOURCE_PER_HOUR", "1000")]).await;
    for first in ALL {
        for second in ALL {
            let phone = World::phone();
            assert_eq!(first.ask(&world, &phone).await, first.sent());
            assert_eq!(second.ask(&world, &phone).await, second.too_soon(), "{first:?}, then {second:?}");
            world.advance(30).await;
            assert_eq!(second.ask(&world, &phone).await, second.sent(), "{first:?}, then {second:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_hour_of_an_address_and_the_day_of_the_deployment_are_of_all_apis_together() {
    for limit in ["SMS_PER_SOURCE_PER_HOUR", "SMS_PER_DAY"] {
        let world = World::with([(limit, "3")]).await;
        for api in ALL {
            assert_eq!(api.ask(&world, &World::phone()).await, api.sent());
        }
        for api in ALL {
            assert_ne!(api.ask(&world, &World::phone()).await, api.sent(), "{api:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_wrong_tries_of_a_code_are_of_all_apis_together() {
    let world = World::new().await;
    let phone = World::phone();
    let applicant = Applicant::start(&world, &phone).await;
    let code = world.code(&phone).await;
    let wrong = if code == "0000" { "1111" } else { "0000" };
    let data = json!({ "phone": phone, "hash": hash(wrong, "abcde"), "pass": PASSWORD });
    let body = json!({ "mobile": phone, "sms_code": wrong, "password": PASSWORD });
    for _ in 0..2 {
        applicant.verify(wrong).await.is("0004");
        world.call("/api/user/register", "register/phone", data.clone()).await.fails(400, "Error hash");
    }
    world.post_user(&body).await.is("4004", "短信验证码不一致");
    applicant.verify(&code).await.is("0005");
    world.call("/api/user/register", "register/phone", data).await.fails(400, "Error hash");
    world.post_user(&body).await.is("4002", "短信验证码已过期");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_that_was_forgotten_is_reset_for_all() {
    let world = World::new().await;
    let phone = World::phone();
    Api::Errno.register(&world, &phone).await;
    world.advance(31).await;
    let hash = world.sms_hash(&phone, 2).await;
    let data = json!({ "phone": phone, "hash": hash, "pass": "new password 4" });
    world.call("/api/user/password", "password/forget", data).await.ok();
    world.log(&phone, PASSWORD).await.is("0008");
    world.log(&phone, "new password 4").await.ok();
}
