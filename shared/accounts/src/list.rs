use domain::Phone;
use dynamo::StoreError;

use crate::{Account, Accounts, key, read};

/// A part of all accounts.
pub struct Page {
    /// At most as many as were asked for, sorted by phone within the page.
    pub accounts: Vec<Account>,
    /// Where the next page starts; `None` on the last one.
    pub next: Option<Phone>,
}

impl Accounts {
    /// `limit` accounts (at least 1) from `before` on, which is the `next` of the page before.
    pub async fn list(&self, limit: usize, before: Option<&Phone>) -> Result<Page, StoreError> {
        let mut accounts: Vec<Account> = Vec::new();
        let mut start = before.map(key);
        loop {
            // One more than asked for tells whether anything follows.
            let wanted = i32::try_from(limit + 1 - accounts.len()).unwrap_or(i32::MAX);
            let scan = self.client.scan().table_name(&self.users.table).consistent_read(true).limit(wanted);
            let answer = scan.set_exclusive_start_key(start).send().await?;
            for item in answer.items.unwrap_or_default() {
                accounts.push(read(item)?);
            }
            start = answer.last_evaluated_key;
            if start.is_none() || accounts.len() > limit {
                break;
            }
        }
        let more = accounts.len() > limit;
        accounts.truncate(limit);
        let next = accounts.last().filter(|_| more).map(|account| account.phone.clone());
        accounts.sort_by(|one, other| one.phone.cmp(&other.phone));
        Ok(Page { accounts, next })
    }
}
