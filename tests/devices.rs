//! Contract section 1.5: cameras are added, bound, unbound, removed, listed and looked up.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{Family, Reply, World};

const NOBODYS: &str = "0123456789abcdef0123456789abcdef";

async fn device(family: &Family<'_>, subtype: &str, data: Value) -> Reply {
    family.call("/api/device", &format!("device/{subtype}"), data).await
}

async fn list(family: &Family<'_>) -> Vec<(String, String)> {
    let reply = device(family, "list", json!({})).await;
    let list = reply.ok()["list"].as_array().expect("a list").clone();
    assert_eq!(reply.ok()["num"], list.len());
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    list.iter().map(|device| (text(&device["device_id"]), text(&device["device_name"]))).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_added_camera_has_a_random_id_and_is_not_bound() {
    let world = World::new().await;
    let family = world.family().await;
    let (one, other) = (family.add_camera("one").await, family.add_camera("other").await);
    for id in [&one.id, &other.id] {
        assert!(id.len() == 32 && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')), "{id}");
    }
    assert_ne!(one.id, other.id);
    let reply = family.call("/api/get/notice", "notice/get", json!({ "mode": 2 })).await;
    reply.fails(101, "not bind device");
    one.fall(1).await.ok();
    assert!(world.messages(&family.phone).await.iter().all(|message| !message.contains("one")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_is_taken_once_in_each_account() {
    let world = World::new().await;
    let (family, others) = (world.family().await, world.family().await);
    let camera = family.add_camera("卧室").await;
    device(&family, "add", json!({ "device": "卧室" })).await.fails(101, "Duplicate device");
    others.add_camera("卧室").await;
    assert_eq!(list(&family).await, [(camera.id.clone(), "卧室".to_owned())]);

    device(&family, "remove", json!({ "device_id": camera.id })).await.ok();
    assert_ne!(family.add_camera("卧室").await.id, camera.id);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_has_1_to_64_characters() {
    let world = World::new().await;
    let family = world.family().await;
    family.add_camera("x").await;
    family.add_camera(&"卧".repeat(64)).await;
    family.add_camera(&"🛏".repeat(64)).await;
    let before = list(&family).await;
    for (name, status) in [
        (json!("卧".repeat(65)), -204),
        (json!("a\u{0}b"), -204),
        (json!(""), -201),
        (json!(null), -201),
        (json!(1), -203),
        (json!(["x"]), -203),
    ] {
        let reply = device(&family, "add", json!({ "device": name })).await;
        assert_eq!(reply.status(), status, "{name:?}");
    }
    device(&family, "add", json!({})).await.fails(-3, "Error data key");
    assert_eq!(list(&family).await, before, "what was refused changed nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_accounts_bind_one_camera_and_one_account_several() {
    let world = World::new().await;
    let (family, others) = (world.family().await, world.family().await);
    let (hall, kitchen) = (family.camera("hall").await, family.camera("kitchen").await);
    others.bind(&hall).await.ok();
    others.bind(&hall).await.ok();
    assert_eq!(list(&others).await, [(hall.id.clone(), "hall".to_owned())]);

    hall.fall(1).await.ok();
    kitchen.fall(2).await.ok();
    assert_eq!(family.notices(0).await.len(), 2);
    assert_eq!(others.notices(0).await, family.notices(0).await[1..]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_camera_that_is_bound_many_times_at_once_is_bound_once() {
    let world = World::new().await;
    let family = world.family().await;
    let camera = family.add_camera("hall").await;
    camera.fall(1).await.ok();
    for reply in join_all((0..30).map(|_| family.bind(&camera))).await {
        reply.ok();
    }
    camera.fall(2).await.ok();
    assert_eq!(family.notices(0).await.len(), 2);
    assert_eq!(list(&family).await.len(), 1);
    let alerts = world.messages(&family.phone).await;
    assert_eq!(alerts.iter().filter(|message| message.contains("hall")).count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn binding_shows_older_falls_as_unread() {
    let world = World::new().await;
    let (family, others) = (world.family().await, world.family().await);
    let camera = family.camera("hall").await;
    for seed in 0..3 {
        camera.fall(seed).await.ok();
    }
    let falls = family.notices(0).await;
    family.sign(&falls[0]).await.ok();
    others.bind(&camera).await.ok();
    assert_eq!(others.notices(0).await, falls, "what one account has read is unread to another");
    assert_eq!(family.notices(0).await, falls[1..]);

    family.bind(&camera).await.ok();
    assert_eq!(family.notices(0).await, falls[1..], "binding again does not bring back what was read");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_camera_that_does_not_exist_is_neither_bound_nor_unbound_nor_removed() {
    let world = World::new().await;
    let family = world.family().await;
    for subtype in ["bind", "unbind", "remove"] {
        for id in [NOBODYS, "x", &NOBODYS.to_uppercase(), &"a".repeat(100_000), "\u{0}", &family.token] {
            let reply = device(&family, subtype, json!({ "device_id": id })).await;
            reply.fails(100, "device_id not exist");
        }
        for (data, status) in [
            (json!({}), -3),
            (json!({ "device_id": "" }), -201),
            (json!({ "device_id": null }), -201),
            (json!({ "device_id": 7 }), -203),
            (json!({ "device_id": {} }), -203),
        ] {
            assert_eq!(device(&family, subtype, data.clone()).await.status(), status, "{subtype} {data}");
        }
    }
    assert!(list(&family).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unbound_camera_tells_nothing_any_more() {
    let world = World::new().await;
    let (family, others) = (world.family().await, world.family().await);
    let (hall, kitchen) = (family.camera("hall").await, family.camera("kitchen").await);
    others.bind(&hall).await.ok();
    hall.fall(1).await.ok();
    kitchen.fall(2).await.ok();
    let [of_kitchen, of_hall] = family.notices(2).await.try_into().unwrap();
    let told = world.messages(&family.phone).await.len();

    device(&family, "unbind", json!({ "device_id": hall.id })).await.ok();
    assert_eq!(family.notices(0).await, std::slice::from_ref(&of_kitchen));
    let info = family.call("/api/get/notice", "notice/info", json!({ "event_id": of_hall })).await;
    info.fails(-204, "Arg's value error");
    family.sign(&of_hall).await.fails(100, "Error event_id");
    hall.fall(3).await.ok();
    assert_eq!(family.notices(2).await, [of_kitchen]);
    assert_eq!(world.messages(&family.phone).await.len(), told);
    assert_eq!(others.notices(0).await.len(), 2, "others go on");
    assert!(list(&family).await.iter().any(|(id, _)| *id == hall.id), "it is still the one that they added");

    family.bind(&hall).await.ok();
    assert_eq!(family.notices(0).await.len(), 3, "bound again, all of its falls are there");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_who_added_a_camera_removes_it_and_then_it_is_gone_for_everybody() {
    let world = World::new().await;
    let (family, others) = (world.family().await, world.family().await);
    let camera = family.camera("hall").await;
    others.bind(&camera).await.ok();
    camera.fall(1).await.ok();
    let fall = others.notices(0).await.remove(0);

    let data = json!({ "device_id": camera.id });
    device(&others, "remove", data.clone()).await.fails(-103, "No permission to operate");
    camera.fall(2).await.ok();

    device(&family, "remove", data.clone()).await.ok();
    camera.fall(3).await.fails(-104, "Error device_id token");
    for account in [&family, &others] {
        assert!(list(account).await.is_empty());
        let notices = account.call("/api/get/notice", "notice/get", json!({ "mode": 2 })).await;
        notices.fails(101, "not bind device");
        let info = account.call("/api/get/notice", "notice/info", json!({ "event_id": fall })).await;
        info.fails(-204, "Arg's value error");
        account.sign(&fall).await.fails(100, "Error event_id");
        account.bind(&camera).await.fails(100, "device_id not exist");
    }
    device(&family, "remove", data).await.fails(100, "device_id not exist");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_camera_is_found_by_id_or_name_by_those_who_added_or_bound_it() {
    let world = World::new().await;
    let (family, others) = (world.family().await, world.family().await);
    let camera = family.add_camera("hall").await;
    let shown = json!({ "device_id": camera.id, "device_name": "hall" });
    let (by_id, by_name) = (json!({ "device_id": camera.id }), json!({ "device_name": "hall" }));

    for data in [&by_id, &by_name, &json!({ "device_id": "", "device_name": "hall" })] {
        assert_eq!(device(&family, "info", data.clone()).await.ok(), &shown);
        device(&others, "info", data.clone()).await.fails(101, "No Such Device");
    }
    others.bind(&camera).await.ok();
    for data in [&by_id, &by_name] {
        assert_eq!(device(&others, "info", data.clone()).await.ok(), &shown);
    }
    for data in [json!({}), json!({ "device_id": null }), json!({ "device_id": "", "device_name": "" })] {
        device(&family, "info", data).await.fails(100, "Error device_name or device_id");
    }
    for data in [
        json!({ "device_id": NOBODYS }),
        json!({ "device_id": "hall" }),
        json!({ "device_name": "cellar" }),
        json!({ "device_name": "x".repeat(100_000) }),
    ] {
        device(&family, "info", data).await.fails(101, "No Such Device");
    }
    for data in [json!({ "device_id": 1 }), json!({ "device_name": [] })] {
        device(&family, "info", data).await.fails(-203, "Arg's value type error");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_list_has_every_camera_added_or_bound_once() {
    let world = World::new().await;
    let (family, others) = (world.family().await, world.family().await);
    assert!(list(&family).await.is_empty());
    let added = family.add_camera("added").await;
    let both = family.camera("both").await;
    let bound = others.camera("bound").await;
    family.bind(&bound).await.ok();
    let mut expected = [(added.id, "added"), (both.id, "both"), (bound.id, "bound")];
    expected.sort();
    let mut listed = list(&family).await;
    listed.sort();
    assert!(listed.iter().zip(&expected).all(|(one, other)| (&*one.0, &*one.1) == (&*other.0, other.1)), "{listed:?}");
    assert_eq!(listed.len(), 3);
    assert_eq!(list(&others).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn strangers_operate_no_camera() {
    let world = World::new().await;
    let family = world.family().await;
    let camera = family.camera("hall").await;
    for subtype in ["add", "bind", "unbind", "remove", "list", "info"] {
        let (operation, data) = (format!("device/{subtype}"), json!({ "device_id": camera.id, "device": "x" }));
        let anonymous = world.call("/api/device", &operation, data.clone()).await;
        anonymous.fails(-100, "Missing necessary args");
        for token in [NOBODYS, &camera.id, "", "x"] {
            let reply = world.call(&format!("/api/device?token={token}"), &operation, data.clone()).await;
            assert!(reply.status() == -101 || token.is_empty() && reply.status() == -100, "{}", reply.body);
        }
    }
    device(&family, "steal", json!({})).await.fails(-2, "Error JSON value");
    assert_eq!(list(&family).await, [(camera.id, "hall".to_owned())]);
}
