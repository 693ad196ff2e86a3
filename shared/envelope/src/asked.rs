//! Which keys of a body were asked for in this process. Tests hold the OpenAPI document to it; nothing that deploys knows it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, PoisonError},
};

static ASKED: Mutex<BTreeMap<String, BTreeSet<String>>> = Mutex::new(BTreeMap::new());

/// Notes that `of`, an operation or a route, asked for `key`.
pub fn note(of: &str, key: &str) {
    let mut asked = ASKED.lock().unwrap_or_else(PoisonError::into_inner);
    asked.entry(of.to_owned()).or_default().insert(key.to_owned());
}

/// The keys that `of` has asked for so far.
#[must_use]
pub fn asked(of: &str) -> BTreeSet<String> {
    ASKED.lock().unwrap_or_else(PoisonError::into_inner).get(of).cloned().unwrap_or_default()
}
