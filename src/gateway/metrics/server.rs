//! The web server of `--metrics`, which only shows a page.

use std::convert::Infallible;
use std::future::ready;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{self, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::exposition::CONTENT_TYPE;

/// Most clients at once; others wait until one is gone.
const CLIENTS: usize = 16;
/// How long a client may take for its request and the answer: a silent one must not block the others.
const PATIENCE: Duration = Duration::from_secs(10);
/// Pause between two attempts to accept a client, if the process has no more descriptors.
const PAUSE: Duration = Duration::from_millis(50);

const TEXT: &str = "text/plain; charset=utf-8";

/// The port is in use, or the address does not belong to this machine.
#[derive(Debug, thiserror::Error)]
#[error("the metrics cannot be served at {address}")]
pub struct ListenError {
    pub address: SocketAddr,
    pub source: io::Error,
}

/// A server that listens.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
}

impl Server {
    /// Listens at an address; port 0 is any free one.
    ///
    /// # Errors
    /// [`ListenError`].
    pub async fn bind(address: SocketAddr) -> Result<Server, ListenError> {
        let failed = |source| ListenError { address, source };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Server { listener, address })
    }

    /// Returns the address with its actual port.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until it is dropped, with the metrics as `page` returns them at that moment. It belongs on a
    /// [`LocalSet`](tokio::task::LocalSet).
    pub async fn serve(self, page: impl Fn() -> String + 'static) -> Infallible {
        self.serve_with(PATIENCE, page).await
    }

    async fn serve_with(self, patience: Duration, page: impl Fn() -> String + 'static) -> Infallible {
        let page = Rc::new(page);
        let mut clients = JoinSet::new();
        loop {
            tokio::select! {
                accepted = self.listener.accept(), if clients.len() < CLIENTS => match accepted {
                    Ok((client, _)) => drop(clients.spawn_local(attend(client, patience, Rc::clone(&page)))),
                    Err(_) => sleep(PAUSE).await,
                },
                Some(_) = clients.join_next() => {}
            }
        }
    }
}

async fn attend(client: TcpStream, patience: Duration, page: Rc<impl Fn() -> String>) {
    let service = service_fn(|request: Request<Incoming>| ready(Ok::<_, Infallible>(answer(&request, &*page))));
    let serving = http1::Builder::new()
        .keep_alive(false)
        // `printf … | nc` closes its side after the request.
        .half_close(true)
        .serve_connection(TokioIo::new(client), service);
    // A client that fails, or is cut off, affects only its own connection.
    let _ = timeout(patience, serving).await;
}

fn answer(request: &Request<Incoming>, page: impl Fn() -> String) -> Response<Full<Bytes>> {
    let is_read = [Method::GET, Method::HEAD].contains(request.method());
    let (status, content_type, body) = match request.uri().path() {
        _ if !is_read => (StatusCode::METHOD_NOT_ALLOWED, TEXT, "GET or HEAD only\n".into()),
        "/metrics" => (StatusCode::OK, CONTENT_TYPE, page()),
        "/healthz" => (StatusCode::OK, TEXT, "ok\n".into()),
        "/" => (StatusCode::OK, TEXT, "The metrics are at /metrics.\n".into()),
        _ => (StatusCode::NOT_FOUND, TEXT, "not found\n".into()),
    };
    let mut response = Response::new(Full::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    if !is_read {
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
    }
    response
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::task::LocalSet;
    use tokio::time::Instant;

    use super::*;

    #[tokio::test]
    async fn clients_that_say_nothing_keep_the_others_out_for_a_while_only() {
        let patience = Duration::from_millis(300);
        let server = Server::bind((Ipv4Addr::LOCALHOST, 0).into()).await.unwrap();
        let address = server.address();
        let trying = async {
            let mut silent = Vec::new();
            for _ in 0..CLIENTS {
                silent.push(TcpStream::connect(address).await.unwrap());
            }
            let mut client = TcpStream::connect(address).await.unwrap();
            let began = Instant::now();
            client.write_all(b"GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
            let mut answer = String::new();
            client.read_to_string(&mut answer).await.unwrap();
            assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("\r\n\r\nx 1\n"), "{answer}");
            for mut client in silent {
                assert_eq!(client.read(&mut [0; 1]).await.unwrap(), 0, "it was cut off");
            }
            began.elapsed()
        };
        let serving = async {
            tokio::select! {
                never = server.serve_with(patience, || "x 1\n".into()) => match never {},
                took = trying => took,
            }
        };
        let took = LocalSet::new().run_until(serving).await;
        assert!(took < PATIENCE, "{took:?}");
    }
}
