//! Runs that share a spool, at once or one after another that was killed.

use std::time::Duration;

use i3::spool::Spool;

use super::{FOREIGN, Place, range, spool_lines, strings};
use crate::support::recording_broker::Recorder;

#[test]
fn a_killed_run_sends_no_more_than_its_window_again() {
    let place = Place::new();
    let broker = Recorder::start();
    const WINDOW: usize = 50;
    let mut kills = 0;
    for first in [1, 3001, 6001] {
        let mut run = place.run(broker.port, &["--window", "50"]);
        run.write(&range(first, first + 2999));
        broker.wait_for(broker.messages().len() + 500);
        run.signal("KILL");
        kills += 1;
        let taken = Spool::open_existing(&place.spool()).unwrap().next().unwrap() - 1;
        assert!(run.end().code.is_none());
        // What was not taken is still the producer's: it says it again.
        assert_eq!(place.lines(1, &["--spool-ok"], range(taken + 1, first + 2999)).code, Some(0));
    }
    let done = place.drain(broker.port);
    assert_eq!(done.code, Some(0), "{done:?}");
    assert_eq!(broker.first_arrivals(), strings(1..=9000));
    let again = broker.messages().len() - 9000;
    assert!(again <= kills * WINDOW, "{again} came again after {kills} kills");
}

#[test]
fn a_second_run_adds_to_the_spool_and_the_first_sends() {
    let place = Place::new();
    let mut broker = Recorder::down();
    let mut first = place.run(broker.port, &[]);
    first.write(&range(1, 10));
    place.wait_taken(10);
    let mut second = place.run(broker.port, &["-v"]);
    second.feed(range(11, 20));
    place.wait_taken(20);
    broker.up();
    let second = second.end();
    assert_eq!((second.code, second.count("acknowledged"), second.count("sent")), (Some(0), 10, 0), "{second:?}");
    assert!(second.stderr.contains("Another run sends"), "{}", second.stderr);
    assert_eq!(broker.log_ins(), 1);
    let first = first.end();
    assert_eq!((first.code, first.count("acknowledged")), (Some(0), 20), "{first:?}");
    assert_eq!(broker.messages(), strings(1..=20));
}

#[test]
fn a_second_run_takes_over_when_the_first_is_killed() {
    let place = Place::new();
    let mut broker = Recorder::down();
    let mut first = place.run(broker.port, &[]);
    first.write(&range(1, 10));
    place.wait_taken(10);
    let mut second = place.run(broker.port, &["--retry", "9"]);
    second.feed(range(11, 20));
    place.wait_taken(20);
    first.signal("KILL");
    broker.up();
    let second = second.end();
    assert_eq!((second.code, second.count("acknowledged")), (Some(0), 20), "{second:?}");
    assert_eq!(broker.messages(), strings(1..=20));
}

#[test]
fn two_producers_at_once_lose_nothing_and_keep_their_orders() {
    let place = Place::new();
    let broker = Recorder::start();
    let runs: Vec<_> = (0..4)
        .map(|n| {
            let mut run = place.run(broker.port, &[]);
            run.feed(range(n * 1_000_000 + 1, n * 1_000_000 + 5000));
            run
        })
        .collect();
    for run in runs {
        let done = run.end();
        assert_eq!((done.code, done.count("spooled")), (Some(0), 5000), "{done:?}");
    }
    let came: Vec<u64> = broker.messages().iter().map(|m| m.parse().unwrap()).collect();
    assert_eq!(came.len(), 20_000);
    for n in 0..4 {
        let own: Vec<u64> = came.iter().copied().filter(|m| m / 1_000_000 == n).collect();
        assert_eq!(own, (n * 1_000_000 + 1..=n * 1_000_000 + 5000).collect::<Vec<_>>());
    }
}

#[test]
fn a_second_run_does_not_wait_for_what_the_first_cannot_send() {
    let place = Place::new();
    let mut broker = Recorder::down();
    spool_lines(&place, &[(FOREIGN, "bad")], Duration::ZERO);
    let mut first = place.run(broker.port, &[]);
    first.write(&range(1, 3));
    place.wait_taken(4);
    let mut second = place.run(broker.port, &["-v"]);
    second.feed(range(4, 5));
    place.wait_taken(6);
    broker.up();
    let second = second.end();
    assert_eq!((second.code, second.count("acknowledged"), second.count("sent")), (Some(0), 2, 0), "{second:?}");
    let first = first.end();
    assert_eq!((first.code, first.count("acknowledged"), place.left()), (Some(65), 5, 1), "{first:?}");
}
