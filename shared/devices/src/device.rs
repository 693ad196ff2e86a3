use std::collections::BTreeSet;

use domain::{DeviceId, DeviceName, Phone};
use serde::{Deserialize, Serialize};

/// How many accounts one camera can be bound to: a fall is written for all of them in one transaction, and
/// DynamoDB's transactions hold a hundred writes.
pub const MAX_ACCOUNTS: usize = 90;

/// A camera.
#[derive(Clone, Serialize, Deserialize)]
pub struct Device {
    /// Its id and only credential.
    #[serde(rename = "device_id")]
    pub id: DeviceId,
    /// What people call it.
    pub name: DeviceName,
    /// Who added it; nobody any more once that account is deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub added_by: Option<Phone>,
    /// The accounts that are told of its falls.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty", with = "serde_dynamo::string_set")]
    pub accounts: BTreeSet<Phone>,
    /// Changes whenever `accounts` does, so that a fall is never written for accounts that are no longer the right
    /// ones.
    pub revision: i64,
}
