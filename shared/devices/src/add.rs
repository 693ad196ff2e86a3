use std::collections::BTreeSet;

use domain::{DeviceId, DeviceName, Phone};
use dynamo::{Item, StoreError, Transaction, Written, text};

use crate::{Device, Devices, account_pk, device_key, key};

/// Why no camera was added.
#[derive(Debug, thiserror::Error)]
pub enum AddError {
    /// The account has added one of this name already.
    #[error("the name is taken")]
    Duplicate,
    /// The account was deleted meanwhile.
    #[error("no such account")]
    UnknownAccount,
    /// The table failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Devices {
    /// Adds a camera and answers its id. Of two with one name at once exactly one is added. One round trip.
    ///
    /// `account_exists` is a transaction of one check, so that a camera never belongs to an account that is gone.
    pub async fn add(
        &self,
        phone: &Phone,
        name: DeviceName,
        account_exists: &Transaction,
    ) -> Result<DeviceId, AddError> {
        let id = DeviceId::new(&self.random);
        let mut owned = key(account_pk(phone), name.as_str());
        owned.insert("device_id".to_owned(), text(id.as_str()));
        let device =
            Device { id: id.clone(), name, added_by: Some(phone.clone()), accounts: BTreeSet::new(), revision: 0 };
        let mut item: Item = dynamo::to_item(device).map_err(StoreError::from)?;
        item.extend(device_key(&id));
        let writes = account_exists.clone().put(dynamo::put_new(&self.table, owned, "pk")?).put(dynamo::put_new(
            &self.table,
            item,
            "pk",
        )?);
        match writes.write(&self.client).await? {
            Written::Done => Ok(id),
            Written::Refused(refused) if refused.first().is_some_and(Option::is_some) => Err(AddError::UnknownAccount),
            Written::Refused(_) => Err(AddError::Duplicate),
        }
    }
}
