//! `i3 sub --plot`: pictures in files, and the terminal that is given back.

use std::fs;
use std::io::{Read as _, Write as _};
use std::process::Stdio;

use crate::program::{LONG, TOPIC, TestEnv};
use crate::support::pty::{AtTerminal, at_terminal_of};
use crate::support::screen::Screen;

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
/// Of texts.
const INK: [u8; 3] = [50, 50, 50];

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
fn a_picture_has_the_size_title_and_unit_that_are_asked_for() {
    let env = TestEnv::with_lot1();
    env.i3(&format!("pub --device lot1 -t {TOPIC} -r -m 678 --timeout {LONG}")).done();
    let picture = |options: &str, texts: &[&str]| {
        let run = env.i3_with(&format!("sub -t {TOPIC} -C 1 -W {LONG} --plot-png plot.png {options}"), texts);
        let outcome = run.done();
        (decoded(&fs::read(env.path("plot.png")).unwrap()), outcome)
    };
    let inked = |(width, _, pixels): &(u32, u32, Vec<u8>), rows: std::ops::Range<usize>| {
        let row = *width as usize * 3;
        count(&pixels[rows.start * row..rows.end * row], INK)
    };
    // The first row of text is the title's, the second the unit's.
    let (usual, _) = picture("", &[]);
    assert_eq!((usual.0, usual.1), (960, 540));
    assert!(inked(&usual, 0..34) > 200 && inked(&usual, 38..47) == 0, "the topic, and no unit");
    let (own, outcome) = picture("--plot-size 640x400", &["--title", "", "--unit", "°C", "-v"]);
    assert_eq!((own.0, own.1), (640, 400));
    assert!(inked(&own, 0..34) == 0 && inked(&own, 38..47) > 10, "no title, and a unit");
    outcome.says(&["1 value, last 678 °C"]);
    for size in ["319x240", "320x239", "4097x100", "640", "x", "640x400x1", "99999999999x1"] {
        let refused = env.i3(&format!("sub -t {TOPIC} --plot-png x.png --plot-size {size}"));
        refused.fails(2, &["write width and height in pixels, from 320x240 to 4096x4096"]);
    }
    for (options, says) in [
        ("--plot-size 640x400", "--plot-png"),
        ("--title x", "--plot-png"),
        ("--unit x", "--plot"),
        ("--plot .a --plot .b --plot .c --plot-png x.png --unit a --unit b", "2 units are given for 3 fields"),
    ] {
        env.i3(&format!("sub -t {TOPIC} {options}")).fails(2, &[says]);
    }
    assert!(!env.path("x.png").exists());
}

#[test]
fn a_picture_that_cannot_be_written_leaves_the_old_one() {
    let env = TestEnv::with_lot1();
    fs::write(env.path("plot.png"), "an older picture").unwrap();
    let line = format!("ulimit -f 0; exec i3 sub -t {TOPIC} --plot-png plot.png -C 1 -W {LONG}");
    env.shell(&line).fails(73, &["the picture plot.png cannot be written", "File too large"]);
    assert_eq!(env.read("plot.png"), "an older picture");
    let mut left: Vec<_> = fs::read_dir(env.cwd()).unwrap().map(|e| e.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["lot1.pem", "plot.png"]);
}

/// A chart on a terminal of this size, in a locale.
fn chart(env: &TestEnv, options: &str, (columns, rows): (u16, u16), locale: &[(&str, &str)]) -> AtTerminal {
    let mut run = env.i3(&format!("sub -t {TOPIC} -W {LONG} --plot {options}"));
    for (name, value) in locale {
        run = run.env(name, value);
    }
    at_terminal_of(&run.command, columns, rows)
}

/// The screen of this size, once it shows this and is completely drawn, which is when the cursor is hidden.
fn screen(terminal: &mut AtTerminal, (columns, rows): (u16, u16), marker: &str) -> String {
    let of = |shown: &str| Screen::after(shown, columns.into(), rows.into()).text();
    terminal.until(|shown| shown.ends_with("\u{1b}[?25l") && of(shown).contains(marker));
    of(terminal.screen())
}

const UTF8: &[(&str, &str)] = &[("LC_ALL", "C.UTF-8")];

fn is_braille(c: char) -> bool {
    ('\u{2801}'..='\u{28ff}').contains(&c)
}

#[test]
fn a_chart_fits_every_terminal_and_follows_its_size() {
    let env = TestEnv::with_lot1();
    env.i3(&format!("pub --device lot1 -t {TOPIC} -r -m 678 --timeout {LONG}")).done();
    let mut terminal = chart(&env, "--unit cars", (80, 24), UTF8);
    let shown = screen(&mut terminal, (80, 24), "last 678 cars");
    assert!(shown.contains(&format!("━━ {TOPIC}  last 678 cars  ")), "{shown}");
    assert!(shown.contains("1 value from 678 to 678") && shown.lines().last() == Some("q ends"), "{shown}");
    // The output at a smaller size fits: `Screen` fails if something is beyond its edges.
    for (size, shows) in [
        ((20, 7), "…upancy  678 cars"),
        ((19, 7), "678 cars alice/par…"),
        ((20, 6), "678 cars alice/park…"),
        ((5, 2), "678 …"),
        ((200, 50), "last 678 cars"),
        ((20, 12), "…upancy  678 cars"),
    ] {
        let emptied = |shown: &str| shown.matches("\u{1b}[2J").count();
        let before = emptied(terminal.screen());
        terminal.resize(size.0, size.1).until(|shown| emptied(shown) > before);
        let shown = screen(&mut terminal, size, shows);
        let is_chart = size.0 >= 20 && size.1 >= 7;
        assert_eq!(shown.contains('└'), is_chart, "{size:?}:\n{shown}");
        assert_eq!(shown.contains(is_braille), is_chart, "{size:?}:\n{shown}");
        // Never less than one clock, nor half of one.
        let clocks = shown.lines().filter(|line| line.contains(':')).flat_map(str::split_whitespace);
        let clocks: Vec<&str> = clocks.filter(|word| word.contains(':')).collect();
        assert_eq!(clocks.is_empty(), !is_chart, "{shown}");
        assert!(clocks.iter().all(|clock| clock.len() == 8), "{clocks:?}");
    }
    terminal.types("q").ends();
}

#[test]
fn a_chart_is_drawn_with_the_characters_of_the_locale() {
    let env = TestEnv::with_lot1();
    env.i3(&format!("pub --device lot1 -t {TOPIC} -r -m 678 --timeout {LONG}")).done();
    let size = (60, 16);
    for (locale, is_unicode) in [
        (&[][..], false),
        (&[("LANG", "C.UTF-8")], true),
        (&[("LC_ALL", ""), ("LC_CTYPE", "de_DE.utf8"), ("LANG", "C")], true),
        (&[("LC_CTYPE", "POSIX"), ("LANG", "C.UTF-8")], false),
        (&[("LC_ALL", "de_DE@euro"), ("LC_CTYPE", "C.UTF-8"), ("LANG", "C.UTF-8")], false),
    ] {
        let mut terminal = chart(&env, "--unit m²", size, locale);
        let shown = screen(&mut terminal, size, if is_unicode { "last 678 m²" } else { "last 678 m?" });
        assert_eq!(shown.contains(is_braille), is_unicode, "{locale:?}:\n{shown}");
        assert_eq!(shown.is_ascii(), !is_unicode, "{locale:?}:\n{shown}");
        let (glyph, axis) = if is_unicode { ("━━ alice", "└────") } else { ("** alice", "+----") };
        assert!(shown.contains(glyph) && shown.contains(axis), "{locale:?}:\n{shown}");
        // The value itself, drawn with the line's own glyph.
        assert!(is_unicode || shown.lines().any(|row| row.contains('|') && row.contains('*')), "{shown}");
        terminal.types("q").ends();
    }
}

/// The chart of docs/watching.md, without what depends on when the messages came: lines, clocks and rates.
fn skeleton(chart: &str) -> String {
    let blank = |c: char| if is_braille(c) { ' ' } else { c };
    let timeless = |word: &str| match word.split_once("/s") {
        Some((number, "")) if number.parse::<f64>().is_ok() => "0.0/s".into(),
        _ if word.len() == 8 && word.matches(':').count() == 2 => "00:00:00".to_owned(),
        _ => word.to_owned(),
    };
    // Only where the axis is longer than two seconds, there is a time in its middle.
    let ends = |row: String| if row.matches("00:00:00").count() > 1 { "00:00:00 to 00:00:00".into() } else { row };
    let row =
        |row: &str| row.chars().map(blank).collect::<String>().split(' ').map(timeless).collect::<Vec<_>>().join(" ");
    chart.lines().map(|line| ends(row(line).trim_end().to_owned())).collect::<Vec<_>>().join("\n")
}

#[test]
fn values_that_are_far_apart_have_a_scale_each_as_the_documentation_shows() {
    let env = TestEnv::with_lot1();
    let guide = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/watching.md")).unwrap();
    let (_, chart_and_more) =
        guide.split_once("--plot .free --plot .temp\n```\n\n```\n").expect("the command and its chart");
    let (expected, _) = chart_and_more.split_once("\n```").unwrap();
    let size = (
        expected.lines().map(|row| row.chars().count()).max().unwrap().max(80) as u16,
        expected.lines().count() as u16,
    );
    let mut terminal = chart(&env, ".free --plot .temp", size, UTF8);
    screen(&mut terminal, size, "nothing yet");
    // Of one evening, once a minute.
    let lines: String =
        (0..30).map(|n| format!("{{\"free\":{},\"temp\":{:.1}}}\n", 40 + 20 * n, 21.5 - 0.1 * f64::from(n))).collect();
    env.i3(&format!("pub --device lot1 -t {TOPIC} -l --timeout {LONG}")).input(lines).done();
    screen(&mut terminal, size, "last 620");
    let shown = screen(&mut terminal, size, "last 18.6");
    assert_eq!(skeleton(&shown), skeleton(expected), "{shown}");
    // Both lines rise or fall through the whole of their chart.
    let (free, temp) = shown.split_at(shown.find(".temp").unwrap());
    for chart in [free, temp] {
        assert!(chart.lines().filter(|row| row.contains(is_braille)).count() >= 5, "{shown}");
    }
    terminal.types("q").ends();
}

#[test]
fn the_terminal_is_given_back() {
    if !std::path::Path::new("/usr/bin/script").exists() {
        crate::support::skipped::skipped("script is not installed; the chart was not tried on a terminal");
        return;
    }
    let env = TestEnv::with_lot1();
    // `script` provides a terminal; lines of stdin are typed into it.
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
