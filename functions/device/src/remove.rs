use domain::Phone;
use envelope::{Answer, Data, Failure, Status};
use notices::{RemoveError, Removed};

use crate::{DEVICE_ID_NOT_EXIST, Device, parse_device_id};

/// `device/remove`: the camera is gone for everybody, with its falls. Only whoever added it may.
pub(crate) async fn run(device: &Device, caller: &Phone, data: &Data<'_>) -> Result<Answer, Failure> {
    let id = parse_device_id(&data.text("device_id")?)?;
    match device.notices.remove_device(caller, &id, &device.pictures).await {
        Ok(Removed::Done) => Ok(Answer::empty()),
        Ok(Removed::UnknownDevice) => Err(DEVICE_ID_NOT_EXIST.into()),
        Ok(Removed::NotTheirs) => Err(Status::NO_PERMISSION.into()),
        Err(RemoveError::Pictures(error)) => Err(error.into()),
        Err(RemoveError::Store(error)) => Err(error.into()),
    }
}

/// What the OpenAPI document says of it.
#[cfg(feature = "schema")]
pub(crate) fn describe() -> openapi::Operation {
    let summary = "Ends a camera and its falls for everybody. Only whoever added it may.";
    openapi::Operation::new("device", "remove", summary)
        .takes([crate::key("Which camera.").example("5f0c7d2e9b1a4c3d8e6f7a8b9c0d1e21")])
        .fails([DEVICE_ID_NOT_EXIST, Status::NO_PERMISSION, Status::PICTURE_STORE_FAILURE])
}
