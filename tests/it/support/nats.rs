//! A real `nats-server` with JetStream, or a cluster of three, and a client of it.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use async_nats::ConnectOptions;
use async_nats::jetstream::consumer::{Info, PullConsumer, pull};
use async_nats::jetstream::context::ContextBuilder;
use async_nats::jetstream::message::{PublishMessage, StreamMessage};
use async_nats::jetstream::{self, Context, stream};
use futures_util::StreamExt as _;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::folder::Folder;
use super::gateway::eventually;
use super::reserved_port::ReservedPort;
use super::skipped::without;

/// Who asks for messages, and makes streams.
pub const ADMIN: &str = "admin";
pub const PASSWORD: &str = "two words; ü";

/// Where the server is; `None`, said loudly, if it is nowhere.
fn find() -> Option<PathBuf> {
    let folders = ["/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin"];
    let found = folders.iter().map(|folder| Path::new(folder).join("nats-server")).find(|path| path.exists());
    if found.is_none() {
        without("I3_REQUIRE_NATS", "nats-server", "this was not tried on a real NATS");
    }
    found
}

struct Node {
    program: PathBuf,
    config: PathBuf,
    port: u16,
    process: Option<Child>,
}

impl Node {
    fn start(&mut self) {
        let mut command = Command::new(&self.program);
        command.arg("-c").arg(&self.config).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let mut log = BufReader::new(process.stderr.take().unwrap());
        let mut said = String::new();
        while !said.contains("Server is ready") && log.read_line(&mut said).unwrap() > 0 {}
        assert!(said.contains("Server is ready"), "{said}");
        // Goes on reading, so that the server never waits for its log.
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        self.process = Some(process);
    }

    fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

/// One node, or three.
pub struct Nats {
    nodes: Vec<Node>,
    /// A runtime that runs until the sender is dropped.
    handle: Handle,
    _runs: oneshot::Sender<()>,
    context: Context,
    _ports: Vec<ReservedPort>,
    pub folder: Folder,
}

impl Drop for Nats {
    fn drop(&mut self) {
        self.nodes.iter_mut().for_each(Node::kill);
    }
}

impl Nats {
    pub fn start() -> Option<Nats> {
        Nats::start_with(|_| String::new())
    }

    /// As [`start`](Self::start), with more lines of configuration, which may name files in the folder.
    pub fn start_with(more: impl FnOnce(&Folder) -> String) -> Option<Nats> {
        Nats::of(1, more)
    }

    /// Three nodes.
    pub fn cluster() -> Option<Nats> {
        Nats::of(3, |_| String::new())
    }

    fn of(count: usize, more: impl FnOnce(&Folder) -> String) -> Option<Nats> {
        let (program, folder) = (find()?, Folder::new());
        let more = more(&folder);
        let ports: Vec<ReservedPort> = (0..2 * count).map(|_| ReservedPort::new()).collect();
        let (clients, routes) = ports.split_at(count);
        let urls: Vec<String> = routes.iter().map(|port| format!("'nats://127.0.0.1:{}'", port.number())).collect();
        let mut nodes: Vec<Node> = Vec::new();
        for (n, (client, route)) in clients.iter().zip(routes).enumerate() {
            let cluster = match count {
                1 => String::new(),
                _ => format!(
                    "cluster {{ name: it, listen: '127.0.0.1:{}', routes: [{}] }}\n",
                    route.number(),
                    urls.join(", ")
                ),
            };
            let config = folder.join(format!("n{n}.conf"));
            let (port, folder) = (client.number(), folder.display());
            let text = format!(
                "server_name: n{n}\nlisten: '127.0.0.1:{port}'\n\
                 jetstream: {{ store_dir: '{folder}/n{n}', max_memory_store: 64MB, max_file_store: 512MB }}\n{cluster}{more}"
            );
            std::fs::write(&config, text).unwrap();
            let mut node = Node { program: program.clone(), config, port, process: None };
            node.start();
            nodes.push(node);
        }
        let (handle, runs) = runtime();
        let addresses: Vec<String> = nodes.iter().map(|node| format!("127.0.0.1:{}", node.port)).collect();
        let options = match more.contains("token:") {
            true => ConnectOptions::new().token(PASSWORD.into()),
            false => ConnectOptions::new().user_and_password(ADMIN.into(), PASSWORD.into()),
        };
        let mut options = options.add_root_certificates(folder.join("ca.pem"));
        if folder.join("client.pem").exists() {
            options = options.add_client_certificate(folder.join("client.pem"), folder.join("client.key"));
        }
        let context = handle.block_on(async {
            let client = options.connect(addresses).await.unwrap();
            ContextBuilder::new().ack_timeout(Duration::from_millis(500)).build(client)
        });
        Some(Nats { nodes, handle, _runs: runs, context, _ports: ports, folder })
    }

    /// The address of all nodes, as a source has it.
    pub fn url(&self) -> String {
        let places: Vec<String> = self.nodes.iter().map(|node| format!("127.0.0.1:{}", node.port)).collect();
        format!("nats://{}", places.join(","))
    }

    /// Makes a stream of these subjects, on every node.
    pub fn stream(&self, name: &str, subjects: &[&str]) {
        let config = stream::Config {
            name: name.into(),
            subjects: subjects.iter().map(|subject| (*subject).into()).collect(),
            num_replicas: self.nodes.len(),
            ..stream::Config::default()
        };
        eventually("the cluster makes a stream", || {
            self.handle.block_on(self.context.get_or_create_stream(config.clone())).is_ok()
        });
    }

    /// Makes a consumer of a gateway, which waits for an acknowledgement for this time.
    pub fn consumer(&self, stream: &str, durable: &str, ack_wait: Duration) {
        let config = pull::Config {
            durable_name: Some(durable.into()),
            ack_wait,
            max_ack_pending: -1,
            ..pull::Config::default()
        };
        self.make_consumer(stream, config);
    }

    pub fn make_consumer<C>(&self, stream: &str, config: C)
    where
        C: jetstream::consumer::IntoConsumerConfig + jetstream::consumer::FromConsumer,
    {
        self.handle.block_on(self.context.create_consumer_on_stream(config, stream)).unwrap();
    }

    /// Publishes messages, and waits until a stream has them: each exactly once, even if something fails meanwhile.
    pub fn publish(&self, subject: &str, payloads: &[String]) {
        self.publish_with(payloads.iter().map(|payload| (subject.to_owned(), payload.clone())));
    }

    /// As [`publish`](Self::publish), each to its own subject.
    pub fn publish_with(&self, messages: impl Iterator<Item = (String, String)>) {
        let messages: Vec<_> = messages.collect();
        // In a cluster that has lost a node one may be lost, and the next one not.
        for part in messages.chunks(if self.nodes.len() > 1 { 1 } else { 500 }) {
            let message = |(subject, payload): &(String, String)| {
                PublishMessage::build().message_id(format!("{subject} {payload}")).payload(payload.clone().into())
            };
            self.handle.block_on(async {
                let mut answers = Vec::new();
                for to in part {
                    answers.push(self.context.send_publish(to.0.clone(), message(to)).await.unwrap());
                }
                for (to, answer) in part.iter().zip(answers) {
                    let mut taken = answer.await.is_ok();
                    for _ in 0..100 {
                        if taken {
                            break;
                        }
                        tokio::time::sleep(Duration::from_millis(100)).await;
                        let answer = self.context.send_publish(to.0.clone(), message(to)).await.unwrap();
                        taken = answer.await.is_ok();
                    }
                    assert!(taken, "{to:?} was not taken");
                }
            });
        }
    }

    /// Takes messages of a consumer as somebody who is gone before any is acknowledged.
    pub fn take_and_go(&self, stream: &str, durable: &str, count: usize) {
        self.handle.block_on(async {
            let stream = self.context.get_stream_no_info(stream).await.unwrap();
            let consumer: PullConsumer = stream.get_consumer(durable).await.unwrap();
            let messages = consumer.fetch().max_messages(count).messages().await.unwrap();
            assert_eq!(messages.count().await, count);
        });
    }

    /// What the server knows of a consumer.
    pub fn info(&self, stream: &str, durable: &str) -> Info {
        let handle = self.handle.block_on(self.context.get_stream_no_info(stream)).unwrap();
        self.handle.block_on(handle.consumer_info(durable)).unwrap()
    }

    /// Waits until everything in the stream is acknowledged by a consumer.
    pub fn wait_until_acknowledged(&self, stream: &str, durable: &str) {
        eventually("everything is acknowledged", || {
            let info = self.info(stream, durable);
            (info.num_pending, info.num_ack_pending) == (0, 0)
        });
    }

    /// The message of a stream with this sequence, if it is there.
    pub fn message(&self, stream: &str, sequence: u64) -> Option<StreamMessage> {
        let handle = self.handle.block_on(self.context.get_stream_no_info(stream)).unwrap();
        self.handle.block_on(handle.get_raw_message(sequence)).ok()
    }

    /// The node that leads a consumer.
    pub fn leader(&self, stream: &str, durable: &str) -> usize {
        let leader = self.info(stream, durable).cluster.and_then(|cluster| cluster.leader).unwrap();
        leader.trim_start_matches('n').parse().unwrap()
    }

    /// Whether every node has all of a stream: then the cluster continues without any one of them.
    pub fn is_whole(&self, stream: &str) -> bool {
        let found = self.handle.block_on(self.context.get_stream(stream));
        let cluster = found.ok().and_then(|stream| stream.cached_info().cluster.clone());
        cluster.is_some_and(|cluster| {
            let others = &cluster.replicas;
            cluster.leader.is_some() && others.len() + 1 == self.nodes.len() && others.iter().all(|node| node.current)
        })
    }

    /// Kills a node.
    pub fn kill(&mut self, node: usize) {
        self.nodes[node].kill();
    }

    /// Changes the configuration with which a node starts.
    pub fn configure(&self, node: usize, from: &str, to: &str) {
        let config = &self.nodes[node].config;
        let text = std::fs::read_to_string(config).unwrap();
        assert!(text.contains(from), "{text}");
        std::fs::write(config, text.replace(from, to)).unwrap();
    }

    /// Restarts it, at the same address and with its stored data.
    pub fn start_again(&mut self, node: usize) {
        self.nodes[node].start();
    }
}

fn runtime() -> (Handle, oneshot::Sender<()>) {
    let (to, handle) = std::sync::mpsc::channel();
    let (runs, end) = oneshot::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        to.send(runtime.handle().clone()).unwrap();
        // Until the sender is dropped.
        let _ = runtime.block_on(end);
    });
    (handle.recv().unwrap(), runs)
}
