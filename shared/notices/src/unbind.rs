use std::collections::{HashMap, HashSet};

use aws_sdk_dynamodb::types::ConditionCheck;
use domain::{DeviceId, Phone};
use dynamo::{Item, Key, StoreError, Transaction, Written, text};

use crate::{ABOVE_FALLS, BATCH, Notices, account_pk, binding_key};

impl Notices {
    /// Unbinds `phone` from a camera and takes the camera's falls out of its inbox. An account that is not bound stays
    /// so. False when there is no such camera.
    pub async fn unbind(&self, phone: &Phone, id: &DeviceId) -> Result<bool, StoreError> {
        let known = self.end_binding(phone, id).await?;
        // Also when there was nothing to unbind: an unbinding that was cut short is completed by asking again.
        self.empty_inbox(phone, Some(id)).await?;
        Ok(known)
    }

    /// Unbinds `phone`, whose account is or will be gone, from all cameras and empties its inbox.
    pub async fn forget_account(&self, phone: &Phone) -> Result<(), StoreError> {
        let bindings = self.bindings(phone).await?.into_iter().map(|binding| binding.device_id);
        // A restored camera may list the account without a binding of the account's own: its falls come nevertheless.
        let entries = self.entries_by_camera(phone, None).await?;
        for id in bindings.chain(entries.into_keys()).collect::<HashSet<_>>() {
            self.end_binding(phone, &id).await?;
        }
        self.empty_inbox(phone, None).await?;
        self.devices.disown(phone).await
    }

    /// False when there is no such camera.
    async fn end_binding(&self, phone: &Phone, id: &DeviceId) -> Result<bool, StoreError> {
        let binding = binding_key(phone, id);
        let writes = self.devices.unbind_within(id, phone)?.delete(dynamo::delete(&self.table, binding.clone())?);
        if let Written::Done = writes.write(&self.client).await? {
            return Ok(true);
        }
        // No camera is made twice under one id: what a restored table says of this one goes without it.
        self.client.delete_item().table_name(&self.table).set_key(Some(binding)).send().await?;
        Ok(false)
    }

    /// Deletes the entries of a camera that `phone` is not bound to, or of all of those. Each transaction demands that:
    /// whoever is bound again meanwhile has them filled in, and they stay.
    pub(crate) async fn empty_inbox(&self, phone: &Phone, id: Option<&DeviceId>) -> Result<(), StoreError> {
        for (id, entries) in self.entries_by_camera(phone, id).await? {
            let unbound = ConditionCheck::builder()
                .table_name(&self.table)
                .set_key(Some(binding_key(phone, &id)))
                .condition_expression("attribute_not_exists(pk)")
                .build()
                .map_err(|error| StoreError::new("emptying an inbox", error))?;
            for batch in entries.chunks(BATCH) {
                let deletes = batch.iter().try_fold(Transaction::new().check(unbound.clone()), |writes, key| {
                    Ok::<_, StoreError>(writes.delete(dynamo::delete(&self.table, key.clone())?))
                })?;
                if let Written::Refused(_) = deletes.write(&self.client).await? {
                    break;
                }
            }
        }
        Ok(())
    }

    /// The keys of an inbox's entries, or of those of one camera.
    async fn entries_by_camera(
        &self,
        phone: &Phone,
        id: Option<&DeviceId>,
    ) -> Result<HashMap<DeviceId, Vec<Key>>, StoreError> {
        let query = self
            .client
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            // A filter may not name a key.
            .key_condition_expression("pk = :pk AND sk < :above_hex")
            .expression_attribute_values(":pk", text(account_pk(phone)))
            .expression_attribute_values(":above_hex", text(ABOVE_FALLS))
            .projection_expression("pk, sk, device_id");
        let query = match id {
            None => query,
            Some(id) => {
                query.filter_expression("device_id = :id").expression_attribute_values(":id", text(id.as_str()))
            }
        };
        let mut items = query.into_paginator().items().send();
        let mut entries: HashMap<DeviceId, Vec<Key>> = HashMap::new();
        while let Some(item) = items.next().await {
            let mut key: Item = item?;
            let id = key.remove("device_id").map(dynamo::from_attribute_value).transpose()?;
            if let Some(id) = id {
                entries.entry(id).or_default().push(key);
            }
        }
        Ok(entries)
    }
}
