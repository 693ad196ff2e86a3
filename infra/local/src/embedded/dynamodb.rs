use std::{
    io,
    net::SocketAddr,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use bytes::Bytes;
use dynoxide::{Database, server::serve_with_shutdown};
use http_body_util::{BodyExt, Either, Full, Limited};
use hyper::{
    HeaderMap, Request, Response, StatusCode,
    body::Incoming,
    client::conn::http1::{SendRequest, handshake},
    header::{self, HeaderValue},
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Mutex,
};

use super::{Moto, Switch};
use crate::{
    StartError,
    permissions::{Caller, Denied, Permissions, needs_of_dynamodb},
    server::{Server, serve},
};

/// DynamoDB takes 16 MB; what is longer is refused behind the guard.
const BODY_LIMIT: usize = 17 * 1024 * 1024;

/// The embedded DynamoDB or moto's, behind a guard that lets through what the caller's policy allows.
pub(crate) struct Dynamodb {
    pub(crate) switch: Switch,
    pub(crate) losses: Losses,
    embedded: Option<(Server, Database)>,
}

type Answer = Response<Either<Full<Bytes>, Incoming>>;

/// What one connection to the guard needs.
struct Guard {
    permissions: Arc<Permissions>,
    behind: Behind,
}

/// Who answers what the guard lets through.
enum Behind {
    /// Over a connection of the guard's own, so that requests keep their order.
    Embedded { server: SocketAddr, connection: Mutex<Option<SendRequest<Full<Bytes>>>> },
    /// One request of the stack after the other: moto's writes to its tables are not atomic, and DynamoDB's are.
    Moto { moto: Moto, turn: Arc<Mutex<()>> },
}

/// Which write is next to be carried out without its caller ever hearing of it.
#[derive(Clone, Default)]
pub(crate) struct Losses(Arc<AtomicU32>);

impl Losses {
    /// The answer to the write `which` from now gets lost; 1 is the next, 0 none. Answers how many writes were missing
    /// to the one before; 0 when its answer got lost.
    pub(crate) fn expect(&self, which: u32) -> u32 {
        self.0.swap(which, Ordering::Relaxed)
    }

    /// Whether a request with these headers is the one.
    fn take(&self, headers: &HeaderMap) -> bool {
        let target = headers.get("x-amz-target").map(HeaderValue::as_bytes).unwrap_or_default();
        let name = target.rsplit(|byte| *byte == b'.').next().unwrap_or_default();
        let is_write = ["Put", "Update", "Delete", "TransactWrite", "BatchWrite"]
            .iter()
            .any(|verb| name.strip_prefix(verb.as_bytes()).is_some_and(|rest| rest.starts_with(b"Item")));
        let counted_down = |left: u32| left.checked_sub(1);
        is_write && self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, counted_down) == Ok(1)
    }
}

fn guarded(
    permissions: &Arc<Permissions>,
    losses: &Losses,
    behind: impl Fn() -> Behind + Clone + Send + Sync + 'static,
) -> std::io::Result<Switch> {
    let (permissions, losses) = (Arc::clone(permissions), losses.clone());
    Switch::start(move |listener, stop| {
        let (permissions, losses, behind) = (Arc::clone(&permissions), losses.clone(), behind.clone());
        let connect = move |_| {
            let guard = Arc::new(Guard { permissions: Arc::clone(&permissions), behind: behind() });
            let losses = losses.clone();
            service_fn(move |request: Request<Incoming>| {
                let (guard, is_lost) = (Arc::clone(&guard), losses.take(request.headers()));
                async move {
                    let answer = guard.answer(request).await;
                    if is_lost { Err(io::Error::other("this answer gets lost")) } else { Ok(answer) }
                }
            })
        };
        serve(listener, connect, stop)
    })
}

impl Dynamodb {
    /// Opens the database file `path`, or makes an empty database in memory.
    pub(crate) fn start(path: Option<&Path>, permissions: &Arc<Permissions>) -> Result<Self, StartError> {
        let database = match path {
            Some(path) => Database::new(&path.to_string_lossy()),
            None => Database::memory(),
        };
        let database = database.map_err(|error| StartError::Embedded("DynamoDB", format!("{error:?}")))?;
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let listener = TcpListener::from_std(listener)?;
        let handle = database.clone();
        let server = Server::spawn(|stop| async move {
            if let Err(error) = serve_with_shutdown(listener, handle, stop.requested()).await {
                tracing::error!(%error, "the embedded DynamoDB failed");
            }
        });
        let losses = Losses::default();
        let behind = move || Behind::Embedded { server: address, connection: Mutex::new(None) };
        let switch = guarded(permissions, &losses, behind)?;
        Ok(Self { switch, losses, embedded: Some((server, database)) })
    }

    /// Stands for moto's tables.
    pub(crate) fn of_moto(moto: &Moto, permissions: &Arc<Permissions>) -> Result<Self, StartError> {
        let (moto, turn) = (moto.clone(), Arc::new(Mutex::new(())));
        let losses = Losses::default();
        let behind = move || Behind::Moto { moto: moto.clone(), turn: Arc::clone(&turn) };
        let switch = guarded(permissions, &losses, behind)?;
        Ok(Self { switch, losses, embedded: None })
    }

    /// Deletes expired items, which the embedded server leaves to whoever embeds it.
    ///
    /// It goes by the system's clock, which the stack's own clock is never behind: nothing goes too early.
    pub(crate) async fn sweep(database: Database) {
        let swept = tokio::task::spawn_blocking(move || database.sweep_ttl()).await;
        if let Ok(Err(error)) = swept {
            tracing::warn!(error = ?error, "expired items could not be deleted");
        }
    }

    /// A handle for [`Self::sweep`]. Moto's tables are not ours to sweep.
    pub(crate) fn database(&self) -> Option<Database> {
        self.embedded.as_ref().map(|(_, database)| database.clone())
    }

    /// Stops for good.
    pub(crate) async fn stop(self) {
        self.switch.stop().await;
        if let Some((server, _)) = self.embedded {
            server.stop().await;
        }
    }
}

impl Guard {
    async fn answer(&self, request: Request<Incoming>) -> Answer {
        let (parts, body) = request.into_parts();
        let Ok(body) = Limited::new(body, BODY_LIMIT).collect().await else {
            return failure(StatusCode::BAD_REQUEST, "SerializationException", "the body cannot be read");
        };
        let body = body.to_bytes();
        if let Err(denied) = self.check(&parts.headers, &body) {
            return match denied {
                Denied::UnknownKey => failure(
                    StatusCode::BAD_REQUEST,
                    "UnrecognizedClientException",
                    "The security token included in the request is invalid.",
                ),
                Denied::NotAllowed(message) => failure(StatusCode::BAD_REQUEST, "AccessDeniedException", &message),
            };
        }
        self.pass_on(Request::from_parts(parts, Full::new(body))).await.unwrap_or_else(|error| {
            tracing::error!(%error, "the embedded DynamoDB did not answer");
            failure(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError", "the embedded server did not answer")
        })
    }

    fn check(&self, headers: &HeaderMap, body: &[u8]) -> Result<(), Denied> {
        let caller = self.permissions.caller(headers)?;
        // Spares the stack's own calls the reading of their bodies.
        if matches!(caller, Caller::Owner) {
            return Ok(());
        }
        let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default();
        self.permissions.check(caller, &needs_of_dynamodb(&self.permissions, operation, body))
    }

    async fn pass_on(&self, request: Request<Full<Bytes>>) -> Result<Answer, Box<dyn std::error::Error + Send + Sync>> {
        match &self.behind {
            Behind::Embedded { server, connection } => {
                let mut connection = connection.lock().await;
                if connection.as_ref().is_none_or(SendRequest::is_closed) {
                    *connection = None;
                }
                let sender = match &mut *connection {
                    Some(sender) => sender,
                    none => none.insert(connect(*server).await?),
                };
                sender.ready().await?;
                Ok(sender.send_request(request).await?.map(Either::Right))
            }
            Behind::Moto { moto, turn } => {
                let (parts, body) = request.into_parts();
                let body = body.collect().await?.to_bytes();
                let _turn = turn.lock().await;
                Ok(moto.pass_on(parts, body).await.map(Either::Left))
            }
        }
    }
}

async fn connect(server: SocketAddr) -> Result<SendRequest<Full<Bytes>>, Box<dyn std::error::Error + Send + Sync>> {
    let stream = TcpStream::connect(server).await?;
    stream.set_nodelay(true)?;
    let (sender, driver) = handshake(TokioIo::new(stream)).await?;
    tokio::spawn(driver);
    Ok(sender)
}

fn failure(status: StatusCode, kind: &str, message: &str) -> Answer {
    let body = serde_json::json!({ "__type": format!("com.amazon.coral.service#{kind}"), "message": message });
    let mut response = Response::new(Either::Left(Full::new(Bytes::from(body.to_string()))));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-amz-json-1.0"));
    response
}
