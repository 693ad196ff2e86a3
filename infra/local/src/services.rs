//! The AWS services of a stack.

use std::sync::Arc;

use environment::Random;

use crate::{
    SmsService, StartError, Switch,
    aws::Aws,
    embedded::{Dynamodb, Moto, Outbox, start_s3},
    permissions::Permissions,
    place::Place,
};

/// The servers, each unless another endpoint stands in its place, and the way to them.
pub(crate) struct Services {
    // Dropped from top to bottom: who asks stops before who answers.
    pub(crate) sms: Option<SmsService>,
    pub(crate) s3: Option<Switch>,
    pub(crate) dynamodb: Option<Dynamodb>,
    pub(crate) aws: Aws,
}

impl Services {
    /// Starts the embedded servers, or with `moto` the ways to its own; each behind a guard that knows `permissions`.
    pub(crate) fn start(
        mut aws: Aws,
        place: &Place,
        outbox: Arc<Outbox>,
        moto: Option<&Moto>,
        permissions: &Arc<Permissions>,
    ) -> Result<Self, StartError> {
        let dynamodb = aws.embed("DYNAMODB", |_| {
            let server = match moto {
                Some(moto) => Dynamodb::of_moto(moto, permissions)?,
                None => Dynamodb::start(place.file("dynamodb.sqlite").as_deref(), permissions)?,
            };
            Ok((server.switch.url(), server))
        })?;
        let s3 = aws.embed("S3", |aws| {
            let server = start_s3(&place.directory("s3")?, permissions, aws.get("AWS_SECRET_ACCESS_KEY"), moto)?;
            Ok((server.url(), server))
        })?;
        let sms = aws.embed("SNS", |_| {
            let server = SmsService::start(outbox, Random::os(), Arc::clone(permissions), moto.cloned())?;
            Ok((server.url(), server))
        })?;
        Ok(Self { sms, s3, dynamodb, aws })
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
            dynamodb.stop().await;
        }
    }
}
