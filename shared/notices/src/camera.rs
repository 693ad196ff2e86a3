use devices::Device;
use domain::{DeviceId, sha256_hex};
use dynamo::{Item, Key, StoreError, number, text};

use crate::{Notices, device_pk, key};

/// How long a camera may repeat a request and get the first answer: a week without network.
const REPEAT_SECONDS: i64 = 7 * 24 * 3600;

/// A camera that showed its token, and the request that it may be repeating.
pub struct Camera {
    /// The camera as it was read.
    pub device: Device,
    /// Where the answer to this request is remembered; `None` without an `Idempotency-Key`.
    pub(crate) repeat_key: Option<Key>,
    /// The first answer to this request: the picture's name.
    pub first_answer: Option<String>,
}

impl Notices {
    /// The camera whose token this is. `idempotency_key` is the header's value, whatever it may be.
    ///
    /// One round trip; none for a text that cannot be a token.
    pub async fn camera(&self, token: &str, idempotency_key: Option<&[u8]>) -> Result<Option<Camera>, StoreError> {
        let Ok(id) = token.parse::<DeviceId>() else { return Ok(None) };
        let Some(idempotency_key) = idempotency_key.filter(|key| !key.is_empty()) else {
            let device = self.devices.find(&id).await?;
            return Ok(device.map(|device| Camera { device, repeat_key: None, first_answer: None }));
        };
        let repeat_key = key(device_pk(&id), format!("key#{}", sha256_hex(idempotency_key)));
        let places = [self.devices.place(&id), (self.table.as_str(), repeat_key.clone())];
        let [device, first] = dynamo::read(&self.client, places).await?;
        let Some(device) = device else { return Ok(None) };
        let first_answer = first.as_ref().and_then(|first| first_answer(first, self.clock.now_seconds()));
        Ok(Some(Camera { device: dynamo::from_item(device)?, repeat_key: Some(repeat_key), first_answer }))
    }

    /// Remembers the answer to a request.
    pub(crate) fn answer_item(&self, mut repeat_key: Key, pic_name: &str) -> Item {
        repeat_key.insert("pic_name".to_owned(), text(pic_name));
        repeat_key.insert("expires".to_owned(), number(self.clock.now_seconds() + REPEAT_SECONDS));
        repeat_key
    }
}

/// The answer that `item` remembers, unless it is dead and only waits to be deleted.
pub(crate) fn first_answer(item: &Item, now: i64) -> Option<String> {
    let expires: i64 = item.get("expires")?.as_n().ok()?.parse().ok()?;
    (expires > now).then(|| item.get("pic_name")?.as_s().ok().cloned())?
}
