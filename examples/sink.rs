//! A broker that accepts everything, acknowledges it and counts it: what a publisher is measured against, so that lost
//! lines cannot look like speed. MQTT 3.1.1; prints its port, and after each connection the number of messages.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};

fn main() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("{}", listener.local_addr()?.port());
    for stream in listener.incoming() {
        let mut messages = 0;
        // The messages of a client that leaves without DISCONNECT count as well.
        let _ = serve(stream?, &mut messages);
        println!("{messages}");
    }
    Ok(())
}

fn serve(mut stream: TcpStream, messages: &mut u64) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let (mut input, mut held) = (vec![0; 1 << 20], 0);
    let mut output = Vec::new();
    // QoS 2: ids that are received and not released. A message counts once.
    let mut received = vec![false; 1 << 16];
    loop {
        let read = stream.read(&mut input[held..])?;
        if read == 0 {
            return Ok(());
        }
        held += read;
        let mut at = 0;
        while let Some((header, body, end)) = packet(&input[at..held]) {
            let body = &input[at + body..at + end];
            match header >> 4 {
                1 => output.extend([0x20, 2, 0, 0]),
                3 => {
                    let topic = usize::from(u16::from_be_bytes([body[0], body[1]]));
                    match header >> 1 & 3 {
                        0 => *messages += 1,
                        1 => {
                            *messages += 1;
                            output.extend([0x40, 2, body[2 + topic], body[3 + topic]]);
                        }
                        _ => {
                            let id = [body[2 + topic], body[3 + topic]];
                            let known = &mut received[usize::from(u16::from_be_bytes(id))];
                            *messages += u64::from(!std::mem::replace(known, true));
                            output.extend([0x50, 2, id[0], id[1]]);
                        }
                    }
                }
                6 => {
                    received[usize::from(u16::from_be_bytes([body[0], body[1]]))] = false;
                    output.extend([0x70, 2, body[0], body[1]]);
                }
                8 => output.extend([0x90, 3, body[0], body[1], 0]),
                10 => output.extend([0xB0, 2, body[0], body[1]]),
                12 => output.extend([0xD0, 0]),
                _ => return Ok(()),
            }
            at += end;
        }
        input.copy_within(at..held, 0);
        held -= at;
        stream.write_all(&output)?;
        output.clear();
    }
}

/// The packet at the head: its first byte, where its body begins and where it ends.
fn packet(bytes: &[u8]) -> Option<(u8, usize, usize)> {
    let mut length = 0;
    for (n, byte) in bytes.iter().skip(1).take(4).enumerate() {
        length |= usize::from(byte & 0x7F) << (7 * n);
        if byte & 0x80 == 0 {
            let body = n + 2;
            return (bytes.len() >= body + length).then_some((bytes[0], body, body + length));
        }
    }
    None
}
