//! Listeners that can be stopped.

use std::{future::Future, net::SocketAddr, time::Duration};

use hyper::{
    Request, Response,
    body::{Body, Incoming},
    server::conn::http1,
    service::Service,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::TcpListener,
    sync::{oneshot, watch},
    task::{JoinHandle, JoinSet},
};

/// How long a stop waits for requests that are being answered.
pub const GRACE: Duration = Duration::from_secs(5);

/// How long to wait when the operating system has no more file descriptors.
const PAUSE: Duration = Duration::from_millis(50);

/// Resolves when the server must stop: it was told to, or its owner is gone.
pub struct Stop(oneshot::Receiver<()>);

impl Stop {
    /// Waits for the stop.
    pub async fn requested(self) {
        let _ = self.0.await;
    }
}

/// A server in a task of its own. It stops when this is dropped.
pub struct Server {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Server {
    /// Starts what `serve` makes of the stop signal.
    pub fn spawn<F: Future<Output = ()> + Send + 'static>(serve: impl FnOnce(Stop) -> F) -> Self {
        let (stop, stopped) = oneshot::channel();
        Self { stop, task: tokio::spawn(serve(Stop(stopped))) }
    }

    /// Stops the server and waits until its last request is answered, but not for ever.
    pub async fn stop(self) {
        let _ = self.stop.send(());
        let _ = tokio::time::timeout(GRACE + PAUSE, self.task).await;
    }
}

/// Answers the connections of `listener`, each with the service that `service` makes for its peer, until `stop`. An error
/// of the service closes the connection.
pub async fn serve<S, B>(listener: TcpListener, service: impl Fn(SocketAddr) -> S, stop: Stop)
where
    S: Service<Request<Incoming>, Response = Response<B>> + Send + 'static,
    S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    S::Future: Send,
    B: Body<Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Send + 'static,
    B::Data: Send,
{
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new());
    let (stopping, _) = watch::channel(());
    let mut connections = JoinSet::new();
    let mut stop = std::pin::pin!(stop.requested());
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        let Ok((stream, peer)) = accepted else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        let _ = stream.set_nodelay(true);
        let connection = http.serve_connection(TokioIo::new(stream), service(peer)).with_upgrades();
        let mut stopping = stopping.subscribe();
        connections.spawn(async move {
            let mut connection = std::pin::pin!(connection);
            // A peer that breaks the protocol or goes away is its own business.
            tokio::select! {
                _ = connection.as_mut() => return,
                _ = stopping.changed() => connection.as_mut().graceful_shutdown(),
            }
            let _ = connection.await;
        });
        while connections.try_join_next().is_some() {}
    }
    drop((listener, stopping));
    let _ = tokio::time::timeout(GRACE, async { while connections.join_next().await.is_some() {} }).await;
}
