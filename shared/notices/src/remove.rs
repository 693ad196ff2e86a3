use devices::Device;
use domain::{DeviceId, Phone};
use dynamo::{Key, StoreError, Written, text};
use futures_util::{StreamExt, stream};
use pictures::PictureStore;

use crate::{Notices, binding_key, device_pk, entry_key};

/// How often a removal starts anew because an account was bound or unbound meanwhile.
const ROUNDS: usize = 32;

/// How many pictures are deleted at once.
const AT_ONCE: usize = 8;

/// What removing a camera came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removed {
    /// It is gone.
    Done,
    /// There is no such camera.
    UnknownDevice,
    /// Somebody else added it.
    NotTheirs,
}

impl Notices {
    /// Removes a camera that `phone` added, for everybody: its falls and their pictures are deleted; then its token is
    /// dead and it is unbound in one transaction.
    ///
    /// The camera goes last, so that a removal that was cut short can be asked for again. What it reported meanwhile
    /// is deleted behind it.
    pub async fn remove_device(
        &self,
        phone: &Phone,
        id: &DeviceId,
        pictures: &PictureStore,
    ) -> Result<Removed, StoreError> {
        for _ in 0..ROUNDS {
            let Some(device) = self.devices.find(id).await? else { return Ok(Removed::UnknownDevice) };
            if device.added_by.as_ref() != Some(phone) {
                return Ok(Removed::NotTheirs);
            }
            self.delete_falls(&device, pictures).await?;
            let mut writes = self.devices.remove_within(&device)?;
            for account in &device.accounts {
                writes = writes.delete(dynamo::delete(&self.table, binding_key(account, id))?);
            }
            if let Written::Done = writes.write(&self.client).await? {
                self.delete_falls(&device, pictures).await?;
                return Ok(Removed::Done);
            }
        }
        Err(StoreError::new("removing a device", "its accounts kept changing"))
    }

    async fn delete_falls(&self, device: &Device, pictures: &PictureStore) -> Result<(), StoreError> {
        let mut start = None;
        loop {
            let (falls, last) = self.falls(&device.id, start).await?;
            let keys =
                falls.iter().flat_map(|fall| device.accounts.iter().map(|phone| entry_key(phone, &fall.event_id)));
            dynamo::delete_all(&self.client, &self.table, keys.collect()).await?;
            stream::iter(&falls)
                .for_each_concurrent(AT_ONCE, async |fall| {
                    if let Err(error) = pictures.delete(&PictureStore::fall_key(&fall.event_id)).await {
                        tracing::warn!(%error, "a removed camera's picture stays in the bucket");
                    }
                })
                .await;
            start = last;
            if start.is_none() {
                break;
            }
        }
        dynamo::delete_all(&self.client, &self.table, self.device_partition(&device.id).await?).await
    }

    /// The keys of everything that stands under a camera.
    async fn device_partition(&self, id: &DeviceId) -> Result<Vec<Key>, StoreError> {
        let query = self.client.query().table_name(&self.table).consistent_read(true);
        let mut pages = query
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", text(device_pk(id)))
            .projection_expression("pk, sk")
            .into_paginator()
            .items()
            .send();
        let mut keys = Vec::new();
        while let Some(key) = pages.next().await {
            keys.push(key?);
        }
        Ok(keys)
    }
}
