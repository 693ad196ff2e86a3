use std::{
    collections::HashMap,
    convert::Infallible,
    hash::{DefaultHasher, Hash, Hasher},
    io,
    net::SocketAddr,
    sync::Arc,
};

use bytes::Bytes;
use environment::Random;
use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    Request, Response, StatusCode,
    body::Incoming,
    header::{self, HeaderName, HeaderValue},
    http::request::Parts,
    service::service_fn,
};
use tokio::sync::Semaphore;

use super::Switch;
use crate::{StartError, Storage, client, server::serve};

const BODY_LIMIT: usize = 16 * 1024 * 1024;

const ACCOUNT: HeaderName = HeaderName::from_static("x-moto-account-id");

/// Enough for all requests of a stack: no limit.
const ANY: usize = 1024;

/// A moto server in the place of what is embedded: an independent idea of how DynamoDB, S3 and SNS behave.
///
/// One server can serve many stacks, because each has an account of its own there.
#[derive(Clone)]
pub(crate) struct Moto {
    server: SocketAddr,
    account: HeaderValue,
}

impl Moto {
    /// The server that `MOTO_ADDRESS` names, if it is set. What is on disk keeps its account.
    pub(crate) fn of(variables: &HashMap<String, String>, storage: &Storage) -> Result<Option<Self>, StartError> {
        let malformed =
            || StartError::Malformed("MOTO_ADDRESS", "must be an address and a port such as 127.0.0.1:5000");
        let Some(address) = variables.get("MOTO_ADDRESS").filter(|address| !address.is_empty()) else {
            return Ok(None);
        };
        let number = match storage {
            Storage::Memory => u64::from_be_bytes(Random::os().bytes()),
            Storage::Disk(directory) => {
                let mut hasher = DefaultHasher::new();
                std::path::absolute(directory)?.hash(&mut hasher);
                hasher.finish()
            }
        };
        let account = format!("{:012}", number % 1_000_000_000_000);
        let account = HeaderValue::try_from(account).map_err(|_| malformed())?;
        Ok(Some(Self { server: address.parse().map_err(|_| malformed())?, account }))
    }

    /// The account's number: twelve digits.
    pub(crate) fn account(&self) -> &str {
        self.account.to_str().unwrap_or_default()
    }

    /// A server that passes everything on, for tests to take away and give back.
    pub(crate) fn relay(&self) -> io::Result<Switch> {
        self.relay_at_most(ANY)
    }

    /// The same with one request after the other: moto's writes to its tables are not atomic, and DynamoDB's are.
    pub(crate) fn relay_in_turn(&self) -> io::Result<Switch> {
        self.relay_at_most(1)
    }

    fn relay_at_most(&self, at_once: usize) -> io::Result<Switch> {
        let (moto, turns) = (self.clone(), Arc::new(Semaphore::new(at_once)));
        Switch::start(move |listener, stop| {
            let (moto, turns) = (moto.clone(), Arc::clone(&turns));
            let connect = move |_| {
                let (moto, turns) = (moto.clone(), Arc::clone(&turns));
                service_fn(move |request: Request<Incoming>| {
                    let (moto, turns) = (moto.clone(), Arc::clone(&turns));
                    async move {
                        let (parts, body) = request.into_parts();
                        let Ok(body) = Limited::new(body, BODY_LIMIT).collect().await else {
                            return Ok::<_, Infallible>(failure(StatusCode::BAD_REQUEST));
                        };
                        let _turn = turns.acquire().await;
                        Ok(moto.pass_on(parts, body.to_bytes()).await)
                    }
                })
            };
            serve(listener, connect, stop)
        })
    }

    /// Has the server answer a request.
    pub(crate) async fn pass_on(&self, mut parts: Parts, body: Bytes) -> Response<Full<Bytes>> {
        parts.headers.insert(ACCOUNT, self.account.clone());
        parts.headers.remove(header::TRANSFER_ENCODING);
        match client::send(self.server, Request::from_parts(parts, Full::new(body))).await {
            Ok(answer) => {
                let mut answer = answer.map(Full::new);
                answer.headers_mut().remove(header::CONNECTION);
                answer.headers_mut().remove(header::TRANSFER_ENCODING);
                answer
            }
            Err(error) => {
                tracing::error!(%error, "moto does not answer");
                failure(StatusCode::BAD_GATEWAY)
            }
        }
    }
}

fn failure(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response
}
