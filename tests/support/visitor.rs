use reqwest::Client;
use serde_json::Value;

use super::{Reply, World, world};

/// Somebody at another source address.
pub struct Visitor<'a> {
    world: &'a World,
    http: Client,
}

impl World {
    /// Somebody whose requests come from 127.0.0.`last`; everybody else's come from 127.0.0.1.
    pub fn visitor(&self, last: u8) -> Visitor<'_> {
        let http = Client::builder().local_address(std::net::IpAddr::from([127, 0, 0, last]));
        Visitor { world: self, http: http.build().expect("a client") }
    }
}

impl Visitor<'_> {
    /// An operation with the usual envelope around `data`.
    pub async fn call(&self, path: &str, operation: &str, data: Value) -> Reply {
        let post = self.http.post(self.world.url(path)).json(&world::envelope(operation, data));
        Reply::of(world::send(post).await).await
    }
}
