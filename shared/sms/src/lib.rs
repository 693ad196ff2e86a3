//! Text messages over SNS.

mod messages;

use std::time::Duration;

use aws_sdk_sns::{
    Client,
    config::{retry::RetryConfig, timeout::TimeoutConfig},
    error::ProvideErrorMetadata,
    types::MessageAttributeValue,
};
use domain::Phone;
use environment::{Environment, Service};
use metrics::Metric;

pub use self::messages::{alert_message, code_message};

/// What SNS says of a phone that it will not send to, not of us: no number, or one whose owner wants no messages.
const ABOUT_THE_PHONE: [&str; 3] = ["InvalidParameter", "InvalidParameterException", "OptedOut"];

/// The way to people's phones.
pub struct Sender {
    client: Client,
}

/// The SMS service did not take a message, or did not answer in time.
#[derive(Debug, thiserror::Error)]
#[error("the SMS service did not take the message: {code}")]
pub struct NotSent {
    code: String,
}

impl NotSent {
    /// Whether it is the phone that the service will not send to. Whoever names a phone can bring that about.
    #[must_use]
    pub fn is_about_the_phone(&self) -> bool {
        ABOUT_THE_PHONE.contains(&self.code.as_str())
    }
}

impl Sender {
    /// A sender that gives each message up after seven seconds, so that whoever waits for the reply gets one.
    #[must_use]
    pub fn new(environment: &Environment) -> Self {
        let (shared, round_trips) = environment.aws.of(Service::Sns);
        let config = aws_sdk_sns::config::Builder::from(&shared)
            .retry_config(RetryConfig::standard().with_max_attempts(2))
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(Duration::from_secs(2))
                    .operation_attempt_timeout(Duration::from_secs(3))
                    .operation_timeout(Duration::from_secs(7))
                    .build(),
            )
            .interceptor(round_trips);
        Self { client: Client::from_conf(config.build()) }
    }

    /// Hands `message` to the SMS service. Neither it nor the phone ever reaches a log.
    pub async fn send(&self, phone: &Phone, message: &str) -> Result<(), NotSent> {
        let sent = self.publish(phone, message).await;
        metrics::count(if sent.is_ok() { Metric::SmsSent } else { Metric::SmsFailed });
        sent
    }

    async fn publish(&self, phone: &Phone, message: &str) -> Result<(), NotSent> {
        let transactional = MessageAttributeValue::builder().data_type("String").string_value("Transactional").build();
        let sent = match transactional {
            Ok(transactional) => {
                let publish = self.client.publish().phone_number(phone.to_e164()).message(message);
                publish.message_attributes("AWS.SNS.SMS.SMSType", transactional).send().await
            }
            Err(_) => return Err(NotSent { code: "BuildError".to_owned() }),
        };
        // The service's message may quote the number, so that only its code is kept.
        sent.map(drop).map_err(|error| NotSent { code: error.code().unwrap_or("no answer").to_owned() })
    }
}
