use domain::{DeviceId, Phone};
use dynamo::{Key, StoreError, Written, text};

use crate::{Notices, account_pk, binding_key};

impl Notices {
    /// Unbinds `phone` from a camera and takes the camera's falls out of its inbox. An account that is not bound stays
    /// so. False when there is no such camera.
    pub async fn unbind(&self, phone: &Phone, id: &DeviceId) -> Result<bool, StoreError> {
        let writes =
            self.devices.unbind_within(id, phone)?.delete(dynamo::delete(&self.table, binding_key(phone, id))?);
        let known = matches!(writes.write(&self.client).await?, Written::Done);
        // Also when there was nothing to unbind: an unbinding that was cut short is completed by asking again.
        self.settle(phone, id, false).await?;
        Ok(known)
    }

    /// Unbinds `phone`, whose account is or will be gone, from all cameras and deletes its inbox.
    pub async fn forget_account(&self, phone: &Phone) -> Result<(), StoreError> {
        for binding in self.bindings(phone).await? {
            let writes = self.devices.unbind_within(&binding.device_id, phone)?;
            let writes = writes.delete(dynamo::delete(&self.table, binding_key(phone, &binding.device_id))?);
            writes.write(&self.client).await?;
        }
        self.empty_inbox(phone, None).await?;
        self.devices.disown(phone).await
    }

    /// Deletes the entries of one camera, or all. Bindings stay: only the transaction that also changes the camera
    /// may delete one.
    pub(crate) async fn empty_inbox(&self, phone: &Phone, id: Option<&DeviceId>) -> Result<(), StoreError> {
        let query = self
            .client
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            // Event ids are hex digits; bindings sort above them. A filter may not name a key.
            .key_condition_expression("pk = :pk AND sk < :above_hex")
            .expression_attribute_values(":pk", text(account_pk(phone)))
            .expression_attribute_values(":above_hex", text("g"))
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
        dynamo::delete_all(&self.client, &self.table, keys).await
    }
}
