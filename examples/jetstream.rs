//! What the gateway is measured against at a NATS source: a bare pull consumer that acknowledges each message and does nothing else.
//!
//! `jetstream fill URL N` makes a stream of N messages of 100 bytes; `jetstream take URL N` takes them all, and prints the seconds from the
//! first one to the last.

use std::error::Error;
use std::time::{Duration, Instant};

use async_nats::jetstream::consumer::{AckPolicy, pull};
use async_nats::jetstream::{self, Context, stream};
use futures_util::StreamExt as _;

/// What benches/gateway.py has in the gateway's file.
const STREAM: &str = "BENCH";
const SUBJECT: &str = "bench.in";

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, what, url, count] = arguments.as_slice() else { return Err("jetstream fill|take URL N".into()) };
    let count = count.parse()?;
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        let context = jetstream::new(async_nats::connect(url).await?);
        if what == "fill" { fill(&context, count).await } else { take(&context, count).await }
    })
}

async fn fill(context: &Context, count: usize) -> Result<(), Box<dyn Error>> {
    let config = stream::Config { name: STREAM.into(), subjects: vec!["bench.>".into()], ..stream::Config::default() };
    context.create_stream(config).await?;
    for first in (0..count).step_by(500) {
        let mut answers = Vec::new();
        for n in first..count.min(first + 500) {
            answers.push(context.publish(SUBJECT, format!("{n:0100}").into()).await?);
        }
        for answer in answers {
            answer.await?;
        }
    }
    Ok(())
}

async fn take(context: &Context, count: usize) -> Result<(), Box<dyn Error>> {
    let config = pull::Config {
        durable_name: Some("bare".into()),
        ack_policy: AckPolicy::Explicit,
        max_ack_pending: -1,
        ..pull::Config::default()
    };
    let consumer = context.create_consumer_on_stream(config, STREAM).await?;
    // As many as the gateway may have open.
    let mut messages = consumer.stream().max_messages_per_batch(8192).messages().await?;
    let mut began = Instant::now();
    for n in 0..count {
        let message = messages.next().await.ok_or("the messages have ended")??;
        message.ack().await.map_err(|e| e.to_string())?;
        if n == 0 {
            began = Instant::now();
        }
    }
    while consumer.get_info().await?.num_ack_pending > 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    println!("{}", began.elapsed().as_secs_f64());
    Ok(())
}
