//! What transactions that span other tables do to a camera.

use aws_sdk_dynamodb::{
    error::BuildError,
    types::{
        AttributeValue, ConditionCheck, Delete, ReturnValuesOnConditionCheckFailure as OnRefusal, Update,
        builders::UpdateBuilder,
    },
};
use domain::{DeviceId, Phone};
use dynamo::{StoreError, Transaction, number, text};

use crate::{Device, Devices, MAX_ACCOUNTS, account_pk, device_key, key};

impl Devices {
    /// Binds `phone`. Refused, with the camera as it is, when there is none or it has [`MAX_ACCOUNTS`] already.
    pub fn bind_within(&self, id: &DeviceId, phone: &Phone) -> Result<Transaction, StoreError> {
        let update = self
            .change_accounts(id, phone, "ADD accounts :phone, revision :one")
            .condition_expression(
                "attribute_exists(pk) AND (attribute_not_exists(accounts) OR size(accounts) < :most \
                 OR contains(accounts, :this))",
            )
            .expression_attribute_values(":most", number(i64::try_from(MAX_ACCOUNTS).unwrap_or(i64::MAX)))
            .expression_attribute_values(":this", text(phone.as_str()));
        Ok(Transaction::new().update(update.build().map_err(failed)?))
    }

    /// Unbinds `phone`, whether it was bound or not. Refused when there is no such camera.
    pub fn unbind_within(&self, id: &DeviceId, phone: &Phone) -> Result<Transaction, StoreError> {
        let update = self
            .change_accounts(id, phone, "DELETE accounts :phone ADD revision :one")
            .condition_expression("attribute_exists(pk)");
        Ok(Transaction::new().update(update.build().map_err(failed)?))
    }

    /// Writes nothing. Refused, with the camera as it is, when its accounts are no longer those of `device`.
    pub fn unchanged_within(&self, device: &Device) -> Result<Transaction, StoreError> {
        let check = ConditionCheck::builder()
            .table_name(&self.table)
            .set_key(Some(device_key(&device.id)))
            .condition_expression("revision = :revision")
            .expression_attribute_values(":revision", number(device.revision))
            .return_values_on_condition_check_failure(OnRefusal::AllOld);
        Ok(Transaction::new().check(check.build().map_err(failed)?))
    }

    /// Deletes the camera and its name. Refused, with the camera as it is, when its accounts are no longer those of
    /// `device`.
    pub fn remove_within(&self, device: &Device) -> Result<Transaction, StoreError> {
        let delete = Delete::builder()
            .table_name(&self.table)
            .set_key(Some(device_key(&device.id)))
            .condition_expression("revision = :revision")
            .expression_attribute_values(":revision", number(device.revision))
            .return_values_on_condition_check_failure(OnRefusal::AllOld);
        let mut writes = Transaction::new().delete(delete.build().map_err(failed)?);
        if let Some(owner) = &device.added_by {
            let name = key(account_pk(owner), device.name.as_str());
            writes = writes.delete(dynamo::delete(&self.table, name)?);
        }
        Ok(writes)
    }

    fn change_accounts(&self, id: &DeviceId, phone: &Phone, expression: &str) -> UpdateBuilder {
        Update::builder()
            .table_name(&self.table)
            .set_key(Some(device_key(id)))
            .update_expression(expression)
            .expression_attribute_values(":phone", AttributeValue::Ss(vec![phone.as_str().to_owned()]))
            .expression_attribute_values(":one", number(1))
            .return_values_on_condition_check_failure(OnRefusal::AllOld)
    }
}

fn failed(error: BuildError) -> StoreError {
    StoreError::new("writing a device", error)
}
