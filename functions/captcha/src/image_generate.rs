use base64::{Engine, engine::general_purpose::STANDARD};
use envelope::{Answer, Failure};
use serde::Serialize;

#[cfg(feature = "schema")]
use crate::PICTURE_FAILED;
use crate::{Captcha, fault};

#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(description = "A captcha."))]
struct Challenge {
    /// A PNG in base64, without a `data:` prefix.
    imgdata: String,
    /// Five letters and digits, the salt of the hash.
    rand: String,
    #[serde(flatten)]
    solution: Option<Solution>,
}

/// What only trusted backends see (seed 000).
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct Solution {
    /// The text in the picture.
    code: String,
    /// The picture's name under `/captcha/`.
    addr: String,
}

/// `img/generate`: a picture of five letters and digits, and the salt of its hash. One round trip.
pub(crate) async fn run(captcha: &Captcha, backend: bool) -> Result<Answer, Failure> {
    let (code, picture) = captcha.draw()?;
    let png = picture.png();
    let imgdata = STANDARD.encode(&png);
    let codes = captcha.sms.codes();
    let (rand, solution) = if backend {
        let file = codes.issue_captcha_file(&code, png).await.map_err(fault)?;
        (file.rand, Some(Solution { code, addr: file.addr }))
    } else {
        (codes.issue_captcha(&code).await.map_err(fault)?, None)
    };
    Ok(Answer::new(Challenge { imgdata, rand, solution }))
}

/// What the OpenAPI document says of it.
#[cfg(feature = "schema")]
pub(crate) fn describe() -> openapi::Operation {
    let summary = "A picture of five letters and digits, and the salt of its hash. \
                   The hash is md5(lowercase(text) + rand), lives for five minutes and can be used once. \
                   Trusted backends also get the text as `code` and the picture's file as `addr`.";
    openapi::Operation::new("img", "generate", summary).replies::<Challenge>().fails([PICTURE_FAILED])
}
