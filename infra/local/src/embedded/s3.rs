use std::{convert::Infallible, path::Path, sync::Arc};

use hyper::{
    HeaderMap, Method, Request, Response, StatusCode, Uri,
    body::Incoming,
    header::{self, HeaderValue},
    service::service_fn,
};
use s3s::{Body, auth::SimpleAuth, service::S3Service, service::S3ServiceBuilder};

use super::Switch;
use crate::{
    StartError,
    permissions::{Denied, Permissions, needs_of_s3},
    server::serve,
};

/// Starts the embedded S3, which keeps its buckets as directories of `root`.
///
/// Requests must be signed with one of the known access keys, all of which have the same secret, and be allowed by its
/// policy.
pub(crate) fn start(root: &Path, permissions: &Arc<Permissions>, secret_key: &str) -> Result<Switch, StartError> {
    let files = s3s_fs::FileSystem::new(root).map_err(|error| StartError::Embedded("S3", format!("{error:?}")))?;
    let mut auth = SimpleAuth::new();
    for access_key in permissions.access_keys() {
        auth.register(access_key.to_owned(), secret_key.into());
    }
    let mut builder = S3ServiceBuilder::new(files);
    builder.set_auth(auth);
    let guarded = Guarded { service: builder.build(), permissions: Arc::clone(permissions) };
    let switch = Switch::start(move |listener, stop| {
        let guarded = guarded.clone();
        let connect = move |_| {
            let guarded = guarded.clone();
            service_fn(move |request: Request<Incoming>| {
                let guarded = guarded.clone();
                async move { Ok::<_, Infallible>(guarded.answer(request).await) }
            })
        };
        serve(listener, connect, stop)
    })?;
    Ok(switch)
}

/// The server, behind a guard that lets through what the caller's policy allows.
#[derive(Clone)]
struct Guarded {
    service: S3Service,
    permissions: Arc<Permissions>,
}

impl Guarded {
    async fn answer(&self, request: Request<Incoming>) -> Response<Body> {
        let (method, uri, headers) = (request.method().clone(), request.uri().clone(), request.headers().clone());
        if let Err(denied) = self.check(&method, &uri, &headers) {
            return failure(&denied);
        }
        let answer = hyper::service::Service::call(&self.service, request).await;
        let answer = answer.unwrap_or_else(|error| {
            tracing::error!(error = ?error, "the embedded S3 failed");
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            response
        });
        if answer.status() == StatusCode::NOT_FOUND
            && let Err(denied) = self.may_know_what_is_missing(&method, &uri, &headers)
        {
            return failure(&denied);
        }
        answer
    }

    fn check(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<(), Denied> {
        let caller = self.permissions.caller(headers)?;
        self.permissions.check(caller, &[needs_of_s3(method, uri).0])
    }

    fn may_know_what_is_missing(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<(), Denied> {
        let caller = self.permissions.caller(headers)?;
        self.permissions.check(caller, &[needs_of_s3(method, uri).1])
    }
}

fn failure(denied: &Denied) -> Response<Body> {
    let (code, message) = match denied {
        Denied::UnknownKey => {
            ("InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.")
        }
        // S3 does not say what would have been needed either.
        Denied::NotAllowed(_) => ("AccessDenied", "Access Denied"),
    };
    let xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    );
    let mut response = Response::new(Body::from(xml));
    *response.status_mut() = StatusCode::FORBIDDEN;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/xml"));
    response
}
