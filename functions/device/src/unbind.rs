use domain::Phone;
use envelope::{Answer, Data, Failure};

use crate::{DEVICE_ID_NOT_EXIST, Device, parse_device_id};

/// `device/unbind`: the camera's falls no longer reach the caller. Whoever is not bound is told the same.
pub(crate) async fn run(device: &Device, caller: &Phone, data: &Data<'_>) -> Result<Answer, Failure> {
    let id = parse_device_id(&data.text("device_id")?)?;
    if device.notices.unbind(caller, &id).await? { Ok(Answer::empty()) } else { Err(DEVICE_ID_NOT_EXIST.into()) }
}

/// What the OpenAPI document says of it.
#[cfg(feature = "schema")]
pub(crate) fn describe() -> openapi::Operation {
    openapi::Operation::new("device", "unbind", "Has the camera's falls no longer reach the caller.")
        .takes([crate::key("Which camera.").example("5f0c7d2e9b1a4c3d8e6f7a8b9c0d1e20")])
        .fails([DEVICE_ID_NOT_EXIST])
}
