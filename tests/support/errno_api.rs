use std::sync::atomic::{AtomicU32, Ordering};

use reqwest::{Response, StatusCode, header};
use serde_json::{Value, json};

use super::{World, world::send};

/// Image codes that were asked for: every one has another id.
static IDS: AtomicU32 = AtomicU32::new(0);

/// An answer of the `errno` API, with the cookie that came along.
#[derive(Clone, Debug)]
pub struct ErrnoReply {
    pub body: Value,
    pub cookie: Option<String>,
}

impl ErrnoReply {
    /// Takes a response that must be an answer of this API: HTTP 200, JSON in UTF-8, a number that is a string.
    pub async fn of(response: Response) -> Self {
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "application/json; charset=utf-8");
        let cookie = response.headers().get(header::SET_COOKIE);
        let cookie = cookie.map(|cookie| cookie.to_str().expect("a cookie is text").to_owned());
        let body: Value = response.json().await.expect("an answer is JSON");
        assert!(body["errno"].is_string() && body["errmsg"].is_string(), "{body}");
        Self { body, cookie }
    }

    /// The answer must be exactly this one, without data or a cookie.
    #[track_caller]
    pub fn is(&self, errno: &str, errmsg: &str) {
        assert_eq!(self.body, json!({ "errno": errno, "errmsg": errmsg }));
        assert_eq!(self.cookie, None);
    }

    /// The token in the cookie of an answer that must be a new user.
    #[track_caller]
    pub fn token(&self) -> &str {
        assert_eq!((&self.body["errno"], &self.body["errmsg"]), (&json!("0"), &json!("OK")), "{}", self.body);
        let cookie = self.cookie.as_deref().and_then(|cookie| cookie.split(';').next());
        cookie.and_then(|cookie| cookie.strip_prefix("session=")).expect("a session cookie")
    }
}

impl World {
    /// An id that no other image code has, in the form that pages make up.
    pub fn image_id() -> String {
        format!("0f8fad5b-d9cb-469f-a165-{:012x}", IDS.fetch_add(1, Ordering::Relaxed))
    }

    /// Has a new image code drawn and reads it. Answers its id and text.
    pub async fn image_code(&self) -> (String, String) {
        let id = Self::image_id();
        let image = self.get_raw(&format!("/api/v1.0/imagecode/{id}")).await;
        assert_eq!(image.headers()["content-type"], "image/jpg");
        let text = self.read_image_code(&id).await.expect("the code is alive");
        (id, text)
    }

    /// What a person reads in the picture, while the code lives.
    pub async fn read_image_code(&self, id: &str) -> Option<String> {
        let response = self.get_raw(&format!("/_local/imagecode/{id}")).await;
        if response.status() == StatusCode::NOT_FOUND {
            return None;
        }
        let body: Value = response.json().await.expect("JSON");
        Some(body["text"].as_str().expect("a text").to_owned())
    }

    /// A `GET` of the `errno` API.
    pub async fn errno_get(&self, path: &str) -> ErrnoReply {
        ErrnoReply::of(self.get_raw(path).await).await
    }

    /// Asks for an SMS code with this answer to an image code.
    pub async fn answer_image(&self, phone: &str, id: &str, text: &str) -> ErrnoReply {
        self.errno_get(&format!("/api/v1.0/smscode/{phone}?text={text}&id={id}")).await
    }

    /// Asks for an SMS code with the right answer to a new image code.
    pub async fn ask_for_sms(&self, phone: &str) -> ErrnoReply {
        let (id, text) = self.image_code().await;
        self.answer_image(phone, &id, &text).await
    }

    /// Has an SMS code sent and reads it.
    pub async fn sms_code(&self, phone: &str) -> String {
        self.ask_for_sms(phone).await.is("0", "发送成功");
        self.code(phone).await
    }

    /// `POST /api/v1.0/users`.
    pub async fn post_user(&self, body: &Value) -> ErrnoReply {
        ErrnoReply::of(send(self.http.post(self.url("/api/v1.0/users")).json(body)).await).await
    }
}
