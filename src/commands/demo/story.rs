//! The story of a seller: from a new key to a message that the buyer receives, and what is refused on the way.

use super::stage::{Stage, Step};
use crate::cli::ui::Ui;

const TOPIC: &str = "alice/parking/occupancy";

const BEFORE: &[Step] = &[
    Step {
        title: "A key pair: the private half stays here, the body of the public half is printed.",
        shown: "keygen --out lot1.pem",
        args: &["keygen", "--out", "lot1.pem"],
        exit: 0,
    },
    Step {
        title: "The device is registered with its public half, and proved at the broker.",
        shown: "register lot1 --hub parking --key lot1.pem",
        args: &["register", "lot1", "--hub", "parking", "--key", "lot1.pem"],
        exit: 0,
    },
    Step {
        title: "A token for an hour: the password of any MQTT client.",
        shown: "token lot1",
        args: &["token", "lot1"],
        exit: 0,
    },
];

const LISTEN: Step = Step {
    title: "Meanwhile, the buyer's screen.",
    shown: "sub -v -t alice/parking/occupancy -C 1",
    args: &["sub", "-v", "-t", TOPIC, "-C", "1"],
    exit: 0,
};

const PUBLISH: Step = Step {
    title: "The device publishes; the message is proved by its echo.",
    shown: "pub -v --device lot1 -t alice/parking/occupancy -m '{\"free\":678}'",
    args: &["pub", "-v", "--device", "lot1", "-t", TOPIC, "-m", "{\"free\":678}"],
    exit: 0,
};

const AFTER: &[Step] = &[
    Step {
        title: "A topic without a product: I3's broker acknowledges the message and drops it.",
        shown: "pub --device lot1 -t alice/parking/occupency -m 678 -q 1 --timeout 1s",
        args: &["pub", "--device", "lot1", "-t", "alice/parking/occupency", "-m", "678", "-q", "1", "--timeout", "1s"],
        exit: 77,
    },
    Step {
        title: "A short topic.",
        shown: "pub --device lot1 -t occupancy -m 678",
        args: &["pub", "--device", "lot1", "-t", "occupancy", "-m", "678"],
        exit: 65,
    },
    Step {
        title: "The private key where a password belongs.",
        shown: "pub -u 'alice$parking$lot1' --pw-file lot1.pem -t alice/parking/occupancy -m 678",
        args: &["pub", "-u", "alice$parking$lot1", "--pw-file", "lot1.pem", "-t", TOPIC, "-m", "678"],
        exit: 77,
    },
];

/// # Errors
/// A step that ends with an unexpected exit code.
pub fn run(ui: &Ui) -> anyhow::Result<()> {
    let mut stage = Stage::open(ui)?;
    stage.tell("A marketplace and a broker run in this process, with the seller alice, the buyer bob,")?;
    stage.tell("the hub alice/parking and the product alice/parking/occupancy, which bob has bought.")?;
    for step in BEFORE {
        stage.run(step)?;
    }
    let mut buyer = stage.start(&LISTEN)?;
    buyer.until("Subscribed")?;
    stage.run(&PUBLISH)?;
    stage.finish(buyer)?;
    for step in AFTER {
        stage.run(step)?;
    }
    stage.tell(&format!("\nTry it yourself with `eval \"$({} sandbox --background)\"`.", ui.program))
}
