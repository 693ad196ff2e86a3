use aws_sdk_dynamodb::types::ConditionCheck;
use domain::{DeviceId, Phone};
use dynamo::{Key, StoreError, Transaction, Written, text};

use crate::{ABOVE_FALLS, Notices, account_pk, binding_key};

/// How many entries one transaction deletes: as many writes as DynamoDB takes, but for the one that looks whether the
/// camera is still unbound.
const BATCH: usize = 99;

impl Notices {
    /// Unbinds `phone` from a camera and takes the camera's falls out of its inbox. An account that is not bound stays
    /// so. False when there is no such camera.
    pub async fn unbind(&self, phone: &Phone, id: &DeviceId) -> Result<bool, StoreError> {
        let writes =
            self.devices.unbind_within(id, phone)?.delete(dynamo::delete(&self.table, binding_key(phone, id))?);
        let known = matches!(writes.write(&self.client).await?, Written::Done);
        // Also when there was nothing to unbind: an unbinding that was cut short is completed by asking again.
        self.empty_inbox_of(phone, id).await?;
        Ok(known)
    }

    /// Unbinds `phone`, whose account is or will be gone, from all cameras and deletes its inbox.
    pub async fn forget_account(&self, phone: &Phone) -> Result<(), StoreError> {
        for binding in self.bindings(phone).await? {
            let writes = self.devices.unbind_within(&binding.device_id, phone)?;
            let writes = writes.delete(dynamo::delete(&self.table, binding_key(phone, &binding.device_id))?);
            writes.write(&self.client).await?;
        }
        let entries = self.entry_keys(phone, None).await?;
        dynamo::delete_all(&self.client, &self.table, entries).await?;
        self.devices.disown(phone).await
    }

    /// Deletes the entries of a camera that `phone` is not bound to. Each transaction demands that: whoever is bound again
    /// meanwhile has them filled in, and they stay.
    async fn empty_inbox_of(&self, phone: &Phone, id: &DeviceId) -> Result<(), StoreError> {
        let unbound = ConditionCheck::builder()
            .table_name(&self.table)
            .set_key(Some(binding_key(phone, id)))
            .condition_expression("attribute_not_exists(pk)")
            .build()
            .map_err(|error| StoreError::new("emptying an inbox", error))?;
        for batch in self.entry_keys(phone, Some(id)).await?.chunks(BATCH) {
            let deletes = batch.iter().try_fold(Transaction::new().check(unbound.clone()), |writes, key| {
                Ok::<_, StoreError>(writes.delete(dynamo::delete(&self.table, key.clone())?))
            })?;
            if let Written::Refused(_) = deletes.write(&self.client).await? {
                return Ok(());
            }
        }
        Ok(())
    }

    /// The keys of an inbox's entries, or of those of one camera. Bindings are not among them: only the transaction that
    /// also changes the camera may delete one.
    async fn entry_keys(&self, phone: &Phone, id: Option<&DeviceId>) -> Result<Vec<Key>, StoreError> {
        let query = self
            .client
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            // A filter may not name a key.
            .key_condition_expression("pk = :pk AND sk < :above_hex")
            .expression_attribute_values(":pk", text(account_pk(phone)))
            .expression_attribute_values(":above_hex", text(ABOVE_FALLS))
            .projection_expression("pk, sk");
        let query = match id {
            None => query,
            Some(id) => {
                query.filter_expression("device_id = :id").expression_attribute_values(":id", text(id.as_str()))
            }
        };
        let mut pages = query.into_paginator().items().send();
        let mut keys: Vec<Key> = Vec::new();
        while let Some(key) = pages.next().await {
            keys.push(key?);
        }
        Ok(keys)
    }
}
