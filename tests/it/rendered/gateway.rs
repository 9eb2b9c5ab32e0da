//! i3-gateway(5): the file of `i3 gateway`, rendered from the JSON schema that editors take.

use std::io;

use clap_mangen::roff::{Roff, bold, italic, roman};
use serde_json::Value;

use super::DATE;
use super::config::section;
use super::man::verbatim;

const SCHEMA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/i3-gateway.schema.json");

/// i3-gateway(5), as roff.
///
/// # Errors
/// None in practice: it writes to memory.
pub fn page() -> io::Result<Vec<u8>> {
    let schema: Value = serde_json::from_slice(&std::fs::read(SCHEMA)?)?;
    let mut roff = Roff::new();
    let source = concat!("i3 ", env!("CARGO_PKG_VERSION"));
    roff.control("TH", ["i3-gateway", "5", DATE, source, "I3 seller's toolkit"]);
    section(&mut roff, "NAME", &["i3-gateway - sources and routes of i3 gateway"]);
    roff.control("SH", ["SYNOPSIS"]);
    verbatim(&mut roff, "~/.config/i3-marketplace/gateway.toml");
    section(
        &mut roff,
        "DESCRIPTION",
        &[
            "A file in TOML. Each [[source]] is a broker or a stream of messages; each [[route]] says which of them a \
             device publishes, and to which topic. The devices are those of i3-config(5), with their credentials.",
            "A message of an MQTT source is published by the first route of each device that matches it, so several devices may \
             publish one message; a message of a NATS stream by the first route that matches it. Its payload is published unchanged, unless the route says otherwise.",
            "i3 gateway check explains the file without connecting to anything. SIGHUP has a running gateway read it again.",
        ],
    );
    keys(&mut roff, "KEYS", &schema["properties"], &["source", "route"]);
    keys(&mut roff, "[[source]]", &schema["$defs"]["SourceTable"]["properties"], &[]);
    keys(&mut roff, "[[route]]", &schema["$defs"]["RouteTable"]["properties"], &[]);
    section(
        &mut roff,
        "DELIVERY",
        &[
            "A message is acknowledged at its source once I3's broker has acknowledged it, and, unless --confirm none is given, \
             the first one of each topic has come back. If the gateway, a broker or the network fails before that, the source \
             delivers it again: it may be published twice, but is never lost.",
            "At an MQTT source each device has its own session, which the broker keeps while the gateway is not running; how many \
             messages it keeps is the broker's setting (max_queued_messages in Mosquitto). Nobody keeps messages at QoS 0; with --spool they are stored on disk before they are published. \
             Messages that the broker retained from before the subscription are left out, unless retained = true: they would \
             be published again with every new subscription.",
            "Messages that can never be published are kept in the file for rejected messages, one JSON object per line with the reason \
             under \"rejected\", and are then acknowledged. i3 pub --device NAME --jsonl publishes the lines of a device later, \
             except those without a payload: if the route could not make one, the received message is under \"rejected\". \
             Rejected are: a payload without the field that the route names, a private key, a topic that is not the device's, and a message that I3's \
             broker refuses, or accepts and drops because there is no such product. After a topic was dropped, its messages are \
             rejected at once for the time of --retry-refused.",
            "A device whose log-in fails takes nothing more from its sources until the log-in works again. The other devices continue.",
        ],
    );
    section(
        &mut roff,
        "SEVERAL GATEWAYS",
        &[
            "With share = \"NAME\" the gateways that name the same group share the messages of an MQTT 5 broker, each message going \
             to one of them; each needs its own client_id. The order of a topic's messages is kept within one gateway.",
        ],
    );
    roff.control("SH", ["EXAMPLES"]);
    verbatim(
        &mut roff,
        "[[source]]\nname = \"house\"\nurl = \"mqtt://localhost:1883\"\n\n[[route]]\nfrom = \"house\"\nmatch = \
         \"zigbee2mqtt/+/soil\"\ndevice = \"bed1\"\ntopic = \"alice/garden/moisture\"\npayload = \".value\"\nmax_rate = \
         \"10/s\"\n\n[[route]]\nfrom = \"house\"\nmatch = \"weather/+\"\ndevice = \"station\"\ntopic = \"alice/roof/{1}\"   # \
         weather/wind is published to alice/roof/wind",
    );
    roff.control("SH", ["SEE ALSO"]);
    roff.text([bold("i3-gateway"), roman("(1), "), bold("i3-config"), roman("(5), "), bold("i3-pub"), roman("(1)")]);
    let mut out = Vec::new();
    roff.to_writer(&mut out)?;
    Ok(out)
}

fn keys(roff: &mut Roff, heading: &str, properties: &Value, but: &[&str]) {
    roff.control("SH", [heading]);
    for (name, key) in properties.as_object().unwrap().iter().filter(|(name, _)| !but.contains(&name.as_str())) {
        roff.control("TP", []);
        roff.text([bold(name.as_str()), roman(" = "), italic(value_name(key))]);
        // A docstring is written in lines.
        roff.text([roman(key["description"].as_str().unwrap().replace('\n', " ").replace('`', ""))]);
    }
}

fn value_name(key: &Value) -> &'static str {
    let is =
        |kind: &str| key["type"] == kind || key["type"].as_array().is_some_and(|all| all.iter().any(|one| one == kind));
    match () {
        () if is("boolean") => "true|false",
        () if is("integer") => "NUMBER",
        () => "\"TEXT\"",
    }
}
