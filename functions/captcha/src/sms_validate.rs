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
