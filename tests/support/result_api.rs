use reqwest::{Response, StatusCode, header, multipart};
use serde_json::{Map, Value, json};

use super::{World, world::send};

/// How a client of the `result` API writes what it says.
#[derive(Clone, Copy, Debug)]
pub enum Encoding {
    Form,
    Multipart,
    Json,
}

impl Encoding {
    pub const ALL: [Self; 3] = [Self::Form, Self::Multipart, Self::Json];
}

/// An answer of the `result` API, with the cookie that came along.
#[derive(Clone, Debug)]
pub struct ResultReply {
    pub result: String,
    pub message: Option<String>,
    pub cookie: Option<String>,
}

impl ResultReply {
    /// Takes a response that must be an answer of this API: HTTP 200, JSON in UTF-8, the two keys and no others.
    pub async fn of(response: Response) -> Self {
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "application/json; charset=utf-8");
        assert_eq!(response.headers()["cache-control"], "no-store");
        let cookie = response.headers().get(header::SET_COOKIE);
        let cookie = cookie.map(|cookie| cookie.to_str().expect("a cookie is text").to_owned());
        let body: Map<String, Value> = response.json().await.expect("an answer is a JSON object");
        assert_eq!(body.keys().collect::<Vec<_>>(), ["message", "result"]);
        let message = match &body["message"] {
            Value::Null => None,
            message => Some(message.as_str().expect("a message is a text").to_owned()),
        };
        Self { result: body["result"].as_str().expect("a result is a text").to_owned(), message, cookie }
    }

    /// The answer must be this one, without a message.
    #[track_caller]
    pub fn is(&self, result: &str) {
        assert_eq!((self.result.as_str(), self.message.as_deref()), (result, None));
    }

    /// The message of an answer that must be a success.
    #[track_caller]
    pub fn ok(&self) -> &str {
        assert_eq!(self.result, "0000");
        self.message.as_deref().expect("a message")
    }
}

/// Somebody who registers by the `result` API, with the cookie that their browser holds.
#[derive(Clone)]
pub struct Applicant<'a> {
    pub world: &'a World,
    pub phone: String,
    /// What the first answer's `message` said.
    pub handle: String,
    /// `name=value`; empty for none.
    pub cookie: String,
    pub encoding: Encoding,
}

/// A password that the rule of this API allows.
pub const STRONG: &str = "abcdefg1";

impl<'a> Applicant<'a> {
    /// Has a code sent to `phone`.
    pub async fn start(world: &'a World, phone: &str) -> Self {
        let sent = world.ask_for_code(phone).await;
        let cookie = sent.cookie.as_deref().and_then(|cookie| cookie.split(';').next()).expect("a cookie");
        let (phone, handle) = (phone.to_owned(), sent.ok().to_owned());
        Self { world, phone, handle, cookie: cookie.to_owned(), encoding: Encoding::Form }
    }

    /// The same, and shows the code.
    pub async fn verified(world: &'a World, phone: &str) -> Self {
        let applicant = Self::start(world, phone).await;
        applicant.verify(&world.code(phone).await).await.is("0000");
        applicant
    }

    /// Shows `code`, with the handle sent back as it came.
    pub async fn verify(&self, code: &str) -> ResultReply {
        self.register(&[("code_v", &self.handle), ("code", code)]).await
    }

    /// The last step, with `fields` beside `register=1`.
    pub async fn finish(&self, fields: &[(&str, &str)]) -> ResultReply {
        self.register(&[&[("register", "1")], fields].concat()).await
    }

    /// `POST /register` of exactly these fields.
    pub async fn register(&self, fields: &[(&str, &str)]) -> ResultReply {
        self.world.post_fields("/register", self.encoding, &self.cookie, fields).await
    }

    /// Uploads a file as a browser does.
    pub async fn upload(&self, bytes: Vec<u8>) -> ResultReply {
        let file = multipart::Part::bytes(bytes).file_name("头像.jpg").mime_str("image/jpeg").expect("a type");
        let form = multipart::Form::new().part("img", file);
        let post = self.world.http.post(self.world.url("/upload")).header(header::COOKIE, &self.cookie);
        ResultReply::of(send(post.multipart(form)).await).await
    }
}

impl World {
    /// `GET /register`: the first step of the `result` API.
    pub async fn ask_for_code(&self, phone: &str) -> ResultReply {
        ResultReply::of(self.get_raw(&format!("/register?userId={phone}")).await).await
    }

    /// A `POST` of `fields` to the `result` API.
    pub async fn post_fields(
        &self,
        path: &str,
        encoding: Encoding,
        cookie: &str,
        fields: &[(&str, &str)],
    ) -> ResultReply {
        let post = self.http.post(self.url(path)).header(header::COOKIE, cookie);
        let post = match encoding {
            Encoding::Form => post.form(fields),
            Encoding::Multipart => post.multipart(fields.iter().fold(multipart::Form::new(), |form, (name, value)| {
                form.text((*name).to_owned(), (*value).to_owned())
            })),
            Encoding::Json => {
                let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), json!(value)));
                post.json(&fields.collect::<Map<_, _>>())
            }
        };
        ResultReply::of(send(post).await).await
    }

    /// `POST /log` as a form.
    pub async fn log(&self, phone: &str, password: &str) -> ResultReply {
        self.post_fields("/log", Encoding::Form, "", &[("userId", phone), ("password", password)]).await
    }
}
