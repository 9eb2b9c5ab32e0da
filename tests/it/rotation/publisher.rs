//! A publisher that runs while the credential of its device is rotated.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Stdio;
use std::sync::{Arc, Mutex};

use super::{credential_file, register};
use crate::program::{LOT1, PROGRAM, TOPIC, TestEnv};
use crate::wire::Client;

/// A way to the broker whose connections can be cut.
struct CutWay {
    port: u16,
    streams: Arc<Mutex<Vec<TcpStream>>>,
}

impl CutWay {
    fn to(port: u16) -> CutWay {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let own = listener.local_addr().unwrap().port();
        let streams: Arc<Mutex<Vec<TcpStream>>> = Arc::default();
        let kept = Arc::clone(&streams);
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let (client, server) = (client.unwrap(), TcpStream::connect(("127.0.0.1", port)).unwrap());
                for (mut from, mut to) in [(&client, &server), (&server, &client)]
                    .map(|(from, to)| (from.try_clone().unwrap(), to.try_clone().unwrap()))
                {
                    std::thread::spawn(move || {
                        let mut bytes = [0; 4096];
                        while let Ok(read @ 1..) = from.read(&mut bytes) {
                            if to.write_all(&bytes[..read]).is_err() {
                                break;
                            }
                        }
                        let _ = to.shutdown(std::net::Shutdown::Both);
                    });
                }
                kept.lock().unwrap().extend([client, server]);
            }
        });
        CutWay { port: own, streams }
    }

    fn cut(&self) {
        for stream in self.streams.lock().unwrap().drain(..) {
            let _ = stream.shutdown(std::net::Shutdown::Both);
        }
    }
}

#[test]
fn a_publisher_that_runs_takes_up_the_new_credential_with_its_next_connection() {
    // A key of two devices is written to another file, which the configuration names afterwards.
    for (kind, shared) in [("key", false), ("password", false), ("key", true)] {
        let env = TestEnv::new();
        let file = register(&env, kind, None);
        if shared {
            env.i3("register lot2 --hub parking --key").arg(&file).succeeds("alice$parking$lot2\n");
        }
        let mut buyer = Client::new(&env.sandbox, "c", "bob", env.sandbox.seed().buyer_broker_password.expose());
        buyer.subscribe(TOPIC, i3::mqtt::packet::QoS::AtLeastOnce);
        let way = CutWay::to(env.sandbox.broker_url().port);
        let mut command = env.command(PROGRAM).command;
        command.args(["pub", "--device", "lot1", "-t", TOPIC, "-l", "-q", "1", "--confirm", "none"]);
        command.arg(format!("--broker=mqtt://127.0.0.1:{}", way.port));
        let mut publisher =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = publisher.stdin.take().unwrap();
        lines.write_all(b"before\n").unwrap();
        assert_eq!(buyer.message(), "before");
        env.i3("device rotate lot1").succeeds(&format!("{LOT1}\n"));
        assert_eq!(credential_file(&env) != file, shared);
        // The connection that is open stays; the next one needs the new credential.
        lines.write_all(b"meanwhile\n").unwrap();
        assert_eq!(buyer.message(), "meanwhile");
        way.cut();
        lines.write_all(b"after\n").unwrap();
        // At QoS 1 the one before comes again if its acknowledgement was cut off.
        let next = buyer.message();
        assert_eq!(if next == "meanwhile" { buyer.message() } else { next }, "after");
        drop(lines);
        let ended = publisher.wait_with_output().unwrap();
        let said = String::from_utf8(ended.stderr).unwrap();
        assert!(ended.status.success() && !said.contains("refused the log-in"), "{said}");
    }
}
