//! How long tokens live, how many of them, and `doki`.

use serde_json::{Value, json};

use crate::support::{PASSWORD, Table, World, at_once, is_alive, log_in};

async fn log_in_with(world: &World, phone: &str, enduring: Value) -> String {
    let data = json!({ "phone": phone, "pass": PASSWORD, "enduring": enduring });
    let reply = world.call("/api/user/login", "login/pass", data).await;
    reply.ok()["token"].as_str().expect("a token").to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_heartbeat_confirms_a_living_token() {
    let world = World::new().await;
    let family = world.family().await;
    let reply = world.get(&format!("/api/user/doki?token={}", family.token)).await;
    assert_eq!((reply.ok(), reply.id()), (&json!({}), -1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_heartbeat_knows_no_other_token() {
    let world = World::new().await;
    let family = world.family().await;
    world.get("/api/user/doki").await.fails(-100, "Missing necessary args");
    world.get("/api/user/doki?Token=x&id=1").await.fails(-100, "Missing necessary args");
    let long = "a".repeat(4000);
    for token in [
        "0123456789abcdef0123456789abcdef",
        &family.token.to_uppercase(),
        &family.token[1..],
        &format!("{}0", family.token),
        &format!("%20{}", family.token),
        "%00",
        "%FF%FE",
        "%E9%AA%8C",
        "..%2F..%2F",
        &long,
    ] {
        world.get(&format!("/api/user/doki?token={token}")).await.fails(1, "Token not existed");
    }
    assert!(family.is_logged_in().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_minutes_after_its_last_use_a_token_is_dead_while_it_is_still_in_the_table() {
    let world = World::new().await;
    let family = world.family().await;
    for _ in 0..3 {
        world.advance(590).await;
        assert!(family.is_logged_in().await);
    }
    world.advance(600).await;
    assert_eq!(world.keys(Table::Sessions).await.len(), 1);
    assert!(!family.is_logged_in().await);
    assert!(!family.is_logged_in().await, "asking does not bring it back");
    family.call("/api/device", "device/list", json!({})).await.fails(-101, "Error token");
    world.get(&format!("/api/user/info?token={}", family.token)).await.fails(1, "Error Token");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_call_with_a_token_is_a_use_of_it_even_one_that_fails() {
    let world = World::new().await;
    let family = world.family().await;
    for (path, operation) in [
        ("/api/user/nickname", "info/nickname"),
        ("/api/user/info", "info/update"),
        ("/api/portrait", "portrait/upload"),
        ("/api/device", "device/list"),
        ("/api/get/notice", "notice/get"),
        ("/api/admin/user", "user/list"),
        ("/api/device", "no/such"),
    ] {
        world.advance(590).await;
        assert_ne!(family.call(path, operation, json!({})).await.status(), -101, "{operation}");
    }
    world.advance(590).await;
    world.get(&format!("/api/user/info?token={}", family.token)).await.ok();
    world.advance(590).await;
    assert!(family.is_logged_in().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_enduring_token_has_no_idle_limit() {
    let world = World::new().await;
    let family = world.family().await;
    let mut enduring = Vec::new();
    for value in [json!(1), json!(true), json!(-1), json!(7), json!(u64::MAX)] {
        enduring.push(log_in_with(&world, &family.phone, value).await);
    }
    world.advance(3 * 365 * 24 * 3600).await;
    for token in &enduring {
        assert!(is_alive(&world, token).await);
    }
    world.advance(24 * 3600).await;
    assert!(is_alive(&world, &enduring[0]).await, "using it does not shorten its life");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_neither_a_number_but_zero_nor_true_makes_a_normal_token() {
    let world = World::new().await;
    let family = world.family().await;
    let mut normal = Vec::new();
    for value in [json!(0), json!(false), json!("1"), json!(null), json!(1.5), json!([1]), json!({ "a": 1 })] {
        normal.push(log_in_with(&world, &family.phone, value).await);
    }
    for token in &normal {
        assert!(is_alive(&world, token).await);
    }
    world.advance(600).await;
    for token in &normal {
        assert!(!is_alive(&world, token).await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_eleventh_token_removes_the_oldest_and_only_that() {
    let world = World::new().await;
    let (family, other) = (world.family().await, world.family().await);
    let mut tokens = vec![family.token.clone()];
    for _ in 1..10 {
        tokens.push(log_in(&world, &family.phone).await);
    }
    for token in &tokens {
        assert!(is_alive(&world, token).await, "ten live");
    }
    // The oldest goes, although it was used a moment ago.
    tokens.push(log_in(&world, &family.phone).await);
    assert!(!is_alive(&world, &tokens[0]).await);
    tokens.push(log_in(&world, &family.phone).await);
    assert!(!is_alive(&world, &tokens[1]).await);
    for token in &tokens[2..] {
        assert!(is_alive(&world, token).await);
    }
    assert!(other.is_logged_in().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn enduring_tokens_count_among_the_ten() {
    let world = World::new().await;
    let family = world.family().await;
    let mut tokens = Vec::new();
    for _ in 0..11 {
        tokens.push(log_in_with(&world, &family.phone, json!(1)).await);
    }
    assert!(!family.is_logged_in().await);
    assert!(!is_alive(&world, &tokens[0]).await);
    for token in &tokens[1..] {
        assert!(is_alive(&world, token).await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dead_tokens_do_not_push_out_a_living_one() {
    let world = World::new().await;
    let family = world.family().await;
    let enduring = log_in_with(&world, &family.phone, json!(1)).await;
    for _ in 0..4 {
        for _ in 0..7 {
            log_in(&world, &family.phone).await;
        }
        world.advance(600).await;
    }
    assert!(is_alive(&world, &enduring).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_old_token_that_was_used_of_late_counts_as_living() {
    let world = World::new().await;
    let family = world.family().await;
    let mut tokens = vec![family.token.clone()];
    for _ in 1..10 {
        tokens.push(log_in(&world, &family.phone).await);
    }
    for _ in 0..3 {
        world.advance(500).await;
        for token in &tokens {
            assert!(is_alive(&world, token).await);
        }
    }
    tokens.push(log_in(&world, &family.phone).await);
    let mut alive = Vec::new();
    for token in &tokens {
        alive.push(is_alive(&world, token).await);
    }
    assert_eq!(alive, [[false].as_slice(), &[true; 10]].concat());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn logins_at_once_succeed_beside_ten_old_tokens_that_are_in_use() {
    let world = World::new().await;
    let family = world.family().await;
    let mut tokens = vec![family.token.clone()];
    for _ in 1..10 {
        tokens.push(log_in(&world, &family.phone).await);
    }
    for _ in 0..2 {
        world.advance(500).await;
        for token in &tokens {
            assert!(is_alive(&world, token).await);
        }
    }
    let (new, _) = tokio::join!(
        at_once(20, |_| log_in(&world, &family.phone)),
        at_once(50, |place| is_alive(&world, &tokens[place % 10]))
    );
    let mut alive = 0;
    for token in tokens.iter().chain(&new) {
        alive += usize::from(is_alive(&world, token).await);
    }
    assert_eq!(alive, 10);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_can_be_used_by_many_callers_at_once() {
    let world = World::new().await;
    let family = world.family().await;
    let path = format!("/api/user/info?token={}", family.token);
    for reply in at_once(50, |_| world.get(&path)).await {
        assert_eq!(reply.ok()["phone"], family.phone);
    }
}
