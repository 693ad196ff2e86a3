use std::collections::BTreeMap;

use domain::{DeviceId, DeviceName, Phone};
use envelope::{Answer, Failure};
use futures_util::future::try_join;
use serde::Serialize;

use crate::Device;

/// A camera as this API shows it.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(crate) struct ShownDevice {
    pub device_id: DeviceId,
    pub device_name: DeviceName,
}

#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct List {
    num: usize,
    list: Vec<ShownDevice>,
}

/// `device/list`: the cameras that the caller added or is bound to.
pub(crate) async fn run(device: &Device, caller: &Phone) -> Result<Answer, Failure> {
    let list = visible(device, caller).await?;
    Ok(Answer::new(List { num: list.len(), list }))
}

/// What the caller added or is bound to, by name. Two round trips at once.
pub(crate) async fn visible(device: &Device, caller: &Phone) -> Result<Vec<ShownDevice>, Failure> {
    let (owned, bound) = try_join(device.notices.devices().owned_by(caller), device.notices.bindings(caller)).await?;
    let names: BTreeMap<DeviceId, DeviceName> = owned
        .into_iter()
        .map(|owned| (owned.id, owned.name))
        .chain(bound.into_iter().map(|bound| (bound.device_id, bound.device)))
        .collect();
    let mut list: Vec<ShownDevice> =
        names.into_iter().map(|(device_id, device_name)| ShownDevice { device_id, device_name }).collect();
    list.sort_by(|one, other| one.device_name.as_str().cmp(other.device_name.as_str()));
    Ok(list)
}

/// What the OpenAPI document says of it.
#[cfg(feature = "schema")]
pub(crate) fn describe() -> openapi::Operation {
    openapi::Operation::new("device", "list", "The cameras that the caller added or is bound to.").replies::<List>()
}
