//! The operations that are called most, each with the requests that it cannot do without.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::{
    bare::{Bare, PAGE},
    failure::Failure,
    load::{Answer, Call, More},
    people::{Api, Family, biggest_picture, picture},
};

/// One operation.
pub struct Operation {
    pub name: &'static str,
    pub call: Call,
    /// Its requests to AWS, in their order.
    pub reference: &'static [Bare],
    /// What the reference is, in words.
    pub reference_name: &'static str,
}

/// One operation of a function, for its memory.
pub struct Measured {
    /// The name of its binary.
    pub function: &'static str,
    pub name: &'static str,
    pub call: Call,
    /// Whether it is about the biggest picture there may be.
    pub is_big: bool,
}

/// Falls that were uploaded and that nobody has signed, by caller.
type Unsigned = Arc<Vec<Mutex<Vec<String>>>>;

/// What the callers are, for those that know what to call.
#[derive(Clone)]
pub struct Callers {
    api: Api,
    families: Arc<Vec<Family>>,
    unsigned: Unsigned,
}

impl Callers {
    pub fn new(api: Api, families: Vec<Family>) -> Self {
        let unsigned = families.iter().map(|_| Mutex::default()).collect();
        Self { api, families: Arc::new(families), unsigned: Arc::new(unsigned) }
    }

    /// The operations, in an order in which each finds what it needs.
    pub fn operations(&self) -> Vec<Operation> {
        use Bare::{
            Argon2id, Delete, Get, GetObject, Publish, Put, PutObject, Query, RefusedUpdate, Transaction, Update,
        };
        vec![
            self.operation("captcha img/generate", &[Put], "put", Self::generate),
            self.operation("captcha img/validate", &[RefusedUpdate], "update (refused)", Self::validate),
            self.operation("token doki", &[Update], "update", Self::doki),
            self.operation("login", &[Get, Argon2id, Transaction(3)], "get, Argon2id, transaction of 3", Self::log_in),
            self.operation("login", &[Argon2id], "Argon2id alone", Self::log_in),
            self.operation(
                "notice upload, one SMS",
                &[Get, PutObject, Transaction(4), Publish, Delete],
                "get, put object, transaction of 4, publish, delete",
                Self::upload,
            ),
            self.operation("notice get, 20 of them", &[Update, Query(PAGE)], "update, query for 20", Self::list),
            self.operation("notice info", &[Update, Get, GetObject], "update, get, get object", Self::info),
            self.operation("notice sign", &[Update, Update], "2 updates", Self::sign),
            self.operation("portrait get", &[Get, GetObject], "get, get object", Self::portrait),
            self.operation("device list", &[Update, Query(1), Query(1)], "update, 2 queries for 1", Self::devices),
        ]
    }

    fn operation<F: Future<Output = Result<More, Failure>> + Send + 'static>(
        &self,
        name: &'static str,
        reference: &'static [Bare],
        reference_name: &'static str,
        run: fn(Self, usize) -> F,
    ) -> Operation {
        Operation { name, call: self.call(run), reference, reference_name }
    }

    /// The operations of each function, for one caller, in an order in which each finds what it needs.
    pub fn one_by_one(&self) -> Vec<Measured> {
        let measured = |function, name, call| Measured { function, name, call, is_big: false };
        let big = |function, name, call| Measured { function, name, call, is_big: true };
        vec![
            measured("captcha", "img/generate", self.call(Self::generate)),
            measured("captcha", "img/validate", self.call(Self::validate)),
            measured("token", "doki", self.call(Self::doki)),
            measured("user", "login", self.call(Self::log_in)),
            measured("user", "portrait get", self.call(Self::portrait)),
            measured("notice", "upload, one SMS", self.call(Self::upload)),
            measured("notice", "get, 20 of them", self.call(Self::list)),
            measured("notice", "info", self.call(Self::info)),
            measured("notice", "sign", self.call(Self::sign)),
            measured("device", "list", self.call(Self::devices)),
            measured("admin", "user/info", self.call(Self::account)),
            big("notice", "upload, 4 MB", self.call(Self::upload_big)),
            big("user", "portrait upload, 4 MB", self.call(Self::portrait_big)),
        ]
    }

    fn call<F: Future<Output = Result<More, Failure>> + Send + 'static>(&self, run: fn(Self, usize) -> F) -> Call {
        let callers = self.clone();
        Arc::new(move |caller, _| -> Answer { Box::pin(run(callers.clone(), caller)) })
    }

    async fn generate(self, _caller: usize) -> Result<More, Failure> {
        self.api.post("/api/captcha", "img/generate", json!({}), 0).await?;
        Ok(More::Yes)
    }

    /// No machine can read the pictures: what is measured is the answer to a wrong one, which costs the same.
    async fn validate(self, _caller: usize) -> Result<More, Failure> {
        self.api.post("/api/captcha", "img/validate", json!({"hash": "0".repeat(32)}), 100).await?;
        Ok(More::Yes)
    }

    async fn doki(self, caller: usize) -> Result<More, Failure> {
        self.api.get(&format!("/api/user/doki?token={}", self.families[caller].token)).await?;
        Ok(More::Yes)
    }

    /// By an account of its own for each caller, that has no token to spare for the other operations.
    async fn log_in(self, caller: usize) -> Result<More, Failure> {
        let guests = self.families.len() / 2;
        self.api.log_in(&self.families[guests + caller].phone).await?;
        Ok(More::Yes)
    }

    async fn upload(self, caller: usize) -> Result<More, Failure> {
        self.report(caller, &picture()).await
    }

    async fn upload_big(self, caller: usize) -> Result<More, Failure> {
        self.report(caller, &biggest_picture()).await
    }

    async fn report(self, caller: usize, picture: &[u8]) -> Result<More, Failure> {
        let camera = &self.families[caller].camera;
        let fall = json!({"base64": STANDARD.encode(picture), "content": "bedroom"});
        self.api.post(&format!("/api/notice?token={camera}"), "notice/upload", fall, 0).await?;
        Ok(More::Yes)
    }

    async fn portrait_big(self, caller: usize) -> Result<More, Failure> {
        let portrait = json!({"base64": STANDARD.encode(biggest_picture())});
        let path = format!("/api/portrait?token={}", self.families[caller].token);
        self.api.post(&path, "portrait/upload", portrait, 0).await?;
        Ok(More::Yes)
    }

    /// By the first family, which administers, of the one after it.
    async fn account(self, caller: usize) -> Result<More, Failure> {
        let path = format!("/api/admin/user?token={}", self.families[caller].token);
        self.api.post(&path, "user/info", json!({"phone": self.families[caller + 1].phone}), 0).await?;
        Ok(More::Yes)
    }

    async fn list(self, caller: usize) -> Result<More, Failure> {
        self.page(caller, None).await?;
        Ok(More::Yes)
    }

    async fn info(self, caller: usize) -> Result<More, Failure> {
        let event = self.unsigned(caller).await?;
        let Some(event) = event else { return Err("there is no fall to look at".into()) };
        self.family(caller, "notice/info", json!({"event_id": event})).await?;
        self.unsigned[caller].lock().await.push(event);
        Ok(More::Yes)
    }

    /// Each fall can be signed once: whoever has signed all of its own is done.
    async fn sign(self, caller: usize) -> Result<More, Failure> {
        let event = self.unsigned[caller].lock().await.pop();
        let Some(event) = event else { return Ok(More::No) };
        self.family(caller, "notice/sign", json!({"event_id": event})).await?;
        Ok(More::Yes)
    }

    async fn portrait(self, caller: usize) -> Result<More, Failure> {
        let length = self.api.file(&format!("/api/get/portrait/{}", self.families[caller].phone)).await?;
        if length == picture().len() { Ok(More::Yes) } else { Err("that is another picture".into()) }
    }

    async fn devices(self, caller: usize) -> Result<More, Failure> {
        let token = &self.families[caller].token;
        self.api.post(&format!("/api/device?token={token}"), "device/list", json!({}), 0).await?;
        Ok(More::Yes)
    }

    /// A fall of this caller that nobody has signed. The first call learns of all of them.
    async fn unsigned(&self, caller: usize) -> Result<Option<String>, Failure> {
        let mut unsigned = self.unsigned[caller].lock().await;
        let mut before = None;
        while unsigned.is_empty() || before.is_some() {
            let page = self.page(caller, before.take()).await?;
            let events = page["list"].as_array().into_iter().flatten();
            unsigned.extend(events.filter_map(|notice| notice["event_id"].as_str().map(str::to_owned)));
            match page["next"].as_str() {
                Some(next) => before = Some(next.to_owned()),
                None => break,
            }
        }
        Ok(unsigned.pop())
    }

    /// The newest falls that nobody has signed, older than `before`.
    async fn page(&self, caller: usize, before: Option<String>) -> Result<Value, Failure> {
        let mut data = json!({"mode": 0, "limit": PAGE});
        if let Some(before) = before {
            data["before"] = before.into();
        }
        let page = self.family(caller, "notice/get", data).await?;
        if page["num"] == 0 { Err("there is no fall to list".into()) } else { Ok(page) }
    }

    async fn family(&self, caller: usize, operation: &str, data: Value) -> Result<Value, Failure> {
        self.api.post(&format!("/api/get/notice?token={}", self.families[caller].token), operation, data, 0).await
    }
}
