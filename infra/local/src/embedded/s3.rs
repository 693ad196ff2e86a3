use std::{convert::Infallible, path::Path, sync::Arc};

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    HeaderMap, Method, Request, Response, StatusCode, Uri,
    body::Incoming,
    header::{self, HeaderValue},
    service::service_fn,
};
use s3s::{
    Body,
    auth::SimpleAuth,
    config::{S3Config, StaticConfigProvider},
    service::{S3Service, S3ServiceBuilder},
};

use super::{Moto, Switch};
use crate::{
    StartError,
    permissions::{Denied, Permissions, needs_of_s3},
    server::serve,
};

/// S3 takes pictures of a few MB from us; what is longer is refused on the way to moto.
const BODY_LIMIT: usize = 16 * 1024 * 1024;

/// Starts the embedded S3, which keeps its buckets as directories of `root`, or a way to `moto`'s. Every request must be
/// allowed by its caller's policy.
pub(crate) fn start(
    root: &Path,
    permissions: &Arc<Permissions>,
    secret_key: &str,
    moto: Option<&Moto>,
) -> Result<Switch, StartError> {
    let behind = match moto {
        Some(moto) => Behind::Moto(moto.clone()),
        None => Behind::Embedded(embedded(root, permissions, secret_key)?),
    };
    let guarded = Guarded { behind, permissions: Arc::clone(permissions) };
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

/// Requests must be signed with one of the known access keys, all of which have the same secret.
fn embedded(root: &Path, permissions: &Permissions, secret_key: &str) -> Result<S3Service, StartError> {
    let files = s3s_fs::FileSystem::new(root).map_err(|error| StartError::Embedded("S3", format!("{error:?}")))?;
    let mut auth = SimpleAuth::new();
    for access_key in permissions.access_keys() {
        auth.register(access_key.to_owned(), secret_key.into());
    }
    let mut builder = S3ServiceBuilder::new(files);
    builder.set_auth(auth);
    // Requests are dated by the stack's clock when the functions run in processes of their own, and the server only knows
    // the system's.
    let mut config = S3Config::default();
    config.presigned_url_max_skew_time_secs = u32::MAX;
    builder.set_config(Arc::new(StaticConfigProvider::new(Arc::new(config))));
    Ok(builder.build())
}

/// The server, behind a guard that lets through what the caller's policy allows.
#[derive(Clone)]
struct Guarded {
    behind: Behind,
    permissions: Arc<Permissions>,
}

/// Who answers what the guard lets through.
#[derive(Clone)]
enum Behind {
    Embedded(S3Service),
    Moto(Moto),
}

impl Behind {
    async fn answer(&self, request: Request<Incoming>) -> Response<Body> {
        match self {
            Self::Embedded(service) => hyper::service::Service::call(service, request).await.unwrap_or_else(|error| {
                tracing::error!(error = ?error, "the embedded S3 failed");
                without_body(StatusCode::INTERNAL_SERVER_ERROR)
            }),
            Self::Moto(moto) => {
                let (parts, body) = request.into_parts();
                match Limited::new(body, BODY_LIMIT).collect().await {
                    Ok(body) => {
                        moto.pass_on(parts, body.to_bytes()).await.map(|body: Full<Bytes>| Body::http_body(body))
                    }
                    Err(_) => without_body(StatusCode::BAD_REQUEST),
                }
            }
        }
    }
}

fn without_body(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

impl Guarded {
    async fn answer(&self, request: Request<Incoming>) -> Response<Body> {
        let (method, uri, headers) = (request.method().clone(), request.uri().clone(), request.headers().clone());
        if let Err(denied) = self.check(&method, &uri, &headers) {
            return failure(&denied);
        }
        let answer = self.behind.answer(request).await;
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
