use codes::NotValid;
use envelope::{Answer, Data, Failure, Status};

use crate::{Captcha, ERROR_CAPTCHA_HASH, fault};

/// `sms/validate`: whether the hash is that of a pending code, which stays pending because registering needs it.
pub(crate) async fn run(captcha: &Captcha, data: &Data<'_>, source: &str) -> Result<Answer, Failure> {
    let hash = data.text("hash")?;
    match captcha.sms.codes().validate_sms(&hash, source).await {
        Ok(()) => Ok(Answer::empty()),
        Err(NotValid::Wrong) => Err(ERROR_CAPTCHA_HASH.into()),
        Err(NotValid::TooManyMisses) => Err(Status::TOO_MANY_REQUESTS.into()),
        Err(NotValid::Store(error)) => Err(fault(error)),
    }
}

/// What the OpenAPI document says of it.
#[cfg(feature = "schema")]
pub(crate) fn describe() -> openapi::Operation {
    use openapi::{Key, Operation, hex};
    let summary = "Whether the hash is that of a pending code, which stays pending because registering needs it.";
    Operation::new("sms", "validate", summary)
        .takes([Key::text("hash", "md5(code + rand).", hex(32, "1d2c3b4a5968778695a4b3c2d1e0f003")).any_form()])
        .fails([ERROR_CAPTCHA_HASH, Status::TOO_MANY_REQUESTS])
}
