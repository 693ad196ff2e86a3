//! Made-up families, one for each caller: an account with a portrait, and a camera that is bound to it.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::Client;
use serde_json::{Value, json};

use crate::failure::Failure;

/// Everybody's password.
pub const PASSWORD: &str = "a made-up one";

const HEAD: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF\0";

/// As big as a camera's still picture.
const PICTURE_BYTES: usize = 40_000;

/// The API, as somebody far away sees it.
#[derive(Clone)]
pub struct Api {
    http: Client,
    url: String,
}

/// One family.
#[derive(Clone)]
pub struct Family {
    pub phone: String,
    pub token: String,
    pub camera: String,
}

/// Bytes that show themselves to be a JPEG.
pub fn picture() -> Vec<u8> {
    picture_of(PICTURE_BYTES)
}

/// The biggest that there may be.
pub fn biggest_picture() -> Vec<u8> {
    picture_of(pictures::MAX_BYTES - HEAD.len())
}

/// With so many bytes after its head.
fn picture_of(length: usize) -> Vec<u8> {
    let mut bytes = HEAD.to_vec();
    // Neither all alike nor random: what stands in between is what pictures are.
    bytes.extend((0_u32..).flat_map(|number| number.wrapping_mul(2_654_435_761).to_be_bytes()).take(length));
    bytes
}

impl Api {
    pub fn new(url: String) -> Result<Self, Failure> {
        Ok(Self { http: Client::builder().timeout(Duration::from_secs(20)).build()?, url })
    }

    /// A `POST` of an operation, `type/subtype`. Answers the reply's data; any other status than `status` is an error.
    pub async fn post(&self, path: &str, operation: &str, data: Value, status: i64) -> Result<Value, Failure> {
        let (r#type, subtype) = operation.split_once('/').unwrap_or_default();
        let envelope = json!({"id": 1, "type": r#type, "subtype": subtype, "data": data});
        let post = self.http.post(format!("{}{path}", self.url)).json(&envelope);
        Self::data(operation, post.send().await?.json().await?, status)
    }

    /// A `GET` that is answered with an envelope of status 0.
    pub async fn get(&self, path: &str) -> Result<Value, Failure> {
        Self::data(path, self.http.get(format!("{}{path}", self.url)).send().await?.json().await?, 0)
    }

    /// A `GET` of a file. Answers its length.
    pub async fn file(&self, path: &str) -> Result<usize, Failure> {
        let response = self.http.get(format!("{}{path}", self.url)).send().await?.error_for_status()?;
        Ok(response.bytes().await?.len())
    }

    fn data(what: &str, mut reply: Value, status: i64) -> Result<Value, Failure> {
        if reply["status"] == status { Ok(reply["data"].take()) } else { Err(format!("{what}: {reply}").into()) }
    }

    /// The phone of the family `number`.
    pub fn phone(number: usize) -> String {
        format!("139{number:08}")
    }

    /// Registers the family `number`, and gives it a portrait and a camera.
    pub async fn family(&self, number: usize) -> Result<Family, Failure> {
        let phone = Self::phone(number);
        let asked = json!({"phone": phone, "command_type": 1});
        let rand = self.post("/api/captcha", "sms/generate", asked, 0).await?["rand"].take();
        let hash = domain::md5_hex(self.code(&phone).await? + rand.as_str().unwrap_or_default());
        let account = json!({"phone": phone, "hash": hash, "pass": PASSWORD});
        self.post("/api/user/register", "register/phone", account, 0).await?;
        let token = self.log_in(&phone).await?;
        let camera = json!({"device": "bedroom"});
        let camera = self.post(&format!("/api/device?token={token}"), "device/add", camera, 0).await?;
        let camera = camera["device_id"].as_str().unwrap_or_default().to_owned();
        let bind = json!({"device_id": camera});
        self.post(&format!("/api/device?token={token}"), "device/bind", bind, 0).await?;
        let portrait = json!({"base64": STANDARD.encode(picture())});
        self.post(&format!("/api/portrait?token={token}"), "portrait/upload", portrait, 0).await?;
        Ok(Family { phone, token, camera })
    }

    /// Answers a new token.
    pub async fn log_in(&self, phone: &str) -> Result<String, Failure> {
        let login = json!({"phone": phone, "pass": PASSWORD, "enduring": 1});
        let data = self.post("/api/user/login", "login/pass", login, 0).await?;
        Ok(data["token"].as_str().unwrap_or_default().to_owned())
    }

    /// The code in the newest message to `phone`: its first number.
    async fn code(&self, phone: &str) -> Result<String, Failure> {
        let outbox: Vec<Value> = self.http.get(format!("{}/_local/sms", self.url)).send().await?.json().await?;
        let message = outbox.iter().find(|message| message["phone"] == phone);
        let text = message.and_then(|message| message["message"].as_str()).ok_or("no message was sent")?;
        Ok(text.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect())
    }
}
