use std::{convert::Infallible, path::Path, sync::Arc};

use hyper::{Request, Response, StatusCode, body::Incoming, service::service_fn};
use s3s::{
    Body,
    auth::SimpleAuth,
    config::{S3Config, StaticConfigProvider},
    service::S3ServiceBuilder,
};

use super::Switch;
use crate::{StartError, server::serve};

/// Starts the embedded S3, which keeps its buckets as directories of `root`.
///
/// Requests must be signed with the given key pair.
pub(crate) fn start(root: &Path, access_key: &str, secret_key: &str) -> Result<Switch, StartError> {
    let files = s3s_fs::FileSystem::new(root).map_err(|error| StartError::Embedded("S3", format!("{error:?}")))?;
    let mut builder = S3ServiceBuilder::new(files);
    builder.set_auth(SimpleAuth::from_single(access_key, secret_key));
    // Requests are dated by the stack's clock when the functions run in processes of their own, and the server only knows
    // the system's.
    let mut config = S3Config::default();
    config.presigned_url_max_skew_time_secs = u32::MAX;
    builder.set_config(Arc::new(StaticConfigProvider::new(Arc::new(config))));
    let service = builder.build();
    let switch = Switch::start(move |listener, stop| {
        let service = service.clone();
        let connect = move |_| {
            let service = service.clone();
            service_fn(move |request: Request<Incoming>| {
                let service = service.clone();
                async move {
                    let answer = hyper::service::Service::call(&service, request).await;
                    Ok::<_, Infallible>(answer.unwrap_or_else(|error| {
                        tracing::error!(error = ?error, "the embedded S3 failed");
                        let mut response = Response::new(Body::empty());
                        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
                        response
                    }))
                }
            })
        };
        serve(listener, connect, stop)
    })?;
    Ok(switch)
}
