//! `i3 sub --plot`: pictures in files, and the terminal that is given back.

use std::fs;
use std::io::{Read as _, Write as _};
use std::process::Stdio;

use crate::program::{LONG, TOPIC, TestEnv};

/// Width, height, and the pixels as RGB.
fn decoded(bytes: &[u8]) -> (u32, u32, Vec<u8>) {
    let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    (info.width, info.height, pixels)
}

fn count(pixels: &[u8], colour: [u8; 3]) -> usize {
    pixels.chunks(3).filter(|pixel| *pixel == colour).count()
}

/// Of the first topic's line.
const BLUE: [u8; 3] = [0, 114, 178];

#[test]
fn a_picture_shows_the_values_that_came() {
    let env = TestEnv::with_lot1();
    let listening = env.i3(&format!("sub -v -t {TOPIC} --plot .free --plot-png plot.png -C 3 -W {LONG}"));
    let listening = listening.start().says("Subscribed to");
    // It is there from the beginning, whole, and empty.
    let (_, _, empty) = decoded(&fs::read(env.path("plot.png")).unwrap());
    for payload in ["{\"free\":1}", "{\"full\":1}", "{\"free\":900}"] {
        let mut publish = env.i3(&format!("pub --device lot1 -t {TOPIC} --timeout {LONG} -m"));
        publish.command.arg(payload);
        publish.succeeds("");
    }
    let outcome = listening.finish();
    outcome.says(&["2 values, last 900; 1 message without a number (there is no field .free)", "plot.png"]);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (0, ""));
    let (width, height, pixels) = decoded(&fs::read(env.path("plot.png")).unwrap());
    assert_eq!((width, height), (960, 540));
    // The line from the lowest to the highest value is as long as the chart is high, at least.
    assert!(count(&pixels, BLUE) > count(&empty, BLUE) + 300, "{} {}", count(&pixels, BLUE), count(&empty, BLUE));
    let left: Vec<_> = fs::read_dir(env.cwd()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "lot1.pem and the picture: {left:?}");
}

#[test]
fn a_picture_that_cannot_be_is_told_before_anything_is_sent() {
    let env = TestEnv::with_lot1();
    let run = env.i3(&format!("sub -t {TOPIC} --plot-png missing/plot.png -C 1"));
    run.fails(73, &["the picture missing/plot.png cannot be written"]);
    let run = env.i3(&format!("sub -t {TOPIC} --plot-png plot.jpg -C 1"));
    run.fails(2, &["plot.jpg does not end with .png"]);
    assert!(!env.path("plot.jpg").exists());
}

#[test]
fn the_terminal_is_given_back() {
    if !std::path::Path::new("/usr/bin/script").exists() {
        crate::support::skipped::skipped("script is not installed; the chart was not tried on a terminal");
        return;
    }
    let env = TestEnv::with_lot1();
    // `script` has a terminal for it; a line of stdin is what is typed.
    let line = format!("stty -a; stty cols 80 rows 24; i3 sub -t {TOPIC} --plot -W {LONG}; echo code $?; stty -a");
    let mut typed = env.shell("exec script -qec \"$LINE\" /dev/null").env("LINE", &line).env("TERM", "xterm").command;
    let mut child = typed.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut keyboard = child.stdin.take().unwrap();
    let mut screen = child.stdout.take().unwrap();
    let mut shown = String::new();
    let mut read_to = |marker: &str| {
        let mut bytes = [0; 4096];
        while !shown.contains(marker) {
            let read = screen.read(&mut bytes).unwrap();
            assert!(read > 0, "it ended without '{marker}': {shown}");
            shown += &String::from_utf8_lossy(&bytes[..read]);
        }
        shown.clone()
    };
    // Blanks are skipped where the screen is blank.
    read_to("ends");
    env.i3(&format!("pub --device lot1 -t {TOPIC} -m 678 --timeout {LONG}")).succeeds("");
    read_to("678");
    keyboard.write_all(b"q").unwrap();
    let shown = read_to("code 0");
    let (before, after) = (shown.find("\x1b[?1049h").unwrap(), shown.rfind("\x1b[?1049l").unwrap());
    assert!(before < after && shown[after..].contains("\x1b[?25h"), "the cursor and the first screen are back");
    drop(keyboard);
    assert!(child.wait().unwrap().success());
    let mut rest = shown;
    screen.read_to_string(&mut rest).unwrap();
    let echo = |text: &str| text.split_whitespace().filter(|word| word.trim_end_matches(';') == "echo").count();
    assert_eq!(echo(&rest), 2, "the terminal echoes as before: {rest}");
}
