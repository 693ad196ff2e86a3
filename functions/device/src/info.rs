use domain::Phone;
use envelope::{Answer, Data, Failure, Status};

use crate::{
    Device,
    list::{ShownDevice, visible},
};

const ERROR_NAME_OR_ID: Status = Status::new(100, "Error device_name or device_id");
const NO_SUCH_DEVICE: Status = Status::new(101, "No Such Device");

/// `device/info`: a camera of the caller's by id or, without one, by name; of several with that name the caller's own.
pub(crate) async fn run(device: &Device, caller: &Phone, data: &Data<'_>) -> Result<Answer, Failure> {
    let (id, name) = (data.optional_text("device_id")?.value(), data.optional_text("device_name")?.value());
    match (id, name) {
        (Some(id), _) => by_id(device, caller, &id).await,
        (None, Some(name)) => by_name(device, caller, &name).await,
        (None, None) => Err(ERROR_NAME_OR_ID.into()),
    }
}

async fn by_id(device: &Device, caller: &Phone, id: &str) -> Result<Answer, Failure> {
    let id = id.parse().map_err(|_| NO_SUCH_DEVICE)?;
    let found = device.notices.devices().find(&id).await?.ok_or(NO_SUCH_DEVICE)?;
    if found.added_by.as_ref() == Some(caller) || found.accounts.contains(caller) {
        Ok(Answer::new(ShownDevice { device_id: found.id, device_name: found.name }))
    } else {
        Err(NO_SUCH_DEVICE.into())
    }
}

async fn by_name(device: &Device, caller: &Phone, name: &str) -> Result<Answer, Failure> {
    let name = name.parse().map_err(|_| NO_SUCH_DEVICE)?;
    if let Some(owned) = device.notices.devices().owned_as(caller, &name).await? {
        return Ok(Answer::new(ShownDevice { device_id: owned.id, device_name: owned.name }));
    }
    let bound = visible(device, caller).await?.into_iter().find(|bound| bound.device_name == name);
    Ok(Answer::new(bound.ok_or(NO_SUCH_DEVICE)?))
}

/// What the OpenAPI document says of it.
#[cfg(feature = "schema")]
pub(crate) fn describe() -> openapi::Operation {
    use openapi::{Key, Operation, closed};
    Operation::new("device", "info", "One camera of the caller's, by id or, without one, by name.")
        .takes([
            Key::optional_text("device_id", "Its id.", closed::<domain::DeviceId>()).malformed(NO_SUCH_DEVICE),
            Key::optional_text("device_name", "Its name.", openapi::text("bedroom")).any_form(),
        ])
        .replies::<ShownDevice>()
        .fails([ERROR_NAME_OR_ID, NO_SUCH_DEVICE])
}
