use std::error::Error;

use aws_sdk_s3::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
    primitives::ByteStream,
};
use domain::EventId;
use envelope::{Failure, Status};
use environment::{Environment, Random, Service, StartError};

use crate::{MediaType, Picture};

/// The private bucket. Its keys are made here and never hold anything that a caller wrote or that names a person.
pub struct PictureStore {
    client: Client,
    bucket: String,
    random: Random,
}

/// A picture out of the bucket.
pub struct StoredPicture {
    /// The bytes, as they were put.
    pub bytes: Vec<u8>,
    /// What they show themselves to be.
    pub media_type: MediaType,
}

impl StoredPicture {
    /// The picture, to be put somewhere else.
    #[must_use]
    pub fn into_picture(self) -> Picture {
        Picture::from_parts(self.bytes, self.media_type)
    }
}

/// The bucket did not take or give a picture, after the SDK's retries.
#[derive(Debug, thiserror::Error)]
#[error("{what} failed ({code})")]
pub struct PictureStoreError {
    what: &'static str,
    code: String,
}

impl From<PictureStoreError> for Failure {
    fn from(error: PictureStoreError) -> Self {
        Self::fault(Status::PICTURE_STORE_FAILURE, error)
    }
}

impl PictureStore {
    /// Reads `PICTURES_BUCKET`.
    pub fn new(environment: &Environment) -> Result<Self, StartError> {
        let (shared, round_trips) = environment.aws.of(Service::S3);
        // Path-style addresses work with every S3-compatible endpoint; virtual hosts need DNS.
        let own_endpoint = shared.endpoint_url().is_some();
        let config = aws_sdk_s3::config::Builder::from(&shared).force_path_style(own_endpoint).interceptor(round_trips);
        Ok(Self {
            client: Client::from_conf(config.build()),
            bucket: environment.variables.text("PICTURES_BUCKET")?.to_owned(),
            random: environment.random.clone(),
        })
    }

    /// The key of a fall's picture.
    #[must_use]
    pub fn fall_key(event_id: &EventId) -> String {
        format!("falls/{}", event_id.as_str())
    }

    /// A new key for a portrait. Portraits are never overwritten, so that whoever read the account finds what it names.
    #[must_use]
    pub fn new_portrait_key(&self) -> String {
        self.new_key("portraits")
    }

    /// A new key for a picture that belongs to nobody yet. The bucket's lifecycle deletes what stays there.
    #[must_use]
    pub fn new_upload_key(&self) -> String {
        self.new_key("uploads")
    }

    fn new_key(&self, prefix: &str) -> String {
        format!("{prefix}/{:032x}", u128::from_be_bytes(self.random.bytes()))
    }

    /// Puts `picture` at `key`.
    pub async fn put(&self, key: &str, picture: Picture) -> Result<(), PictureStoreError> {
        let (bytes, media_type) = picture.into_parts();
        let put = self.client.put_object().bucket(&self.bucket).key(key).content_type(media_type.as_str());
        let sent = put.body(ByteStream::from(bytes)).send().await;
        sent.map(drop).map_err(|error| failed("putting a picture", &error))
    }

    /// The picture at `key`; `None` when there is none.
    pub async fn get(&self, key: &str) -> Result<Option<StoredPicture>, PictureStoreError> {
        let object = match self.client.get_object().bucket(&self.bucket).key(key).send().await {
            Ok(object) => object,
            Err(error) if error.code() == Some("NoSuchKey") => return Ok(None),
            Err(error) => return Err(failed("getting a picture", &error)),
        };
        let bytes = object
            .body
            .collect()
            .await
            .map_err(|error| PictureStoreError { what: "reading a picture", code: error.to_string() })?;
        let bytes = Vec::from(bytes.into_bytes());
        Ok(MediaType::of(&bytes).map(|media_type| StoredPicture { bytes, media_type }))
    }

    /// Deletes the picture at `key`, if there is one.
    pub async fn delete(&self, key: &str) -> Result<(), PictureStoreError> {
        let deleted = self.client.delete_object().bucket(&self.bucket).key(key).send().await;
        deleted.map(drop).map_err(|error| failed("deleting a picture", &error))
    }
}

fn failed<E: Error + ProvideErrorMetadata, R>(what: &'static str, error: &SdkError<E, R>) -> PictureStoreError {
    PictureStoreError { what, code: error.code().unwrap_or("no answer").to_owned() }
}
