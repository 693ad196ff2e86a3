//! Image captchas: a hash that can be redeemed once, within five minutes.

use aws_sdk_dynamodb::types::Update;
use domain::{captcha_hash, is_md5_hex};
use dynamo::{Item, StoreError, Transaction, number, text};
use metrics::Metric;

use crate::{Codes, key};

/// How long a captcha can be redeemed.
pub(crate) const LIFETIME_SECONDS: i64 = 5 * 60;

/// Whether a captcha is there and alive: dead items and those that were redeemed stay in the table until DynamoDB gets to
/// them.
const ALIVE: &str = "attribute_exists(id) AND expires > :now AND attribute_not_exists(redeemed)";

pub(crate) fn captcha_id(hash: &str) -> String {
    format!("captcha#{hash}")
}

/// The same for an item that was read.
pub(crate) fn is_alive(item: &Item, now: i64) -> bool {
    !item.contains_key("redeemed")
        && item
            .get("expires")
            .and_then(|expires| expires.as_n().ok()?.parse().ok())
            .is_some_and(|expires: i64| expires > now)
}

/// Tells operators how an answer to a picture was judged.
pub(crate) fn count(solved: bool) {
    metrics::count(if solved { Metric::CaptchasSolved } else { Metric::CaptchasFailed });
}

impl Codes {
    /// Makes the picture's text redeemable. Answers `rand`, five letters and digits: the captcha's hash is
    /// `md5(lowercase(text) + rand)`.
    pub async fn issue_captcha(&self, text_in_picture: &str) -> Result<String, StoreError> {
        let rand = self.rand();
        let put = self.client.put_item().table_name(&self.table);
        put.item("id", text(captcha_id(&captcha_hash(text_in_picture, &rand))))
            .item("expires", number(self.clock.now_seconds() + LIFETIME_SECONDS))
            .send()
            .await?;
        Ok(rand)
    }

    /// Uses `hash` up. False when it is wrong, has expired or was used before.
    pub async fn redeem_captcha(&self, hash: &str) -> Result<bool, StoreError> {
        let redeemed = self.mark_redeemed(hash).await;
        if let Ok(solved) = redeemed {
            count(solved);
        }
        redeemed
    }

    async fn mark_redeemed(&self, hash: &str) -> Result<bool, StoreError> {
        if !is_md5_hex(hash) {
            return Ok(false);
        }
        let update = self.client.update_item().table_name(&self.table).set_key(Some(key(captcha_id(hash))));
        let answer = update
            .update_expression("SET redeemed = :mark")
            .condition_expression(format!("({ALIVE}) OR redeemed = :mark"))
            .expression_attribute_values(":now", number(self.clock.now_seconds()))
            .expression_attribute_values(":mark", dynamo::mark(&self.random))
            .send()
            .await;
        Ok(dynamo::unless_refused(answer)?.is_some())
    }

    /// The same as part of a transaction, which is refused when the captcha cannot be redeemed.
    pub(crate) fn redeem_captcha_within(&self, hash: &str) -> Result<Transaction, StoreError> {
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(key(captcha_id(hash))))
            .update_expression("SET redeemed = :mark")
            .condition_expression(ALIVE)
            .expression_attribute_values(":now", number(self.clock.now_seconds()))
            .expression_attribute_values(":mark", dynamo::mark(&self.random));
        Ok(Transaction::new().update(update.build().map_err(|error| StoreError::new("redeeming a captcha", error))?))
    }

    /// Five letters and digits that salt a hash.
    pub(crate) fn rand(&self) -> String {
        self.random.text(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 5)
    }
}
