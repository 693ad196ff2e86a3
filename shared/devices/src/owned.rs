use domain::{DeviceId, DeviceName, Phone};
use dynamo::{StoreError, text};
use serde::Deserialize;

use crate::{Devices, account_pk, key};

/// A camera that an account added.
#[derive(Clone, Deserialize)]
pub struct OwnedDevice {
    /// The camera.
    #[serde(rename = "device_id")]
    pub id: DeviceId,
    /// What the account called it.
    #[serde(rename = "sk")]
    pub name: DeviceName,
}

impl Devices {
    /// The cameras that `phone` added, by name.
    pub async fn owned_by(&self, phone: &Phone) -> Result<Vec<OwnedDevice>, StoreError> {
        let mut pages = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", text(account_pk(phone)))
            .consistent_read(true)
            .into_paginator()
            .items()
            .send();
        let mut owned = Vec::new();
        while let Some(item) = pages.next().await {
            owned.push(dynamo::from_item(item?)?);
        }
        Ok(owned)
    }

    /// The camera that `phone` added under `name`.
    pub async fn owned_as(&self, phone: &Phone, name: &DeviceName) -> Result<Option<OwnedDevice>, StoreError> {
        let get = self.client.get_item().table_name(&self.table).consistent_read(true);
        let item = get.set_key(Some(key(account_pk(phone), name.as_str()))).send().await?.item;
        Ok(item.map(dynamo::from_item).transpose()?)
    }

    /// Takes every camera off `phone`, whose account is gone. The cameras go on for the families bound to them.
    pub async fn disown(&self, phone: &Phone) -> Result<(), StoreError> {
        for owned in self.owned_by(phone).await? {
            let (table, device) = self.place(&owned.id);
            let update = self.client.update_item().table_name(table).set_key(Some(device));
            let answer = update
                .update_expression("REMOVE added_by")
                .condition_expression("added_by = :phone")
                .expression_attribute_values(":phone", text(phone.as_str()))
                .send()
                .await;
            dynamo::unless_refused(answer)?;
            let delete = self.client.delete_item().table_name(&self.table);
            delete.set_key(Some(key(account_pk(phone), owned.name.as_str()))).send().await?;
        }
        Ok(())
    }
}
