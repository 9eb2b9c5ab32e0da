//! A connection over a transport in memory.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::super::packet::{MAX_PACKET, QoS};
use super::*;
use crate::mqtt::reason::Said;
use crate::secret::Secret;

#[tokio::test]
async fn a_connection_runs_over_a_transport_in_memory() {
    let (ours, mut peer) = tokio::io::duplex(64);
    let password = Secret::new("secret".to_string());
    let login = ConnectOptions {
        version: Version::V311,
        client_id: "c",
        clean: true,
        keep_alive: Duration::from_secs(60),
        user_name: "alice$parking$lot1",
        password: &password,
        max_packet: MAX_PACKET,
    };
    let url = "mqtt://in.memory".parse().unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    let broker = async move {
        let mut connect = [0; 43];
        peer.read_exact(&mut connect).await.unwrap();
        assert!(connect.ends_with(b"secret"));
        // CONNACK; then a message of more than the pipe holds is acknowledged.
        peer.write_all(&[0x20, 2, 0, 0]).await.unwrap();
        let mut publish = [0; 3 + 2 + 5 + 2 + 1000];
        peer.read_exact(&mut publish).await.unwrap();
        peer.write_all(&[0x40, 2, 0, 7]).await.unwrap();
        let mut end = Vec::new();
        peer.read_to_end(&mut end).await.unwrap();
        assert_eq!(end, [0xE0, 0]);
    };
    let client = async {
        let mut connection = Connection::over(ours, &url, &login, deadline).await.unwrap();
        let (topic, payload, qos) = ("a/b/c", &[b'x'; 1000][..], QoS::AtLeastOnce);
        let publish = OutgoingPublish { topic, payload, qos, retain: false, dup: false, id: 7, time: 0 };
        connection.queue_publish(&publish).unwrap();
        let answer = connection.recv().await.unwrap();
        assert_eq!(answer, Packet::Ack { kind: AckKind::PubAck, id: 7, reason: Reason::SUCCESS });
        assert!(!connection.gather(Duration::ZERO).await.unwrap());
        connection.finish().await.unwrap();
    };
    tokio::join!(broker, client);
}

#[test]
fn a_refusal_tells_whose_log_in_it_was() {
    let refused = |user_name: &str| {
        let url = Box::new("mqtt://in.memory".parse().unwrap());
        let refused = ConnectError::Refused { url, code: 5, user_name: user_name.into(), said: Said::default() };
        refused.to_string()
    };
    assert!(refused("bob").contains(" refused the log-in of 'bob' (CONNACK 5"), "{}", refused("bob"));
    assert!(refused("").contains(" refused a log-in without a user name (CONNACK 5"), "{}", refused(""));
}
