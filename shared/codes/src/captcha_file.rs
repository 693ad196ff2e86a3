//! Captchas as files, for trusted backends (seeds 000 and 001): `addr` names the picture, which is there for as long
//! as the captcha can be redeemed.

use aws_sdk_dynamodb::primitives::Blob;
use domain::{captcha_hash, is_md5_hex, md5_hex};
use dynamo::{AttributeValue, Item, StoreError, Transaction, number, text};

use crate::{
    Codes,
    captcha::{LIFETIME_SECONDS, captcha_id, is_alive},
};

/// A captcha whose picture has an address.
pub struct CaptchaFile {
    /// Salts the captcha's hash, as ever.
    pub rand: String,
    /// `<md5>.png`, of random bytes: it tells nothing about the captcha.
    pub addr: String,
}

impl Codes {
    /// Makes the text in the picture redeemable, and keeps the picture. One round trip.
    pub async fn issue_captcha_file(&self, text_in_picture: &str, png: Vec<u8>) -> Result<CaptchaFile, StoreError> {
        let rand = self.rand();
        let captcha = captcha_id(&captcha_hash(text_in_picture, &rand));
        let name = md5_hex(self.random.bytes::<16>());
        let expires = number(self.clock.now_seconds() + LIFETIME_SECONDS);
        let captcha_item = Item::from([("id".to_owned(), text(&captcha)), ("expires".to_owned(), expires.clone())]);
        let file_item = Item::from([
            ("id".to_owned(), text(file_id(&name))),
            ("captcha".to_owned(), text(captcha)),
            ("png".to_owned(), AttributeValue::B(Blob::new(png))),
            ("expires".to_owned(), expires),
        ]);
        let writes = Transaction::new().put(dynamo::put(&self.table, captcha_item)?);
        writes.put(dynamo::put(&self.table, file_item)?).write(&self.client).await?;
        Ok(CaptchaFile { rand, addr: format!("{name}.png") })
    }

    /// The picture at `addr`; `None` once its captcha was redeemed or has expired.
    pub async fn captcha_file(&self, addr: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(name) = addr.strip_suffix(".png").filter(|name| is_md5_hex(name)) else { return Ok(None) };
        let Some(mut file) = self.get(file_id(name)).await? else { return Ok(None) };
        let (Some(AttributeValue::S(captcha)), Some(AttributeValue::B(png))) =
            (file.remove("captcha"), file.remove("png"))
        else {
            return Ok(None);
        };
        let captcha = self.get(captcha).await?;
        Ok(captcha.filter(|captcha| is_alive(captcha, self.clock.now_seconds())).map(|_| png.into_inner()))
    }
}

fn file_id(name: &str) -> String {
    format!("captcha-file#{name}")
}
