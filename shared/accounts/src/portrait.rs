use aws_sdk_dynamodb::types::ReturnValue;
use domain::Phone;
use dynamo::StoreError;

use crate::{Account, Accounts, Portrait, key, read};

impl Accounts {
    /// Makes `portrait` the account's. Answers the account as it was before; `None` when there is no such account.
    pub async fn set_portrait(&self, phone: &Phone, portrait: &Portrait) -> Result<Option<Account>, StoreError> {
        let update = self.client.update_item().table_name(&self.users.table).set_key(Some(key(phone)));
        let answer = update
            .update_expression("SET portrait = :portrait")
            .condition_expression("attribute_exists(phone)")
            .expression_attribute_values(":portrait", dynamo::to_attribute_value(portrait)?)
            .return_values(ReturnValue::AllOld)
            .send()
            .await;
        dynamo::unless_refused(answer)?.and_then(|answer| answer.attributes).map(read).transpose()
    }
}
