use erased_serde::Serialize as AnySerialize;
use serde::Serialize;

use crate::{Failure, Status};

/// The data of a successful reply. It is serialized once, straight into the reply's body.
pub struct Answer {
    data: Box<dyn AnySerialize + Send>,
    next: Option<String>,
}

impl Answer {
    /// `data` must serialize to what the operation documents.
    #[must_use]
    pub fn new(data: impl Serialize + Send + 'static) -> Self {
        Self { data: Box::new(data), next: None }
    }

    /// `{}`, the data of operations that have nothing to tell.
    #[must_use]
    pub fn empty() -> Self {
        Self::new(Empty {})
    }

    /// Puts the next page's `before` beside the data.
    #[must_use]
    pub fn with_next(self, next: Option<String>) -> Self {
        Self { next, ..self }
    }
}

#[derive(Serialize)]
struct Empty {}

#[derive(Serialize)]
struct Reply<'a> {
    id: i64,
    status: i64,
    message: &'static str,
    data: &'a (dyn AnySerialize + Send),
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// The body of a reply.
#[must_use]
pub fn reply(id: i64, outcome: Result<Answer, Failure>) -> String {
    let (status, answer) = match outcome {
        Ok(answer) => (Status::SUCCESSFUL, answer),
        Err(failure) => (failure.status(), Answer::empty()),
    };
    let reply = Reply { id, status: status.code, message: status.message, data: &*answer.data, next: answer.next };
    // Only a map with keys that are not strings could fail here, and no answer holds one.
    serde_json::to_string(&reply).unwrap_or_else(|_| {
        let Status { code, message } = Status::UNKNOWN_ERROR;
        format!(r#"{{"id":{id},"status":{code},"message":"{message}","data":{{}}}}"#)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_success_says_successful_and_carries_the_data() {
        let reply = reply(7, Ok(Answer::new(["a"])));
        assert_eq!(reply, r#"{"id":7,"status":0,"message":"successful","data":["a"]}"#);
    }

    #[test]
    fn a_failure_carries_its_text_and_an_empty_object() {
        let reply = reply(-1, Err(Status::ERROR_TOKEN.into()));
        assert_eq!(reply, r#"{"id":-1,"status":-101,"message":"Error token","data":{}}"#);
    }

    #[test]
    fn the_next_page_stands_beside_the_data() {
        let reply = reply(1, Ok(Answer::new([0; 0]).with_next(Some("x".to_owned()))));
        assert_eq!(reply, r#"{"id":1,"status":0,"message":"successful","data":[],"next":"x"}"#);
    }
}
