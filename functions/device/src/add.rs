use devices::AddError;
use domain::Phone;
use envelope::{Answer, Data, Failure, Status};
use serde::Serialize;

use crate::Device;

const FAILED_TO_ADD: Status = Status::new(100, "Failed to add device");
const DUPLICATE_DEVICE: Status = Status::new(101, "Duplicate device");

#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct Added {
    /// The camera's id and only credential.
    device_id: String,
}

/// `device/add`: a camera of the caller's. Its id is the camera's only credential, so the caller gets it.
pub(crate) async fn run(device: &Device, caller: &Phone, data: &Data<'_>) -> Result<Answer, Failure> {
    let name = data.text("device")?.parse().map_err(|_| Status::VALUE_ERROR)?;
    match device.notices.devices().add(caller, name, &device.users.exists_within(caller)?).await {
        Ok(id) => Ok(Answer::new(Added { device_id: id.as_str().to_owned() })),
        Err(AddError::UnknownAccount) => Err(Status::ERROR_TOKEN.into()),
        Err(AddError::Duplicate) => Err(DUPLICATE_DEVICE.into()),
        Err(AddError::Store(error)) => Err(Failure::fault(FAILED_TO_ADD, error)),
    }
}

/// What the OpenAPI document says of it.
#[cfg(feature = "schema")]
pub(crate) fn describe() -> openapi::Operation {
    use openapi::{Key, Operation, closed};
    Operation::new("device", "add", "Adds a camera. Adding does not bind.")
        .takes([Key::text(
            "device",
            "Its name, unique among those that the caller added.",
            closed::<domain::DeviceName>(),
        )])
        .replies::<Added>()
        .fails([FAILED_TO_ADD, DUPLICATE_DEVICE])
}
