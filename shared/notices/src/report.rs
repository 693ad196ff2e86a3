use devices::Device;
use domain::EventId;
use dynamo::{Key, StoreError, Written};
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

/// Why a fall could not be recorded.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The camera was removed meanwhile.
    #[error("the camera is gone")]
    UnknownDevice,
    /// The picture could not be kept.
    #[error(transparent)]
    Pictures(#[from] PictureStoreError),
    /// A table failed. If only its answer was lost, the fall is recorded nevertheless.
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
    /// at the moment of writing is left out. A repeated request gets the first answer, and nothing is written.
    pub async fn report(
        &self,
        camera: Camera,
        report: Report,
        pictures: &PictureStore,
        with_alert: bool,
    ) -> Result<Reported, ReportError> {
        let pic_name = report.picture.md5();
        let remembered = camera.remembered.as_ref();
        if let Some(first) = remembered.and_then(|item| first_answer(item, &pic_name, self.clock.now_seconds())) {
            return Ok(Reported { pic_name: first, alert: None });
        }
        let mut device = camera.device;
        let event_id = EventId::new(self.clock.now(), &self.random);
        let picture_key = PictureStore::fall_key(&event_id);
        let entry = Entry {
            event_id,
            device_id: device.id.clone(),
            device: device.name.clone(),
            content: report.content,
            pic_name,
        };
        pictures.put(&picture_key, report.picture).await?;
        let outcome = self.write_until_settled(&mut device, &entry, camera.repeat_key.as_ref(), with_alert).await;
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
        repeat_key: Option<&Key>,
        with_alert: bool,
    ) -> Result<Option<String>, ReportError> {
        for _ in 0..ROUNDS {
            match self.write_once(device, entry, repeat_key, with_alert).await? {
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
        repeat_key: Option<&Key>,
        with_alert: bool,
    ) -> Result<Try, ReportError> {
        let now = self.clock.now_seconds();
        let mut writes = self.devices.unchanged_within(device)?.put(dynamo::put(&self.table, entry.to_notice_item()?)?);
        let answer_at = writes.len();
        if let Some(key) = repeat_key {
            writes = writes.put(self.put_answer(key, &entry.pic_name, now)?);
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
                let remembered = refused.get(answer_at).and_then(Option::as_ref);
                let first = remembered.and_then(|item| first_answer(item, &entry.pic_name, now));
                first.map(Try::Repeated).ok_or_else(|| StoreError::new("recording a fall", "refused").into())
            }
        }
    }
}
