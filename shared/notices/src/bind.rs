use std::collections::HashSet;

use aws_sdk_dynamodb::types::{AttributeValue, Update};
use devices::Device;
use domain::{DeviceId, EventId, Phone};
use dynamo::{Item, StoreError, Transaction, Written, text};

use crate::{ABOVE_FALLS, Binding, Entry, Notices, binding_key, device_pk, key};

/// How many entries one transaction fills in: as many writes as DynamoDB takes, but for the one that says how far the
/// inbox is filled.
const BATCH: usize = 99;

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

/// How far an inbox is filled with a camera's older falls, newest first.
#[derive(Default)]
struct Progress {
    /// The oldest fall that is in.
    to: Option<EventId>,
    /// Somebody else fills the same inbox: the binding tells of that work, not of this.
    unsaid: bool,
}

impl Notices {
    /// Binds `phone` to a camera: from now on its falls reach the account, and its older falls are filled in as
    /// unread. Falls that are reported meanwhile are in the inbox once.
    ///
    /// `account_exists` is a transaction of one check, so that a binding never outlives its account. A binding that
    /// was cut short is completed when it is asked for again, from where it was.
    pub async fn bind(&self, phone: &Phone, id: &DeviceId, account_exists: &Transaction) -> Result<Bound, StoreError> {
        let places = [self.devices.place(id), (self.table.as_str(), binding_key(phone, id))];
        let [device, binding] = dynamo::read(&self.client, places).await?;
        let Some(device) = device else { return Ok(Bound::UnknownDevice) };
        let device: Device = dynamo::from_item(device)?;
        let binding = binding.map(dynamo::from_item::<Binding>).transpose()?;
        let mut progress = Progress::default();
        match binding {
            Some(binding) if !binding.filling => return Ok(Bound::Done),
            Some(binding) => progress.to = binding.filled_to,
            None => {
                let binding =
                    Binding { device_id: id.clone(), device: device.name.clone(), filling: true, filled_to: None };
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
        self.fill_in(phone, id, progress).await?;
        if !self.mark_filled(phone, id).await? {
            self.settle(phone, id, false).await?;
        }
        Ok(Bound::Done)
    }

    /// Makes the inbox what the binding says: with one, all of the camera's falls are in it; without, none is.
    ///
    /// Whoever ended a binding, or finds that another made or ended one (`bound`), calls this. Each looks at the binding
    /// again once its own work is done, so that of several at once whoever is last leaves the inbox right.
    pub(crate) async fn settle(&self, phone: &Phone, id: &DeviceId, mut bound: bool) -> Result<(), StoreError> {
        for _ in 0..ROUNDS {
            let worked_for = bound;
            if worked_for {
                self.fill_in(phone, id, Progress::default()).await?;
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

    /// Makes entries of the camera's older falls, newest first, and says in the binding how far it came. Entries that
    /// are there already stay as they are.
    async fn fill_in(&self, phone: &Phone, id: &DeviceId, mut progress: Progress) -> Result<(), StoreError> {
        let mut start = progress.to.as_ref().map(|to| key(device_pk(id), to.as_str().to_owned()));
        loop {
            let (older, last) = self.falls(id, start).await?;
            for batch in older.chunks(BATCH) {
                self.fill_in_batch(phone, id, batch, &mut progress).await?;
            }
            start = last;
            if start.is_none() {
                return Ok(());
            }
        }
    }

    async fn fill_in_batch(
        &self,
        phone: &Phone,
        id: &DeviceId,
        batch: &[Entry],
        progress: &mut Progress,
    ) -> Result<(), StoreError> {
        let to = batch.last().map(|entry| entry.event_id.clone());
        let mut there: HashSet<&EventId> = HashSet::new();
        loop {
            let missing: Vec<&Entry> = batch.iter().filter(|entry| !there.contains(&entry.event_id)).collect();
            let mut writes = missing.iter().try_fold(Transaction::new(), |writes, entry| {
                Ok::<_, StoreError>(writes.put(dynamo::put_new(&self.table, entry.to_unread_item(phone)?, "pk")?))
            })?;
            if let (Some(to), false) = (&to, progress.unsaid) {
                writes = writes.update(self.say_filled(phone, id, progress, to)?);
            }
            if writes.is_empty() {
                return Ok(());
            }
            match writes.write(&self.client).await? {
                Written::Done => {
                    progress.to = to;
                    return Ok(());
                }
                Written::Refused(refused) => {
                    progress.unsaid |= refused.get(missing.len()).is_some_and(Option::is_some);
                    there.extend(missing.iter().zip(refused).filter_map(|(entry, it)| it.map(|_| &entry.event_id)));
                }
            }
        }
    }

    /// Refused when the binding tells of another's progress, or is another binding: what is said of it stays true.
    fn say_filled(&self, phone: &Phone, id: &DeviceId, from: &Progress, to: &EventId) -> Result<Update, StoreError> {
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(binding_key(phone, id)))
            .update_expression("SET filled_to = :to")
            .expression_attribute_values(":to", text(to.as_str()));
        let update = match &from.to {
            Some(from) => update
                .condition_expression("filling = :yes AND filled_to = :from")
                .expression_attribute_values(":from", text(from.as_str())),
            None => update.condition_expression("filling = :yes AND attribute_not_exists(filled_to)"),
        };
        let update = update.expression_attribute_values(":yes", AttributeValue::Bool(true));
        update.build().map_err(|error| StoreError::new("saying how far an inbox is filled", error))
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
        let answer = update
            .update_expression("REMOVE filling, filled_to")
            .condition_expression("attribute_exists(pk)")
            .send()
            .await;
        match answer {
            Ok(_) => Ok(true),
            Err(error) if dynamo::refused(&error) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}
