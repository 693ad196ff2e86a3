//! The page at `/`: hand-made files, which the browser gets as they are.

use bytes::Bytes;
use http_body_util::Full;
use hyper::{
    Response,
    header::{self, HeaderValue},
};

use crate::gateway::Reply;

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// Path, type and content of each file.
const FILES: [(&str, &str, &str); 15] = [
    ("/", HTML, include_str!("page/index.html")),
    ("/_local/page/style.css", CSS, include_str!("page/style.css")),
    ("/_local/page/api.js", SCRIPT, include_str!("page/api.js")),
    ("/_local/page/beyond.js", SCRIPT, include_str!("page/beyond.js")),
    ("/_local/page/clock.js", SCRIPT, include_str!("page/clock.js")),
    ("/_local/page/dom.js", SCRIPT, include_str!("page/dom.js")),
    ("/_local/page/family.js", SCRIPT, include_str!("page/family.js")),
    ("/_local/page/journey.js", SCRIPT, include_str!("page/journey.js")),
    ("/_local/page/log.js", SCRIPT, include_str!("page/log.js")),
    ("/_local/page/main.js", SCRIPT, include_str!("page/main.js")),
    ("/_local/page/md5.js", SCRIPT, include_str!("page/md5.js")),
    ("/_local/page/outbox.js", SCRIPT, include_str!("page/outbox.js")),
    ("/_local/page/reference.js", SCRIPT, include_str!("page/reference.js")),
    ("/_local/page/sample.js", SCRIPT, include_str!("page/sample.js")),
    ("/_local/page/steps.js", SCRIPT, include_str!("page/steps.js")),
];

/// The file of the page that has this path.
pub(crate) fn file(path: &str) -> Option<Reply> {
    let (_, media_type, content) = FILES.iter().find(|(known, ..)| *known == path)?;
    let mut response = Response::new(Full::new(Bytes::from_static(content.as_bytes())));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    Some(response)
}
