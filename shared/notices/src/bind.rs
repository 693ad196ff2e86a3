use std::collections::HashSet;

use devices::Device;
use domain::{DeviceId, EventId, Phone};
use dynamo::{Item, StoreError, Transaction, Written, text};

use crate::{ABOVE_FALLS, Binding, Entry, Notices, binding_key, device_pk};

/// How many entries one transaction fills in: as many writes as DynamoDB takes.
const BATCH: usize = 100;

/// How often an inbox is put right anew because the camera was bound or unbound meanwhile.
const ROUNDS: usize = 32;

/// What binding a camera came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// It is bound, now or already before.
    Done,
    /// There is no such camera.
    UnknownDevice,
    /// It has as many accounts as it can have.
    Full,
    /// The account was deleted meanwhile.
    UnknownAccount,
}

impl Notices {
    /// Binds `phone` to a camera: from now on its falls reach the account, and its older falls are filled in as
    /// unread. Falls that are reported meanwhile are in the inbox once.
    ///
    /// `account_exists` is a transaction of one check, so that a binding never outlives its account. A binding that
    /// was cut short is completed when it is asked for again.
    pub async fn bind(&self, phone: &Phone, id: &DeviceId, account_exists: &Transaction) -> Result<Bound, StoreError> {
        let places = [self.devices.place(id), (self.table.as_str(), binding_key(phone, id))];
        let [device, binding] = dynamo::read(&self.client, places).await?;
        let Some(device) = device else { return Ok(Bound::UnknownDevice) };
        let device: Device = dynamo::from_item(device)?;
        match binding.map(dynamo::from_item::<Binding>).transpose()? {
            Some(binding) if !binding.filling => return Ok(Bound::Done),
            Some(_) => {}
            None => {
                let binding = Binding { device_id: id.clone(), device: device.name.clone(), filling: true };
                let writes = self.devices.bind_within(id, phone)?.and(account_exists.clone());
                let writes = writes.put(dynamo::put_new(&self.table, binding.to_item(phone)?, "pk")?);
                if let Written::Refused(refused) = writes.write(&self.client).await? {
                    match refused.as_slice() {
                        [Some(device), ..] if device.is_empty() => return Ok(Bound::UnknownDevice),
                        [Some(_), ..] => return Ok(Bound::Full),
                        [None, Some(_), ..] => return Ok(Bound::UnknownAccount),
                        // The same binding came in twice at once; both fill in, which does no harm.
                        _ => {}
                    }
                }
            }
        }
        self.settle(phone, id, true).await?;
        Ok(Bound::Done)
    }

    /// Makes the inbox what the binding says: with one, all of the camera's falls are in it; without, none is.
    ///
    /// Whoever made (`bound`) or ended a binding calls this afterwards. Each looks at the binding again once its own
    /// work is done, so that of several at once whoever is last leaves the inbox right.
    pub(crate) async fn settle(&self, phone: &Phone, id: &DeviceId, mut bound: bool) -> Result<(), StoreError> {
        for _ in 0..ROUNDS {
            let worked_for = bound;
            if worked_for {
                self.fill_in(phone, id).await?;
                bound = self.mark_filled(phone, id).await?;
            } else {
                self.empty_inbox(phone, Some(id)).await?;
                let [binding] = dynamo::read(&self.client, [(self.table.as_str(), binding_key(phone, id))]).await?;
                bound = binding.is_some();
            }
            if bound == worked_for {
                return Ok(());
            }
        }
        Err(StoreError::new("settling an inbox", "the camera kept being bound and unbound"))
    }

    /// Makes entries of the camera's older falls, newest first. Entries that are there already stay as they are.
    async fn fill_in(&self, phone: &Phone, id: &DeviceId) -> Result<(), StoreError> {
        let mut start = None;
        loop {
            let (older, last) = self.falls(id, start).await?;
            for batch in older.chunks(BATCH) {
                self.fill_in_batch(phone, batch).await?;
            }
            start = last;
            if start.is_none() {
                return Ok(());
            }
        }
    }

    async fn fill_in_batch(&self, phone: &Phone, batch: &[Entry]) -> Result<(), StoreError> {
        let mut there: HashSet<&EventId> = HashSet::new();
        loop {
            let missing: Vec<&Entry> = batch.iter().filter(|entry| !there.contains(&entry.event_id)).collect();
            if missing.is_empty() {
                return Ok(());
            }
            let writes = missing.iter().try_fold(Transaction::new(), |writes, entry| {
                Ok::<_, StoreError>(writes.put(dynamo::put_new(&self.table, entry.to_unread_item(phone)?, "pk")?))
            })?;
            match writes.write(&self.client).await? {
                Written::Done => return Ok(()),
                Written::Refused(refused) => {
                    there.extend(missing.iter().zip(refused).filter_map(|(entry, it)| it.map(|_| &entry.event_id)));
                }
            }
        }
    }

    /// A page of the camera's falls, newest first, and where the next page starts.
    pub(crate) async fn falls(
        &self,
        id: &DeviceId,
        start: Option<Item>,
    ) -> Result<(Vec<Entry>, Option<Item>), StoreError> {
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            .scan_index_forward(false)
            .key_condition_expression("pk = :pk AND sk < :above_hex")
            .expression_attribute_values(":pk", text(device_pk(id)))
            .expression_attribute_values(":above_hex", text(ABOVE_FALLS))
            .set_exclusive_start_key(start)
            .send()
            .await?;
        let falls = answer.items.unwrap_or_default().into_iter().map(dynamo::from_item);
        Ok((falls.collect::<Result<_, _>>()?, answer.last_evaluated_key))
    }

    /// False when it was unbound again meanwhile.
    async fn mark_filled(&self, phone: &Phone, id: &DeviceId) -> Result<bool, StoreError> {
        let update = self.client.update_item().table_name(&self.table).set_key(Some(binding_key(phone, id)));
        let answer =
            update.update_expression("REMOVE filling").condition_expression("attribute_exists(pk)").send().await;
        match answer {
            Ok(_) => Ok(true),
            Err(error) if dynamo::refused(&error) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}
