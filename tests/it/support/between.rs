//! A marketplace with somebody in between: requests go on to a sandbox, unless a closure answers in its place.

use i3::sandbox::Controls;

use super::http_server::{HttpServer, Reply, Request};
use crate::http::raw;

/// Starts it. What `meddle` answers is the answer; to `None` the sandbox answers.
pub fn between(sandbox: &Controls, mut meddle: impl FnMut(&Request) -> Option<Reply> + Send + 'static) -> HttpServer {
    let url = sandbox.market_url();
    HttpServer::start(move |request| meddle(request).unwrap_or_else(|| forward(&url, request)))
}

/// The sandbox's own answer.
pub fn forward(url: &str, request: &Request) -> Reply {
    let mut text = format!("{} {} HTTP/1.1\r\nHost: localhost\r\n", request.method, request.target);
    for (name, value) in request.headers.iter().filter(|(name, _)| name != "host" && name != "connection") {
        text += &format!("{name}: {value}\r\n");
    }
    let body = std::str::from_utf8(&request.body).unwrap();
    let Some(answer) = raw(url, &format!("{text}\r\n{body}")) else { return Reply::Cut };
    let mut headers = Vec::new();
    for name in ["Set-Cookie", "Location", "Content-Type"] {
        let lines = answer.head.lines().filter_map(|line| line.split_once(": "));
        headers.extend(lines.filter(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| (name, value.to_string())));
    }
    Reply::Answer { status: answer.status, headers, body: answer.body }
}
