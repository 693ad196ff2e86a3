use std::fmt::Display;

use base64::{display::Base64Display, engine::general_purpose::STANDARD};
use domain::Phone;
use envelope::{Answer, Data, Failure, Status};
use pictures::PictureStore;
use serde::{Serialize, Serializer};

use crate::{Notice, ShownNotice};

#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct Info {
    #[serde(flatten)]
    notice: ShownNotice,
    /// The picture in base64.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    base64: Base64,
}

/// Bytes that are encoded straight into the reply.
struct Base64(Vec<u8>);

impl Serialize for Base64 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let encoded: &dyn Display = &Base64Display::new(&self.0, &STANDARD);
        serializer.collect_str(encoded)
    }
}

/// `notice/info`: one fall with its picture. Does not mark it as read. Two round trips and the picture.
pub(crate) async fn run(notice: &Notice, caller: &Phone, data: &Data<'_>) -> Result<Answer, Failure> {
    let event_id = data.text("event_id")?.parse().map_err(|_| Status::VALUE_ERROR)?;
    let entry = notice.notices.entry(caller, &event_id).await?.ok_or(Status::VALUE_ERROR)?;
    let picture = notice.pictures.get(&PictureStore::fall_key(&event_id)).await?;
    // Only a camera that is being removed has notices whose picture is gone.
    let picture = picture.ok_or(Status::VALUE_ERROR)?;
    Ok(Answer::new(Info { notice: notice.show(entry), base64: Base64(picture.bytes) }))
}

/// What the OpenAPI document says of it.
#[cfg(feature = "schema")]
pub(crate) fn describe() -> openapi::Operation {
    openapi::Operation::new("notice", "info", "One fall with its picture. Does not mark it as read.")
        .takes([crate::key("Which fall.")])
        .replies::<Info>()
        .fails([Status::PICTURE_STORE_FAILURE])
}
