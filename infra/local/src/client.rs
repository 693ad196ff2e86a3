//! Requests to other servers on this machine.

use std::{io, net::SocketAddr};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{
    Request, Response,
    client::conn::http1,
    header::{self, HeaderValue},
};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// Sends a request over a connection of its own, and returns the whole answer.
pub(crate) async fn send(server: SocketAddr, mut request: Request<Full<Bytes>>) -> io::Result<Response<Bytes>> {
    let stream = TcpStream::connect(server).await?;
    stream.set_nodelay(true)?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
    if !request.headers().contains_key(header::HOST) {
        let host = HeaderValue::try_from(server.to_string()).map_err(io::Error::other)?;
        request.headers_mut().insert(header::HOST, host);
    }
    let exchange = async {
        let (parts, body) = sender.send_request(request).await?.into_parts();
        Ok(Response::from_parts(parts, body.collect().await?.to_bytes()))
    };
    let mut exchange = std::pin::pin!(exchange);
    let answer: Result<_, hyper::Error> = tokio::select! {
        answer = &mut exchange => answer,
        // The connection may end before what it brought is taken from it.
        ended = connection => match ended {
            Ok(()) => exchange.await,
            Err(error) => Err(error),
        },
    };
    answer.map_err(io::Error::other)
}
