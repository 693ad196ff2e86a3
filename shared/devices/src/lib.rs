//! Cameras: the table `devices`.
//!
//! | `pk` | `sk` | what |
//! |---|---|---|
//! | `device#<id>` | `device` | the camera: its name, who added it, and whom its falls concern |
//! | `account#<phone>` | the name | a camera that the account added; the key keeps names unique for each account |

mod add;
mod device;
mod owned;
mod within;

use domain::{DeviceId, Phone};
use dynamo::{Client, Key, StoreError};
use environment::{Environment, Random, StartError};

pub use self::{
    add::AddError,
    device::{Device, MAX_ACCOUNTS},
    owned::OwnedDevice,
};

/// The devices table.
pub struct Devices {
    client: Client,
    table: String,
    random: Random,
}

impl Devices {
    /// Reads `DEVICES_TABLE`.
    pub fn new(environment: &Environment) -> Result<Self, StartError> {
        Ok(Self {
            client: dynamo::client(&environment.aws),
            table: environment.variables.text("DEVICES_TABLE")?.to_owned(),
            random: environment.random.clone(),
        })
    }

    /// The camera with this id.
    pub async fn find(&self, id: &DeviceId) -> Result<Option<Device>, StoreError> {
        let (table, key) = self.place(id);
        let get = self.client.get_item().table_name(table).set_key(Some(key)).consistent_read(true);
        Ok(get.send().await?.item.map(dynamo::from_item).transpose()?)
    }

    /// Table and key of a camera, for reading it together with other things.
    #[must_use]
    pub fn place(&self, id: &DeviceId) -> (&str, Key) {
        (&self.table, device_key(id))
    }
}

fn device_key(id: &DeviceId) -> Key {
    key(format!("device#{}", id.as_str()), "device")
}

fn account_pk(phone: &Phone) -> String {
    format!("account#{}", phone.as_str())
}

fn key(pk: String, sk: &str) -> Key {
    Key::from([("pk".to_owned(), dynamo::text(pk)), ("sk".to_owned(), dynamo::text(sk))])
}
