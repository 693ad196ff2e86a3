use base64::{Engine, engine::general_purpose::STANDARD};
use envelope::{Answer, Failure};
use serde::Serialize;

use crate::{Captcha, fault};

#[derive(Serialize)]
struct Challenge {
    imgdata: String,
    rand: String,
    #[serde(flatten)]
    solution: Option<Solution>,
}

/// What only trusted backends see (seed 000).
#[derive(Serialize)]
struct Solution {
    code: String,
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
