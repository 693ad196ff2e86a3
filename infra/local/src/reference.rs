//! The OpenAPI document at `/openapi.json`, and a page at `/docs/` to read it by and try it out: Swagger UI, whose files are
//! part of this program.

use std::{
    io::{Cursor, Read},
    sync::LazyLock,
};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{
    Response,
    header::{self, HeaderValue},
};
use openapi::{About, document};
use serde_json::Value;
use utoipa_swagger_ui_vendored::SWAGGER_UI_VENDORED;
use zip::ZipArchive;

use crate::gateway::Reply;

const PAGE: &str = "/docs/";
const DOCUMENT: &str = "/openapi.json";
const SCRIPT: &str = "text/javascript; charset=utf-8";

const ABOUT: About<'static> =
    About { title: "HelpAged", version: env!("CARGO_PKG_VERSION"), description: include_str!("reference/about.md") };

static JSON: LazyLock<Bytes> =
    LazyLock::new(|| Bytes::from(serde_json::to_vec_pretty(&openapi_document()).unwrap_or_default()));

/// The document of all functions.
#[must_use]
pub fn openapi_document() -> Value {
    let functions = vec![
        ("captcha", "Image captchas and codes by SMS.", captcha_function::describe()),
        ("user", "Accounts, logging in, profiles and portraits.", user_function::describe()),
        ("token", "Keeping tokens alive.", token_function::describe()),
        ("device", "Cameras, and who is bound to them.", device_function::describe()),
        ("notice", "Falls: cameras report them, families see them.", notice_function::describe()),
        ("admin", "Accounts, for administrators.", admin_function::describe()),
    ];
    document(&ABOUT, functions)
}

/// Whether `path` is the document's or the page's.
pub(crate) fn serves(path: &str) -> bool {
    path == DOCUMENT || path == PAGE.trim_end_matches('/') || path.starts_with(PAGE)
}

/// What is at `path`.
pub(crate) fn file(path: &str) -> Option<Reply> {
    if path == DOCUMENT {
        return Some(reply(JSON.clone(), "application/json"));
    }
    let Some(name) = path.strip_prefix(PAGE) else {
        let mut moved = Response::new(Full::default());
        *moved.status_mut() = hyper::StatusCode::PERMANENT_REDIRECT;
        moved.headers_mut().insert(header::LOCATION, HeaderValue::from_static(PAGE));
        return (path == PAGE.trim_end_matches('/')).then_some(moved);
    };
    match name {
        "" => Some(reply(Bytes::from_static(include_bytes!("reference/index.html")), "text/html; charset=utf-8")),
        "start.js" => Some(reply(Bytes::from_static(include_bytes!("reference/start.js")), SCRIPT)),
        "swagger-ui-bundle.js" => of_swagger_ui(name, SCRIPT),
        "swagger-ui.css" => of_swagger_ui(name, "text/css; charset=utf-8"),
        "favicon-32x32.png" => of_swagger_ui(name, "image/png"),
        _ => None,
    }
}

/// A file of Swagger UI's release.
fn of_swagger_ui(name: &str, media_type: &str) -> Option<Reply> {
    let mut archive = ZipArchive::new(Cursor::new(SWAGGER_UI_VENDORED)).ok()?;
    // The archive's one folder is named after the release.
    let folder = archive.name_for_index(0)?.ok()?.split('/').next()?.to_owned();
    let mut file = Vec::new();
    archive.by_name(&format!("{folder}/dist/{name}")).ok()?.read_to_end(&mut file).ok()?;
    Some(reply(Bytes::from(file), media_type))
}

fn reply(body: Bytes, media_type: &str) -> Reply {
    let mut response = Response::new(Full::new(body));
    let headers = response.headers_mut();
    if let Ok(media_type) = HeaderValue::from_str(media_type) {
        headers.insert(header::CONTENT_TYPE, media_type);
    }
    // Nothing on the page comes from elsewhere, and nothing it knows goes there.
    let policy = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'";
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    response
}
