//! The story of a gateway: from a sensor that knows nothing about I3 to the buyer's screen.

use std::time::Duration;

use tokio::time::Instant;

use super::stage::{Stage, Step};
use crate::broker_url::BrokerUrl;
use crate::cli::runtime::block_on;
use crate::cli::ui::Ui;
use crate::mqtt::connection::{ConnectOptions, Connection, Endpoint};
use crate::mqtt::packet::{MAX_CONTROL, Packet, Publish, QoS, Version};
use crate::sandbox::House;
use crate::secret::Secret;

/// A broker in this process answers within this time, or never.
const PATIENCE: Duration = Duration::from_secs(10);

const REGISTER: Step = Step {
    title: "A device of the seller, with a new key.",
    shown: "register lot1 --hub parking --new-key",
    args: &["register", "lot1", "--hub", "parking", "--new-key"],
    exit: 0,
};

const CHECK: Step = Step {
    title: "What the gateway would do.",
    shown: "gateway check house.toml",
    args: &["gateway", "check", "house.toml"],
    exit: 0,
};

const LISTEN: Step = Step {
    title: "The buyer's screen meanwhile: everything that was sold, and nothing else.",
    shown: "sub -v -t alice/parking/occupancy -C 2",
    args: &["sub", "-v", "-t", "alice/parking/occupancy", "-C", "2"],
    exit: 0,
};

const GATEWAY: Step = Step {
    title: "The gateway's screen. It acknowledges a message at the house once I3 has it, or once it is set aside.",
    shown: "gateway house.toml --timeout 1s",
    args: &["gateway", "house.toml", "--timeout", "1s"],
    exit: 0,
};

/// The gateway's file.
fn file(house: &BrokerUrl) -> String {
    format!(
        r#"rejects = "rejects.jsonl"

[[source]]
name = "house"
url = "{house}"

[[route]]
from = "house"
match = "sensors/+/free"
device = "lot1"
topic = "alice/parking/occupancy"

[[route]]                           # there is no such product
from = "house"
match = "sensors/+/celsius"
device = "lot1"
topic = "alice/parking/celsius"
"#
    )
}

/// # Errors
/// A step that ends with an unexpected exit code.
pub fn run(ui: &Ui) -> anyhow::Result<()> {
    let mut stage = Stage::open(ui)?;
    let house = House::spawn(0)?;
    stage.tell("In this process run a marketplace with its broker, on which the buyer bob has bought the product")?;
    stage.tell("alice/parking/occupancy, and the MQTT broker of a house, which knows nothing of I3.")?;
    stage.run(&REGISTER)?;
    std::fs::write(stage.home.path.join("house.toml"), file(house.url()))?;
    stage.show_file("Where the messages come from, and what becomes of them.", "house.toml")?;
    stage.run(&CHECK)?;
    let mut gateway = stage.start(&GATEWAY)?;
    gateway.until("akes messages from")?;
    let mut buyer = stage.start(&LISTEN)?;
    buyer.until("Subscribed")?;
    for (topic, payload) in [("sensors/lot1/free", "678"), ("sensors/lot1/celsius", "21"), ("sensors/lot1/free", "677")]
    {
        stage.tell(&format!("\n# A sensor publishes {payload} to {topic}, at the broker of the house."))?;
        block_on(publish(house.url(), topic, payload))?;
    }
    gateway.until("set aside")?;
    stage.finish(buyer)?;
    gateway.end()?;
    stage.finish(gateway)?;
    let title =
        format!("What I3 refused is not lost: `{} pub --jsonl` takes it once there is such a product.", ui.program);
    stage.show_file(&title, "rejects.jsonl")?;
    stage.tell(&format!("\nTry it yourself with `eval \"$({} sandbox --background --house)\"`.", ui.program))
}

/// Publishes as any sensor does, and waits for the acknowledgement.
async fn publish(house: &BrokerUrl, topic: &str, payload: &str) -> anyhow::Result<()> {
    let endpoint = Endpoint::direct(house.clone(), None);
    let options = ConnectOptions {
        version: Version::V311,
        client_id: "sensor",
        clean: true,
        keep_alive: PATIENCE,
        user_name: "",
        password: &Secret::default(),
        max_packet: MAX_CONTROL,
    };
    let mut connection = Connection::open(&endpoint, &options, Instant::now() + PATIENCE).await?;
    let (topic, payload) = (topic.to_owned(), payload.to_owned().into());
    let message = Publish { topic, payload, qos: QoS::AtLeastOnce, retain: false, dup: false, id: 1 };
    connection.queue(Packet::Publish(message))?;
    connection.recv().await?;
    Ok(connection.close().await?)
}
