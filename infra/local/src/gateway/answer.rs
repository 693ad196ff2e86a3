use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http_body_util::Full;
use hyper::{
    Response, StatusCode,
    header::{self, HeaderName, HeaderValue},
};
use serde_json::Value;

use super::{Reply, body::LAMBDA_LIMIT};

/// An answer that API Gateway would not pass on.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum BadAnswer {
    #[error("the answer is over Lambda's limit of 6 MB")]
    TooLarge,
    #[error("the answer is not a response: {0}")]
    Malformed(&'static str),
}

/// The HTTP response that a function's answer describes.
pub(super) fn response(mut answer: Value) -> Result<Reply, BadAnswer> {
    if is_over_limit(&answer) {
        return Err(BadAnswer::TooLarge);
    }
    let status = answer["statusCode"].as_u64().and_then(|status| u16::try_from(status).ok());
    let status = status.and_then(|status| StatusCode::from_u16(status).ok()).ok_or(BadAnswer::Malformed("status"))?;
    let body = match answer["body"].take() {
        Value::String(text) if answer["isBase64Encoded"] == true => {
            Bytes::from(STANDARD.decode(text).map_err(|_| BadAnswer::Malformed("base64"))?)
        }
        Value::String(text) => Bytes::from(text),
        _ => Bytes::new(),
    };
    let is_empty = body.is_empty();
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    for (name, value) in answer["headers"].as_object().into_iter().flatten() {
        let name = HeaderName::try_from(name).map_err(|_| BadAnswer::Malformed("header name"))?;
        // The connection and the length are the gateway's own.
        if !matches!(name, header::CONNECTION | header::CONTENT_LENGTH | header::TRANSFER_ENCODING) {
            headers.append(name, header_value(value)?);
        }
    }
    for cookie in answer["cookies"].as_array().into_iter().flatten() {
        headers.append(header::SET_COOKIE, header_value(cookie)?);
    }
    if !is_empty && !headers.contains_key(header::CONTENT_TYPE) {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain;charset=utf-8"));
    }
    Ok(response)
}

fn header_value(value: &Value) -> Result<HeaderValue, BadAnswer> {
    let value = value.as_str().and_then(|value| HeaderValue::try_from(value).ok());
    value.ok_or(BadAnswer::Malformed("header value"))
}

/// Whether the answer's JSON text, which is what Lambda carries, is too long.
fn is_over_limit(answer: &Value) -> bool {
    // An escape makes at most six bytes of one, so that a short body need not be counted.
    answer["body"].as_str().is_some_and(|body| body.len() > LAMBDA_LIMIT / 7) && length(answer) > LAMBDA_LIMIT
}

fn length(value: &Value) -> usize {
    struct Count(usize);
    impl std::io::Write for Count {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut count = Count(0);
    serde_json::to_writer(&mut count, value).map_or(usize::MAX, |()| count.0)
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;
    use serde_json::json;

    use super::*;

    #[tokio::test]
    async fn an_answer_becomes_a_response_with_its_headers_and_cookies() {
        let answer = json!({
            "statusCode": 201,
            "headers": {"content-type": "image/png"},
            "cookies": ["a=1", "b=2"],
            "body": "iVBORw==",
            "isBase64Encoded": true,
        });
        let response = response(answer).unwrap();
        assert_eq!(response.status(), 201);
        assert_eq!(response.headers()["content-type"], "image/png");
        assert_eq!(response.headers().get_all("set-cookie").iter().collect::<Vec<_>>(), ["a=1", "b=2"]);
        assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), &b"\x89PNG"[..]);
    }

    #[test]
    fn an_answer_over_six_megabytes_is_not_passed_on() {
        let of = |length| response(json!({"statusCode": 200, "body": "\"".repeat(length)})).map(|_| ());
        assert_eq!(of(3_000_000), Ok(()));
        assert_eq!(of(3_200_000), Err(BadAnswer::TooLarge), "an escaped quote counts twice");
    }

    #[test]
    fn an_answer_that_is_not_a_response_is_refused() {
        for answer in [json!(null), json!({"statusCode": 9}), json!({"statusCode": 200, "headers": {"a b": "c"}})] {
            assert!(matches!(response(answer), Err(BadAnswer::Malformed(_))));
        }
    }
}
