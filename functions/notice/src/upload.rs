use envelope::{Answer, Call, Data, Failure, Status};
use lambda_http::{
    Request,
    http::{HeaderName, HeaderValue},
};
use notices::{Report, ReportError};
use pictures::Picture;
use serde::Serialize;

use crate::Notice;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The longest `content`, in characters.
const MAX_CONTENT: usize = 255;

#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct Uploaded {
    /// The MD5 of the picture.
    pic_name: String,
}

/// `notice/upload`: a camera reports a fall. Two round trips and the picture; then the SMS, and one round trip more to
/// record that they were sent. When this says 0, the notice and its alerts are durable.
pub(crate) async fn run(notice: &Notice, request: &Request, call: &Call<'_>) -> Result<Answer, Failure> {
    let key = request.headers().get(IDEMPOTENCY_KEY).map(HeaderValue::as_bytes);
    let camera = notice.notices.camera(function::token(request)?, key).await?.ok_or(Status::ERROR_DEVICE_TOKEN)?;
    let ("notice", "upload", data) = call.operation()? else {
        return Err(Status::ERROR_JSON_VALUE.into());
    };
    let reported = notice.notices.report(camera, report(data)?, &notice.pictures, notice.alerts.enabled()).await;
    let reported = reported.map_err(|error| -> Failure {
        match error {
            ReportError::UnknownDevice => Status::ERROR_DEVICE_TOKEN.into(),
            ReportError::Pictures(error) => error.into(),
            ReportError::Store(error) => error.into(),
        }
    })?;
    if let Some(alert) = reported.alert {
        notice.alerts.deliver(&notice.notices, alert).await;
    }
    Ok(Answer::new(Uploaded { pic_name: reported.pic_name }))
}

fn report(data: &Data<'_>) -> Result<Report, Status> {
    let base64 = data.text("base64")?;
    // A fall is not refused for the sake of half a character in its comment.
    let content = data.mended_text("content")?.value().unwrap_or_default();
    if content.chars().count() > MAX_CONTENT {
        return Err(Status::VALUE_ERROR);
    }
    let picture = Picture::from_base64(&base64).map_err(|_| Status::VALUE_ERROR)?;
    Ok(Report { picture, content: content.into_owned() })
}

/// What the OpenAPI document says of it.
#[cfg(feature = "schema")]
pub(crate) fn describe() -> openapi::Operation {
    use openapi::{Key, Operation, picture};
    use serde_json::json;
    let summary = "A camera reports a fall. When the status is 0, the notice and its alerts are durable.";
    let base64 = "A JPEG, PNG, GIF or WebP of at most 4 MiB, in base64; a `data:` prefix is fine.";
    let content = json!({ "maxLength": MAX_CONTENT, "examples": ["bedroom"] });
    Operation::new("notice", "upload", summary)
        .takes([
            Key::text("base64", base64, picture()),
            Key::optional_text("content", "What the camera has to say.", content),
        ])
        .replies::<Uploaded>()
        .fails([Status::PICTURE_STORE_FAILURE])
}
