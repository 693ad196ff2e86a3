//! What CloudWatch reads out of the log: metrics in the embedded metric format, in the lines of the invocations.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
};

use serde_json::{Value, json};

use crate::support::{Camera, Family, World, envelope, hash, send};

/// Where nothing answers.
const NOWHERE: &str = "http://127.0.0.1:9";

/// The documents in a log, each of them held to what CloudWatch demands.
fn documents(log: &str) -> Vec<Value> {
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines.filter(|line| line.get("_aws").is_some()).inspect(assert_readable).collect()
}

fn assert_readable(document: &Value) {
    let metadata = &document["_aws"];
    assert!(metadata["Timestamp"].is_i64(), "{document}");
    for directive in list(&metadata["CloudWatchMetrics"]) {
        assert_eq!(directive["Namespace"], "HelpAged");
        for dimension in list(&directive["Dimensions"]).iter().flat_map(list) {
            assert!(document[text(dimension)].is_string(), "{dimension} of {document}");
        }
        for metric in list(&directive["Metrics"]) {
            let value = &document[text(&metric["Name"])];
            let is_many = value.as_array().is_some_and(|it| it.len() <= 100 && it.iter().all(Value::is_number));
            assert!(value.is_number() || is_many, "{metric} of {document}");
        }
    }
}

fn list(value: &Value) -> &Vec<Value> {
    value.as_array().expect("a list")
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

/// The values of a metric of one function, in the order of the log.
fn values(documents: &[Value], function: &str, metric: &str) -> Vec<f64> {
    let of_function = documents.iter().filter(|document| document["FunctionName"] == function);
    of_function
        .flat_map(|document| match &document[metric] {
            Value::Array(values) => values.clone(),
            value => vec![value.clone()],
        })
        .filter_map(|value| value.as_f64())
        .collect()
}

/// The three dimensions of each request that was counted.
fn requests(documents: &[Value]) -> Vec<[String; 3]> {
    let counted = documents.iter().filter(|document| document["Requests"] == 1);
    counted
        .map(|document| ["FunctionName", "Operation", "Status"].map(|name| text(&document[name]).to_owned()))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_are_counted_by_function_operation_and_status() {
    let directory = tempfile::tempdir().unwrap();
    let world = World::process(directory.path(), []).await;
    world.call("/api/captcha", "img/generate", json!({})).await.ok();
    world.call("/api/captcha", "img/validate", json!({ "hash": "x" })).await.fails(100, "Error captcha hash");
    world.get("/api/user/doki?token=x").await.fails(1, "Token not existed");
    world.get_raw("/get/portrait/13900000000").await;
    world.log("13900000000", "hunter-22-hunter").await.is("0007");
    send(world.http.put(world.url("/api/device"))).await;
    let documents = documents(&world.terminate().await.output);
    let expected = [
        ["captcha", "img/generate", "0"],
        ["captcha", "img/validate", "100"],
        ["token", "GET /api/user/doki", "1"],
        ["user", "GET /get/portrait/{user_id}", "HTTP 200"],
        ["user", "result/log", "7"],
        ["device", "ANY /api/device", "HTTP 405"],
    ];
    assert_eq!(requests(&documents), expected.map(|dimensions| dimensions.map(str::to_owned)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_caller_makes_up_is_no_dimension() {
    let directory = tempfile::tempdir().unwrap();
    let world = World::process(directory.path(), []).await;
    let family = world.family().await;
    let made_up = envelope("made/up", json!({}));
    world.post("/api/captcha", &made_up).await.fails(-2, "Error JSON value");
    world.post("/api/device?token=x", &made_up).await.fails(-101, "Error token");
    world.post(&format!("/api/device?token={}", family.token), &made_up).await.fails(-2, "Error JSON value");
    send(world.http.request("BREW".parse().unwrap(), world.url("/api/device"))).await;
    let requests = requests(&documents(&world.terminate().await.output));
    let last: Vec<_> = requests.iter().rev().take(4).rev().map(|[_, operation, status]| [operation, status]).collect();
    assert_eq!(
        last,
        [
            ["POST /api/captcha", "-2"],
            ["POST /api/device", "-101"],
            ["POST /api/device", "-2"],
            ["ANY /api/device", "HTTP 405"]
        ]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn captchas_codes_and_refused_logins_are_counted() {
    let directory = tempfile::tempdir().unwrap();
    let world = World::process(directory.path(), [("REQUIRE_CAPTCHA_FOR_SMS", "true")]).await;
    let phone = World::phone();
    let (id, text) = world.image_code().await;
    world.answer_image(&phone, &id, "wrong").await.is("4004", "图片验证码不一致");
    world.answer_image(&phone, &id, &text).await.is("4002", "图片验证码已过期");
    let (id, text) = world.image_code().await;
    world.answer_image(&phone, &id, &text).await.is("0", "发送成功");
    let wrong = hash("wrong", "wrong");
    for hash in [&wrong, "malformed"] {
        world.call("/api/captcha", "img/validate", json!({ "hash": hash })).await.fails(100, "Error captcha hash");
        let data = json!({ "phone": World::phone(), "hash": hash });
        world.call("/api/captcha", "sms/generate", data).await.fails(-4, "Error Hash");
    }
    let nobody = json!({ "phone": World::phone(), "pass": "hunter-22" });
    world.call("/api/user/login", "login/pass", nobody.clone()).await.fails(100, "Incorrect user");
    world.call("/api/user/login", "login/pass", json!({})).await.fails(-3, "Error data key");
    let documents = documents(&world.terminate().await.output);
    assert_eq!(values(&documents, "captcha", "CaptchasSolved"), [1.0]);
    assert_eq!(values(&documents, "captcha", "CaptchasFailed"), [1.0; 6]);
    assert_eq!(values(&documents, "captcha", "SmsSent"), [1.0]);
    assert_eq!(values(&documents, "user", "LoginFailures"), [1.0], "a request that names nobody is no login");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_alert_tells_how_long_after_the_fall_it_was_sent() {
    let directory = tempfile::tempdir().unwrap();
    let world = World::process(directory.path(), []).await;
    let (one, other) = (world.family().await, world.family().await);
    let camera = one.camera("卧室").await;
    other.bind(&camera).await.ok();
    camera.fall(1).await.ok();
    world.advance(60).await;
    let documents = documents(&world.terminate().await.output);
    assert_eq!(values(&documents, "notice", "SmsSent"), [2.0]);
    let delays = values(&documents, "notice", "AlertDelay");
    assert_eq!(delays.len(), 2);
    assert!(delays.iter().all(|delay| (0.0..30_000.0).contains(delay)), "{delays:?}");
    let pending = values(&documents, "notice", "AlertsPending");
    assert_eq!(pending, vec![0.0; pending.len().max(1)], "each scheduled run says how many are pending");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_alert_that_is_being_sent_does_not_count_as_waiting() {
    let directory = tempfile::tempdir().unwrap();
    let world = World::process(directory.path(), []).await;
    let family = world.family().await;
    let (phone, token) = (family.phone.clone(), family.token.clone());
    let camera = family.camera("hall").await.id;
    world.terminate().await;
    // A service that takes connections and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", silent.local_addr().unwrap());
    let world = World::process(directory.path(), [("AWS_ENDPOINT_URL_SNS", &*address)]).await;
    let (camera, family) = (Camera { world: &world, id: camera }, Family { world: &world, phone, token });
    let scheduled_run = async {
        while family.notices(0).await.is_empty() {}
        world.advance(1).await;
    };
    tokio::select! {
        biased;
        () = scheduled_run => {}
        _ = camera.fall(1) => panic!("the service did not answer"),
    }
    let documents = documents(&world.kill().await.output);
    let pending = values(&documents, "notice", "AlertsPending");
    assert_eq!(pending, vec![0.0; pending.len().max(1)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn alerts_that_cannot_be_sent_are_told_until_they_are_given_up() {
    let directory = tempfile::tempdir().unwrap();
    let world = World::process(directory.path(), []).await;
    let family = world.family().await;
    let camera = family.camera("卧室").await.id;
    world.terminate().await;
    let world = World::process(directory.path(), [("AWS_ENDPOINT_URL_SNS", NOWHERE)]).await;
    Camera { world: &world, id: camera }.fall(1).await.ok();
    world.advance(120).await;
    world.advance(25 * 3600).await;
    world.advance(60).await;
    let documents = documents(&world.kill().await.output);
    assert!(values(&documents, "notice", "SmsFailed").len() >= 2, "{documents:?}");
    assert!(values(&documents, "notice", "SmsSent").is_empty());
    assert_eq!(values(&documents, "notice", "AlertsGivenUp"), [1.0]);
    let pending = values(&documents, "notice", "AlertsPending");
    assert!(pending.contains(&1.0), "{pending:?}");
    assert_eq!(pending.last(), Some(&0.0), "{pending:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fault_of_ours_is_counted_and_an_expected_refusal_is_not() {
    let directory = tempfile::tempdir().unwrap();
    let world = World::process(directory.path(), [("AWS_ENDPOINT_URL_SNS", NOWHERE)]).await;
    world.call("/api/captcha", "img/validate", json!({ "hash": "x" })).await.fails(100, "Error captcha hash");
    let data = json!({ "phone": World::phone() });
    world.call("/api/captcha", "sms/generate", data).await.fails(1008, "短信服务请求超时");
    let documents = documents(&world.terminate().await.output);
    assert_eq!(values(&documents, "captcha", "Faults"), [1.0]);
    assert_eq!(values(&documents, "captcha", "SmsFailed"), [1.0]);
}

/// An SNS that is well and will not send to the phone that is asked for.
fn refuse_a_phone(mut stream: TcpStream) {
    let mut request = Vec::new();
    let mut part = [0; 4096];
    while !String::from_utf8_lossy(&request).contains("PhoneNumber=") {
        match stream.read(&mut part) {
            Ok(read @ 1..) => request.extend_from_slice(&part[..read]),
            _ => return,
        }
    }
    let body = "<ErrorResponse><Error><Type>Sender</Type><Code>InvalidParameter</Code>\
                <Message>Invalid parameter: PhoneNumber</Message></Error><RequestId>1</RequestId></ErrorResponse>";
    let head = "HTTP/1.1 400 Bad Request\r\nContent-Type: text/xml\r\nConnection: close";
    let _ = write!(stream, "{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phone_that_the_service_will_not_send_to_is_no_fault_of_ours() {
    let directory = tempfile::tempdir().unwrap();
    let sns = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", sns.local_addr().unwrap());
    let world = World::process(directory.path(), [("AWS_ENDPOINT_URL_SNS", &*address)]).await;
    std::thread::spawn(move || sns.incoming().flatten().for_each(refuse_a_phone));
    let phone = World::phone();
    let reply = world.call("/api/captcha", "sms/generate", json!({ "phone": phone })).await;
    reply.fails(1008, "短信服务请求超时");
    let log = world.terminate().await.output;
    assert!(
        log.contains("the SMS service did not take the message: InvalidParameter") && !log.contains(&phone),
        "{log}"
    );
    let documents = documents(&log);
    assert_eq!(values(&documents, "captcha", "SmsFailed"), [1.0]);
    assert!(values(&documents, "captcha", "Faults").is_empty(), "a stranger could take back a release");
}
