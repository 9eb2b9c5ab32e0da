//! The meaning of the broker's and the marketplace's codes on I3.

use super::model::Code::{self, ConnAck, Exit, Http, Reason};

/// One code with its meaning.
#[derive(Debug, PartialEq, Eq)]
pub struct Meaning {
    pub code: Code,
    /// Its name in the standard, or by the code's owner.
    pub name: &'static str,
    /// Its meaning on I3.
    pub meaning: &'static str,
    /// Texts that clients print instead of the code, in lower case.
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

/// Every code that I3 is known to answer with, by kind and number.
pub const CODES: &[Meaning] = &[
    code(ConnAck(0), "accepted", "The broker accepted the client. A released broker also accepts a client without credentials, and delivers nothing to it."),
    code(ConnAck(1), "unacceptable protocol version", "The broker speaks only MQTT 3.1 and 3.1.1, as every released I3 broker does.")
        .written(&["unacceptable protocol version", "unsupported protocol version"]),
    code(ConnAck(2), "identifier rejected", "The broker does not accept this client id. I3's refuses only an empty one, from a client whose session is kept.")
        .written(&["identifier rejected", "client id refused"]),
    code(ConnAck(3), "server unavailable", "The broker is running and accepts no clients at the moment.").written(&["server unavailable", "broker unavailable"]),
    code(ConnAck(4), "bad user name or password", "I3's own broker never answers this; from another broker it means what 5 means from I3's.")
        .written(&["bad user name or password", "bad username or password"]),
    code(
        ConnAck(5),
        "not authorized",
        "I3's broker gives this answer to every faulty log-in, and to every client while its database is down. `{i3} doctor DEVICE` tells the causes apart.",
    )
    .written(&["not authorized", "not authorised"]),
    code(Reason(0x10), "no matching subscribers", "The message was permitted, and has no subscriber at the moment."),
    code(Reason(0x80), "unspecified error", "The broker does not say what is wrong; in the answer to a subscription in 3.1.1, that it refuses the subscription."),
    code(Reason(0x81), "malformed packet", "The broker could not read what the client sent."),
    code(Reason(0x82), "protocol error", "The client sent something invalid, such as an empty topic or one with a wildcard."),
    code(Reason(0x83), "implementation specific error", "The broker, or a plug-in of it, failed or refuses for a reason of its own."),
    code(Reason(0x84), "unsupported protocol version", "The broker does not speak MQTT 5."),
    code(Reason(0x85), "client identifier not valid", "The broker does not accept this client id."),
    code(Reason(0x86), "bad user name or password", "As 0x87 in the answer to a log-in."),
    code(
        Reason(0x87),
        "not authorized",
        "In the answer to a log-in, as CONNACK 5. To a message: the device may not write this topic; only MQTT 5 at QoS 1 or 2 reports it.",
    )
    .written(&["not authorized", "not authorised"]),
    code(Reason(0x88), "server unavailable", "The broker is running and accepts no clients at the moment."),
    code(Reason(0x89), "server busy", "The broker is overloaded at the moment."),
    code(Reason(0x8A), "banned", "The broker's operator has banned this client, user or address."),
    code(Reason(0x8C), "bad authentication method", "The broker asks for a different way to log in than a user name and a password or token."),
    code(Reason(0x8D), "keep-alive timeout", "The client sent nothing for one and a half times its keep-alive time."),
    code(Reason(0x8E), "session taken over", "Another client logged in with the same client id."),
    code(Reason(0x90), "topic name invalid", "The topic is empty or holds a wildcard."),
    code(Reason(0x95), "packet too large", "The message, or the log-in, is larger than this broker accepts."),
    code(Reason(0x97), "quota exceeded", "A limit of the broker is used up, such as its number of clients or messages."),
    code(Reason(0x99), "payload format invalid", "The broker does not accept the form of the message; at a log-in, of its will."),
    code(Reason(0x9A), "retain not supported", "The broker stores no retained messages; at a log-in, no retained will."),
    code(Reason(0x9B), "QoS not supported", "The broker does not accept this quality of service; at a log-in, of its will."),
    code(Reason(0x9C), "use another server", "Use another server for now."),
    code(Reason(0x9D), "server moved", "Use another server from now on."),
    code(Reason(0x9F), "connection rate exceeded", "Too many clients connect to this broker at once."),
    code(
        Http(200),
        "OK",
        "A form that comes back with 200 has refused what was sent, usually without an error; a log-in page instead of \
         another page means that the session is not logged in.",
    ),
    code(
        Http(302),
        "found",
        "To /hubs/ or to a product's page: the form was accepted. To /accounts/login/: the session is not logged in, and \
         nothing was changed. To products/create: the hub does not exist, or a product of that name does.",
    ),
    code(Http(301), "moved permanently", "The marketplace is at another address, mostly the same with https."),
    code(Http(308), "permanent redirect", "The marketplace is at another address, mostly the same with https."),
    code(Http(400), "bad request", "The marketplace is configured for another host name than the request used; over REST also: a field is wrong.")
        .written(&["bad request (400)"]),
    code(Http(401), "unauthorized", "The REST API received no API key, or an unknown one.")
        .written(&["authentication credentials were not provided", "invalid token."]),
    code(Http(403), "forbidden", "The form's CSRF token is missing or stale, or the request had no Content-Length.")
        .written(&["csrf verification failed"]),
    code(Http(404), "not found", "No such page, hub, device or product; under /api/ also: this marketplace has only forms."),
    code(Http(405), "method not allowed", "Under /api/: this marketplace has only forms."),
    code(Http(413), "content too large", "A gateway in front of the marketplace takes no request of that length."),
    code(Http(429), "too many requests", "Something in front of the marketplace limits how many requests it takes."),
    code(
        Http(500),
        "server error",
        "The marketplace failed, but perhaps after it had made the change, as it does when its mail is down. A topic of more \
         than 30 characters, an unknown seller, /key/ without a log-in and a POST without its last slash cause it as well.",
    ),
    code(Http(502), "bad gateway", "A gateway in front of the marketplace got an invalid answer from it."),
    code(Http(503), "service unavailable", "The server at that address accepts no requests at the moment."),
    code(Http(504), "gateway timeout", "A gateway in front of the marketplace got no answer from it in time."),
    code(
        Exit(27),
        "mosquitto_sub: timed out",
        "The time given with -W passed before the messages requested with -C arrived. `{i3} sub` ends with 75 then; `{i3} explain not-bought` \
         has the usual causes.",
    ),
];
