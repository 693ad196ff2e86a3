use domain::Phone;
use envelope::{Answer, Data, Failure, Status};
use notices::Bound;

use crate::{DEVICE_ID_NOT_EXIST, Device, parse_device_id};

/// `device/bind`: the camera's falls, older ones too, reach the caller from now on. Binding twice is fine.
pub(crate) async fn run(device: &Device, caller: &Phone, data: &Data<'_>) -> Result<Answer, Failure> {
    let id = parse_device_id(&data.text("device_id")?)?;
    match device.notices.bind(caller, &id, &device.users.exists_within(caller)?).await? {
        Bound::Done => Ok(Answer::empty()),
        Bound::UnknownDevice => Err(DEVICE_ID_NOT_EXIST.into()),
        Bound::Full => Err(Status::VALUE_ERROR.into()),
        Bound::UnknownAccount => Err(Status::ERROR_TOKEN.into()),
    }
}

/// What the OpenAPI document says of it.
#[cfg(feature = "schema")]
pub(crate) fn describe() -> openapi::Operation {
    openapi::Operation::new("device", "bind", "Has the camera's falls, older ones too, reach the caller from now on.")
        .takes([crate::key("Which camera. It is bound to at most 90 accounts.")])
        .fails([DEVICE_ID_NOT_EXIST, Status::VALUE_ERROR])
}
