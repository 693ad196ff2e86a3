use aws_sdk_dynamodb::types::{Put, ReturnValuesOnConditionCheckFailure as OnRefusal};
use devices::Device;
use domain::EventId;
use dynamo::{Item, StoreError, Written, number};
use pictures::{Picture, PictureStore, PictureStoreError};

use crate::{Alert, Camera, Entry, Notices, camera::first_answer};

/// How often a fall is written anew because an account was bound or unbound meanwhile.
const ROUNDS: usize = 32;

/// What a camera reports.
pub struct Report {
    /// The fall.
    pub picture: Picture,
    /// What the camera has to say, at most 255 characters.
    pub content: String,
}

/// What became of a report.
pub struct Reported {
    /// The MD5 of the picture.
    pub pic_name: String,
    /// Who is still to be told; `None` when nobody is bound, when alerts are off, or for a repeated request.
    pub alert: Option<Alert>,
}

/// Why a fall could not be recorded. Nothing was, then.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The camera was removed meanwhile.
    #[error("the camera is gone")]
    UnknownDevice,
    /// The picture could not be kept.
    #[error(transparent)]
    Pictures(#[from] PictureStoreError),
    /// A table failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How a try to write a fall ended.
enum Try {
    Done,
    /// The camera's accounts changed; this is the camera as it is now.
    Changed(Device),
    /// The same request got through before: its answer.
    Repeated(String),
}

impl Notices {
    /// Records a fall: the picture first, then in one transaction the notice, an unread entry for each bound account
    /// and the alert to them. When this answers, all of it is durable.
    ///
    /// The transaction demands that the accounts are still those that were read, so that no account that is bound
    /// at the moment of writing is left out.
    pub async fn report(
        &self,
        camera: Camera,
        report: Report,
        pictures: &PictureStore,
        with_alert: bool,
    ) -> Result<Reported, ReportError> {
        let mut device = camera.device;
        let event_id = EventId::new(self.clock.now(), &self.random);
        let picture_key = PictureStore::fall_key(&event_id);
        let entry = Entry {
            event_id,
            device_id: device.id.clone(),
            device: device.name.clone(),
            content: report.content,
            pic_name: report.picture.md5(),
        };
        let answer = camera.repeat_key.map(|key| self.answer_item(key, &entry.pic_name));
        pictures.put(&picture_key, report.picture).await?;
        let outcome = self.write_until_settled(&mut device, &entry, answer.as_ref(), with_alert).await;
        match outcome {
            Ok(Some(first)) => {
                // Nobody knows this picture's key; if it stays, the bucket's inventory is all that is wrong.
                let _ = pictures.delete(&picture_key).await;
                Ok(Reported { pic_name: first, alert: None })
            }
            Ok(None) => {
                let alert = with_alert.then(|| Alert::first(&entry, &device, self.clock.now_seconds()));
                Ok(Reported { pic_name: entry.pic_name, alert: alert.filter(Alert::concerns_somebody) })
            }
            Err(ReportError::UnknownDevice) => {
                let _ = pictures.delete(&picture_key).await;
                Err(ReportError::UnknownDevice)
            }
            // The write may have happened although its answer was lost: the picture stays.
            Err(error) => Err(error),
        }
    }

    /// Answers the first answer when the request turned out to be a repeated one.
    async fn write_until_settled(
        &self,
        device: &mut Device,
        entry: &Entry,
        answer: Option<&Item>,
        with_alert: bool,
    ) -> Result<Option<String>, ReportError> {
        for _ in 0..ROUNDS {
            match self.write_once(device, entry, answer, with_alert).await? {
                Try::Done => return Ok(None),
                Try::Repeated(first) => return Ok(Some(first)),
                Try::Changed(present) => *device = present,
            }
        }
        Err(StoreError::new("recording a fall", "the camera's accounts kept changing").into())
    }

    async fn write_once(
        &self,
        device: &Device,
        entry: &Entry,
        answer: Option<&Item>,
        with_alert: bool,
    ) -> Result<Try, ReportError> {
        let now = self.clock.now_seconds();
        let mut writes = self.devices.unchanged_within(device)?.put(dynamo::put(&self.table, entry.to_notice_item()?)?);
        let answer_at = writes.len();
        if let Some(answer) = answer {
            writes = writes.put(self.put_answer(answer, now)?);
        }
        for phone in &device.accounts {
            writes = writes.put(dynamo::put(&self.table, entry.to_unread_item(phone)?)?);
        }
        if with_alert && !device.accounts.is_empty() {
            writes = writes.put(dynamo::put(&self.table, Alert::first(entry, device, now).to_item()?)?);
        }
        match writes.write(&self.client).await? {
            Written::Done => Ok(Try::Done),
            Written::Refused(refused) => {
                if let Some(present) = refused.first().and_then(Option::as_ref) {
                    return if present.is_empty() {
                        Err(ReportError::UnknownDevice)
                    } else {
                        Ok(Try::Changed(dynamo::from_item(present.clone()).map_err(StoreError::from)?))
                    };
                }
                let first = refused.get(answer_at).and_then(Option::as_ref).and_then(|item| first_answer(item, now));
                first.map(Try::Repeated).ok_or_else(|| StoreError::new("recording a fall", "refused").into())
            }
        }
    }

    /// Refused, with the first answer, when there is one that is alive.
    fn put_answer(&self, answer: &Item, now: i64) -> Result<Put, StoreError> {
        Put::builder()
            .table_name(&self.table)
            .set_item(Some(answer.clone()))
            .condition_expression("attribute_not_exists(pk) OR expires <= :now")
            .expression_attribute_values(":now", number(now))
            .return_values_on_condition_check_failure(OnRefusal::AllOld)
            .build()
            .map_err(|error| StoreError::new("remembering an answer", error))
    }
}
