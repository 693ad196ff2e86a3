use serde_json::{Value, json};

use super::{Reply, World, jpeg, world};

/// Somebody with an account, logged in.
pub struct Family<'a> {
    pub world: &'a World,
    pub phone: String,
    pub token: String,
}

/// A camera that knows its id.
pub struct Camera<'a> {
    pub world: &'a World,
    pub id: String,
}

/// Everybody's password, until they change it.
pub const PASSWORD: &str = "correct horse 7";

impl<'a> Family<'a> {
    /// Registers `phone` as a person would, and logs in.
    pub async fn register(world: &'a World, phone: &str) -> Self {
        let hash = world.sms_hash(phone, 1).await;
        let data = json!({ "phone": phone, "hash": hash, "pass": PASSWORD });
        world.call("/api/user/register", "register/phone", data).await.ok();
        let token = log_in(world, phone).await;
        Self { world, phone: phone.to_owned(), token }
    }

    /// An operation at an address that wants a token.
    pub async fn call(&self, path: &str, operation: &str, data: Value) -> Reply {
        self.world.call(&format!("{path}?token={}", self.token), operation, data).await
    }

    /// Adds a camera and binds it.
    pub async fn camera(&self, name: &str) -> Camera<'a> {
        let camera = self.add_camera(name).await;
        self.bind(&camera).await.ok();
        camera
    }

    /// Adds a camera without binding it.
    pub async fn add_camera(&self, name: &str) -> Camera<'a> {
        let added = self.call("/api/device", "device/add", json!({ "device": name })).await;
        Camera { world: self.world, id: added.ok()["device_id"].as_str().expect("an id").to_owned() }
    }

    pub async fn bind(&self, camera: &Camera<'_>) -> Reply {
        self.call("/api/device", "device/bind", json!({ "device_id": camera.id })).await
    }

    /// `notice/get`: 0 unread, 1 read, 2 all. The list's event ids, newest first.
    pub async fn notices(&self, mode: i64) -> Vec<String> {
        let reply = self.call("/api/get/notice", "notice/get", json!({ "mode": mode })).await;
        let list = reply.ok()["list"].as_array().expect("a list").clone();
        assert_eq!(reply.ok()["num"], list.len());
        list.iter().map(|notice| notice["event_id"].as_str().expect("an id").to_owned()).collect()
    }

    pub async fn sign(&self, event_id: &str) -> Reply {
        self.call("/api/get/notice", "notice/sign", json!({ "event_id": event_id })).await
    }

    /// Whether the token is alive; asking is a use of it.
    pub async fn is_logged_in(&self) -> bool {
        is_alive(self.world, &self.token).await
    }
}

/// Whether `token` is alive; asking is a use of it.
pub async fn is_alive(world: &World, token: &str) -> bool {
    world.get(&format!("/api/user/doki?token={token}")).await.status() == 0
}

/// Logs in with everybody's password. Answers the token.
pub async fn log_in(world: &World, phone: &str) -> String {
    let data = json!({ "phone": phone, "pass": PASSWORD });
    let reply = world.call("/api/user/login", "login/pass", data).await;
    reply.ok()["token"].as_str().expect("a token").to_owned()
}

impl Camera<'_> {
    /// Reports a fall with a picture of its own for each `seed`.
    pub async fn fall(&self, seed: u32) -> Reply {
        self.report(json!({ "base64": jpeg(seed, 2000).1 })).await
    }

    pub async fn report(&self, data: Value) -> Reply {
        self.world.call(&format!("/api/notice?token={}", self.id), "notice/upload", data).await
    }

    /// The same as a request that the camera may repeat.
    pub async fn report_once(&self, key: &str, data: Value) -> Reply {
        let path = self.world.url(&format!("/api/notice?token={}", self.id));
        let post = self.world.http.post(path).header("Idempotency-Key", key);
        Reply::of(world::send(post.json(&world::envelope("notice/upload", data))).await).await
    }
}
