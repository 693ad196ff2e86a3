//! A web site with one page, and the API beneath the same address: what stands before the API where its pages are.

use std::{convert::Infallible, sync::Arc};

use http_body_util::{BodyExt, Full};
use hyper::{
    Request, Response,
    body::{Bytes, Incoming},
    header::{self, HeaderValue},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use reqwest::Client;
use tokio::{net::TcpListener, task::JoinSet};

/// The site. It closes when it is dropped.
pub struct Site {
    url: String,
    _server: JoinSet<()>,
}

struct Content {
    /// What is served at which path, with its type.
    files: Vec<(&'static str, &'static str, Bytes)>,
    /// Where everything else is.
    api: String,
    http: Client,
}

impl Site {
    /// Serves `files` (path, content type, bytes) on a free port, and `api` at every other path.
    pub async fn open(files: Vec<(&'static str, &'static str, Bytes)>, api: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let content = Arc::new(Content { files, api, http: Client::new() });
        let mut server = JoinSet::new();
        server.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let content = Arc::clone(&content);
                let service = service_fn(move |request| {
                    let content = Arc::clone(&content);
                    async move { Ok::<_, Infallible>(content.answer(request).await) }
                });
                // A browser that hangs up is no failure of the site.
                connections.spawn(async move {
                    drop(http1::Builder::new().serve_connection(TokioIo::new(stream), service).await);
                });
            }
        });
        Self { url, _server: server }
    }

    /// The address of the page at `path`.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }
}

impl Content {
    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        match self.files.iter().find(|(path, ..)| *path == request.uri().path()) {
            Some((_, content_type, bytes)) => {
                let mut response = Response::new(Full::new(bytes.clone()));
                response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
                response
            }
            None => self.pass_on(request).await,
        }
    }

    /// Asks the API, and answers as it does.
    async fn pass_on(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let (mut parts, body) = request.into_parts();
        for hop in [header::HOST, header::CONNECTION, header::CONTENT_LENGTH] {
            parts.headers.remove(hop);
        }
        let body = body.collect().await.expect("a request").to_bytes();
        let asked = self.http.request(parts.method, format!("{}{}", self.api, parts.uri)).headers(parts.headers);
        let mut answer = asked.body(body).send().await.expect("the API answers");
        let (status, mut headers) = (answer.status(), std::mem::take(answer.headers_mut()));
        for hop in [header::CONNECTION, header::CONTENT_LENGTH, header::TRANSFER_ENCODING] {
            headers.remove(hop);
        }
        let mut response = Response::new(Full::new(answer.bytes().await.expect("an answer")));
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        response
    }
}
