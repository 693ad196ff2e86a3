use devices::Device;
use domain::{DeviceId, Phone};
use dynamo::{Key, StoreError, Written, text};
use futures_util::{StreamExt, TryStreamExt, stream};
use pictures::{PictureStore, PictureStoreError};

use crate::{ABOVE_FALLS, Notices, binding_key, device_pk, entry_key, key};

/// How often a removal starts anew because an account was bound or unbound meanwhile.
const ROUNDS: usize = 32;

/// How many pictures are deleted at once, or inboxes emptied.
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

/// What a picture that cannot be deleted means.
#[derive(Clone, Copy, PartialEq, Eq)]
enum OnFailure {
    /// The removal can be asked for again.
    Stop,
    /// The camera is gone, and nobody can.
    GoOn,
}

/// Why a camera is still there.
#[derive(Debug, thiserror::Error)]
pub enum RemoveError {
    /// A picture could not be deleted.
    #[error(transparent)]
    Pictures(#[from] PictureStoreError),
    /// The table failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Notices {
    /// Removes a camera that `phone` added, for everybody: its falls and their pictures are deleted; then its token is
    /// dead and it is unbound in one transaction.
    ///
    /// The camera goes last, so that a removal that failed or was cut short can be asked for again and goes on where it
    /// was. What the camera reported meanwhile is deleted behind it.
    pub async fn remove_device(
        &self,
        phone: &Phone,
        id: &DeviceId,
        pictures: &PictureStore,
    ) -> Result<Removed, RemoveError> {
        for _ in 0..ROUNDS {
            let Some(device) = self.devices.find(id).await? else { return Ok(Removed::UnknownDevice) };
            if device.added_by.as_ref() != Some(phone) {
                return Ok(Removed::NotTheirs);
            }
            self.delete_falls(&device, pictures, OnFailure::Stop).await?;
            let mut writes = self.devices.remove_within(&device)?;
            for account in &device.accounts {
                writes = writes.delete(dynamo::delete(&self.table, binding_key(account, id))?);
            }
            if let Written::Done = writes.write(&self.client).await? {
                self.tidy_up_behind(&device, pictures).await;
                return Ok(Removed::Done);
            }
        }
        Err(StoreError::new("removing a device", "its accounts kept changing").into())
    }

    /// Deletes what came in while the camera was being removed. It is gone, and nobody can ask again: what fails now stays,
    /// where no list shows it.
    async fn tidy_up_behind(&self, device: &Device, pictures: &PictureStore) {
        if let Err(error) = self.delete_falls(device, pictures, OnFailure::GoOn).await {
            tracing::error!(%error, "a removed camera's last falls stay");
        }
        // Whoever was bound meanwhile may have been given entries of falls that were deleted before.
        stream::iter(&device.accounts)
            .for_each_concurrent(AT_ONCE, async |account| {
                if let Err(error) = self.empty_inbox(account, Some(&device.id)).await {
                    tracing::error!(%error, "entries of a removed camera stay in an inbox");
                }
            })
            .await;
    }

    /// Page by page, so that each time it is asked for there is less to do: the pictures first, and the falls last,
    /// because without them nobody would find the rest.
    async fn delete_falls(
        &self,
        device: &Device,
        pictures: &PictureStore,
        on_failure: OnFailure,
    ) -> Result<(), RemoveError> {
        let mut start = None;
        loop {
            let (falls, last) = self.falls(&device.id, start).await?;
            stream::iter(falls.iter().map(|fall| Ok(PictureStore::fall_key(&fall.event_id))))
                .try_for_each_concurrent(AT_ONCE, async |key| match pictures.delete(&key).await {
                    Err(error) if on_failure == OnFailure::GoOn => {
                        tracing::error!(%error, "a removed camera's picture stays in the bucket");
                        Ok(())
                    }
                    outcome => outcome,
                })
                .await?;
            let entries =
                falls.iter().flat_map(|fall| device.accounts.iter().map(|phone| entry_key(phone, &fall.event_id)));
            let falls = falls.iter().map(|fall| key(device_pk(&device.id), fall.event_id.as_str().to_owned()));
            dynamo::delete_all(&self.client, &self.table, entries.collect()).await?;
            dynamo::delete_all(&self.client, &self.table, falls.collect()).await?;
            start = last;
            if start.is_none() {
                break;
            }
        }
        let rest = self.rest_of_device(&device.id).await?;
        Ok(dynamo::delete_all(&self.client, &self.table, rest).await?)
    }

    /// The keys of what stands under a camera and is no fall. A fall that was reported since the pages were read is not
    /// among them: it still leads to its picture and its entries.
    async fn rest_of_device(&self, id: &DeviceId) -> Result<Vec<Key>, StoreError> {
        let query = self.client.query().table_name(&self.table).consistent_read(true);
        let mut pages = query
            .key_condition_expression("pk = :pk AND sk >= :above_hex")
            .expression_attribute_values(":pk", text(device_pk(id)))
            .expression_attribute_values(":above_hex", text(ABOVE_FALLS))
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
