use std::collections::HashSet;

use aws_sdk_dynamodb::types::{AttributeValue, Update};
use devices::Device;
use domain::{DeviceId, EventId, Phone};
use dynamo::{Item, StoreError, Transaction, Written, text};

use crate::{ABOVE_FALLS, BATCH, Binding, Entry, Notices, binding_key, device_pk, key};

/// How often filling in begins anew because the camera was unbound and bound again meanwhile.
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
    /// was cut short is completed when it is asked for again, from where it was; so is one of which only a half is
    /// there, because a table was restored.
    pub async fn bind(&self, phone: &Phone, id: &DeviceId, account_exists: &Transaction) -> Result<Bound, StoreError> {
        let mut was_bound = false;
        for _ in 0..ROUNDS {
            let places = [self.devices.place(id), (self.table.as_str(), binding_key(phone, id))];
            let [device, binding] = dynamo::read(&self.client, places).await?;
            let Some(device) = device else { return Ok(Bound::UnknownDevice) };
            let device: Device = dynamo::from_item(device)?;
            let binding = binding.filter(|_| device.accounts.contains(phone));
            let binding = match binding.map(dynamo::from_item::<Binding>).transpose()? {
                Some(binding) if !binding.filling => return Ok(Bound::Done),
                Some(binding) if binding.generation.is_some() => binding,
                // Whoever unbound it since has the last word.
                None if was_bound => return Ok(Bound::Done),
                _ => {
                    let binding = Binding::new(&device, &self.random);
                    let writes = self.devices.bind_within(id, phone)?.and(account_exists.clone());
                    let writes = writes.put(dynamo::put(&self.table, binding.to_item(phone)?)?);
                    match writes.write(&self.client).await? {
                        Written::Done => binding,
                        Written::Refused(refused) => {
                            return Ok(match refused.first() {
                                Some(Some(device)) if device.is_empty() => Bound::UnknownDevice,
                                Some(Some(_)) => Bound::Full,
                                _ => Bound::UnknownAccount,
                            });
                        }
                    }
                }
            };
            was_bound = true;
            if self.fill_in(phone, &binding).await? {
                return Ok(Bound::Done);
            }
        }
        Err(StoreError::new("binding a camera", "it kept being bound and unbound"))
    }

    /// Makes entries of the camera's older falls, newest first, and says in the binding how far it came. Entries that
    /// are there already stay as they are.
    ///
    /// False when `binding` ended, or somebody else completed it. Each transaction demands that it is there: an entry
    /// is only ever made for an account that is bound at the moment of writing.
    async fn fill_in(&self, phone: &Phone, binding: &Binding) -> Result<bool, StoreError> {
        let id = &binding.device_id;
        let mut start = binding.filled_to.as_ref().map(|to| key(device_pk(id), to.as_str().to_owned()));
        loop {
            let (older, last) = self.falls(id, start).await?;
            for batch in older.chunks(BATCH) {
                if !self.fill_in_batch(phone, binding, batch).await? {
                    return Ok(false);
                }
            }
            start = last;
            if start.is_none() {
                return self.mark_filled(phone, binding).await;
            }
        }
    }

    async fn fill_in_batch(&self, phone: &Phone, binding: &Binding, batch: &[Entry]) -> Result<bool, StoreError> {
        let Some(last) = batch.last() else { return Ok(true) };
        let mut there: HashSet<&EventId> = HashSet::new();
        loop {
            let missing: Vec<&Entry> = batch.iter().filter(|entry| !there.contains(&entry.event_id)).collect();
            let writes = missing.iter().try_fold(Transaction::new(), |writes, entry| {
                Ok::<_, StoreError>(writes.put(dynamo::put_new(&self.table, entry.to_unread_item(phone)?, "pk")?))
            })?;
            match writes.update(self.say_filled(phone, binding, &last.event_id)?).write(&self.client).await? {
                Written::Done => return Ok(true),
                Written::Refused(refused) if refused.get(missing.len()).is_some_and(Option::is_some) => {
                    return Ok(false);
                }
                Written::Refused(refused) => {
                    there.extend(missing.iter().zip(refused).filter_map(|(entry, it)| it.map(|_| &entry.event_id)));
                }
            }
        }
    }

    /// Of two who fill in for the same binding each says how far it came itself: what either says is true.
    fn say_filled(&self, phone: &Phone, binding: &Binding, to: &EventId) -> Result<Update, StoreError> {
        Update::builder()
            .table_name(&self.table)
            .set_key(Some(binding_key(phone, &binding.device_id)))
            .update_expression("SET filled_to = :to")
            .condition_expression("generation = :generation AND filling = :yes")
            .expression_attribute_values(":to", text(to.as_str()))
            .expression_attribute_values(":generation", dynamo::to_attribute_value(binding.generation)?)
            .expression_attribute_values(":yes", AttributeValue::Bool(true))
            .build()
            .map_err(|error| StoreError::new("saying how far an inbox is filled", error))
    }

    /// False when the camera was unbound meanwhile.
    async fn mark_filled(&self, phone: &Phone, binding: &Binding) -> Result<bool, StoreError> {
        let update = self.client.update_item().table_name(&self.table);
        let answer = update
            .set_key(Some(binding_key(phone, &binding.device_id)))
            .update_expression("REMOVE filling, filled_to")
            .condition_expression("generation = :generation")
            .expression_attribute_values(":generation", dynamo::to_attribute_value(binding.generation)?)
            .send()
            .await;
        Ok(dynamo::unless_refused(answer)?.is_some())
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
}
