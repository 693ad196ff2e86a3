//! What holds when things happen at the same time. Many rounds each, because a race shows itself in some of them only.

use futures_util::future::{join, join_all, join3};
use serde_json::json;

use crate::durability::pictures;
use crate::support::{Camera, Family, Reply, World, assert_one_succeeds, jpeg};

async fn device(family: &Family<'_>, subtype: &str, camera: &Camera<'_>) -> Reply {
    family.call("/api/device", &format!("device/{subtype}"), json!({ "device_id": camera.id })).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_cameras_of_one_name_one_is_added() {
    let world = World::new().await;
    let family = world.family().await;
    let adds = (0..50).map(|_| family.call("/api/device", "device/add", json!({ "device": "hall" })));
    let replies = join_all(adds).await;
    assert_one_succeeds(&replies, &[101]);
    let list = family.call("/api/device", "device/list", json!({})).await;
    assert_eq!(list.ok()["num"], 1);
    let added = replies.iter().find(|reply| reply.status() == 0).unwrap();
    assert_eq!(list.ok()["list"][0]["device_id"], added.ok()["device_id"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_binding_that_races_an_upload_never_loses_an_unread_entry() {
    let world = World::with([("FALL_ALERTS", "false")]).await;
    let (family, others) = (world.family().await, world.family().await);
    for round in 0..30 {
        let camera = family.add_camera(&round.to_string()).await;
        let uploads = join_all((0..6).map(|seed| camera.fall(seed)));
        let binds = join(family.bind(&camera), others.bind(&camera));
        let (uploads, (one, other)) = join(uploads, binds).await;
        one.ok();
        other.ok();
        for upload in uploads {
            upload.ok();
        }
        for account in [&family, &others] {
            let all = account.notices(2).await;
            assert_eq!(account.notices(0).await, all);
            assert_eq!(all.len(), (round + 1) * 6, "round {round}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_who_is_bound_hears_of_every_fall_of_fifty_at_once() {
    let world = World::new().await;
    let (family, others) = (world.family().await, world.family().await);
    let camera = family.camera("hall").await;
    others.bind(&camera).await.ok();
    for upload in join_all((0..50).map(|seed| camera.fall(seed))).await {
        upload.ok();
    }
    for account in [&family, &others] {
        assert_eq!(account.notices(0).await.len(), 50);
        let messages = world.messages(&account.phone).await;
        assert_eq!(messages.iter().filter(|message| message.contains("摔倒")).count(), 50);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unbinding_that_races_uploads_leaves_nothing_and_disturbs_nobody() {
    let world = World::with([("FALL_ALERTS", "false")]).await;
    let (family, others) = (world.family().await, world.family().await);
    let keeps = others.camera("kept").await;
    keeps.fall(0).await.ok();
    for round in 0..20 {
        let camera = family.camera(&round.to_string()).await;
        others.bind(&camera).await.ok();
        let (uploads, unbound) =
            join(join_all((0..5).map(|seed| camera.fall(seed))), device(&others, "unbind", &camera)).await;
        unbound.ok();
        for upload in uploads {
            upload.ok();
        }
        assert_eq!(others.notices(2).await.len(), 1, "only the kept camera's");
        assert_eq!(family.notices(0).await.len(), (round + 1) * 5);
        let falls = family.notices(0).await;
        let info = others.call("/api/get/notice", "notice/info", json!({ "event_id": falls[0] })).await;
        info.fails(-204, "Arg's value error");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_removal_that_races_uploads_answers_each_and_leaves_nothing() {
    let world = World::with([("FALL_ALERTS", "false")]).await;
    let (family, others) = (world.family().await, world.family().await);
    let keeps = family.camera("kept").await;
    others.bind(&keeps).await.ok();
    for round in 0..20 {
        let camera = family.camera(&round.to_string()).await;
        let uploads = join_all((0..5).map(|seed| camera.fall(seed)));
        let (uploads, removed, bound) =
            join3(uploads, device(&family, "remove", &camera), device(&others, "bind", &camera)).await;
        removed.ok();
        assert!([0, 100].contains(&bound.status()), "{}", bound.body);
        for upload in uploads {
            assert!([0, -104].contains(&upload.status()), "{}", upload.body);
        }
        camera.fall(9).await.fails(-104, "Error device_id token");
        for account in [&family, &others] {
            assert!(account.notices(2).await.is_empty(), "round {round}");
            let list = account.call("/api/device", "device/list", json!({})).await;
            assert_eq!(list.ok()["num"], 1, "round {round}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_bound_after_binding_and_unbinding_at_once_sees_every_fall() {
    let world = World::with([("FALL_ALERTS", "false")]).await;
    let (family, others) = (world.family().await, world.family().await);
    let camera = family.camera("hall").await;
    // More than are taken out of an inbox in one write.
    for seed in 0..60 {
        camera.fall(seed).await.ok();
    }
    let all = family.notices(0).await;
    for round in 0..25 {
        others.bind(&camera).await.ok();
        let unbinds = join(device(&others, "unbind", &camera), device(&others, "unbind", &camera));
        let ((one, other), bound) = join(unbinds, others.bind(&camera)).await;
        for reply in [one, other, bound] {
            reply.ok();
        }
        let reply = others.call("/api/get/notice", "notice/get", json!({ "mode": 0 })).await;
        if reply.status() == 101 {
            let opens = all.iter().map(|fall| json!({ "event_id": fall }));
            let opens = opens.map(|data| others.call("/api/get/notice", "notice/info", data));
            for info in join_all(opens).await {
                info.fails(-204, "Arg's value error");
            }
        } else {
            assert_eq!(others.notices(0).await, all, "round {round}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deletion_that_races_bindings_leaves_no_binding() {
    let world = World::with([("ADMIN_PHONES", "13800000001")]).await;
    let (operator, family) = (world.family_of("13800000001").await, world.family().await);
    let camera = family.camera("hall").await;
    for _ in 0..8 {
        let leaving = world.family().await;
        let binds = join_all((0..5).map(|_| leaving.bind(&camera)));
        let deletion = operator.call("/api/admin/user", "user/delete", json!({ "phone": leaving.phone }));
        let (binds, deleted) = join(binds, deletion).await;
        deleted.ok();
        for bind in binds {
            assert!([0, -101].contains(&bind.status()), "{}", bind.body);
        }
        let told = world.messages(&leaving.phone).await.len();
        camera.fall(1).await.ok();
        assert_eq!(world.messages(&leaving.phone).await.len(), told, "nobody is there to be told");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deletion_that_races_portraits_leaves_no_picture() {
    let directory = tempfile::tempdir().unwrap();
    let parameters = [("ADMIN_PHONES", "13800000001"), ("SMS_PER_SOURCE_PER_HOUR", "1000")];
    let world = World::process(directory.path(), parameters).await;
    let operator = world.family_of("13800000001").await;
    for round in 0..12 {
        let leaving = world.family().await;
        // Each goes on until its token is gone, so that some are under way whenever the account goes.
        let uploads = join_all((0..4).map(|lane| {
            let data = json!({ "base64": jpeg(lane, 100).1 });
            let leaving = &leaving;
            async move {
                loop {
                    let reply = leaving.call("/api/portrait", "portrait/upload", data.clone()).await;
                    if reply.status() != 0 {
                        break reply;
                    }
                }
            }
        }));
        let deletion = operator.call("/api/admin/user", "user/delete", json!({ "phone": leaving.phone }));
        let (uploads, deleted) = join(uploads, deletion).await;
        deleted.ok();
        for last in uploads {
            assert_eq!(last.status(), -101, "{}", last.body);
        }
        assert_eq!(pictures(directory.path(), "portraits"), 0, "round {round}");
    }
}
