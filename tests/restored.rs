//! What a restored table knows more or less of than the others, and what an older version of ours left: asking again makes
//! it right.

use serde_json::{Value, json};

use crate::support::{Camera, Family, Reply, World};

async fn device(family: &Family<'_>, subtype: &str, data: Value) -> Reply {
    family.call("/api/device", &format!("device/{subtype}"), data).await
}

/// Asks a table itself, as a restored copy of it or another version of ours would have changed it.
async fn table(world: &World, operation: &str, body: Value) -> Value {
    let answer = world.ask_dynamodb("local", operation, body).await.text().await.expect("an answer");
    let answer: Value = serde_json::from_str(&answer).expect("JSON");
    assert!(answer.get("__type").is_none(), "{answer}");
    answer
}

fn binding_key(account: &Family<'_>, camera: &Camera<'_>) -> Value {
    json!({ "pk": { "S": format!("account#{}", account.phone) }, "sk": { "S": format!("~{}", camera.id) } })
}

/// A table that was restored may know of a binding what the other does not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_binding_of_which_one_half_was_lost_is_made_whole_by_binding_again() {
    let world = World::new().await;
    let (family, others) = (world.family().await, world.family().await);
    for half in ["DevicesTable", "NoticesTable"] {
        let camera = family.camera(half).await;
        camera.fall(1).await.ok();
        let key = json!({ "pk": { "S": format!("device#{}", camera.id) }, "sk": { "S": "device" } });
        let before = table(&world, "GetItem", json!({ "TableName": "DevicesTable", "Key": key })).await;
        others.bind(&camera).await.ok();
        if half == "DevicesTable" {
            table(&world, "PutItem", json!({ "TableName": half, "Item": before["Item"] })).await;
        } else {
            table(&world, "DeleteItem", json!({ "TableName": half, "Key": binding_key(&others, &camera) })).await;
        }
        others.bind(&camera).await.ok();
        camera.fall(2).await.ok();
        assert_eq!(others.notices(0).await.len(), 2, "{half}");
        assert!(world.messages(&others.phone).await.iter().any(|message| message.contains(half)));
        device(&others, "unbind", json!({ "device_id": camera.id })).await.ok();
        let list = others.call("/api/get/notice", "notice/get", json!({ "mode": 0 })).await;
        list.fails(101, "not bind device");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_binding_that_an_older_version_left_half_filled_is_completed_by_binding_again() {
    let world = World::new().await;
    let (family, others) = (world.family().await, world.family().await);
    let camera = family.camera("hall").await;
    camera.fall(1).await.ok();
    others.bind(&camera).await.ok();
    let inbox = others.notices(0).await;
    let mut key = binding_key(&others, &camera);
    let update = json!({
        "TableName": "NoticesTable",
        "Key": key,
        "UpdateExpression": "SET filling = :yes REMOVE generation",
        "ExpressionAttributeValues": { ":yes": { "BOOL": true } },
    });
    table(&world, "UpdateItem", update).await;
    key["sk"]["S"] = json!(inbox[0]);
    table(&world, "DeleteItem", json!({ "TableName": "NoticesTable", "Key": key })).await;
    others.bind(&camera).await.ok();
    assert_eq!(others.notices(0).await, inbox);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_removed_camera_leaves_nothing_in_any_inbox_and_a_binding_that_comes_back_can_be_ended() {
    let world = World::with([("ADMIN_PHONES", "13800000001")]).await;
    let (family, others) = (world.family().await, world.family().await);
    let inbox = async || {
        let pk = json!({ ":pk": { "S": format!("account#{}", others.phone) } });
        let query = json!({
            "TableName": "NoticesTable", "KeyConditionExpression": "pk = :pk", "ExpressionAttributeValues": pk
        });
        table(&world, "Query", query).await["Items"].clone()
    };
    let camera = family.camera("hall").await;
    camera.fall(1).await.ok();
    others.bind(&camera).await.ok();
    let get = json!({ "TableName": "NoticesTable", "Key": binding_key(&others, &camera) });
    let binding = table(&world, "GetItem", get).await["Item"].clone();
    // As a binding puts it there that read the falls before they were deleted.
    let mut late = inbox().await[0].clone();
    late["sk"]["S"] = json!("0".repeat(32));
    table(&world, "PutItem", json!({ "TableName": "NoticesTable", "Item": late })).await;
    device(&family, "remove", json!({ "device_id": camera.id })).await.ok();
    assert_eq!(inbox().await, json!([]));

    let back = async || table(&world, "PutItem", json!({ "TableName": "NoticesTable", "Item": binding })).await;
    back().await;
    device(&others, "unbind", json!({ "device_id": camera.id })).await.fails(100, "device_id not exist");
    assert_eq!(inbox().await, json!([]));
    let operator = world.family_of("13800000001").await;
    let delete = async || operator.call("/api/admin/user", "user/delete", json!({ "phone": others.phone })).await;
    back().await;
    delete().await.ok();
    assert_eq!(inbox().await, json!([]));
    back().await;
    delete().await.fails(100, "user not existed");
    assert_eq!(inbox().await, json!([]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_that_is_gone_and_comes_back_in_a_camera_s_list_can_be_ended_again() {
    let world = World::with([("ADMIN_PHONES", "13800000001")]).await;
    let (family, others) = (world.family().await, world.family().await);
    let camera = family.camera("hall").await;
    others.bind(&camera).await.ok();
    let operator = world.family_of("13800000001").await;
    let delete = async || operator.call("/api/admin/user", "user/delete", json!({ "phone": others.phone })).await;
    delete().await.ok();
    let update = json!({
        "TableName": "DevicesTable",
        "Key": { "pk": { "S": format!("device#{}", camera.id) }, "sk": { "S": "device" } },
        "UpdateExpression": "ADD accounts :back, revision :one",
        "ExpressionAttributeValues": { ":back": { "SS": [others.phone] }, ":one": { "N": "1" } },
    });
    table(&world, "UpdateItem", update).await;
    camera.fall(1).await.ok();
    let told = world.messages(&others.phone).await.len();
    delete().await.fails(100, "user not existed");
    camera.fall(2).await.ok();
    assert_eq!(world.messages(&others.phone).await.len(), told, "nobody is there to be told");
}
