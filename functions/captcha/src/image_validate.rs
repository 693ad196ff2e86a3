use envelope::{Answer, Data, Failure};

use crate::{Captcha, ERROR_CAPTCHA_HASH, fault};

/// `img/validate`: whether the hash is that of a captcha, which it uses up. One round trip.
pub(crate) async fn run(captcha: &Captcha, data: &Data<'_>) -> Result<Answer, Failure> {
    let hash = data.text("hash")?;
    if captcha.sms.codes().redeem_captcha(&hash).await.map_err(fault)? {
        Ok(Answer::empty())
    } else {
        Err(ERROR_CAPTCHA_HASH.into())
    }
}

/// What the OpenAPI document says of it.
#[cfg(feature = "schema")]
pub(crate) fn describe() -> openapi::Operation {
    use openapi::{Key, Operation, hex};
    Operation::new("img", "validate", "Whether the hash is that of a captcha, which it uses up.")
        .takes([
            Key::text("hash", "md5(lowercase(text) + rand).", hex(32, "1d2c3b4a5968778695a4b3c2d1e0f001")).any_form()
        ])
        .fails([ERROR_CAPTCHA_HASH])
}
