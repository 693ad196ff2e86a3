use std::{
    collections::HashMap,
    path::Path,
    sync::atomic::{AtomicU32, Ordering},
};

use environment::Clock;
use local::{Options, Stack};
use reqwest::{Client, RequestBuilder, Response, header};
use serde_json::{Value, json};

use super::{Asked, Ended, Family, Process, Reply, Running};

/// A stack of a test's own, and a client to talk to it with.
pub struct World {
    pub stack: Running,
    pub http: Client,
}

/// What `make test-lambda` sets, to run the same tests over the functions' binaries and over other services.
const ELSEWHERE: [&str; 4] = ["LAMBDA_BINARIES", "LAMBDA_EMULATOR", "LAMBDA_CLOCK", "MOTO_ADDRESS"];

/// Phones that were given out: every person of a test has another one.
static PHONES: AtomicU32 = AtomicU32::new(0);

/// `md5(lowercase(code) + rand)`, as a client computes it.
pub fn hash(code: &str, rand: &str) -> String {
    md5(code.to_lowercase() + rand)
}

/// The MD5 of `bytes` as 32 lower-case hex digits.
pub fn md5(bytes: impl AsRef<[u8]>) -> String {
    domain::md5_hex(bytes)
}

/// Where it is about noon: a test that counts what was sent in a day has no midnight in it, whenever it is run.
fn noon() -> String {
    let hour = Clock::system().now_seconds() / 3600 % 24;
    if hour > 12 { format!("-{:02}:00", hour - 12) } else { format!("+{:02}:00", 12 - hour) }
}

impl World {
    /// A stack with the template's parameters.
    pub async fn new() -> Self {
        Self::with([]).await
    }

    /// A stack with some parameters of its own, under the names of their environment variables.
    pub async fn with<const N: usize>(parameters: [(&str, &str); N]) -> Self {
        let parameters: HashMap<String, String> =
            parameters.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Self::start(Options { parameters, ..Options::default() }).await
    }

    /// A stack in this process, where it is noon unless `options` say otherwise: with the functions in it as well, unless this process's environment asks for others.
    pub async fn start(mut options: Options) -> Self {
        for name in ELSEWHERE {
            if let Ok(value) = std::env::var(name) {
                options.parameters.entry(name.to_owned()).or_insert(value);
            }
        }
        options.parameters.entry("UTC_OFFSET".to_owned()).or_insert_with(noon);
        let stack = Stack::start(options).await.expect("the stack starts");
        Self::at(Running::Here(Box::new(stack)))
    }

    /// A stack in a process of its own, with its data in `directory`.
    pub async fn process<const N: usize>(directory: &Path, parameters: [(&str, &str); N]) -> Self {
        match Process::start(directory, &parameters).await {
            Ok(process) => Self::at(Running::Elsewhere(Box::new(process))),
            Err(ended) => panic!("the stack ended before it was ready:\n{}", ended.output),
        }
    }

    fn at(stack: Running) -> Self {
        // A test that talks to two stacks must not be sent on by either.
        let http = Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
        Self { stack, http }
    }

    /// Ends the process of [`World::process`] at once, as a power failure would.
    pub async fn kill(self) -> Ended {
        self.into_process().kill().await
    }

    /// Asks the process of [`World::process`] to stop, as an operator does.
    pub async fn terminate(self) -> Ended {
        self.into_process().terminate().await
    }

    /// Stops the stack of [`World::start`] and closes its data.
    pub async fn stop(self) {
        match self.stack {
            Running::Here(stack) => stack.stop().await,
            Running::Elsewhere(_) => panic!("this stack has a process of its own"),
        }
    }

    fn into_process(self) -> Process {
        match self.stack {
            Running::Elsewhere(process) => *process,
            Running::Here(_) => panic!("this stack has no process of its own"),
        }
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.stack.url())
    }

    /// A made-up phone that nobody in this test has yet.
    pub fn phone() -> String {
        format!("139{:08}", PHONES.fetch_add(1, Ordering::Relaxed))
    }

    /// A `POST` of exactly these bytes.
    pub async fn post_raw(&self, path: &str, body: impl Into<reqwest::Body>) -> Response {
        let post = self.http.post(self.url(path)).header(header::CONTENT_TYPE, "application/json");
        send(post.body(body)).await
    }

    /// A `POST` of this JSON; the reply must be an envelope.
    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        Reply::of(self.post_raw(path, body.to_string()).await).await
    }

    /// An operation with the usual envelope around `data`.
    pub async fn call(&self, path: &str, operation: &str, data: Value) -> Reply {
        self.post(path, &envelope(operation, data)).await
    }

    /// A `GET`, whatever it answers.
    pub async fn get_raw(&self, path: &str) -> Response {
        send(self.http.get(self.url(path))).await
    }

    /// A `GET`; the reply must be an envelope.
    pub async fn get(&self, path: &str) -> Reply {
        Reply::of(self.get_raw(path).await).await
    }

    /// Moves the stack's clock forward, as its developers do.
    pub async fn advance(&self, seconds: u64) {
        let post = self.http.post(self.url("/_local/clock")).json(&json!({ "advance_seconds": seconds }));
        assert!(send(post).await.status().is_success(), "the clock moves");
    }

    /// The messages that were sent to `phone`, newest first.
    pub async fn messages(&self, phone: &str) -> Vec<String> {
        let outbox: Vec<Value> = self.get_raw("/_local/sms").await.json().await.expect("the outbox is a list");
        let to_phone = outbox.iter().filter(|message| message["phone"] == phone);
        to_phone.map(|message| message["message"].as_str().expect("a text").to_owned()).collect()
    }

    /// The code in the newest message to `phone`: its first number, which is the one that phones offer to copy.
    pub async fn code(&self, phone: &str) -> String {
        let messages = self.messages(phone).await;
        let newest = messages.first().expect("a message was sent");
        newest.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect()
    }

    /// Has a code sent and reads it. Answers its hash. `command_type` 1 registers, 2 resets a password.
    pub async fn sms_hash(&self, phone: &str, command_type: i64) -> String {
        let data = json!({ "phone": phone, "command_type": command_type });
        let rand = self.call("/api/captcha", "sms/generate", data).await.ok()["rand"].clone();
        hash(&self.code(phone).await, rand.as_str().expect("rand is a text"))
    }

    /// Somebody new, registered and logged in.
    pub async fn family(&self) -> Family<'_> {
        self.family_of(&Self::phone()).await
    }

    /// The same with a given phone.
    pub async fn family_of(&self, phone: &str) -> Family<'_> {
        Family::register(self, phone).await
    }
}

/// The usual envelope: `operation` is `type/subtype`, the id is 1.
pub fn envelope(operation: &str, data: Value) -> Value {
    let (r#type, subtype) = operation.split_once('/').expect("an operation is type/subtype");
    let mut envelope = json!({ "id": 1, "type": r#type, "subtype": subtype });
    envelope["data"] = data;
    envelope
}

/// Sends a request; the response must be what the OpenAPI document says.
pub async fn send(request: RequestBuilder) -> Response {
    let (client, request) = request.build_split();
    let request = request.expect("a request");
    let asked = Asked::of(&request);
    let response = client.execute(request).await.expect("the stack answers");
    asked.check(response).await
}
