//! Pages of other origins, as browsers let them call the API.

use reqwest::{Method, Response, StatusCode, header};
use serde_json::json;

use crate::support::{Reply, World, envelope, send};

const PAGE: &str = "https://family.example";
const SECOND: &str = "http://localhost:3000";
const OTHER: &str = "https://evil.example";

async fn world() -> World {
    World::with([("ALLOWED_ORIGINS", "https://family.example,http://localhost:3000")]).await
}

/// What a browser asks before it sends a page's request.
async fn preflight(world: &World, path: &str, origin: &str) -> Response {
    let options = world.http.request(Method::OPTIONS, world.url(path)).header(header::ORIGIN, origin);
    let options = options.header(header::ACCESS_CONTROL_REQUEST_METHOD, "POST");
    send(options.header(header::ACCESS_CONTROL_REQUEST_HEADERS, "content-type")).await
}

/// The names of the answer's headers for pages of other origins.
fn allowed(response: &Response) -> Vec<&str> {
    let mut names: Vec<_> = response.headers().keys().map(header::HeaderName::as_str).collect();
    names.retain(|name| name.starts_with("access-control-"));
    names.sort_unstable();
    names
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_of_an_allowed_origin_may_ask_and_call() {
    let world = world().await;
    for origin in [PAGE, SECOND] {
        for path in ["/api/captcha", "/api/user/info", "/register", "/api/get/portrait/13900000000"] {
            let answer = preflight(&world, path, origin).await;
            assert_eq!(answer.status(), StatusCode::NO_CONTENT, "{path}");
            let headers = answer.headers();
            assert_eq!(headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], origin);
            assert_eq!(headers[header::ACCESS_CONTROL_ALLOW_METHODS], "GET,POST");
            assert_eq!(headers[header::ACCESS_CONTROL_ALLOW_HEADERS], "content-type,idempotency-key");
            assert_eq!(headers[header::ACCESS_CONTROL_ALLOW_CREDENTIALS], "true");
            assert_eq!(headers[header::ACCESS_CONTROL_MAX_AGE], "7200");
        }
        let post = world.http.post(world.url("/api/captcha")).header(header::ORIGIN, origin);
        let answer = send(post.json(&envelope("img/generate", json!({})))).await;
        assert_eq!(answer.headers()[header::ACCESS_CONTROL_ALLOW_ORIGIN], origin);
        assert_eq!(answer.headers()[header::ACCESS_CONTROL_EXPOSE_HEADERS], "apigw-requestid");
        Reply::of(answer).await.ok();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_of_any_other_origin_is_allowed_nothing() {
    let world = world().await;
    for origin in
        [OTHER, "https://family.example.evil.example", "http://family.example", "HTTPS://FAMILY.EXAMPLE", "null"]
    {
        let answer = preflight(&world, "/api/captcha", origin).await;
        assert_eq!((answer.status(), allowed(&answer)), (StatusCode::NO_CONTENT, vec![]), "{origin}");
        let get = world.http.get(world.url("/api/user/doki?token=x")).header(header::ORIGIN, origin);
        let answer = send(get).await;
        assert_eq!((answer.status(), allowed(&answer)), (StatusCode::OK, vec![]), "{origin}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_parameter_no_page_of_another_origin_is_allowed_anything() {
    let world = World::new().await;
    for origin in [PAGE, SECOND, OTHER] {
        let answer = preflight(&world, "/api/captcha", origin).await;
        assert_eq!((answer.status(), allowed(&answer)), (StatusCode::NO_CONTENT, vec![]), "{origin}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_no_browser_sees_no_difference() {
    let world = world().await;
    let options = send(world.http.request(Method::OPTIONS, world.url("/api/captcha"))).await;
    assert_eq!((options.status(), allowed(&options)), (StatusCode::METHOD_NOT_ALLOWED, vec![]));
    let get = world.get_raw("/api/user/doki?token=x").await;
    assert_eq!(allowed(&get), [""; 0]);
    assert_eq!(preflight(&world, "/api/nothing", PAGE).await.status(), StatusCode::NOT_FOUND);
}
