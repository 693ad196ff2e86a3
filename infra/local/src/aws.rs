//! The AWS settings that the stack and its functions are started with.

use std::collections::HashMap;

use crate::{StartError, permissions::access_key};

/// The access key of the stack's own requests, which may do everything.
const OWNER: &str = "local";

/// The way to AWS: region, endpoints, and the credentials of the stack itself.
pub(crate) struct Aws {
    variables: HashMap<String, String>,
    /// Whether the credentials are for a server elsewhere, which knows no others.
    given: bool,
}

impl Aws {
    /// The settings that were given, and for the rest some that the embedded servers are content with.
    pub(crate) fn of(given: &HashMap<String, String>) -> Self {
        let mut variables: HashMap<_, _> =
            [("AWS_REGION", "us-east-1"), ("AWS_ACCESS_KEY_ID", OWNER), ("AWS_SECRET_ACCESS_KEY", "local")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into();
        let mut has_key = false;
        // Credentials of a real account are of use only where a request leaves this process.
        if given.keys().any(|name| name.starts_with("AWS_ENDPOINT_URL")) {
            let given = given.iter().filter(|(name, value)| name.starts_with("AWS_") && !value.is_empty());
            variables.extend(given.map(|(name, value)| (name.clone(), value.clone())));
            has_key = variables["AWS_ACCESS_KEY_ID"] != OWNER;
        }
        Self { variables, given: has_key }
    }

    /// Everything that a function is started with: its own variables, and credentials that only it has, unless some
    /// were given for a server elsewhere. `own` are its variables in the template.
    pub(crate) fn of_function(&self, binary: &str, own: &[(String, String)]) -> HashMap<String, String> {
        let mut variables = self.with(own);
        if !self.given {
            let key = access_key(self.get("AWS_ACCESS_KEY_ID"), binary);
            variables.insert("AWS_ACCESS_KEY_ID".to_owned(), key);
        }
        variables
    }

    /// The stack's own settings, and these variables.
    pub(crate) fn with(&self, own: &[(String, String)]) -> HashMap<String, String> {
        self.variables.clone().into_iter().chain(own.iter().cloned()).collect()
    }

    pub(crate) fn get(&self, name: &str) -> &str {
        self.variables.get(name).map(String::as_str).unwrap_or_default()
    }

    /// The region that everything is in.
    pub(crate) fn region(&self) -> &str {
        self.get("AWS_REGION")
    }

    /// Starts the server of a service, unless an endpoint was given for it.
    pub(crate) fn embed<T>(
        &mut self,
        service: &str,
        start: impl FnOnce(&Self) -> Result<(String, T), StartError>,
    ) -> Result<Option<T>, StartError> {
        let variable = format!("AWS_ENDPOINT_URL_{service}");
        if self.variables.contains_key(&variable) || self.variables.contains_key("AWS_ENDPOINT_URL") {
            return Ok(None);
        }
        let (url, server) = start(self)?;
        self.variables.insert(variable, url);
        Ok(Some(server))
    }
}
