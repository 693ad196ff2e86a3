use std::collections::HashMap;

use aws_sdk_dynamodb::{
    operation::query::builders::QueryFluentBuilder, types::ReturnValuesOnConditionCheckFailure as OnRefusal,
};
use devices::Device;
use domain::{DeviceId, DeviceName, EventId, Phone};
use dynamo::{Item, StoreError, text};
use environment::Random;
use futures_util::future::try_join;
use serde::{Deserialize, Serialize};

use crate::{Notices, account_pk, binding_sk, device_pk, entry_key};

/// Bindings that most accounts stay below: the first page asks for so many rows more than entries.
const USUAL_BINDINGS: usize = 4;

/// A fall as one account sees it.
#[derive(Clone, Serialize, Deserialize)]
pub struct Entry {
    /// The fall.
    #[serde(rename = "sk")]
    pub event_id: EventId,
    /// Which camera saw it.
    pub device_id: DeviceId,
    /// What that camera is called.
    pub device: DeviceName,
    /// What the camera had to say, at most 255 characters.
    pub content: String,
    /// The MD5 of the picture.
    pub pic_name: String,
}

/// A camera that an account is bound to.
#[derive(Clone, Serialize, Deserialize)]
pub struct Binding {
    /// The camera.
    pub device_id: DeviceId,
    /// What it is called.
    pub device: DeviceName,
    /// Drawn anew for each binding, so that work for an earlier one of the same camera knows that it is over. Bindings that
    /// older versions made have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) generation: Option<i64>,
    /// Set until the camera's older falls are all in the inbox.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) filling: bool,
    /// While it is set: from the newest fall down to this one, all are in the inbox already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) filled_to: Option<EventId>,
}

/// Which entries are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Those that the account has not marked.
    Unread,
    /// Those that it has.
    Read,
    /// Both.
    All,
}

/// A part of an inbox.
pub struct InboxPage {
    /// Newest first.
    pub entries: Vec<Entry>,
    /// Where the next page starts; `None` on the last one.
    pub next: Option<EventId>,
}

/// What marking an entry as read came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signed {
    /// It is read from now on.
    Done,
    /// It was read already.
    Before,
    /// The account has no such entry.
    Unknown,
}

/// One page of a query.
struct Rows {
    bindings: Vec<Binding>,
    entries: Vec<Entry>,
    last: Option<Item>,
}

impl Notices {
    /// At most `limit` entries (at least 1), those before `before` if it is given. `None` for an account that is
    /// bound to no camera.
    ///
    /// One round trip for a first page of up to a megabyte, whatever the number of cameras.
    pub async fn list(
        &self,
        phone: &Phone,
        mode: Mode,
        limit: usize,
        before: Option<&EventId>,
    ) -> Result<Option<InboxPage>, StoreError> {
        let query = || self.query_inbox(phone, mode, before);
        // One entry more than asked for tells whether anything follows.
        let (mut bound, rows) = match before {
            None => (Vec::new(), fetch(query(), limit + 1 + USUAL_BINDINGS, None).await?),
            Some(_) => try_join(Box::pin(self.bindings(phone)), fetch(query(), limit + 1, None)).await?,
        };
        bound.extend(rows.bindings);
        let (mut found, mut last) = (rows.entries, rows.last);
        let mut entries: Vec<Entry> = Vec::new();
        loop {
            // Entries of a camera that was unbound may outlive their binding for a moment.
            entries.extend(found.into_iter().filter(|entry| bound.iter().any(|at| at.device_id == entry.device_id)));
            if entries.len() > limit || last.is_none() {
                break;
            }
            let rows = fetch(query(), limit + 1 - entries.len(), last).await?;
            bound.extend(rows.bindings);
            (found, last) = (rows.entries, rows.last);
        }
        if bound.is_empty() {
            return Ok(None);
        }
        let has_next = entries.len() > limit;
        entries.truncate(limit);
        let next = entries.last().filter(|_| has_next).map(|entry| entry.event_id.clone());
        Ok(Some(InboxPage { entries, next }))
    }

    /// The entry of one fall. Accounts that are bound to its camera have it; one whose unbinding was cut short may have it
    /// still, until it unbinds again.
    pub async fn entry(&self, phone: &Phone, event_id: &EventId) -> Result<Option<Entry>, StoreError> {
        let get = self.client.get_item().table_name(&self.table).consistent_read(true);
        let item = get.set_key(Some(entry_key(phone, event_id))).send().await?.item;
        Ok(item.map(dynamo::from_item).transpose()?)
    }

    /// Marks an entry as read, for this account only. One round trip.
    pub async fn sign(&self, phone: &Phone, event_id: &EventId) -> Result<Signed, StoreError> {
        let update = self.client.update_item().table_name(&self.table).set_key(Some(entry_key(phone, event_id)));
        let answer = update
            .update_expression("SET #read = :sk, signed = :mark REMOVE #unread")
            .expression_attribute_values(":sk", text(event_id.as_str()))
            .condition_expression("attribute_exists(#unread) OR signed = :mark")
            .expression_attribute_values(":mark", dynamo::mark(&self.random))
            .expression_attribute_names("#read", "read")
            .expression_attribute_names("#unread", "unread")
            .return_values_on_condition_check_failure(OnRefusal::AllOld)
            .send()
            .await;
        match answer {
            Ok(_) => Ok(Signed::Done),
            Err(error) => match error.as_service_error() {
                Some(dynamo::UpdateItemError::ConditionalCheckFailedException(refused)) => {
                    Ok(if refused.item().is_some_and(|item| !item.is_empty()) {
                        Signed::Before
                    } else {
                        Signed::Unknown
                    })
                }
                _ => Err(error.into()),
            },
        }
    }

    /// The cameras that `phone` is bound to.
    pub async fn bindings(&self, phone: &Phone) -> Result<Vec<Binding>, StoreError> {
        let query = || {
            self.client
                .query()
                .table_name(&self.table)
                .consistent_read(true)
                .key_condition_expression("pk = :pk AND begins_with(sk, :tilde)")
                .expression_attribute_values(":pk", text(account_pk(phone)))
                .expression_attribute_values(":tilde", text("~"))
        };
        let mut bindings = Vec::new();
        let mut start = None;
        loop {
            let rows = rows(query().set_exclusive_start_key(start)).await?;
            bindings.extend(rows.bindings);
            start = rows.last;
            if start.is_none() {
                return Ok(bindings);
            }
        }
    }

    /// The inbox from its newest end: bindings first, unless it starts below them.
    fn query_inbox(&self, phone: &Phone, mode: Mode, before: Option<&EventId>) -> QueryFluentBuilder {
        let (index, sort_key) = match mode {
            Mode::Unread => (Some("unread"), "unread"),
            Mode::Read => (Some("read"), "read"),
            Mode::All => (None, "sk"),
        };
        let query = self
            .client
            .query()
            .table_name(&self.table)
            .set_index_name(index.map(str::to_owned))
            .consistent_read(true)
            .scan_index_forward(false)
            .expression_attribute_values(":pk", text(account_pk(phone)));
        match before {
            None => query.key_condition_expression("pk = :pk"),
            Some(before) => query
                .key_condition_expression("pk = :pk AND #sort < :before")
                .expression_attribute_names("#sort", sort_key)
                .expression_attribute_values(":before", text(before.as_str())),
        }
    }
}

async fn fetch(query: QueryFluentBuilder, limit: usize, start: Option<Item>) -> Result<Rows, StoreError> {
    rows(query.limit(i32::try_from(limit).unwrap_or(i32::MAX)).set_exclusive_start_key(start)).await
}

async fn rows(query: QueryFluentBuilder) -> Result<Rows, StoreError> {
    let answer = query.send().await?;
    let mut rows = Rows { bindings: Vec::new(), entries: Vec::new(), last: answer.last_evaluated_key };
    for item in answer.items.unwrap_or_default() {
        if item.get("sk").and_then(|sk| sk.as_s().ok()).is_some_and(|sk| sk.starts_with('~')) {
            rows.bindings.push(dynamo::from_item(item)?);
        } else {
            rows.entries.push(dynamo::from_item(item)?);
        }
    }
    Ok(rows)
}

impl Entry {
    /// The entry as an unread one of `phone`.
    pub(crate) fn to_unread_item(&self, phone: &Phone) -> Result<Item, StoreError> {
        let mut item: Item = dynamo::to_item(self)?;
        item.insert("pk".to_owned(), text(account_pk(phone)));
        item.insert("unread".to_owned(), text(self.event_id.as_str()));
        Ok(item)
    }

    /// The fall itself, in the camera's own partition.
    pub(crate) fn to_notice_item(&self) -> Result<Item, StoreError> {
        let mut item: Item = dynamo::to_item(self)?;
        item.insert("pk".to_owned(), text(device_pk(&self.device_id)));
        Ok(item)
    }
}

impl Binding {
    /// A binding that begins: none of the camera's older falls is in the inbox yet.
    pub(crate) fn new(device: &Device, random: &Random) -> Self {
        Self {
            device_id: device.id.clone(),
            device: device.name.clone(),
            generation: Some(i64::from_ne_bytes(random.bytes())),
            filling: true,
            filled_to: None,
        }
    }

    /// The binding as an item of `phone`'s inbox, above the entries on every index.
    pub(crate) fn to_item(&self, phone: &Phone) -> Result<Item, StoreError> {
        let mut item: HashMap<_, _> = dynamo::to_item(self)?;
        item.insert("pk".to_owned(), text(account_pk(phone)));
        for sort_key in ["sk", "unread", "read"] {
            item.insert(sort_key.to_owned(), text(binding_sk(&self.device_id)));
        }
        Ok(item)
    }
}
