use base64::{Engine, engine::general_purpose::STANDARD};
use envelope::{Answer, Failure, Status};
use serde::Serialize;

use crate::{Captcha, fault};

/// Characters in a picture.
const LENGTH: usize = 5;

/// No picture could be made.
const PICTURE_FAILED: Status = Status::new(1000, "验证码文件创建失败");

#[derive(Serialize)]
struct Challenge {
    imgdata: String,
    rand: String,
}

/// `img/generate`: a picture of five letters and digits, and the salt of its hash. One round trip.
pub(crate) async fn run(captcha: &Captcha) -> Result<Answer, Failure> {
    let code = captcha.random.text(captcha_image::ALPHABET, LENGTH);
    let picture = captcha_image::draw(&code, captcha.random.bytes()).ok_or(PICTURE_FAILED)?;
    let rand = captcha.sms.codes().issue_captcha(&code).await.map_err(fault)?;
    Ok(Answer::new(Challenge { imgdata: STANDARD.encode(picture.png()), rand }))
}
