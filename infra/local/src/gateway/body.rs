use std::{borrow::Cow, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::{
    HeaderMap,
    body::{Body, Incoming},
    header,
    http::request::Parts,
};

/// The largest body that API Gateway takes.
pub(crate) const GATEWAY_LIMIT: usize = 10 * 1024 * 1024;

/// The largest event that Lambda takes, and the largest answer that it gives back.
pub(crate) const LAMBDA_LIMIT: usize = 6_291_556;

/// How much of a body that is too large is read and thrown away. A client that is still sending when its connection
/// is closed may never see the answer.
const DRAIN_LIMIT: usize = 128 * 1024 * 1024;
const DRAIN_TIME: Duration = Duration::from_secs(10);

/// A body that no function gets to see.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// It is over the limit.
    TooLarge,
    /// It does not keep to HTTP, or its sender stopped in the middle.
    Broken,
}

/// Reads a body of at most `limit` bytes, and never holds more than that.
pub(crate) async fn read(parts: &Parts, mut body: Incoming, limit: usize) -> Result<Bytes, Refused> {
    let announced = body.size_hint().lower();
    if announced > limit as u64 {
        // Who asked first whether to send has not sent anything, and is told by the answer not to.
        if !parts.headers.contains_key(header::EXPECT) {
            drain(&mut body).await;
        }
        return Err(Refused::TooLarge);
    }
    let mut bytes = BytesMut::with_capacity(usize::try_from(announced).unwrap_or(limit).min(limit));
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Refused::Broken)?.into_data() else { continue };
        if bytes.len() + data.len() > limit {
            drop(bytes);
            drain(&mut body).await;
            return Err(Refused::TooLarge);
        }
        bytes.extend_from_slice(&data);
    }
    Ok(bytes.freeze())
}

async fn drain(body: &mut Incoming) {
    let mut left = DRAIN_LIMIT;
    let draining = async {
        while let Some(Ok(frame)) = body.frame().await {
            left = left.saturating_sub(frame.data_ref().map_or(0, Bytes::len));
            if left == 0 {
                break;
            }
        }
    };
    let _ = tokio::time::timeout(DRAIN_TIME, draining).await;
}

/// The body as it stands in an event, and whether that is base64.
pub(super) fn in_event<'a>(headers: &HeaderMap, body: &'a [u8]) -> (Option<Cow<'a, str>>, bool) {
    if body.is_empty() {
        return (None, false);
    }
    match str::from_utf8(body) {
        Ok(text) if is_text(headers) => (Some(Cow::Borrowed(text)), false),
        _ => (Some(Cow::Owned(STANDARD.encode(body))), true),
    }
}

/// Whether API Gateway passes a body of this content type on as it is.
fn is_text(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    media_type.starts_with("text/")
        || matches!(media_type.as_str(), "application/json" | "application/javascript" | "application/xml")
        || media_type.ends_with("+json")
        || media_type.ends_with("+xml")
}

#[cfg(test)]
mod tests {
    use hyper::header::HeaderValue;

    use super::*;

    fn encoded(content_type: Option<&'static str>, body: &[u8]) -> bool {
        let content_type = content_type.map(|value| (header::CONTENT_TYPE, HeaderValue::from_static(value)));
        in_event(&content_type.into_iter().collect(), body).1
    }

    #[test]
    fn text_stays_text() {
        for content_type in
            ["text/plain", "application/json; charset=utf-8", "Application/JSON", "application/xml", "image/svg+xml"]
        {
            assert!(!encoded(Some(content_type), b"{}"), "{content_type}");
        }
    }

    #[test]
    fn other_types_are_base64() {
        for content_type in ["image/jpeg", "application/octet-stream", "multipart/form-data; boundary=x", "json"] {
            assert!(encoded(Some(content_type), b"{}"), "{content_type}");
        }
        assert!(encoded(None, b"{}"));
    }

    #[test]
    fn what_is_not_utf_8_is_base64_whatever_it_says_it_is() {
        assert_eq!(
            in_event(
                &[(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))].into_iter().collect(),
                b"\xff\x00"
            ),
            (Some("/wA=".into()), true)
        );
    }

    #[test]
    fn an_empty_body_is_none() {
        assert_eq!(in_event(&HeaderMap::new(), b""), (None, false));
    }
}
