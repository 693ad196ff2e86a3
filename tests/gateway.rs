//! What happens outside the envelope: paths, methods, limits and bodies, as API Gateway and Lambda have them.

use std::fmt::Write;

use reqwest::{Method, StatusCode, header};
use serde_json::json;

use crate::support::{Reply, World, envelope, jpeg, send};

const POSTS: [&str; 8] = [
    "/api/captcha",
    "/api/user/login",
    "/api/user/register",
    "/api/user/password",
    "/api/user/nickname",
    "/api/portrait",
    "/api/device",
    "/api/notice",
];
const GETS: [&str; 3] = ["/api/user/doki", "/api/get/portrait/13900000000", "/get/portrait/13900000000"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_path_that_does_not_exist_is_not_found() {
    let world = World::new().await;
    for path in [
        "/api",
        "/api/",
        "/api/captcha/",
        "//api/captcha",
        "/API/captcha",
        "/api/nothing",
        "/api/get/portrait/",
        "/api/get/portrait/1/2",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/api/get/portrait/../../user/x",
        "/api/captcha%00",
        "/favicon.ico",
    ] {
        for method in [Method::GET, Method::POST, Method::DELETE] {
            let response = send(world.http.request(method.clone(), world.url(path))).await;
            assert_eq!(response.status(), StatusCode::NOT_FOUND, "{method} {path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_method_is_told_the_right_ones() {
    let world = World::new().await;
    let mut wrong = Vec::new();
    for path in POSTS.iter().chain(&["/api/get/notice", "/api/admin/user"]) {
        wrong.extend(
            ["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "PROPFIND"].map(|method| (method, *path, "POST")),
        );
    }
    for path in GETS {
        wrong.extend(["POST", "PUT", "DELETE", "PATCH", "OPTIONS"].map(|method| (method, path, "GET")));
    }
    wrong.extend(["PUT", "DELETE", "PATCH", "OPTIONS"].map(|method| (method, "/api/user/info", "GET, POST")));
    for (method, path, allow) in wrong {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let response = send(world.http.request(method.clone(), world.url(path)).body("{}")).await;
        assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
        assert_eq!(response.headers()[header::ALLOW], allow, "{method} {path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_over_the_gateway_s_or_the_function_s_limit_is_too_large() {
    let world = World::new().await;
    let padded = |length: usize| {
        let mut body = r#"{"id":5,"type":"img","subtype":"generate","data":{},"padding":""#.to_owned();
        body.push_str(&"x".repeat(length - body.len() - 2));
        write!(body, "\"}}").unwrap();
        body
    };
    // Lambda's event holds the body as a string with its quotes escaped, and something of the request beside it.
    let reply = Reply::of(world.post_raw("/api/captcha", padded(6_000_000)).await).await;
    assert_eq!((reply.id(), reply.status()), (5, 0));
    for length in [6_291_556, 8_000_000, 10 * 1024 * 1024, 10 * 1024 * 1024 + 1, 30_000_000] {
        for path in ["/api/captcha", "/api/notice", "/api/portrait"] {
            let response = world.post_raw(path, padded(length)).await;
            assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE, "{length} to {path}");
        }
    }
    world.post("/api/captcha", &envelope("img/generate", json!({}))).await.ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_of_any_content_type_is_read_as_json() {
    let world = World::new().await;
    let family = world.family().await;
    let camera = family.camera("hall").await;
    let body = envelope("notice/upload", json!({ "base64": jpeg(1, 1000).1, "content": "摔倒" })).to_string();
    for content_type in [
        None,
        Some("application/json; charset=utf-8"),
        Some("application/octet-stream"),
        Some("text/plain"),
        Some("application/x-www-form-urlencoded"),
        Some("image/jpeg"),
        Some("nonsense"),
    ] {
        let post = world.http.post(world.url(&format!("/api/notice?token={}", camera.id))).body(body.clone());
        let post = match content_type {
            Some(content_type) => post.header(header::CONTENT_TYPE, content_type),
            None => post,
        };
        Reply::of(send(post).await).await.ok();
    }
    assert_eq!(family.notices(0).await.len(), 7);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bytes_that_are_no_text_are_no_json() {
    let world = World::new().await;
    let family = world.family().await;
    for path in ["/api/captcha".to_owned(), format!("/api/device?token={}", family.token)] {
        for body in [&b"\xff\xfe\x00\x01"[..], b"\x89PNG\r\n\x1a\n", b"\0\0\0\0", b"{\"id\":1,\"\xff\":1}"] {
            for content_type in ["application/json", "application/octet-stream"] {
                let post = world.http.post(world.url(&path)).header(header::CONTENT_TYPE, content_type);
                let reply = Reply::of(send(post.body(body)).await).await;
                assert_eq!((reply.id(), reply.status()), (-1, -1));
            }
        }
    }
}
