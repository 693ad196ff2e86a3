use domain::Phone;
use envelope::{Answer, Data, Failure, Status};
use notices::Removed;

use crate::{DEVICE_ID_NOT_EXIST, Device, parse_device_id};

/// `device/remove`: the camera is gone for everybody, with its falls. Only whoever added it may.
pub(crate) async fn run(device: &Device, caller: &Phone, data: &Data<'_>) -> Result<Answer, Failure> {
    let id = parse_device_id(&data.text("device_id")?)?;
    match device.notices.remove_device(caller, &id, &device.pictures).await? {
        Removed::Done => Ok(Answer::empty()),
        Removed::UnknownDevice => Err(DEVICE_ID_NOT_EXIST.into()),
        Removed::NotTheirs => Err(Status::NO_PERMISSION.into()),
    }
}
