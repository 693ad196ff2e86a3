use std::{error::Error, fmt::Debug};

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use envelope::{Failure, Status};

/// A table could not be read or written, after the SDK's retries, or holds an item that we did not write.
#[derive(Debug, thiserror::Error)]
#[error("{what} failed")]
pub struct StoreError {
    what: String,
    source: Box<dyn Error + Send + Sync>,
}

impl StoreError {
    /// A failure that is not the service's: a transaction that never got through, an item of the wrong shape.
    pub fn new(what: &str, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { what: what.to_owned(), source: source.into() }
    }
}

impl<E, R> From<SdkError<E, R>> for StoreError
where
    E: Error + ProvideErrorMetadata + Send + Sync + 'static,
    R: Debug + Send + Sync + 'static,
{
    fn from(error: SdkError<E, R>) -> Self {
        // The service's message and code say what happened; the SDK's raw response, which may hold items, is dropped.
        let what = match &error {
            SdkError::ServiceError(service) => {
                format!("a DynamoDB request ({})", service.err().code().unwrap_or("no code"))
            }
            _ => "a DynamoDB request".to_owned(),
        };
        let source = match error {
            SdkError::ServiceError(service) => service.err().message().unwrap_or("no message").into(),
            other => other.into_source().unwrap_or_else(|_| "no answer".into()),
        };
        Self { what, source }
    }
}

impl From<serde_dynamo::Error> for StoreError {
    fn from(error: serde_dynamo::Error) -> Self {
        Self { what: "reading an item".to_owned(), source: Box::new(error) }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::fault(Status::DATABASE_FAILURE, error)
    }
}

/// What a conditional write answered; `None` when its condition refused it, which is an answer rather than an error.
pub fn unless_refused<T, E, R>(answer: Result<T, SdkError<E, R>>) -> Result<Option<T>, StoreError>
where
    E: Error + ProvideErrorMetadata + Send + Sync + 'static,
    R: Debug + Send + Sync + 'static,
{
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.code() == Some("ConditionalCheckFailedException") => Ok(None),
        Err(error) => Err(error.into()),
    }
}
