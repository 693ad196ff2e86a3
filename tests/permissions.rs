//! What the functions may do: on the local stack each has the policy that deploys with it, and nothing more.
//!
//! That no permission is missing, all other tests show. These show that none is too many, and that what is not allowed
//! is refused.

use std::path::Path;

use local::{Options, Storage};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{Applicant, Family, STRONG, World, at_once, jpeg, log_in};

const OPERATOR: &str = "13800000001";

/// A stack whose data is in `directory`.
async fn world_in(directory: &Path) -> World {
    let parameters = [("ADMIN_PHONES".to_owned(), OPERATOR.to_owned())].into();
    World::start(Options { storage: Storage::Disk(directory.to_owned()), parameters, ..Options::default() }).await
}

/// Takes all pictures of a kind away behind the stack's back.
fn lose_pictures(directory: &Path, kind: &str) {
    std::fs::remove_dir_all(directory.join("s3/helpaged-pictures").join(kind)).expect("there are pictures");
}

async fn captchas(world: &World) {
    let hash = world.captcha_hash().await;
    world.call("/api/captcha", "img/validate", json!({ "hash": hash })).await.ok();
    let phone = World::phone();
    let hash = world.sms_hash(&phone, 1).await;
    world.call("/api/captcha", "sms/validate", json!({ "hash": hash })).await.ok();
    // Nothing is sent to a phone without an account, but for the reply it looks as if.
    world.call("/api/captcha", "sms/generate", json!({ "phone": World::phone(), "command_type": 2 })).await.ok();
}

async fn accounts(world: &World, directory: &Path) {
    let family = world.family().await;
    for _ in 0..11 {
        log_in(world, &family.phone).await;
    }
    let token = log_in(world, &family.phone).await;
    let family = Family { token, ..family };
    assert!(family.is_logged_in().await);
    family.call("/api/user/nickname", "info/nickname", json!({ "user_id": family.phone })).await.ok();
    for seed in 0..2 {
        family.call("/api/portrait", "portrait/upload", json!({ "base64": jpeg(seed, 100).1 })).await.ok();
    }
    let portrait = format!("/api/get/portrait/{}", family.phone);
    assert_eq!(world.get_raw(&portrait).await.status(), StatusCode::OK);
    lose_pictures(directory, "portraits");
    assert_eq!(world.get_raw(&portrait).await.status(), StatusCode::OK);

    let applicant = Applicant::verified(world, &World::phone()).await;
    applicant.upload(jpeg(1, 100).0).await.ok();
    let uploaded = applicant.upload(jpeg(2, 100).0).await;
    applicant.finish(&[("password", STRONG), ("headImage", uploaded.ok())]).await.is("0000");
}

async fn cameras_and_falls(world: &World, directory: &Path) {
    let (family, others) = (world.family().await, world.family().await);
    let (kept, removed) = (family.camera("hall").await, family.camera("kitchen").await);
    let sms = world.stack.sms().expect("it is embedded");
    sms.fail_all(true);
    kept.fall(1).await.ok();
    world.advance(61).await;
    sms.fail_all(false);
    world.advance(200).await;
    removed.fall(2).await.ok();
    others.bind(&kept).await.ok();
    let mut tries = 0;
    while world.stack.permissions().unused().iter().any(|unused| unused.starts_with("notice: s3:DeleteObject")) {
        // Of the same report several times at once, those that come too late leave a picture that nobody needs.
        let key = format!("try {tries}");
        at_once(8, |_| kept.report_once(&key, json!({ "base64": jpeg(3, 1000).1 }))).await;
        tries += 1;
        assert!(tries < 50, "no report was late");
    }
    let falls = family.notices(0).await;
    family.sign(&falls[0]).await.ok();
    for mode in 1..3 {
        assert!(!family.notices(mode).await.is_empty());
    }
    let info = json!({ "event_id": falls[0] });
    family.call("/api/get/notice", "notice/info", info.clone()).await.ok();
    lose_pictures(directory, "falls");
    family.call("/api/get/notice", "notice/info", info).await;
    family.call("/api/device", "device/list", json!({})).await.ok();
    let data = json!({ "device_id": kept.id });
    others.call("/api/device", "device/unbind", data).await.ok();
    family.call("/api/device", "device/remove", json!({ "device_id": removed.id })).await.ok();
}

async fn administration(world: &World) {
    let (operator, family) = (world.family_of(OPERATOR).await, world.family().await);
    let camera = family.camera("hall").await;
    camera.fall(1).await.ok();
    family.call("/api/portrait", "portrait/upload", json!({ "base64": jpeg(1, 100).1 })).await.ok();
    let data = json!({ "phone": family.phone });
    for operation in ["user/list", "user/info", "user/update", "user/delete"] {
        operator.call("/api/admin/user", operation, data.clone()).await.ok();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_permission_of_every_function_is_used() {
    let directory = tempfile::tempdir().unwrap();
    let world = world_in(directory.path()).await;
    captchas(&world).await;
    accounts(&world, directory.path()).await;
    cameras_and_falls(&world, directory.path()).await;
    administration(&world).await;
    let permissions = world.stack.permissions();
    assert_eq!(permissions.unused(), [""; 0], "allowed and of no use");
    assert_eq!(permissions.refused(), [""; 0], "of use and not allowed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_is_closed_to_functions_whose_role_does_not_name_it() {
    let world = World::new().await;
    let get = |table: &str, key: &str| json!({ "TableName": table, "Key": { key: { "S": "13900000000" } } });
    let check = json!({ "TransactItems": [
        { "ConditionCheck": { "TableName": "UsersTable", "ConditionExpression": "attribute_exists(phone)",
                              "Key": { "phone": { "S": "13900000000" } } } },
        { "Delete": { "TableName": "UsersTable", "Key": { "phone": { "S": "13900000000" } } } },
    ] });
    for (function, operation, body, allowed) in [
        ("local-user", "GetItem", get("UsersTable", "phone"), true),
        ("local-token", "GetItem", get("UsersTable", "phone"), false),
        ("local-token", "GetItem", get("SessionsTable", "token_hash"), false),
        ("local-notice", "GetItem", get("UsersTable", "phone"), false),
        ("local-captcha", "Scan", json!({ "TableName": "UsersTable" }), false),
        ("local-admin", "Scan", json!({ "TableName": "UsersTable" }), true),
        // A device may check that an account exists, and not delete it.
        ("local-device", "TransactWriteItems", check, false),
        ("local-admin", "ListTables", json!({}), false),
        ("local-user", "DeleteTable", json!({ "TableName": "UsersTable" }), false),
        ("local", "ListTables", json!({}), true),
    ] {
        let answer = world.ask_dynamodb(function, operation, body).await;
        let status = answer.status();
        let body: Value = answer.json().await.unwrap();
        if allowed {
            assert_eq!(status, StatusCode::OK, "{function} {operation}: {body}");
        } else {
            assert_eq!(status, StatusCode::BAD_REQUEST, "{function} {operation}: {body}");
            assert!(body["__type"].as_str().unwrap().ends_with("#AccessDeniedException"), "{body}");
        }
    }
    let answer = world.ask_dynamodb("somebody", "ListTables", json!({})).await;
    let body: Value = answer.json().await.unwrap();
    assert!(body["__type"].as_str().unwrap().ends_with("#UnrecognizedClientException"), "{body}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pictures_are_closed_to_functions_whose_role_does_not_name_their_prefix() {
    let world = World::new().await;
    for (function, method, path, code) in [
        // What its policy allows is refused only behind the guard, for its signature.
        ("local-user", Method::GET, "/helpaged-pictures/portraits/1", "SignatureDoesNotMatch"),
        ("local-user", Method::GET, "/helpaged-pictures/falls/1", "AccessDenied"),
        ("local-device", Method::DELETE, "/helpaged-pictures/falls/1", "SignatureDoesNotMatch"),
        ("local-device", Method::GET, "/helpaged-pictures/falls/1", "AccessDenied"),
        ("local-token", Method::GET, "/helpaged-pictures/portraits/1", "AccessDenied"),
        ("local-user", Method::DELETE, "/helpaged-pictures", "AccessDenied"),
        ("somebody", Method::GET, "/helpaged-pictures/falls/1", "InvalidAccessKeyId"),
    ] {
        let answer = world.ask_s3(function, method.clone(), path).await;
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{function} {method} {path}");
        let body = answer.text().await.unwrap();
        assert!(body.contains(&format!("<Code>{code}</Code>")), "{function} {method} {path}: {body}");
    }
}
