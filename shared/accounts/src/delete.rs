use aws_sdk_dynamodb::types::{Delete, ReturnValuesOnConditionCheckFailure as OnRefusal};
use domain::Phone;
use dynamo::{StoreError, Transaction, Written};

use crate::{Account, Accounts, key, login::ROUNDS, read};

impl Accounts {
    /// Deletes the account and all of its sessions in one transaction. Answers what it was, so that nothing which it
    /// names is left behind; `None` when there is none.
    pub async fn delete(&self, phone: &Phone) -> Result<Option<Account>, StoreError> {
        let Some(mut account) = self.find(phone).await? else { return Ok(None) };
        for _ in 0..ROUNDS {
            let condition = match account.portrait {
                Some(_) => "sessions = :seen AND portrait = :portrait",
                None => "sessions = :seen AND attribute_not_exists(portrait)",
            };
            let mut delete = Delete::builder()
                .table_name(&self.users.table)
                .set_key(Some(key(phone)))
                .condition_expression(condition)
                .expression_attribute_values(":seen", dynamo::to_attribute_value(&account.sessions)?)
                .return_values_on_condition_check_failure(OnRefusal::AllOld);
            if let Some(portrait) = &account.portrait {
                delete = delete.expression_attribute_values(":portrait", dynamo::to_attribute_value(portrait)?);
            }
            let delete = delete.build().map_err(|error| StoreError::new("deleting an account", error))?;
            match Transaction::new().delete(delete).and(self.delete_sessions(&account)?).write(&self.client).await? {
                Written::Done => return Ok(Some(account)),
                Written::Refused(refused) => match dynamo::met(refused) {
                    Some(present) => account = read(present)?,
                    None => return Ok(None),
                },
            }
        }
        Err(StoreError::new("deleting an account", "other writes kept coming between"))
    }
}
