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
