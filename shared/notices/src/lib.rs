//! Falls, who was told of them, and who has seen them: the table `notices`.
//!
//! | `pk` | `sk` | what |
//! |---|---|---|
//! | `device#<id>` | an event id | a fall as the camera reported it |
//! | `device#<id>` | `key#<sha256>` | the answer to a request that the camera may repeat |
//! | `account#<phone>` | an event id | an [inbox entry](Entry), on the index `unread` or `read` |
//! | `account#<phone>` | `~<device id>` | a [binding](Binding), on both indexes |
//! | `alerts` | an event id | an [alert](Alert) that was not sent to everybody yet |
//!
//! An account's inbox is one partition, sorted by time, with its bindings above all entries: one query answers who
//! is bound to what and the newest entries at once, whichever index it reads.

mod alerts;
mod bind;
mod camera;
mod inbox;
mod remove;
mod report;
mod unbind;

use devices::Devices;
use domain::{DeviceId, EventId, Phone};
use dynamo::{Client, Key};
use environment::{Clock, Environment, Random, StartError};

pub use self::{
    alerts::{Alert, Alerts},
    bind::Bound,
    camera::Camera,
    inbox::{Binding, Entry, InboxPage, Mode, Signed},
    remove::{RemoveError, Removed},
    report::{Report, ReportError, Reported},
};

/// The notices table, and the devices that notices come from.
pub struct Notices {
    client: Client,
    table: String,
    devices: Devices,
    clock: Clock,
    random: Random,
}

impl Notices {
    /// Reads `NOTICES_TABLE` and `DEVICES_TABLE`.
    pub fn new(environment: &Environment) -> Result<Self, StartError> {
        Ok(Self {
            client: dynamo::client(&environment.aws),
            table: environment.variables.text("NOTICES_TABLE")?.to_owned(),
            devices: Devices::new(environment)?,
            clock: environment.clock.clone(),
            random: environment.random.clone(),
        })
    }

    /// The cameras.
    #[must_use]
    pub fn devices(&self) -> &Devices {
        &self.devices
    }
}

/// How many entries come into an inbox or leave it in one transaction: as many writes as DynamoDB takes, but for the one
/// that demands the binding, or that there is none.
const BATCH: usize = 99;

/// Event ids are hex digits; what else is in a camera's partition or an account's sorts from here on.
const ABOVE_FALLS: &str = "g";

fn device_pk(id: &DeviceId) -> String {
    format!("device#{}", id.as_str())
}

fn account_pk(phone: &Phone) -> String {
    format!("account#{}", phone.as_str())
}

/// Sorts above every event id.
fn binding_sk(id: &DeviceId) -> String {
    format!("~{}", id.as_str())
}

fn entry_key(phone: &Phone, event_id: &EventId) -> Key {
    key(account_pk(phone), event_id.as_str().to_owned())
}

fn binding_key(phone: &Phone, id: &DeviceId) -> Key {
    key(account_pk(phone), binding_sk(id))
}

fn key(pk: String, sk: String) -> Key {
    Key::from([("pk".to_owned(), dynamo::text(pk)), ("sk".to_owned(), dynamo::text(sk))])
}
