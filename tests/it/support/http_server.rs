//! A scripted HTTP server on loopback: a closure answers, every request is kept, a connection can be cut or left hanging.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// A request as it came over the wire.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// The path without the query.
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap()
    }

    /// A field of the query, decoded.
    pub fn query(&self, name: &str) -> Option<String> {
        field(self.target.split_once('?')?.1, name)
    }

    /// A field of a form body, decoded.
    pub fn field(&self, name: &str) -> Option<String> {
        field(std::str::from_utf8(&self.body).unwrap(), name)
    }
}

fn field(text: &str, name: &str) -> Option<String> {
    text.split('&').filter_map(|pair| pair.split_once('=')).find(|(n, _)| *n == name).map(|(_, value)| decode(value))
}

fn decode(text: &str) -> String {
    let mut out = Vec::new();
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'+' => b' ',
            b'%' => {
                let hex = [bytes.next().unwrap(), bytes.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&hex).unwrap(), 16).unwrap()
            }
            other => other,
        });
    }
    String::from_utf8(out).unwrap()
}

/// What the closure decides.
#[derive(Debug, Clone)]
pub enum Reply {
    Answer {
        status: u16,
        headers: Vec<(&'static str, String)>,
        body: String,
    },
    /// Close without a byte.
    Cut,
    /// Close in the middle of the body.
    CutInBody,
    /// Send half of an answer and close.
    Torn(Box<Reply>),
    /// Say nothing and keep the connection until the server ends.
    Hang,
}

impl Reply {
    pub fn html(status: u16, body: impl Into<String>) -> Reply {
        Reply::Answer { status, headers: vec![("Content-Type", "text/html; charset=utf-8".into())], body: body.into() }
    }

    pub fn json(status: u16, body: impl Into<String>) -> Reply {
        Reply::Answer { status, headers: vec![("Content-Type", "application/json".into())], body: body.into() }
    }

    pub fn redirect(to: &str) -> Reply {
        Reply::Answer { status: 302, headers: vec![("Location", to.into())], body: String::new() }
    }

    /// An answer as sent over the wire; empty for no answer.
    fn bytes(&self) -> Vec<u8> {
        let Reply::Answer { status, headers, body } = self else { return Vec::new() };
        let mut head = format!("HTTP/1.1 {status} Scripted\r\nContent-Length: {}\r\n", body.len());
        for (name, value) in headers {
            head += &format!("{name}: {value}\r\n");
        }
        format!("{head}\r\n{body}").into_bytes()
    }

    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Reply {
        if let Reply::Answer { headers, .. } = &mut self {
            headers.push((name, value.into()));
        }
        self
    }
}

/// The running server; it ends when dropped.
pub struct HttpServer {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
    ending: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl HttpServer {
    pub fn start(mut answer: impl FnMut(&Request) -> Reply + Send + 'static) -> HttpServer {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (requests, ending) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let (kept, end) = (Arc::clone(&requests), Arc::clone(&ending));
        let thread = std::thread::spawn(move || {
            let mut hanging = Vec::new();
            for stream in listener.incoming() {
                if end.load(Ordering::SeqCst) {
                    return;
                }
                let mut stream = stream.unwrap();
                let Some(request) = read(&stream) else { continue };
                let reply = answer(&request);
                kept.lock().unwrap().push(request);
                match reply {
                    Reply::Cut => {}
                    Reply::Hang => hanging.push(stream),
                    Reply::CutInBody => {
                        _ = stream
                            .write_all(b"HTTP/1.1 302 Found\r\nLocation: /hubs/\r\nContent-Length: 100\r\n\r\n<p>");
                    }
                    // Like the marketplace: closed after every answer without notice.
                    Reply::Answer { .. } => _ = stream.write_all(&reply.bytes()),
                    Reply::Torn(whole) => {
                        let bytes = whole.bytes();
                        _ = stream.write_all(&bytes[..bytes.len() / 2]);
                    }
                }
            }
        });
        HttpServer { address, requests, ending, thread: Some(thread) }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Every request so far, in the order of their answers.
    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

impl Drop for HttpServer {
    fn drop(&mut self) {
        self.ending.store(true, Ordering::SeqCst);
        // Wakes accept().
        _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            _ = thread.join();
        }
    }
}

fn read(stream: &TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split_ascii_whitespace();
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let length = headers.iter().find(|(n, _)| n == "content-length").map_or(0, |(_, v)| v.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Request { method, target, headers, body })
}
