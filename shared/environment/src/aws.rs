use std::{
    any::{Any, TypeId},
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::{
    behavior_version::BehaviorVersion, interceptors::SharedInterceptor,
    stalled_stream_protection::StalledStreamProtectionConfig,
};
use aws_smithy_types::{retry::RetryConfig, timeout::TimeoutConfig};
use aws_types::{SdkConfig, region::Region};

use crate::{StartError, Variables, round_trips::CountRoundTrips, trust};

/// The AWS services that the functions call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// The tables.
    DynamoDb,
    /// The bucket.
    S3,
    /// Text messages.
    Sns,
}

impl Service {
    /// The variable that points the SDK at another endpoint, as every AWS SDK names it.
    const fn endpoint_variable(self) -> &'static str {
        match self {
            Self::DynamoDb => "AWS_ENDPOINT_URL_DYNAMODB",
            Self::S3 => "AWS_ENDPOINT_URL_S3",
            Self::Sns => "AWS_ENDPOINT_URL_SNS",
        }
    }
}

/// The way to AWS: region, credentials, endpoints and HTTP clients.
///
/// Built by hand rather than by `aws-config`: on Lambda region and credentials stand in environment variables, and
/// the provider chain that would look elsewhere costs start-up time and megabytes.
#[derive(Clone)]
pub struct Aws {
    shared: SdkConfig,
    endpoints: [Option<String>; 3],
    clients: Arc<Mutex<HashMap<TypeId, Box<dyn Any + Send>>>>,
}

impl Aws {
    pub(crate) fn from_variables(variables: &Variables) -> Result<Self, StartError> {
        let credentials = Credentials::new(
            variables.text("AWS_ACCESS_KEY_ID")?,
            variables.text("AWS_SECRET_ACCESS_KEY")?,
            variables.get("AWS_SESSION_TOKEN").map(str::to_owned),
            None,
            "environment",
        );
        let endpoints = [Service::DynamoDb, Service::S3, Service::Sns].map(|service| {
            variables.get(service.endpoint_variable()).or_else(|| variables.get("AWS_ENDPOINT_URL")).map(str::to_owned)
        });
        let plain_http = endpoints.iter().all(|url| url.as_deref().is_some_and(|url| url.starts_with("http://")));
        let http_client = if plain_http {
            Builder::new().build_http()
        } else {
            Builder::new()
                .tls_provider(Provider::Rustls(CryptoMode::Ring))
                .tls_context(trust::context(variables)?)
                .build_https()
        };
        let shared = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(variables.text("AWS_REGION")?.to_owned()))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .http_client(http_client)
            .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
            .retry_config(RetryConfig::standard().with_max_attempts(3))
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(Duration::from_secs(2))
                    .operation_attempt_timeout(Duration::from_secs(5))
                    .operation_timeout(Duration::from_secs(12))
                    .build(),
            )
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .build();
        Ok(Self { shared, endpoints, clients: Arc::default() })
    }

    /// The one client of this kind, which `make` makes the first time: making one is a good part of a function's start, and
    /// clones of it share their connections.
    pub fn client<T: Clone + Send + 'static>(&self, make: impl FnOnce(&Self) -> T) -> T {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let existing = clients.get(&TypeId::of::<T>()).and_then(|client| client.downcast_ref::<T>()).cloned();
        existing.unwrap_or_else(|| {
            let client = make(self);
            clients.insert(TypeId::of::<T>(), Box::new(client.clone()));
            client
        })
    }

    /// The configuration of one service's client. The interceptor counts its requests and must be part of it.
    #[must_use]
    pub fn of(&self, service: Service) -> (SdkConfig, SharedInterceptor) {
        let config = self.shared.clone().into_builder();
        let config = match &self.endpoints[service as usize] {
            Some(url) => config.endpoint_url(url),
            None => config,
        };
        (config.build(), SharedInterceptor::new(CountRoundTrips(service)))
    }
}
