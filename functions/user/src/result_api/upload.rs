use dialects::{
    form::Form,
    result::{OK, UNKNOWN_ERROR, reply},
};
use function::Body;
use lambda_http::{Request, Response};
use pictures::Picture;

use super::{failed, registration};
use crate::User;

const OPERATION: &str = "result/upload";

/// `POST /upload`: a picture for the portrait, in a registration whose code was verified. Answers its path, which the
/// last step of the registration sends back.
pub(crate) async fn upload(user: &User, request: &Request) -> Response<Body> {
    match try_upload(user, request).await {
        Ok(path) => reply(OPERATION, OK, Some(&path)),
        Err(result) => reply(OPERATION, result, None),
    }
}

async fn try_upload(user: &User, request: &Request) -> Result<String, &'static str> {
    let registration = registration(user, request).await.map_err(|error| failed(OPERATION, error))?;
    let registration = registration.filter(|registration| registration.verified).ok_or(UNKNOWN_ERROR)?;
    let file = Form::of(request, "img").await.and_then(|mut form| form.take_file()).ok_or(UNKNOWN_ERROR)?;
    let picture = Picture::from_bytes(file).map_err(|_| UNKNOWN_ERROR)?;
    let path = user.pictures.new_upload_key();
    user.pictures.put(&path, picture).await.map_err(|error| failed(OPERATION, error))?;
    let kept = user.codes.set_registration_picture(&registration, &path).await;
    let kept = kept.map_err(|error| failed(OPERATION, error))?;
    let unused = if kept { registration.picture.as_deref() } else { Some(path.as_str()) };
    if let Some(unused) = unused {
        let _ = user.pictures.delete(unused).await;
    }
    if kept { Ok(path) } else { Err(UNKNOWN_ERROR) }
}

/// What the OpenAPI document says of it.
#[cfg(feature = "schema")]
pub(crate) fn describe() -> openapi::Route {
    use dialects::result::{COOKIE, Message, schema};
    use serde_json::json;
    let answer = openapi::json(&schema(&[(OK, Message::Text), (UNKNOWN_ERROR, Message::None)]));
    let form = json!({
        "type": "object",
        "properties": { "img": { "type": "string", "format": "binary", "description": "A JPEG, PNG, GIF or WebP." } },
        "required": ["img"],
    });
    openapi::Route::new("POST /upload", "A picture for the portrait, before the last step of a registration", answer)
        .describe("`message` is what the last step sends back as `headImage`.")
        .cookie(COOKIE, "The registration, whose code was verified.", openapi::text("0123456789abcdef0123456789abcdee"))
        .body("multipart/form-data", &form, &json!({ "img": "GIF89a" }))
}
