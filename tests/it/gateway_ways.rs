//! The ways to a source of the gateway: by a proxy, with a client certificate, with header fields for a WebSocket.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use rcgen::{CertificateParams, KeyPair};

use crate::program::{TOPIC, TestEnv};
use crate::stream_mosquitto::Mosquitto;
use crate::support::folder::Folder;
use crate::support::front::Front;
use crate::support::gateway::{env_of, numbered, publish, route, start, write};
use crate::support::recording_broker::Recorder;
use crate::support::reserved_port::ReservedPort;
use crate::support::tls_server::{authority, client_of};

const NO_ECHO: &str = "--confirm none";

/// The table of a source at this address.
fn source(url: &str, more: &str) -> String {
    format!("[[source]]\nname = 'house'\nurl = '{url}'\n{more}\n")
}

/// Has the gateway try something that cannot work, until it reports so.
fn refused(env: &TestEnv, source: String, says: &str) {
    write(env, &[source, route("in", "lot1", TOPIC, "")]);
    drop(env.i3(&format!("gateway gateway.toml {NO_ECHO}")).start().says(says));
}

#[test]
fn a_source_is_reached_by_its_proxy_and_shown_its_client_certificate() {
    let (folder, tls) = (Folder::new(), ReservedPort::new());
    // Mosquitto becomes another user when it is started by root.
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let ca = authority("The house");
    let key = KeyPair::generate().unwrap();
    let server = CertificateParams::new(["localhost".into()]).unwrap().signed_by(&key, &ca).unwrap();
    for (name, content) in [("ca.pem", ca.pem()), ("server.pem", server.pem()), ("server.key", key.serialize_pem())] {
        fs::write(folder.join(name), content).unwrap();
    }
    let place = folder.display();
    let listener = format!(
        "listener {} 127.0.0.1\ncafile {place}/ca.pem\ncertfile {place}/server.pem\nkeyfile {place}/server.key\n\
         require_certificate true\n",
        tls.number()
    );
    let Some(home) = Mosquitto::start_with(&listener) else { return };
    let Some(proxy) = Front::tinyproxy("", &[]) else { return };
    let recorder = Recorder::start();
    let env = env_of(recorder.port, &["lot1"]);
    let (cert, key) = client_of(&ca, |_| {});
    fs::write(env.path("gateway.pem"), cert).unwrap();
    env.secret("gateway.key", key);
    fs::copy(folder.join("ca.pem"), env.path("ca.pem")).unwrap();
    let url = format!("mqtts://localhost:{}", tls.number());
    let known = "cafile = 'ca.pem'\ncert = 'gateway.pem'\ncert_key = 'gateway.key'\n";
    let by_proxy = format!("{known}proxy = 'http://127.0.0.1:{}'", proxy.port());
    write(&env, &[source(&url, &by_proxy), route("in", "lot1", TOPIC, "")]);
    let gateway = start(&env, NO_ECHO, 1);
    publish(home.port, "in", &numbered(1, 10));
    recorder.wait_for(10);
    assert_eq!(recorder.messages(), numbered(1, 10));
    drop(gateway);
    let log = proxy.log();
    assert!(log.contains(&format!("CONNECT localhost:{} HTTP", tls.number())), "{log}");
    // Without it the broker accepts nobody, and it can be reached only through the proxy.
    refused(&env, source(&url, "cafile = 'ca.pem'"), "requires a client certificate");
    let nobody = ReservedPort::new();
    let nowhere = format!("{known}proxy = 'socks5h://127.0.0.1:{}'", nobody.number());
    refused(&env, source(&url, &nowhere), "the proxy cannot be reached");
    fs::set_permissions(env.path("gateway.key"), fs::Permissions::from_mode(0o644)).unwrap();
    refused(&env, source(&url, known), "gateway.key can be read by others");
}

#[test]
fn a_source_behind_a_web_server_gets_the_header_fields_of_its_file() {
    let websocket = ReservedPort::new();
    let listener = format!("listener {} 127.0.0.1\nprotocol websockets\n", websocket.number());
    let Some(home) = Mosquitto::start_with(&listener) else { return };
    let server = format!(
        "if ($http_x_gateway != 'hunter2') {{ return 403; }} location /mqtt {{ proxy_pass http://127.0.0.1:{};\n\
         proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade; }}",
        websocket.number()
    );
    let Some(front) = Front::nginx(&server) else { return };
    let recorder = Recorder::start();
    let env = env_of(recorder.port, &["lot1"]);
    let url = format!("ws://127.0.0.1:{}/mqtt", front.port());
    refused(&env, source(&url, ""), "403");
    env.secret("fields", "# For the web server\nX-Gateway: hunter2\n");
    let fields = "ws_header_file = 'fields'";
    write(&env, &[source(&url, fields), route("in", "lot1", TOPIC, "")]);
    let gateway = start(&env, NO_ECHO, 1);
    publish(home.port, "in", &numbered(1, 10));
    recorder.wait_for(10);
    assert_eq!(recorder.messages(), numbered(1, 10));
    drop(gateway);
    fs::set_permissions(env.path("fields"), fs::Permissions::from_mode(0o644)).unwrap();
    refused(&env, source(&url, fields), "fields can be read by others");
}
