//! What the broker's and the marketplace's codes mean on I3.

use super::Code::{self, ConnAck, Http, Reason};

/// One code with its meaning.
#[derive(Debug, PartialEq, Eq)]
pub struct Meaning {
    pub code: Code,
    /// What the standard, or the code's owner, calls it.
    pub name: &'static str,
    /// What it means on I3.
    pub meaning: &'static str,
    /// What clients write instead of the code, in lower case.
    pub texts: &'static [&'static str],
}

const fn code(code: Code, name: &'static str, meaning: &'static str) -> Meaning {
    Meaning { code, name, meaning, texts: &[] }
}

impl Meaning {
    const fn written(mut self, texts: &'static [&'static str]) -> Meaning {
        self.texts = texts;
        self
    }
}

/// All that I3 is known to answer with, by kind and number.
pub const CODES: &[Meaning] = &[
    code(ConnAck(0), "accepted", "The broker let the client in. Without credentials a released broker says so too, and delivers nothing."),
    code(ConnAck(1), "unacceptable protocol version", "The broker speaks MQTT 3.1 and 3.1.1 alone, as every released I3 broker does.")
        .written(&["unacceptable protocol version", "unsupported protocol version"]),
    code(ConnAck(2), "identifier rejected", "The client id is empty, and the client wants its session kept.")
        .written(&["identifier rejected", "client id refused"]),
    code(ConnAck(3), "server unavailable", "The broker is up and serves nobody at the moment.").written(&["server unavailable", "broker unavailable"]),
    code(ConnAck(4), "bad user name or password", "I3's own broker never says this; another one means by it what I3's means by 5.")
        .written(&["bad user name or password", "bad username or password"]),
    code(
        ConnAck(5),
        "not authorized",
        "I3's broker says this to everything that can be wrong with a log-in, and to everybody while its database is \
         down. `{i3} doctor DEVICE` tells the causes apart.",
    )
    .written(&["not authorized", "not authorised"]),
    code(Reason(0x10), "no matching subscribers", "The message was allowed, and nobody listens at the moment."),
    code(Reason(0x80), "unspecified error", "The broker does not say what was wrong; as the answer to a subscription in 3.1.1, that it refuses it."),
    code(Reason(0x82), "protocol error", "The client sent what it may not send: an empty topic or one with a wildcard, for one."),
    code(Reason(0x84), "unsupported protocol version", "The broker does not speak MQTT 5."),
    code(Reason(0x85), "client identifier not valid", "The broker does not take this client id."),
    code(Reason(0x86), "bad user name or password", "As 0x87 to a log-in."),
    code(
        Reason(0x87),
        "not authorized",
        "To a log-in what CONNACK 5 is. To a message: the device may not write this topic; only MQTT 5 at QoS 1 or 2 says so.",
    )
    .written(&["not authorized", "not authorised"]),
    code(Reason(0x88), "server unavailable", "The broker is up and serves nobody at the moment."),
    code(Reason(0x89), "server busy", "The broker has too much to do at the moment."),
    code(Reason(0x8D), "keep-alive timeout", "The client said nothing for one and a half times its keep-alive time."),
    code(Reason(0x8E), "session taken over", "Another client logged in with the same client id."),
    code(Reason(0x90), "topic name invalid", "The topic is empty or holds a wildcard."),
    code(Reason(0x95), "packet too large", "The message is larger than this broker takes."),
    code(Reason(0x9F), "connection rate exceeded", "Too many clients connect at once for this broker at the moment."),
    code(
        Http(200),
        "OK",
        "A form that comes back with 200 has refused what was sent, mostly without a word; a log-in page in the place of \
         another page means that nobody is logged in.",
    ),
    code(
        Http(302),
        "found",
        "To /hubs/ or to a product's page: it was taken. To /accounts/login/: nobody is logged in, and nothing was done. To \
         products/create: no such hub, or a product of that name is there already.",
    ),
    code(Http(400), "bad request", "The marketplace is set up for another host name than the one that it was asked by; over REST also: a field is wrong.")
        .written(&["bad request (400)"]),
    code(Http(401), "unauthorized", "The REST API did not get an API key, or one that it does not know.")
        .written(&["authentication credentials were not provided", "invalid token."]),
    code(Http(403), "forbidden", "The form's CSRF token is missing or stale, or the request had no Content-Length.")
        .written(&["csrf verification failed"]),
    code(Http(404), "not found", "No such page or thing; under /api/ also: this marketplace has forms only."),
    code(Http(405), "method not allowed", "Under /api/: this marketplace has forms only."),
    code(
        Http(500),
        "server error",
        "The marketplace broke down, but perhaps after it had done what was asked, as it does when its mail is down. A topic \
         over 30 characters, an unknown seller, /key/ without a log-in and a POST without its last slash do it as well.",
    ),
    code(Http(502), "bad gateway", "A gateway in front of the marketplace gets no sound answer from it."),
    code(Http(503), "service unavailable", "What answers there serves nobody at the moment."),
    code(Http(504), "gateway timeout", "A gateway in front of the marketplace gets no answer from it in time."),
];
