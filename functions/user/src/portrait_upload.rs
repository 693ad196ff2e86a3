use std::io;

use accounts::Portrait;
use domain::Phone;
use envelope::{Answer, Data, Failure, Status};
use pictures::Picture;
use serde::Serialize;

use crate::User;

#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct Uploaded {
    /// Where the portrait is served.
    url: String,
}

/// `portrait/upload`: the caller's portrait, instead of the one before.
pub(crate) async fn run(user: &User, caller: &Phone, data: &Data<'_>) -> Result<Answer, Failure> {
    let picture = Picture::from_base64(&data.text("base64")?).map_err(|_| Status::VALUE_ERROR)?;
    let portrait = Portrait { key: user.pictures.new_portrait_key(), md5: picture.md5() };
    user.pictures.put(&portrait.key, picture).await?;
    let before = user.accounts.set_portrait(caller, &portrait).await?;
    // What is not shown any more goes; if it stays, it takes a little room and nobody can reach it, but operators
    // should know.
    let unused = before.as_ref().map_or(Some(&portrait), |account| account.portrait.as_ref());
    let deleted = match unused {
        // The SDK had to send it twice.
        Some(unused) if before.is_some() && unused.key == portrait.key => {
            let unknown = io::Error::other("which portrait was replaced is not known");
            Err(Failure::fault(Status::PICTURE_STORE_FAILURE, unknown))
        }
        Some(unused) => user.pictures.delete(&unused.key).await.map_err(Failure::from),
        None => Ok(()),
    };
    if let Err(failure) = deleted {
        function::log_fault("portrait/upload", &failure);
    }
    if before.is_none() {
        return Err(Status::ERROR_TOKEN.into());
    }
    Ok(Answer::new(Uploaded { url: format!("./api/get/portrait/{}", caller.as_str()) }))
}

/// What the OpenAPI document says of it.
#[cfg(feature = "schema")]
pub(crate) fn describe() -> openapi::Operation {
    use openapi::{Key, Operation, picture};
    let base64 = "A JPEG, PNG, GIF or WebP of at most 4 MiB, in base64; a `data:` prefix is fine.";
    Operation::new("portrait", "upload", "The caller's portrait, instead of the one before.")
        .takes([Key::text("base64", base64, picture())])
        .replies::<Uploaded>()
        .fails([Status::PICTURE_STORE_FAILURE])
}
