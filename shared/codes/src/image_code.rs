//! Image codes of the `errno` API (seed 003): the caller makes the id up, and reading the code uses it up.

use aws_sdk_dynamodb::types::ReturnValue;
use domain::sha256_hex;
use dynamo::{Item, StoreError, number, text};
use subtle::ConstantTimeEq;

use crate::{
    Codes,
    captcha::{self, LIFETIME_SECONDS, is_alive},
    key,
};

/// What became of an answer to an image code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageAnswer {
    /// It is right.
    Right,
    /// It is wrong.
    Wrong,
    /// There is no such code, or no longer.
    Missing,
}

impl Codes {
    /// Makes `text_in_picture` the code of `id`, whatever that may be, in place of the one before.
    pub async fn issue_image_code(&self, id: &str, text_in_picture: &str) -> Result<(), StoreError> {
        let put = self.client.put_item().table_name(&self.table);
        put.item("id", text(image_code_id(id)))
            .item("text", text(text_in_picture))
            .item("expires", number(self.clock.now_seconds() + LIFETIME_SECONDS))
            .send()
            .await?;
        Ok(())
    }

    /// Compares `answer` with the code of `id`, in any case, and uses the code up whether it is right or wrong. Of
    /// several answers at once one is judged. One round trip.
    pub async fn answer_image_code(&self, id: &str, answer: &str) -> Result<ImageAnswer, StoreError> {
        let code = self.mark_answered(id).await?;
        let answer = match code.and_then(|code| self.alive_text(&code)) {
            None => ImageAnswer::Missing,
            Some(code) => {
                let (code, answer) = (code.to_ascii_lowercase(), answer.to_ascii_lowercase());
                let right = code.as_bytes().ct_eq(answer.as_bytes()).into();
                if right { ImageAnswer::Right } else { ImageAnswer::Wrong }
            }
        };
        captcha::count(matches!(answer, ImageAnswer::Right));
        Ok(answer)
    }

    /// The code of `id` as it was, unless somebody answered before.
    async fn mark_answered(&self, id: &str) -> Result<Option<Item>, StoreError> {
        let update = self.client.update_item().table_name(&self.table).set_key(Some(key(image_code_id(id))));
        let answer = update
            .update_expression("SET redeemed = :mark")
            .condition_expression("attribute_exists(id) AND (attribute_not_exists(redeemed) OR redeemed = :mark)")
            .expression_attribute_values(":mark", dynamo::mark(&self.random))
            .return_values(ReturnValue::AllNew)
            .send()
            .await;
        let code = dynamo::unless_refused(answer)?.and_then(|answer| answer.attributes);
        Ok(code.map(|mut code| {
            code.remove("redeemed");
            code
        }))
    }

    /// The code of `id` as a person would read it in the picture, without using it up: for the local stack.
    pub async fn peek_image_code(&self, id: &str) -> Result<Option<String>, StoreError> {
        Ok(self.get(image_code_id(id)).await?.and_then(|code| self.alive_text(&code)))
    }

    fn alive_text(&self, code: &Item) -> Option<String> {
        is_alive(code, self.clock.now_seconds()).then(|| code.get("text")?.as_s().ok().cloned())?
    }
}

/// Callers' ids are of any length and form; a digest is neither.
fn image_code_id(id: &str) -> String {
    format!("image-code#{}", sha256_hex(id))
}
