//! The AWS services of a stack, and what its functions must be told to reach them.

use std::{collections::HashMap, sync::Arc};

use environment::Random;

use crate::{
    SmsService, StartError, Switch,
    embedded::{Dynamodb, Moto, Outbox, start_s3},
    place::Place,
};

/// The servers, each unless another endpoint stands in its place.
pub(crate) struct Services {
    // Dropped from top to bottom: who asks stops before who answers.
    pub(crate) sms: Option<SmsService>,
    pub(crate) s3: Option<Switch>,
    pub(crate) dynamodb: Option<Dynamodb>,
    variables: HashMap<String, String>,
}

impl Services {
    /// Starts the embedded servers; with `moto`, a way to its own in the place of each.
    pub(crate) fn start(
        given: &HashMap<String, String>,
        place: &Place,
        outbox: Arc<Outbox>,
        moto: Option<&Moto>,
    ) -> Result<Self, StartError> {
        let mut services = Self { sms: None, s3: None, dynamodb: None, variables: variables(given) };
        services.dynamodb = services.embed("DYNAMODB", |_| {
            let server = match moto {
                Some(moto) => Dynamodb::of_moto(moto)?,
                None => Dynamodb::start(place.file("dynamodb.sqlite").as_deref())?,
            };
            Ok((server.switch.url(), server))
        })?;
        services.s3 = services.embed("S3", |services| {
            let server = match moto {
                Some(moto) => moto.relay()?,
                None => start_s3(
                    &place.directory("s3")?,
                    services.get("AWS_ACCESS_KEY_ID"),
                    services.get("AWS_SECRET_ACCESS_KEY"),
                )?,
            };
            Ok((server.url(), server))
        })?;
        services.sms = services.embed("SNS", |_| {
            let server = SmsService::start(outbox, Random::os(), moto.cloned())?;
            Ok((server.url(), server))
        })?;
        Ok(services)
    }

    /// The AWS settings that every function is started with, and `own`.
    pub(crate) fn variables(&self, own: &[(String, String)]) -> HashMap<String, String> {
        self.variables.clone().into_iter().chain(own.iter().cloned()).collect()
    }

    /// The region that everything is in.
    pub(crate) fn region(&self) -> &str {
        self.get("AWS_REGION")
    }

    /// Stops for good.
    pub(crate) async fn stop(self) {
        if let Some(sms) = self.sms {
            sms.stop().await;
        }
        if let Some(s3) = self.s3 {
            s3.stop().await;
        }
        if let Some(dynamodb) = self.dynamodb {
            dynamodb.switch.stop().await;
        }
    }

    fn get(&self, name: &str) -> &str {
        self.variables.get(name).map(String::as_str).unwrap_or_default()
    }

    /// Starts the server of a service, unless an endpoint was given for it.
    fn embed<T>(
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

/// The settings that were given, and for the rest some that the embedded servers are content with.
fn variables(given: &HashMap<String, String>) -> HashMap<String, String> {
    let mut variables: HashMap<_, _> =
        [("AWS_REGION", "us-east-1"), ("AWS_ACCESS_KEY_ID", "local"), ("AWS_SECRET_ACCESS_KEY", "local")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into();
    // Credentials of a real account are of use only where a request leaves this process.
    if given.keys().any(|name| name.starts_with("AWS_ENDPOINT_URL")) {
        let given = given.iter().filter(|(name, value)| name.starts_with("AWS_") && !value.is_empty());
        variables.extend(given.map(|(name, value)| (name.clone(), value.clone())));
    }
    variables
}
