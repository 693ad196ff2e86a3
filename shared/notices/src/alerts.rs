use std::{collections::BTreeSet, time::Duration};

use aws_sdk_dynamodb::types::Update;
use devices::Device;
use domain::{DeviceId, DeviceName, EventId, Phone, WallClock};
use dynamo::{Item, Key, StoreError, Transaction, Written, number, text};
use environment::{Environment, StartError};
use futures_util::{StreamExt, future::join_all, stream};
use metrics::Metric;
use serde::{Deserialize, Serialize};
use tokio::time::Sleep;

use crate::{Entry, Notices, key};

/// The partition of alerts that are still to be sent.
const PENDING: &str = "alerts";

/// How long whoever is sending an alert has before somebody else may try.
const LEASE_SECONDS: i64 = 60;

/// The pause after the first retry that failed; it doubles with each further one, up to the longest.
const FIRST_PAUSE_SECONDS: i64 = 60;
const LONGEST_PAUSE_SECONDS: i64 = 15 * 60;

/// After a day an alert helps nobody; the notice is still there, unread.
const GIVE_UP_SECONDS: i64 = 24 * 3600;

/// How many alerts a run works on at once.
const AT_ONCE: usize = 8;

/// For how long a run begins to work on one more. What it has begun then takes as long as a silent SMS service may, which
/// is seven seconds: Lambda's timeout does not cut it off, and nobody is told twice because of that.
const RUN: Duration = Duration::from_secs(15);

/// What a try to deliver an alert came to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Delivery {
    /// There is nobody left to tell, or somebody else is at it.
    Settled,
    /// Somebody has not been told.
    Waiting,
}

/// Messages that tell of one fall and were not all sent yet.
#[derive(Clone, Serialize, Deserialize)]
pub struct Alert {
    #[serde(rename = "sk")]
    event_id: EventId,
    device_id: DeviceId,
    device: DeviceName,
    /// Who has not been told.
    phones: BTreeSet<Phone>,
    /// When the scheduled run may take it up.
    due: i64,
    /// How often the scheduled run failed.
    retries: u32,
}

/// Tells families of falls by SMS.
pub struct Alerts {
    sender: sms::Sender,
    wall_clock: WallClock,
    enabled: bool,
}

impl Alerts {
    /// Reads `FALL_ALERTS` and `UTC_OFFSET`.
    pub fn new(environment: &Environment) -> Result<Self, StartError> {
        Ok(Self {
            sender: sms::Sender::new(environment),
            wall_clock: environment.variables.parse("UTC_OFFSET")?,
            enabled: environment.variables.parse("FALL_ALERTS")?,
        })
    }

    /// Whether the deployment sends alerts at all.
    #[must_use]
    pub fn enabled(&self) -> bool {
        self.enabled
    }

    /// How times are written.
    #[must_use]
    pub fn wall_clock(&self) -> &WallClock {
        &self.wall_clock
    }

    /// Sends `alert` and records who has been told. What could not be sent or recorded stays pending for the scheduled
    /// run: nothing here fails a notice.
    pub async fn deliver(&self, notices: &Notices, alert: Alert) {
        if let Err(error) = self.try_deliver(notices, alert).await {
            tracing::error!(%error, "an alert's delivery could not be recorded; it may be sent twice");
        }
    }

    /// Sends every pending alert that is due, unless alerts were turned off since. What cannot be sent now stays
    /// pending, and the log says so. Begins with none after 15 seconds: the next run has those.
    pub async fn retry(&self, notices: &Notices) -> Result<(), StoreError> {
        if !self.enabled {
            metrics::add(Metric::AlertsPending, 0);
            return Ok(());
        }
        let (now, end) = (notices.clock.now_seconds(), tokio::time::sleep(RUN));
        let (due, later): (Vec<_>, Vec<_>) =
            notices.pending_alerts().await?.into_iter().partition(|alert| alert.due <= now);
        // Whoever reported a fall a moment ago is telling of it at this very moment: that is no alert that waits.
        let mut waiting = due.len() + later.iter().filter(|alert| alert.retries > 0).count();
        let outcomes = until(end, due.into_iter().map(async |alert| self.retry_one(notices, alert, now).await)).await;
        // One that could not be recorded is still in the table.
        waiting -= outcomes.iter().filter(|outcome| matches!(outcome, Ok(Delivery::Settled))).count();
        metrics::add(Metric::AlertsPending, u32::try_from(waiting).unwrap_or(u32::MAX));
        outcomes.into_iter().try_for_each(|outcome| outcome.map(drop))
    }

    async fn retry_one(&self, notices: &Notices, alert: Alert, now: i64) -> Result<Delivery, StoreError> {
        if alert.event_id.at().as_second() + GIVE_UP_SECONDS <= now {
            tracing::error!(event_id = alert.event_id.as_str(), left = alert.phones.len(), "an alert is given up");
            notices.delete_alert(&alert).await?;
            metrics::count(Metric::AlertsGivenUp);
            return Ok(Delivery::Settled);
        }
        let Some(mut alert) = notices.claim(alert, now).await? else { return Ok(Delivery::Settled) };
        // Whoever unbound the camera meanwhile, or deleted the account, is not to hear of it any more.
        let device = notices.devices.find(&alert.device_id).await?;
        alert.phones.retain(|phone| device.as_ref().is_some_and(|device| device.accounts.contains(phone)));
        self.try_deliver(notices, alert).await
    }

    async fn try_deliver(&self, notices: &Notices, mut alert: Alert) -> Result<Delivery, StoreError> {
        let at = self.wall_clock.date_time(alert.event_id.at());
        let message = sms::alert_message(alert.device.as_str(), &at);
        let sends = join_all(alert.phones.iter().map(async |phone| {
            self.sender.send(phone, &message).await?;
            let delay = notices.clock.now().duration_since(alert.event_id.at());
            metrics::record(Metric::AlertDelay, i32::try_from(delay.as_millis()).unwrap_or(i32::MAX).into());
            Ok::<_, sms::NotSent>(())
        }))
        .await;
        let mut told = sends.iter().map(Result::is_ok);
        alert.phones.retain(|_| told.next() == Some(false));
        if alert.phones.is_empty() {
            notices.delete_alert(&alert).await?;
            return Ok(Delivery::Settled);
        }
        for error in sends.into_iter().filter_map(Result::err) {
            tracing::warn!(event_id = alert.event_id.as_str(), %error, "an alert was not sent; it stays pending");
        }
        let pause = FIRST_PAUSE_SECONDS.saturating_mul(1 << alert.retries.min(10)).min(LONGEST_PAUSE_SECONDS);
        alert.due = notices.clock.now_seconds() + pause;
        alert.retries += 1;
        notices.put_alert_back(&alert).await?;
        Ok(Delivery::Waiting)
    }
}

/// Works on some at once, and begins with none after `end`. Answers what came of those that were begun.
async fn until<F: Future>(end: Sleep, work: impl Iterator<Item = F>) -> Vec<F::Output> {
    stream::iter(work).take_until(end).buffer_unordered(AT_ONCE).collect().await
}

impl Alert {
    /// The alert of a fall that was just reported, leased to whoever reports it.
    pub(crate) fn first(entry: &Entry, device: &Device, now: i64) -> Self {
        Self {
            event_id: entry.event_id.clone(),
            device_id: entry.device_id.clone(),
            device: entry.device.clone(),
            phones: device.accounts.clone(),
            due: now + LEASE_SECONDS,
            retries: 0,
        }
    }

    pub(crate) fn concerns_somebody(&self) -> bool {
        !self.phones.is_empty()
    }

    pub(crate) fn to_item(&self) -> Result<Item, StoreError> {
        let mut item: Item = dynamo::to_item(self)?;
        item.insert("pk".to_owned(), text(PENDING));
        Ok(item)
    }

    fn key(&self) -> Key {
        key(PENDING.to_owned(), self.event_id.as_str().to_owned())
    }
}

impl Notices {
    /// The newest first: of many that wait after an outage, these are the ones where somebody may still lie on the floor.
    async fn pending_alerts(&self) -> Result<Vec<Alert>, StoreError> {
        let mut pages = self
            .client
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            .scan_index_forward(false)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", text(PENDING))
            .into_paginator()
            .items()
            .send();
        let mut alerts = Vec::new();
        while let Some(item) = pages.next().await {
            match dynamo::from_item(item?) {
                Ok(alert) => alerts.push(alert),
                // One that nobody can read must not keep the others from being sent.
                Err(error) => tracing::error!(%error, "a pending alert cannot be read"),
            }
        }
        Ok(alerts)
    }

    /// Leases `alert` to the caller; `None` when somebody else was quicker.
    async fn claim(&self, alert: Alert, now: i64) -> Result<Option<Alert>, StoreError> {
        let due = now + LEASE_SECONDS;
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(alert.key()))
            .update_expression("SET due = :due")
            .condition_expression("due = :seen")
            .expression_attribute_values(":due", number(due))
            .expression_attribute_values(":seen", number(alert.due))
            .build()
            .map_err(|error| StoreError::new("leasing an alert", error))?;
        // A transaction of one: sent twice, it is carried out once.
        match Transaction::new().update(update).write(&self.client).await? {
            Written::Done => Ok(Some(Alert { due, ..alert })),
            Written::Refused(_) => Ok(None),
        }
    }

    async fn put_alert_back(&self, alert: &Alert) -> Result<(), StoreError> {
        self.client.put_item().table_name(&self.table).set_item(Some(alert.to_item()?)).send().await?;
        Ok(())
    }

    async fn delete_alert(&self, alert: &Alert) -> Result<(), StoreError> {
        self.client.delete_item().table_name(&self.table).set_key(Some(alert.key())).send().await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::{Instant, sleep};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_run_finishes_what_it_has_begun_and_begins_nothing_late() {
        let started = Instant::now();
        let done = until(sleep(RUN), (0..100).map(async |_| sleep(Duration::from_secs(7)).await)).await;
        assert_eq!(done.len(), 3 * AT_ONCE, "at 0, 7 and 14 seconds");
        assert_eq!(started.elapsed().as_secs(), 21);
    }

    #[tokio::test(start_paused = true)]
    async fn a_run_that_is_done_does_not_wait() {
        let started = Instant::now();
        assert_eq!(until(sleep(RUN), (0..3).map(async |number| number)).await.len(), 3);
        assert_eq!(started.elapsed(), Duration::ZERO);
    }
}
