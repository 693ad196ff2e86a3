use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

/// A reply of the main API, with assertions that say what came instead.
#[derive(Clone, Debug)]
pub struct Reply {
    pub body: Value,
}

impl Reply {
    /// Takes a response that must be an envelope: HTTP 200, JSON in UTF-8, the four keys.
    pub async fn of(response: Response) -> Self {
        assert_eq!(response.status(), StatusCode::OK, "an envelope comes with HTTP 200");
        assert_eq!(response.headers()["content-type"], "application/json; charset=utf-8");
        let body: Value = response.json().await.expect("an envelope is JSON");
        for key in ["id", "status", "message", "data"] {
            assert!(body.get(key).is_some(), "{key} is missing in {body}");
        }
        Self { body }
    }

    pub fn id(&self) -> i64 {
        self.body["id"].as_i64().expect("the id is an integer")
    }

    pub fn status(&self) -> i64 {
        self.body["status"].as_i64().expect("the status is an integer")
    }

    /// The data of a reply that must be a success.
    #[track_caller]
    pub fn ok(&self) -> &Value {
        assert_eq!(self.status(), 0, "{}", self.body);
        assert_eq!(self.body["message"], "successful");
        &self.body["data"]
    }

    /// The reply must have exactly this status and text, and no data.
    #[track_caller]
    pub fn fails(&self, status: i64, message: &str) {
        assert_eq!((self.status(), &self.body["message"]), (status, &json!(message)), "{}", self.body);
        assert_eq!(self.body["data"], json!({}), "a failure has no data");
    }
}

/// Of replies to the same request at the same time, one must be a success and all others have one of `statuses`.
#[track_caller]
pub fn assert_one_succeeds(replies: &[Reply], statuses: &[i64]) {
    let successes = replies.iter().filter(|reply| reply.status() == 0).count();
    assert_eq!(successes, 1, "exactly one of {} succeeds", replies.len());
    for reply in replies.iter().filter(|reply| reply.status() != 0) {
        assert!(statuses.contains(&reply.status()), "{}", reply.body);
    }
}
