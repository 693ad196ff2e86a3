use aws_sdk_dynamodb::types::{Put, ReturnValuesOnConditionCheckFailure as OnRefusal};
use devices::Device;
use domain::{DeviceId, sha256_hex};
use dynamo::{Item, Key, StoreError, number, text};

use crate::{Notices, device_pk, key};

/// How long a camera may repeat a request and get the first answer: a week without network.
const REPEAT_SECONDS: i64 = 7 * 24 * 3600;

/// How long another picture under the same key tells of the same fall: a camera may take one anew for each try. Later it
/// tells of another fall, because a camera that counts its keys begins anew when it restarts.
const RETAKE_SECONDS: i64 = 10 * 60;

/// A camera that showed its token, and the request that it may be repeating.
pub struct Camera {
    /// The camera as it was read.
    pub device: Device,
    /// Where the answer to this request is remembered; `None` without an `Idempotency-Key`.
    pub(crate) repeat_key: Option<Key>,
    /// What is remembered there.
    pub(crate) remembered: Option<Item>,
}

impl Notices {
    /// The camera whose token this is. `idempotency_key` is the header's value, whatever it may be.
    ///
    /// One round trip; none for a text that cannot be a token.
    pub async fn camera(&self, token: &str, idempotency_key: Option<&[u8]>) -> Result<Option<Camera>, StoreError> {
        let Ok(id) = token.parse::<DeviceId>() else { return Ok(None) };
        let Some(idempotency_key) = idempotency_key.filter(|key| !key.is_empty()) else {
            let device = self.devices.find(&id).await?;
            return Ok(device.map(|device| Camera { device, repeat_key: None, remembered: None }));
        };
        let repeat_key = key(device_pk(&id), format!("key#{}", sha256_hex(idempotency_key)));
        let places = [self.devices.place(&id), (self.table.as_str(), repeat_key.clone())];
        let [device, remembered] = dynamo::read(&self.client, places).await?;
        let Some(device) = device else { return Ok(None) };
        Ok(Some(Camera { device: dynamo::from_item(device)?, repeat_key: Some(repeat_key), remembered }))
    }

    /// Remembers the answer to a request. Refused, with what is remembered, where that is the [`first_answer`] to it.
    pub(crate) fn put_answer(&self, repeat_key: &Key, pic_name: &str, now: i64) -> Result<Put, StoreError> {
        let expires = now + REPEAT_SECONDS;
        let mut item: Item = repeat_key.clone();
        item.insert("pic_name".to_owned(), text(pic_name));
        item.insert("expires".to_owned(), number(expires));
        Put::builder()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression(
                "attribute_not_exists(pk) OR expires <= :now OR (pic_name <> :picture AND expires <= :retake)",
            )
            .expression_attribute_values(":now", number(now))
            .expression_attribute_values(":picture", text(pic_name))
            .expression_attribute_values(":retake", number(expires - RETAKE_SECONDS))
            .return_values_on_condition_check_failure(OnRefusal::AllOld)
            .build()
            .map_err(|error| StoreError::new("remembering an answer", error))
    }
}

/// What `remembered` says was answered to a request with the picture `pic_name`; `None` when that is another request, or
/// so long ago that the item only waits to be deleted.
pub(crate) fn first_answer(remembered: &Item, pic_name: &str, now: i64) -> Option<String> {
    let expires: i64 = remembered.get("expires")?.as_n().ok()?.parse().ok()?;
    let first = remembered.get("pic_name")?.as_s().ok()?;
    let left = if first == pic_name { 0 } else { REPEAT_SECONDS - RETAKE_SECONDS };
    (expires > now + left).then(|| first.clone())
}
