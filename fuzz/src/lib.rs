//! What is fuzzed, as plain functions: each takes any bytes and panics if the code that reads them is wrong.
//!
//! `cargo fuzz run NAME` runs one for as long as you like, starting from `fuzz/seeds/NAME/`; tests/it/fuzz.rs runs each for a
//! moment.

pub mod stream;
pub mod subscriber;

use bytes::BytesMut;
use i3::commands::subscribe::format::Format as OutputFormat;
use i3::guard::check::check_bytes;
use i3::key::{PrivateKey, PublicKey, holds_more};
use i3::market::page;
use i3::mqtt::incoming::IncomingPublish;
use i3::mqtt::packet::{Packet, Version, connect_version};
use i3::publisher::format::Format;
use i3::spool::block::Block;
use i3::tls::certificate::Certificate;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Longest packet that is read, in bytes.
const MAX_PACKET: usize = 64 * 1024;

/// Reads any bytes, and panics if the code under test is wrong.
pub type Target = fn(&[u8]);

/// Every target by its name, which is also the name of its folder of seeds.
pub const TARGETS: &[(&str, Target)] = &[
    ("packets", packets),
    ("pages", pages),
    ("der", der),
    ("guard", guard),
    ("keys", keys),
    ("json_lines", json_lines),
    ("spool_block", spool_block),
    ("output_format", output_format),
    ("stream", stream::stream),
    ("subscriber", subscriber::subscriber),
];

/// Packets of both versions, and PUBLISH as the subscriber reads it: what is written can be read, and is written the same again.
pub fn packets(data: &[u8]) {
    let _ = connect_version(data);
    for version in [Version::V311, Version::V5] {
        let mut stream = BytesMut::from(data);
        while let Ok(Some(packet)) = Packet::read(&mut stream, version, MAX_PACKET) {
            let (mut written, mut again) = (BytesMut::new(), BytesMut::new());
            if packet.write(&mut written, version).is_ok() {
                let read = Packet::read(&mut written.clone(), version, usize::MAX);
                let packet = read.expect("what was written is read").expect("it is whole");
                packet.write(&mut again, version).expect("what was read is written");
                assert_eq!(written, again);
            }
        }
        let mut stream = BytesMut::from(data);
        while let Ok(Some(publish)) = IncomingPublish::take(&mut stream, version, MAX_PACKET) {
            let _ = (publish.topic().len(), publish.properties().is_ok());
        }
    }
}

/// Pages of a marketplace.
pub fn pages(data: &[u8]) {
    let _ = page::log_in_form(data);
    let _ = page::is_log_in_form(data);
    let _ = page::user(data);
    let _ = page::csrf(data);
    let _ = page::refusal(data);
    let _ = page::is_sentence(data);
    let _ = page::api_key(data);
    let _ = page::hub_list(data);
    let _ = page::hub(data);
    let _ = page::product_form(data);
    let _ = page::product_refusals(data);
    let _ = page::form_reasons(data);
    let _ = page::requests(data);
    let _ = page::cart(data);
    let _ = page::transactions(data);
    let _ = page::server_reason(data);
    let _ = page::holds_notifications(data);
    for notification in page::notification(data).into_iter().flatten() {
        let _ = notification.holds_password();
    }
}

/// Certificates.
pub fn der(data: &[u8]) {
    if let Some(certificate) = Certificate::parse(data) {
        let _ = certificate.key().info();
    }
}

/// Any text in the place of a password is judged the same the second time.
pub fn guard(data: &[u8]) {
    assert_eq!(check_bytes(data), check_bytes(data));
}

/// The file of a key, in any form: it is read or named, and no cost is paid for an encrypted one without its passphrase.
pub fn keys(data: &[u8]) {
    if let Ok(key) = PrivateKey::parse(data, || Ok(None)) {
        let pem = key.to_pem().expect("what was read is written");
        let again = PrivateKey::parse(pem.as_bytes(), || Ok(None)).expect("what was written is read");
        assert_eq!(again.public(), key.public());
    }
    let _ = PublicKey::from_text(data);
    let _ = holds_more(data);
}

/// Lines of the input of a stream, in every form.
pub fn json_lines(data: &[u8]) {
    for format in [Format::Payload, Format::TopicPerLine, Format::Json] {
        for line in data.split(|byte| *byte == b'\n') {
            if let Ok(decoded) = format.decode(line) {
                assert!(decoded.payload.len() <= line.len());
            }
        }
    }
}

/// A block of a spool as it may come off a bad disk. The first byte is the number of records that it should have.
pub fn spool_block(data: &[u8]) {
    let Some((count, bytes)) = data.split_first() else { return };
    let block = Block::stored(bytes, u64::from(*count), false);
    let mut copy = Block::default();
    for record in block.records() {
        let Ok(record) = record else { return };
        copy.push(&record).expect("what was read can be stored");
    }
    assert_eq!(copy.as_bytes(), bytes, "what reads well is what would be stored");
}

/// `i3 sub -F`: the first line is the format, the rest a PUBLISH packet.
pub fn output_format(data: &[u8]) {
    let mut parts = data.splitn(2, |byte| *byte == b'\n');
    let format = String::from_utf8_lossy(parts.next().unwrap_or_default());
    let Ok(format) = format.parse::<OutputFormat>() else { return };
    let time = Timestamp::UNIX_EPOCH.to_zoned(TimeZone::UTC);
    let mut stream = BytesMut::from(parts.next().unwrap_or_default());
    if let Ok(Some(publish)) = IncomingPublish::take(&mut stream, Version::V5, MAX_PACKET) {
        let _ = format.write(&mut Vec::new(), &publish, &time);
    }
}
