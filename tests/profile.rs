//! `info/nickname`, `GET /api/user/info` and `info/update`.

use serde_json::{Value, json};

use crate::support::{Family, Reply, World, at_once};

async fn info(family: &Family<'_>) -> Value {
    family.world.get(&format!("/api/user/info?token={}", family.token)).await.ok().clone()
}

/// Updates the caller's own profile.
async fn update(family: &Family<'_>, changes: Value) -> Reply {
    let mut data = json!({ "phone": family.phone });
    let changes = changes.as_object().expect("an object").clone();
    data.as_object_mut().expect("an object").extend(changes);
    family.call("/api/user/info", "info/update", data).await
}

async fn nickname(family: &Family<'_>, data: Value) -> Reply {
    family.call("/api/user/nickname", "info/nickname", data).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_account_has_its_phone_and_level_and_nothing_else() {
    let world = World::new().await;
    let family = world.family().await;
    let expected = json!({ "phone": family.phone, "name": null, "nickname": null, "email": null, "level": 1 });
    assert_eq!(info(&family).await, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_profile_is_the_tokens_owners_and_nobody_elses() {
    let world = World::new().await;
    let (family, other) = (world.family().await, world.family().await);
    assert_eq!(info(&family).await["phone"], family.phone);
    assert_eq!(info(&other).await["phone"], other.phone);
    world.get("/api/user/info").await.fails(-100, "Missing necessary args");
    for token in ["", "0123456789abcdef0123456789abcdef", "%00", &family.token.to_uppercase()] {
        world.get(&format!("/api/user/info?token={token}")).await.fails(1, "Error Token");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_updated_is_shown_and_what_is_not_named_stays() {
    let world = World::new().await;
    let family = world.family().await;
    let all = json!({ "name": "林小满", "nickname": "Goldfish", "email": "somebody@example.com", "level": 3 });
    assert_eq!(update(&family, all.clone()).await.ok(), &json!({}));
    let mut expected = all;
    expected["phone"] = json!(family.phone);
    assert_eq!(info(&family).await, expected);
    update(&family, json!({ "nickname": "奶奶 👵" })).await.ok();
    expected["nickname"] = json!("奶奶 👵");
    assert_eq!(info(&family).await, expected);
    update(&family, json!({})).await.ok();
    assert_eq!(info(&family).await, expected, "naming nothing changes nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn null_and_empty_texts_clear_a_field() {
    let world = World::new().await;
    let family = world.family().await;
    for empty in [json!(null), json!("")] {
        update(&family, json!({ "name": "a", "nickname": "b", "email": "c@example.com" })).await.ok();
        update(&family, json!({ "name": empty, "nickname": empty, "email": empty })).await.ok();
        let info = info(&family).await;
        assert_eq!([&info["name"], &info["nickname"], &info["email"]], [&json!(null); 3]);
        update(&family, json!({ "name": empty, "nickname": empty, "email": empty })).await.ok();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_have_at_most_twenty_characters_and_an_email_at_most_fifty() {
    let world = World::new().await;
    let family = world.family().await;
    let longest = format!("{}@example.com", "a".repeat(38));
    let twenty = "王".repeat(20);
    update(&family, json!({ "name": twenty, "nickname": twenty, "email": longest })).await.ok();
    let before = info(&family).await;
    assert_eq!(before["name"], json!(twenty));
    for bad in [
        json!({ "name": "王".repeat(21) }),
        json!({ "nickname": "n".repeat(21) }),
        json!({ "nickname": "n".repeat(100_000) }),
        json!({ "email": format!("{}@example.com", "a".repeat(39)) }),
        json!({ "email": "somebody" }),
        json!({ "email": "@example.com" }),
        json!({ "email": "somebody@" }),
        json!({ "email": "two words@example.com" }),
        json!({ "email": "Some Body <somebody@example.com>" }),
        json!({ "level": u64::MAX }),
        json!({ "name": "good", "email": "bad" }),
    ] {
        update(&family, bad).await.fails(-204, "Arg's value error");
    }
    assert_eq!(info(&family).await, before, "all of an update happens or none");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn values_of_the_wrong_type_change_nothing() {
    let world = World::new().await;
    let family = world.family().await;
    let before = info(&family).await;
    for key in ["name", "nickname", "email"] {
        for value in [json!(1), json!(true), json!(["a"]), json!({})] {
            update(&family, json!({ key: value })).await.fails(-203, "Arg's value type error");
        }
    }
    for value in [json!("1"), json!(1.5), json!(true), json!([])] {
        update(&family, json!({ "level": value })).await.fails(-203, "Arg's value type error");
    }
    update(&family, json!({ "level": null })).await.fails(-201, "Necessary key-value can't be empty");
    assert_eq!(info(&family).await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_level_is_any_integer_and_gives_no_permission() {
    let world = World::with([("ADMIN_PHONES", "13800000001")]).await;
    let family = world.family().await;
    for level in [0, -1, 99, i64::MAX, i64::MIN] {
        update(&family, json!({ "level": level, "admin": true, "is_admin": 1 })).await.ok();
        assert_eq!(info(&family).await["level"], level);
        family.call("/api/admin/user", "user/list", json!({})).await.fails(-103, "No permission to operate");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_updates_somebody_elses_profile() {
    let world = World::new().await;
    let (family, other) = (world.family().await, world.family().await);
    for phone in [&other.phone, &World::phone()] {
        let data = json!({ "phone": phone, "nickname": "mine" });
        family.call("/api/user/info", "info/update", data).await.fails(-103, "No permission to operate");
    }
    // Permission is judged before the rest of the data.
    let data = json!({ "phone": other.phone, "nickname": 1, "level": null });
    family.call("/api/user/info", "info/update", data).await.fails(-103, "No permission to operate");
    assert_eq!(info(&other).await["nickname"], json!(null));
    for (phone, status, message) in [
        (json!(""), -201, "Necessary key-value can't be empty"),
        (json!(null), -201, "Necessary key-value can't be empty"),
        (json!(1), -203, "Arg's value type error"),
    ] {
        family.call("/api/user/info", "info/update", json!({ "phone": phone })).await.fails(status, message);
    }
    family.call("/api/user/info", "info/update", json!({ "name": "a" })).await.fails(-3, "Error data key");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn updates_of_different_fields_at_once_all_happen() {
    let world = World::new().await;
    let family = world.family().await;
    let changes = [json!({ "name": "n" }), json!({ "nickname": "nn" }), json!({ "email": "e@example.com" })];
    for reply in at_once(48, |one| update(&family, changes[one % 3].clone())).await {
        reply.ok();
    }
    let info = info(&family).await;
    assert_eq!([&info["name"], &info["nickname"], &info["email"]], ["n", "nn", "e@example.com"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn anybody_who_is_logged_in_sees_a_nickname() {
    let world = World::new().await;
    let (family, other) = (world.family().await, world.family().await);
    let unset = nickname(&family, json!({ "user_id": other.phone })).await;
    assert_eq!(unset.ok(), &json!({ "nickname": null }));
    update(&other, json!({ "name": "secret", "nickname": "奶奶" })).await.ok();
    for data in [json!({ "user_id": other.phone }), json!({ "phone": other.phone })] {
        assert_eq!(nickname(&family, data).await.ok(), &json!({ "nickname": "奶奶" }));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_nickname_needs_a_token_and_somebody_who_has_it() {
    let world = World::new().await;
    let family = world.family().await;
    let data = json!({ "user_id": family.phone });
    let call = |path: &'static str| world.call(path, "info/nickname", data.clone());
    call("/api/user/nickname").await.fails(-100, "Missing necessary args");
    call("/api/user/nickname?token=").await.fails(-101, "Error token");
    call("/api/user/nickname?token=0123456789abcdef0123456789abcdef").await.fails(-101, "Error token");
    nickname(&family, json!({ "user_id": World::phone() })).await.fails(100, "user not existed");
    nickname(&family, json!({})).await.fails(-3, "Error data key");
    nickname(&family, json!({ "user_id": "" })).await.fails(-201, "Necessary key-value can't be empty");
    nickname(&family, json!({ "user_id": 1 })).await.fails(-203, "Arg's value type error");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_tables_are_away_profiles_say_so() {
    let world = World::new().await;
    let family = world.family().await;
    world.stack.dynamodb().unwrap().set_available(false).await.unwrap();
    let path = format!("/api/user/info?token={}", family.token);
    let (read, updated, nickname) = tokio::join!(
        world.get(&path),
        update(&family, json!({ "name": "a" })),
        nickname(&family, json!({ "user_id": family.phone }))
    );
    for reply in [read, updated, nickname] {
        reply.fails(-200, "Failure to operate database");
    }
    world.stack.dynamodb().unwrap().set_available(true).await.unwrap();
    assert_eq!(info(&family).await["name"], json!(null));
}
