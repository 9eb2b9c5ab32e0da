//! The marketplace's web server, with every quirk of its transport (I3 facts §2).

pub(super) mod actions;
mod pages;
pub(super) mod product_form;
pub(super) mod request;
mod rest;
mod route;
mod views;

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::task::{Context, Poll};
use std::time::Duration;

use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, StatusCode, header};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::exception::Exception;
use super::shared::{Fault, Shared};
use pages::Response;
use request::HttpRequest;

/// Largest body accepted, in bytes; pictures do not count towards the server's own limit for forms.
const MAX_BODY: usize = 64 << 20;

/// Accepts connections until it is dropped.
pub(super) async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => { connections.spawn(connection(stream, Arc::clone(&shared))); }
                // Most likely out of descriptors: they become free again.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(stream: TcpStream, shared: Arc<Shared>) {
    let answered = Arc::new(AtomicBool::new(false));
    let io = TokioIo::new(OneAnswer { stream, answered: Arc::clone(&answered) });
    let service = service_fn(move |request: Request<Incoming>| {
        let (shared, answered) = (Arc::clone(&shared), Arc::clone(&answered));
        async move {
            // A second request that arrived with the first is ignored.
            if answered.load(Relaxed) {
                return Err(Dropped);
            }
            let answer = answer(&shared, request).await;
            answered.store(true, Relaxed);
            answer
        }
    });
    // A client that disconnects ends only its connection.
    let _ = http1::Builder::new().timer(TokioTimer::new()).half_close(true).serve_connection(io, service).await;
}

/// The connection is cut instead of answering.
#[derive(Debug, thiserror::Error)]
#[error("dropped on purpose")]
struct Dropped;

/// A connection that looks closed by the client once an answer was made: the server then closes it after that
/// answer without announcing it in a header, as I3's does.
struct OneAnswer {
    stream: TcpStream,
    answered: Arc<AtomicBool>,
}

impl AsyncRead for OneAnswer {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.answered.load(Relaxed) {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for OneAnswer {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

async fn answer(shared: &Shared, request: Request<Incoming>) -> Result<Response, Dropped> {
    let (head, body) = request.into_parts();
    // Read completely before anything is refused: unread bytes would turn the close into a reset that swallows the answer.
    let body = Limited::new(body, MAX_BODY).collect().await.map_err(|_| Dropped)?.to_bytes();
    let fault = shared.take_fault(&head.method, head.uri.path());
    if fault == Some(Fault::BeforeHandling) {
        return Err(Dropped);
    }
    let host = head.headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let host = host.rsplit_once(':').map_or(host, |(name, _port)| name);
    let answer = if host != "localhost" && host != "127.0.0.1" {
        pages::bare(StatusCode::BAD_REQUEST, "Bad Request (400)", "<h1>Bad Request (400)</h1>")
    } else if head.headers.contains_key(header::TRANSFER_ENCODING) {
        // The server does not read a body without a length, and so no CSRF token either.
        pages::csrf_failed()
    } else {
        let request = HttpRequest::new(head, body);
        let result = if request.path.starts_with("/api/") {
            rest::answer(shared, &request).await
        } else if let Some(path) = request.path.strip_prefix("/media/") {
            Ok(shared.picture(path).map_or_else(pages::not_found, pages::picture))
        } else {
            views::answer(shared, &request).await
        };
        result.unwrap_or_else(|e| {
            let exception = Exception::new("OSError", e.to_string());
            pages::crashed(StatusCode::INTERNAL_SERVER_ERROR, &request.path, &exception)
        })
    };
    if fault == Some(Fault::AfterHandling) { Err(Dropped) } else { Ok(answer) }
}
