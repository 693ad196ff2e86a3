//! Logging in.

use serde_json::json;

use crate::support::{Encoding, PASSWORD, World, is_alive};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_token_is_one_of_the_main_api_with_its_idle_limit() {
    let world = World::new().await;
    let family = world.family().await;
    let token = world.log(&family.phone, PASSWORD).await.ok().to_owned();
    assert!(token.len() == 32 && token.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')), "{token}");
    world.advance(590).await;
    assert!(is_alive(&world, &token).await);
    world.advance(601).await;
    assert!(!is_alive(&world, &token).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_user_is_0007_and_a_wrong_password_0008() {
    let world = World::new().await;
    let family = world.family().await;
    let stranger = World::phone();
    let too_long = "x".repeat(1025);
    for encoding in Encoding::ALL {
        let log = async |fields: &[(&str, &str)]| world.post_fields("/log", encoding, "", fields).await;
        for user in [stranger.as_str(), "", "1", "12000000000", "你", &too_long] {
            log(&[("userId", user), ("password", PASSWORD)]).await.is("0007");
        }
        log(&[("password", PASSWORD)]).await.is("0007");
        log(&[("user", &family.phone)]).await.is("0007");
        log(&[("userId", &stranger)]).await.is("0007");
        log(&[("userId", &stranger), ("password", &too_long)]).await.is("0007");
        log(&[("userId", &family.phone), ("password", "wrong")]).await.is("0008");
        log(&[("userId", &family.phone), ("password", "")]).await.is("0008");
        log(&[("userId", &family.phone), ("password", &too_long)]).await.is("0008");
        log(&[("userId", &family.phone)]).await.is("0008");
        log(&[("userId", &family.phone), ("password", PASSWORD)]).await.ok();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_wrong_passwords_close_the_login_of_both_apis_for_a_quarter_of_an_hour() {
    let world = World::new().await;
    let family = world.family().await;
    for n in 0..10 {
        world.log(&family.phone, &format!("wrong{n}")).await.is("0008");
    }
    world.log(&family.phone, PASSWORD).await.is("0008");
    let data = json!({ "phone": family.phone, "pass": PASSWORD });
    world.call("/api/user/login", "login/pass", data).await.fails(-429, "Too many requests");
    world.advance(15 * 60 + 1).await;
    world.log(&family.phone, PASSWORD).await.ok();
}
