//! `portrait/upload` and `GET /api/get/portrait/<user_id>`.

use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::{StatusCode, header};
use serde_json::{Value, json};

use crate::support::{Family, Reply, World, at_once, jpeg, png, send};

/// What a browser got.
#[derive(Debug, PartialEq, Eq)]
struct Image {
    media_type: String,
    bytes: Vec<u8>,
    etag: String,
}

async fn upload(family: &Family<'_>, base64: impl Into<Value>) -> Reply {
    family.call("/api/portrait", "portrait/upload", json!({ "base64": base64.into() })).await
}

/// A `GET` that must be answered with an image, and headers that keep it one.
async fn image(world: &World, path: &str, headers: &[(&str, &str)]) -> Image {
    let mut get = world.http.get(world.url(path));
    for (name, value) in headers {
        get = get.header(*name, *value);
    }
    let response = send(get).await;
    assert_eq!(response.status(), StatusCode::OK, "{path}");
    let text = |name: &str| response.headers()[name].to_str().expect("a text").to_owned();
    assert_eq!(text("x-content-type-options"), "nosniff");
    let (media_type, etag) = (text("content-type"), text("etag"));
    assert!(media_type.starts_with("image/"), "{media_type}");
    Image { media_type, bytes: response.bytes().await.expect("the whole image").to_vec(), etag }
}

async fn portrait(world: &World, user_id: &str) -> Image {
    image(world, &format!("/api/get/portrait/{user_id}"), &[]).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_portrait_is_served_to_anybody_as_it_was_uploaded() {
    let world = World::new().await;
    let family = world.family().await;
    let pictures = [
        (jpeg(1, 5000).0, "image/jpeg"),
        (png(2, 5000).0, "image/png"),
        (b"GIF89a\x01\0\x01\0\0\0\0".to_vec(), "image/gif"),
        (b"RIFF\x10\0\0\0WEBPVP8 ".to_vec(), "image/webp"),
    ];
    for (bytes, media_type) in pictures {
        let reply = upload(&family, STANDARD.encode(&bytes)).await;
        assert_eq!(reply.ok(), &json!({ "url": format!("./api/get/portrait/{}", family.phone) }));
        for path in ["/api/get/portrait/", "/get/portrait/"] {
            let shown = image(&world, &format!("{path}{}", family.phone), &[]).await;
            assert_eq!((shown.media_type.as_str(), &shown.bytes), (media_type, &bytes));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_data_prefix_makes_no_difference_and_tells_no_type() {
    let world = World::new().await;
    let family = world.family().await;
    let (bytes, base64) = jpeg(1, 500);
    for prefix in ["data:image/jpg;base64,", "data:image/png;base64,", "data:text/html;base64,", ""] {
        upload(&family, format!("{prefix}{base64}")).await.ok();
        let shown = portrait(&world, &family.phone).await;
        assert_eq!((shown.media_type.as_str(), &shown.bytes), ("image/jpeg", &bytes));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_picture_is_refused_and_the_portrait_before_stays() {
    let world = World::new().await;
    let family = world.family().await;
    upload(&family, jpeg(1, 500).1).await.ok();
    let before = portrait(&world, &family.phone).await;
    let encoded = |bytes: &[u8]| STANDARD.encode(bytes);
    for bad in [
        "not base64!".to_owned(),
        "data:image/png;base64,".to_owned(),
        "data:".to_owned(),
        "=".to_owned(),
        "\u{0}".to_owned(),
        encoded(b"plain text"),
        encoded(b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        format!("data:image/svg+xml;base64,{}", encoded(b"<?xml version='1.0'?><svg/>")),
        format!("data:image/png;base64,{}", encoded(b"<html><script>alert(1)</script></html>")),
        encoded(b"BM\0\0\0\0\0\0\0\0"),
        encoded(b"%PDF-1.7"),
        encoded(b"\x89PN"),
    ] {
        upload(&family, bad).await.fails(-204, "Arg's value error");
    }
    family.call("/api/portrait", "portrait/upload", json!({})).await.fails(-3, "Error data key");
    upload(&family, "").await.fails(-201, "Necessary key-value can't be empty");
    upload(&family, json!(null)).await.fails(-201, "Necessary key-value can't be empty");
    for other in [json!(1), json!([1, 2]), json!({})] {
        upload(&family, other).await.fails(-203, "Arg's value type error");
    }
    assert_eq!(portrait(&world, &family.phone).await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_mebibytes_are_the_limit() {
    let world = World::new().await;
    let family = world.family().await;
    upload(&family, jpeg(1, 4 * 1024 * 1024 + 1).1).await.fails(-204, "Arg's value error");
    let (bytes, base64) = jpeg(1, 4 * 1024 * 1024);
    upload(&family, base64).await.ok();
    assert_eq!(portrait(&world, &family.phone).await.bytes, bytes);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_whoever_is_logged_in_uploads_and_only_their_own() {
    let world = World::new().await;
    let (family, other) = (world.family().await, world.family().await);
    let data = json!({ "base64": jpeg(1, 500).1, "phone": other.phone, "user_id": other.phone });
    let call = |path: &'static str| world.call(path, "portrait/upload", data.clone());
    call("/api/portrait").await.fails(-100, "Missing necessary args");
    call("/api/portrait?token=0123456789abcdef0123456789abcdef").await.fails(-101, "Error token");
    let reply = family.call("/api/portrait", "portrait/upload", data.clone()).await;
    assert_eq!(reply.ok()["url"], format!("./api/get/portrait/{}", family.phone));
    let nobody = portrait(&world, &World::phone()).await;
    assert_eq!(portrait(&world, &other.phone).await, nobody);
    assert_ne!(portrait(&world, &family.phone).await, nobody);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_has_no_portrait_is_shown_the_default_and_whoever_is_no_number_the_error() {
    let world = World::new().await;
    let family = world.family().await;
    let default = portrait(&world, &family.phone).await;
    for nobody in [&World::phone(), "1", "00000000000", &"1".repeat(1000)] {
        assert_eq!(portrait(&world, nobody).await, default, "{nobody:.20}");
    }
    let error = portrait(&world, "abc").await;
    assert_ne!(error, default);
    for no_number in
        ["1390000000a", "-1", "+8613900000000", "%00", "%FF", "1%2F..%2F2", "%EF%BC%91", "a.png", "13900000000.png"]
    {
        assert_eq!(portrait(&world, no_number).await, error, "{no_number}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_elsewhere_embed_nobodys_portrait() {
    let world = World::with([("ALLOWED_REFERERS", "www.helpaged.example, app.helpaged.example")]).await;
    let family = world.family().await;
    upload(&family, jpeg(1, 500).1).await.ok();
    let path = format!("/api/get/portrait/{}", family.phone);
    let shown = portrait(&world, &family.phone).await;
    for ours in [
        "http://localhost/",
        "http://localhost:5173/page?x=1",
        "https://www.helpaged.example/a/b",
        "https://app.helpaged.example",
        "https://APP.helpaged.example:8443/",
    ] {
        assert_eq!(image(&world, &path, &[("referer", ours)]).await, shown, "{ours}");
    }
    let ban = image(&world, &path, &[("referer", "https://elsewhere.example/")]).await;
    assert_ne!(ban, shown);
    for theirs in [
        "https://helpaged.example/",
        "https://www.helpaged.example.elsewhere.example/",
        "https://elsewhere.example/www.helpaged.example",
        "https://www.helpaged.example@elsewhere.example/",
        "https://localhost.elsewhere.example/",
        "nonsense",
        "https://",
    ] {
        assert_eq!(image(&world, &path, &[("referer", theirs)]).await, ban, "{theirs}");
    }
    let elsewhere = [("referer", "https://elsewhere.example/")];
    for path in ["/get/portrait/1", "/api/get/portrait/abc"] {
        assert_eq!(image(&world, path, &elsewhere).await, ban, "{path}");
    }
    // Who has the picture may not be told so from elsewhere.
    let conditional = [("referer", "https://elsewhere.example/"), ("if-none-match", shown.etag.as_str())];
    assert_eq!(image(&world, &path, &conditional).await, ban);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_browser_that_has_the_picture_is_told_so() {
    let world = World::new().await;
    let family = world.family().await;
    upload(&family, jpeg(1, 500).1).await.ok();
    let first = portrait(&world, &family.phone).await;
    let path = format!("/api/get/portrait/{}", family.phone);
    for known in [first.etag.clone(), format!("\"other\", W/{}", first.etag), "*".to_owned()] {
        let response = send(world.http.get(world.url(&path)).header(header::IF_NONE_MATCH, known)).await;
        assert_eq!(response.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(response.headers()["etag"], first.etag.as_str());
        assert!(response.bytes().await.unwrap().is_empty());
    }
    upload(&family, jpeg(2, 500).1).await.ok();
    let second = image(&world, &path, &[("if-none-match", &first.etag)]).await;
    assert_eq!(second.bytes, jpeg(2, 500).0);
    assert_ne!(second.etag, first.etag);
    for path in ["/api/get/portrait/1", "/api/get/portrait/abc"] {
        let etag = image(&world, path, &[]).await.etag;
        let response = send(world.http.get(world.url(path)).header(header::IF_NONE_MATCH, etag)).await;
        assert_eq!(response.status(), StatusCode::NOT_MODIFIED, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_uploads_at_once_all_succeed_and_one_is_shown() {
    let world = World::new().await;
    let family = world.family().await;
    for reply in at_once(20, |seed| upload(&family, jpeg(u32::try_from(seed).unwrap(), 500).1)).await {
        reply.ok();
    }
    let shown = portrait(&world, &family.phone).await.bytes;
    assert!((0..20).any(|seed| jpeg(seed, 500).0 == shown));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_looks_while_a_portrait_is_replaced_sees_the_old_or_the_new_one() {
    let world = World::new().await;
    let family = world.family().await;
    upload(&family, jpeg(0, 500).1).await.ok();
    let uploads = async {
        for seed in 1..40 {
            upload(&family, jpeg(seed, 500).1).await.ok();
        }
    };
    let looks = at_once(4, |_| async {
        for _ in 0..100 {
            let shown = portrait(&world, &family.phone).await;
            assert_eq!(shown.media_type, "image/jpeg", "a stand-in was shown");
        }
    });
    tokio::join!(uploads, looks);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_picture_store_is_away_uploads_fail_and_pages_show_a_stand_in() {
    let world = World::new().await;
    let family = world.family().await;
    upload(&family, jpeg(1, 500).1).await.ok();
    let before = portrait(&world, &family.phone).await;
    world.stack.s3().unwrap().set_available(false).await.unwrap();
    let (uploaded, shown) = tokio::join!(upload(&family, jpeg(2, 500).1), portrait(&world, &family.phone));
    uploaded.fails(-500, "COS upload Error");
    assert_eq!(shown.media_type, "image/png");
    world.stack.s3().unwrap().set_available(true).await.unwrap();
    assert_eq!(portrait(&world, &family.phone).await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_tables_are_away_pages_still_show_an_image() {
    let world = World::new().await;
    let family = world.family().await;
    world.stack.dynamodb().unwrap().set_available(false).await.unwrap();
    let (uploaded, shown) = tokio::join!(upload(&family, jpeg(2, 500).1), portrait(&world, &family.phone));
    uploaded.fails(-200, "Failure to operate database");
    assert_eq!(shown.media_type, "image/png");
}
