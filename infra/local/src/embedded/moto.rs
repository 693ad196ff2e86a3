use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    net::SocketAddr,
};

use crate::{StartError, Storage, client};
use bytes::Bytes;
use environment::Random;
use http_body_util::Full;
use hyper::{
    Request, Response, StatusCode,
    header::{self, HeaderName, HeaderValue},
    http::request::Parts,
};

const ACCOUNT: HeaderName = HeaderName::from_static("x-moto-account-id");

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
