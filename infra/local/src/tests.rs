//! The whole stack, from outside, in what does not depend on any function's own work.

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{Options, Stack, StartError, Storage};

async fn stack() -> Stack {
    Stack::start(Options::default()).await.unwrap()
}

/// Sends bytes as they are, and returns the status and the body of the answer.
async fn send(stack: &Stack, request: impl AsRef<[u8]>) -> (u16, String) {
    let mut stream = TcpStream::connect(stack.url().trim_start_matches("http://")).await.unwrap();
    stream.write_all(request.as_ref()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

fn request(line: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!("{line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {length}\r\n");
    [head.as_bytes(), headers.as_bytes(), b"\r\n", body].concat()
}

async fn advance(stack: &Stack, body: &str) -> (u16, String) {
    send(stack, request("POST /_local/clock", "Content-Type: application/json\r\n", body.as_bytes())).await
}

#[tokio::test]
async fn a_path_without_a_route_is_404_in_api_gateway_s_words() {
    let answer = send(&stack().await, request("GET /nothing", "", b"")).await;
    assert_eq!(answer, (404, r#"{"message":"Not Found"}"#.to_owned()));
}

#[tokio::test]
async fn a_method_without_a_route_reaches_the_function() {
    assert_eq!(send(&stack().await, request("OPTIONS /api/captcha", "", b"")).await.0, 405);
}

#[tokio::test]
async fn a_body_over_ten_megabytes_is_413_announced_or_not() {
    let stack = stack().await;
    let too_large = (413, r#"{"message":"Request Entity Too Large"}"#.to_owned());
    let body = vec![b'x'; 10 * 1024 * 1024 + 1];
    assert_eq!(send(&stack, request("POST /api/captcha", "", &body)).await, too_large);
    let head =
        "POST /api/captcha HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\na00001\r\n";
    assert_eq!(send(&stack, [head.as_bytes(), &body, b"\r\n0\r\n\r\n"].concat()).await, too_large);
    let asking = "POST /api/captcha HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 99999999\r\n\r\n";
    assert_eq!(send(&stack, asking).await, too_large);
}

#[tokio::test]
async fn an_event_over_six_megabytes_is_413() {
    let stack = stack().await;
    let json = "Content-Type: application/json\r\n";
    assert_eq!(send(&stack, request("POST /api/captcha", json, &vec![b'x'; 6_280_000])).await.0, 200);
    assert_eq!(send(&stack, request("POST /api/captcha", json, &vec![b'x'; 6_291_556])).await.0, 413);
    assert_eq!(send(&stack, request("POST /api/captcha", "", &vec![b'x'; 4_720_000])).await.0, 413, "as base64");
}

#[tokio::test]
async fn what_is_not_http_is_400_and_the_next_request_is_served() {
    let stack = stack().await;
    for request in [
        "nonsense\r\n\r\n",
        "GET /api/captcha HTTP/1.1\r\nConnection: close\r\n\r\n",
        "GET /api/captcha HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n",
        "POST /api/captcha HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\nZZ\r\n",
    ] {
        assert_eq!(send(&stack, request).await.0, 400, "{request:?}");
    }
    assert_eq!(send(&stack, "GET /api/captcha HTTP/1.0\r\n\r\n").await.0, 405, "HTTP/1.0 need not name a host");
}

#[tokio::test]
async fn paths_and_queries_of_any_kind_are_answered() {
    let stack = stack().await;
    for path in
        ["%", "%00", "%FF%FE", "..%2f..", "%3Fx%23y", "%5C%20%22%7B", &"9".repeat(60_000), &"%3C".repeat(21_000)]
    {
        assert_eq!(send(&stack, request(&format!("GET /get/portrait/{path}"), "", b"")).await.0, 200, "{path:.20}");
    }
    for query in ["token=%", "token=%ff%fe", "&&==;;", "token={}|^`", "token=a#b", &"token=%".repeat(9000)] {
        assert_eq!(send(&stack, request(&format!("GET /api/user/doki?{query}"), "", b"")).await.0, 200, "{query:.20}");
    }
    assert_eq!(send(&stack, request(&format!("GET /{}", "a".repeat(70_000)), "", b"")).await.0, 414);
    assert_eq!(send(&stack, request("GET /", &"X: y\r\n".repeat(200), b"")).await.0, 431);
}

#[tokio::test]
async fn the_development_endpoints_answer_to_this_machine_s_names_only() {
    let stack = stack().await;
    for (host, status) in
        [("127.0.0.1:8080", 200), ("localhost", 200), ("[::1]:80", 200), ("evil.example", 403), ("127.0.0.1.evil", 403)]
    {
        for path in ["/", "/_local/sms", "/_local/routes"] {
            let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
            assert_eq!(send(&stack, request).await.0, status, "{host} {path}");
        }
    }
    assert_eq!(send(&stack, request("DELETE /_local/sms", "", b"")).await.0, 405);
    assert_eq!(send(&stack, request("GET /_local/else", "", b"")).await.0, 404);
}

#[tokio::test]
async fn the_clock_moves_forward_by_whole_seconds_only() {
    let stack = stack().await;
    let before = stack.clock().now_seconds();
    for body in [r#"{"advance_seconds":-1}"#, r#"{"advance_seconds":1.5}"#, r#"{"advance_seconds":"1"}"#, "{}", ""] {
        assert_eq!(advance(&stack, body).await.0, 400, "{body}");
    }
    assert_eq!(advance(&stack, r#"{"advance_seconds":18446744073709551615}"#).await.0, 400);
    let form = request("POST /_local/clock", "Content-Type: text/plain\r\n", br#"{"advance_seconds":1}"#);
    assert_eq!(send(&stack, form).await.0, 415, "a form on another site could send this");
    assert!(stack.clock().now_seconds() < before + 60);
    assert_eq!(advance(&stack, r#"{"advance_seconds":3600}"#).await.0, 200);
    assert!(stack.clock().now_seconds() >= before + 3600);
}

#[tokio::test]
async fn the_routes_are_those_of_the_template_without_the_fallbacks() {
    let (_, body) = send(&stack().await, request("GET /_local/routes", "", b"")).await;
    let routes: Vec<Value> = serde_json::from_str(&body).unwrap();
    assert!(routes.contains(&json!({"method": "GET", "path": "/api/get/portrait/{user_id}", "function": "user"})));
    assert!(routes.iter().all(|route| route["method"] != "ANY"));
}

#[tokio::test]
async fn data_and_the_moved_clock_survive_a_restart_and_a_directory_serves_one_stack_at_a_time() {
    let directory = tempfile::tempdir().unwrap();
    let options = Options { storage: Storage::Disk(directory.path().to_owned()), ..Options::default() };
    let stack = Stack::start(options.clone()).await.unwrap();
    assert!(matches!(Stack::start(options.clone()).await, Err(StartError::InUse(_))));
    stack.advance(3600).await.unwrap();
    let before = stack.clock().now_seconds();
    stack.stop().await;
    let stack = Stack::start(options).await.unwrap();
    assert!(stack.clock().now_seconds() >= before);
}

#[tokio::test]
async fn a_malformed_parameter_stops_the_start_with_its_name() {
    let parameters = [("SMS_PER_DAY".to_owned(), "many".to_owned())].into();
    let error = Stack::start(Options { parameters, ..Options::default() }).await.err().unwrap();
    assert!(error.to_string().contains("SMS_PER_DAY"), "{error}");
}

#[tokio::test]
async fn another_endpoint_takes_the_place_of_an_embedded_server() {
    let first = stack().await;
    let url = first.dynamodb().unwrap().url();
    let parameters = [("AWS_ENDPOINT_URL_DYNAMODB".to_owned(), url)].into();
    let second = Stack::start(Options { parameters, ..Options::default() }).await.unwrap();
    assert!(second.dynamodb().is_none());
    assert!(second.s3().is_some());
}
