//! `login/pass`. What becomes of the tokens is in `tokens.rs`.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::support::{PASSWORD, Reply, Table, World, at_once, is_alive, log_in};

async fn login(world: &World, data: Value) -> Reply {
    world.call("/api/user/login", "login/pass", data).await
}

async fn login_with(world: &World, phone: &str, password: &str) -> Reply {
    login(world, json!({ "phone": phone, "pass": password })).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_login_gives_another_token_of_32_hex_digits_and_all_of_them_work() {
    let world = World::new().await;
    let family = world.family().await;
    let mut tokens = HashSet::from([family.token.clone()]);
    for _ in 0..4 {
        let reply = login_with(&world, &family.phone, PASSWORD).await;
        assert_eq!(reply.ok().as_object().unwrap().keys().collect::<Vec<_>>(), ["token"]);
        let token = reply.ok()["token"].as_str().unwrap().to_owned();
        assert!(token.len() == 32 && token.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')), "{token}");
        tokens.insert(token);
    }
    assert_eq!(tokens.len(), 5);
    for token in &tokens {
        assert!(is_alive(&world, token).await);
    }
    let kept = world.keys(Table::Sessions).await;
    assert!(kept.is_disjoint(&tokens), "a leaked table opens nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_phone_and_a_wrong_password_have_their_own_statuses() {
    let world = World::new().await;
    let (family, other) = (world.family().await, world.family().await);
    login_with(&world, &World::phone(), PASSWORD).await.fails(100, "Incorrect user");
    for wrong in ["wrong", "Correct horse 7", "correct horse 7 ", &domain::md5_hex(PASSWORD), "\u{0}"] {
        login_with(&world, &family.phone, wrong).await.fails(101, "Error password");
    }
    login_with(&world, &other.phone, PASSWORD).await.ok();
    login_with(&world, &family.phone, PASSWORD).await.ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn phone_and_password_must_be_there_and_be_texts() {
    let world = World::new().await;
    let family = world.family().await;
    let good = json!({ "phone": family.phone, "pass": PASSWORD });
    for key in ["phone", "pass"] {
        let mut data = good.clone();
        data.as_object_mut().unwrap().remove(key);
        login(&world, data).await.fails(-3, "Error data key");
        for (value, status, message) in [
            (json!(""), -201, "Necessary key-value can't be empty"),
            (json!(null), -201, "Necessary key-value can't be empty"),
            (json!(1), -203, "Arg's value type error"),
            (json!(true), -203, "Arg's value type error"),
            (json!([]), -203, "Arg's value type error"),
            (json!({}), -203, "Arg's value type error"),
        ] {
            let mut data = good.clone();
            data[key] = value;
            login(&world, data).await.fails(status, message);
        }
    }
    login_with(&world, &family.phone, &"a".repeat(1025)).await.fails(-204, "Arg's value error");
    login_with(&world, &family.phone, &"a".repeat(1024)).await.fails(101, "Error password");
    login(&world, json!({ "phone": family.phone, "pass": PASSWORD, "device": "old camera" })).await.ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_logins_at_once_all_succeed_and_ten_tokens_live() {
    let world = World::new().await;
    let family = world.family().await;
    let tokens: HashSet<_> = at_once(50, |_| log_in(&world, &family.phone)).await.into_iter().collect();
    assert_eq!(tokens.len(), 50);
    let alive = at_once(50, |place| is_alive(&world, tokens.iter().nth(place).unwrap())).await;
    assert_eq!(alive.into_iter().filter(|alive| *alive).count(), 10);
    assert_eq!(world.keys(Table::Sessions).await.len(), 10);
    assert!(!family.is_logged_in().await, "the oldest went first");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_ten_wrong_passwords_the_login_is_closed_for_a_quarter_of_an_hour() {
    let world = World::new().await;
    let (family, other) = (world.family().await, world.family().await);
    for _ in 0..10 {
        login_with(&world, &family.phone, "wrong").await.fails(101, "Error password");
    }
    for password in ["wrong", PASSWORD] {
        login_with(&world, &family.phone, password).await.fails(-429, "Too many requests");
    }
    let visitor = world.visitor(2);
    let right = json!({ "phone": family.phone, "pass": PASSWORD });
    visitor.call("/api/user/login", "login/pass", right).await.fails(-429, "Too many requests");
    login_with(&world, &other.phone, PASSWORD).await.ok();
    assert!(family.is_logged_in().await, "who is logged in stays so");
    world.advance(14 * 60 + 50).await;
    login_with(&world, &family.phone, PASSWORD).await.fails(-429, "Too many requests");
    world.advance(10).await;
    login_with(&world, &family.phone, PASSWORD).await.ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nine_wrong_passwords_close_nothing_and_a_right_one_does_not_make_them_undone() {
    let world = World::new().await;
    let family = world.family().await;
    for _ in 0..9 {
        login_with(&world, &family.phone, "wrong").await.fails(101, "Error password");
    }
    login_with(&world, &family.phone, PASSWORD).await.ok();
    login_with(&world, &family.phone, "wrong").await.fails(101, "Error password");
    login_with(&world, &family.phone, PASSWORD).await.fails(-429, "Too many requests");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_wrong_passwords_at_once_ten_are_judged() {
    let world = World::new().await;
    let family = world.family().await;
    let replies = at_once(50, |guess| {
        let data = json!({ "phone": family.phone, "pass": format!("guess {guess}") });
        login(&world, data)
    })
    .await;
    let judged = replies.iter().filter(|reply| reply.status() == 101).count();
    assert_eq!(judged, 10);
    for reply in replies.iter().filter(|reply| reply.status() != 101) {
        reply.fails(-429, "Too many requests");
    }
    login_with(&world, &family.phone, PASSWORD).await.fails(-429, "Too many requests");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_tables_are_away_nobody_logs_in_and_nobody_is_logged_out() {
    let world = World::new().await;
    let family = world.family().await;
    world.stack.dynamodb().unwrap().set_available(false).await.unwrap();
    let token = format!("/api/user/doki?token={}", family.token);
    let (login, doki) = tokio::join!(login_with(&world, &family.phone, PASSWORD), world.get(&token));
    login.fails(-200, "Failure to operate database");
    doki.fails(-200, "Failure to operate database");
    world.stack.dynamodb().unwrap().set_available(true).await.unwrap();
    assert!(family.is_logged_in().await);
    log_in(&world, &family.phone).await;
}
