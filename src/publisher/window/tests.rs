//! The window's rules, one by one.

use super::*;

fn message(line: u64, qos: QoS, payload: &[u8]) -> NewMessage<'_> {
    NewMessage { line, topic: 0, payload, qos, retain: false, echo: false, parked: false, time: 0 }
}

/// What is sent next: (packet id, payload, again).
fn sent(window: &mut Window) -> Option<(u16, Vec<u8>, bool)> {
    match window.next_to_send()? {
        Send::Publish { message, again } => Some((message.id, message.payload.to_vec(), again)),
        Send::Release { id } => Some((id, b"PUBREL".to_vec(), true)),
    }
}

fn filled(limit: usize, qos: QoS, count: u64) -> Window {
    let mut window = Window::new(limit, 1 << 20, Qos0::Forget);
    for line in 1..=count {
        assert!(window.has_room());
        window.push(&message(line, qos, line.to_string().as_bytes()));
        sent(&mut window).unwrap();
    }
    window
}

#[test]
fn packet_ids_come_round_twice_and_never_meet_one_that_is_out() {
    let mut window = Window::new(10, 1 << 20, Qos0::Forget);
    let mut out = Vec::new();
    for line in 1..=200_000_u64 {
        if !window.has_room() {
            // The newest first.
            while let Some(id) = out.pop() {
                assert!(matches!(window.acknowledge(AckKind::PubAck, id), Acknowledged::Line { .. }));
            }
        }
        window.push(&message(line, QoS::AtLeastOnce, &line.to_be_bytes()));
        let (id, payload, again) = sent(&mut window).unwrap();
        assert!(!out.contains(&id) && id != 0 && !again);
        assert_eq!(payload, line.to_be_bytes());
        out.push(id);
    }
}

#[test]
fn an_id_that_is_out_is_stepped_over() {
    let mut window = Window::new(3, 1 << 20, Qos0::Forget);
    window.push(&message(1, QoS::AtLeastOnce, b"stays"));
    assert_eq!(sent(&mut window).unwrap().0, 1);
    let reserved = window.reserve_id().unwrap();
    assert_eq!(reserved, 2);
    for _ in 0..MAX_IN_FLIGHT - 2 {
        let id = window.reserve_id().unwrap();
        window.free_reserved(id);
    }
    assert_eq!(window.reserve_id(), Some(3), "1 and 2 are out");
    assert_eq!(window.by_id(1).map(|w| w.line), Some(1));
    assert_eq!(window.by_id(2), None);
}

#[test]
fn acknowledgements_come_in_any_order_and_room_is_made_from_the_front() {
    let mut window = filled(3, QoS::AtLeastOnce, 3);
    assert!(!window.has_room());
    assert_eq!(window.acknowledge(AckKind::PubAck, 3), Acknowledged::Line { line: 3, topic: 0 });
    assert_eq!(window.acknowledge(AckKind::PubAck, 2), Acknowledged::Line { line: 2, topic: 0 });
    assert_eq!((window.has_room(), window.waiting()), (false, 1));
    assert_eq!(window.acknowledge(AckKind::PubAck, 1), Acknowledged::Line { line: 1, topic: 0 });
    assert!(window.has_room() && window.is_empty());
}

#[test]
fn duplicate_and_unknown_acknowledgements_change_nothing() {
    let mut window = filled(3, QoS::AtLeastOnce, 2);
    assert_eq!(window.acknowledge(AckKind::PubAck, 77), Acknowledged::Nothing);
    assert_eq!(window.acknowledge(AckKind::PubAck, 0), Acknowledged::Nothing);
    assert_eq!(window.acknowledge(AckKind::PubComp, 1), Acknowledged::Nothing);
    assert_eq!(window.acknowledge(AckKind::PubRec, 1), Acknowledged::Nothing);
    assert_eq!(window.acknowledge(AckKind::PubAck, 1), Acknowledged::Line { line: 1, topic: 0 });
    assert_eq!(window.acknowledge(AckKind::PubAck, 1), Acknowledged::Nothing);
    assert_eq!(window.waiting(), 1);
}

#[test]
fn qos_2_goes_through_its_states() {
    let mut window = filled(3, QoS::ExactlyOnce, 1);
    assert_eq!(window.acknowledge(AckKind::PubComp, 1), Acknowledged::Nothing, "not before PUBREC");
    assert_eq!(window.acknowledge(AckKind::PubRec, 1), Acknowledged::Release);
    assert_eq!(window.acknowledge(AckKind::PubRec, 1), Acknowledged::Release, "the PUBREL was lost");
    assert_eq!(window.acknowledge(AckKind::PubComp, 1), Acknowledged::Line { line: 1, topic: 0 });
    assert!(window.is_empty());
    assert_eq!(window.acknowledge(AckKind::PubRec, 9), Acknowledged::Release, "an id of an earlier run");
}

#[test]
fn a_fresh_session_gets_everything_again_in_order() {
    for qos in [QoS::AtLeastOnce, QoS::ExactlyOnce] {
        let mut window = filled(9, qos, 5);
        let middle = if qos == QoS::ExactlyOnce { AckKind::PubRec } else { AckKind::PubAck };
        window.acknowledge(middle, 3);
        window.restart(CleanStart::Yes, 9, 9);
        let expected = if qos == QoS::ExactlyOnce { vec!["1", "2", "3", "4", "5"] } else { vec!["1", "2", "4", "5"] };
        let mut ids = Vec::new();
        for payload in expected {
            let (id, text, again) = sent(&mut window).unwrap();
            assert_eq!((text, again), (payload.as_bytes().to_vec(), true));
            assert!(!ids.contains(&id));
            ids.push(id);
        }
        assert_eq!(sent(&mut window), None);
    }
}

#[test]
fn a_kept_session_keeps_the_ids_and_what_was_received() {
    let mut window = filled(9, QoS::ExactlyOnce, 3);
    window.acknowledge(AckKind::PubRec, 2);
    window.push(&message(4, QoS::ExactlyOnce, b"4"));
    window.restart(CleanStart::No, 9, 9);
    assert_eq!(sent(&mut window), Some((1, b"1".to_vec(), true)));
    assert_eq!(sent(&mut window), Some((2, b"PUBREL".to_vec(), true)));
    assert_eq!(sent(&mut window), Some((3, b"3".to_vec(), true)));
    assert_eq!(sent(&mut window), Some((4, b"4".to_vec(), false)));
    assert_eq!(window.acknowledge(AckKind::PubComp, 2), Acknowledged::Line { line: 2, topic: 0 });
}

#[test]
fn a_second_acknowledgement_after_a_restart_is_not_counted_again() {
    let mut window = Window::new(9, 1 << 20, Qos0::Forget);
    window.push(&NewMessage { echo: true, ..message(1, QoS::AtLeastOnce, b"1") });
    sent(&mut window).unwrap();
    assert_eq!(window.acknowledge(AckKind::PubAck, 1), Acknowledged::Line { line: 1, topic: 0 });
    window.restart(CleanStart::Yes, 9, 9);
    let (id, _, again) = sent(&mut window).unwrap();
    assert!(again, "its echo never came");
    assert_eq!(window.acknowledge(AckKind::PubAck, id), Acknowledged::Nothing);
    assert_eq!(window.echo(0, b"1").map(|(qos, _)| qos), Some(QoS::AtLeastOnce));
    assert!(window.is_empty());
}

#[test]
fn at_qos_2_too_a_message_whose_echo_never_came_is_sent_again() {
    let mut window = Window::new(9, 1 << 20, Qos0::Forget);
    window.push(&NewMessage { echo: true, ..message(1, QoS::ExactlyOnce, b"1") });
    let (id, ..) = sent(&mut window).unwrap();
    assert_eq!(window.acknowledge(AckKind::PubRec, id), Acknowledged::Release);
    assert_eq!(window.acknowledge(AckKind::PubComp, id), Acknowledged::Line { line: 1, topic: 0 });
    assert!(!window.is_empty() && sent(&mut window).is_none());
    window.restart(CleanStart::No, 9, 9);
    let (id, payload, again) = sent(&mut window).unwrap();
    assert!(payload == b"1" && again);
    window.acknowledge(AckKind::PubRec, id);
    assert_eq!(window.acknowledge(AckKind::PubComp, id), Acknowledged::Nothing, "it is counted once");
    assert_eq!(window.echo(0, b"1").map(|(qos, _)| qos), Some(QoS::ExactlyOnce));
    assert!(window.is_empty());
}

#[test]
fn a_parked_message_waits_for_its_topic_and_a_postponed_one_for_its_time() {
    let mut window = Window::new(9, 1 << 20, Qos0::Forget);
    let payload = |window: &mut Window| sent(window).map(|(_, payload, _)| payload);
    window.push(&NewMessage { echo: true, topic: 1, ..message(1, QoS::AtLeastOnce, b"1") });
    for line in [2, 4] {
        window.push(&NewMessage {
            parked: true,
            topic: 1,
            ..message(line, QoS::AtLeastOnce, line.to_string().as_bytes())
        });
    }
    window.push(&NewMessage { topic: 2, ..message(5, QoS::AtLeastOnce, b"5") });
    assert_eq!(payload(&mut window).as_deref(), Some(&b"1"[..]));
    assert_eq!(payload(&mut window).as_deref(), Some(&b"5"[..]), "another topic does not wait");
    assert_eq!(payload(&mut window), None);
    // The first is refused: the next one must prove the topic.
    window.abandon(0);
    assert!(window.promote(1) && window.next_needs_echo() == Some(1));
    assert_eq!(payload(&mut window).as_deref(), Some(&b"2"[..]));
    window.release(1);
    assert_eq!(payload(&mut window).as_deref(), Some(&b"4"[..]));
    assert_eq!(window.unfinished(), Unfinished { count: 3, oldest: Some(1), unanswered: Some(1) });
    window.postpone(3);
    assert_eq!((payload(&mut window), window.unfinished().count), (None, 2));
    window.resume();
    assert_eq!(payload(&mut window).as_deref(), Some(&b"5"[..]));
    // A new connection brings everything that is not done again, in order.
    window.restart(CleanStart::Yes, 9, 9);
    let again: Vec<_> = std::iter::from_fn(|| payload(&mut window)).collect();
    assert_eq!(again, [b"2", b"4", b"5"]);
}

#[test]
fn echoes_belong_to_the_oldest_equal_message() {
    let mut window = Window::new(9, 1 << 20, Qos0::Forget);
    for (line, payload) in [(1, b"a"), (2, b"b"), (3, b"a")] {
        window.push(&NewMessage { echo: true, ..message(line, QoS::AtMostOnce, payload) });
    }
    assert_eq!(window.echo(0, b"a"), None, "not sent yet");
    while sent(&mut window).is_some() {}
    assert_eq!(window.echo(1, b"a"), None);
    assert_eq!(window.echo(0, b"b").map(|(qos, _)| qos), Some(QoS::AtMostOnce));
    assert_eq!(window.waiting(), 2);
    assert!(window.echo(0, b"a").is_some() && window.awaits_echo(0));
    assert!(window.echo(0, b"a").is_some() && window.echo(0, b"a").is_none());
    assert!(window.is_empty());
}

#[test]
fn the_brokers_receive_maximum_bounds_what_is_in_flight() {
    let mut window = Window::new(9, 1 << 20, Qos0::Forget);
    window.restart(CleanStart::Yes, 2, 2);
    for line in 1..=3 {
        window.push(&message(line, QoS::AtLeastOnce, b"x"));
    }
    window.push(&message(4, QoS::AtMostOnce, b"y"));
    assert_eq!((sent(&mut window).unwrap().0, sent(&mut window).unwrap().0), (1, 2));
    assert_eq!(sent(&mut window), None);
    window.acknowledge(AckKind::PubAck, 2);
    assert_eq!(sent(&mut window).unwrap().0, 3);
    assert_eq!(sent(&mut window).unwrap().0, 0);
}

#[test]
fn qos_2_has_a_bound_of_its_own_over_restarts() {
    let mut window = Window::new(9, 1 << 20, Qos0::Forget);
    window.restart(CleanStart::Yes, 9, 1);
    for (line, qos) in [(1, QoS::ExactlyOnce), (2, QoS::AtLeastOnce), (3, QoS::ExactlyOnce)] {
        window.push(&message(line, qos, b"x"));
    }
    for session in [CleanStart::Yes, CleanStart::No] {
        assert!(sent(&mut window).is_some() && sent(&mut window).is_some());
        assert_eq!((sent(&mut window), window.qos_2_in_flight()), (None, 1));
        window.restart(session, 9, 1);
    }
    let id = sent(&mut window).unwrap().0;
    window.acknowledge(AckKind::PubRec, id);
    window.acknowledge(AckKind::PubComp, id);
    assert!(sent(&mut window).is_some() && sent(&mut window).is_some() && window.qos_2_in_flight() == 1);
}

#[test]
fn bytes_bound_it_and_one_message_always_fits() {
    let mut window = Window::new(9, 10, Qos0::Forget);
    assert!(window.has_room());
    window.push(&message(1, QoS::AtLeastOnce, &[0; 100]));
    assert!(!window.has_room());
    let id = sent(&mut window).unwrap().0;
    window.acknowledge(AckKind::PubAck, id);
    assert!(window.has_room());
}

#[test]
fn a_message_that_was_given_up_holds_nothing_back() {
    for (qos, kind) in [(QoS::AtLeastOnce, AckKind::PubAck), (QoS::ExactlyOnce, AckKind::PubRec)] {
        let mut window = Window::new(9, 1 << 20, Qos0::Forget);
        window.restart(CleanStart::Yes, 2, 2);
        for line in 1..=3 {
            let payload = format!("{line}");
            let echo = line == 1;
            let message = NewMessage {
                line,
                topic: 7,
                payload: payload.as_bytes(),
                qos,
                retain: true,
                echo,
                parked: false,
                time: 0,
            };
            window.push(&message);
        }
        let ids: Vec<_> = std::iter::from_fn(|| sent(&mut window)).map(|(id, ..)| id).collect();
        assert_eq!(ids, [1, 2], "the broker takes two at once");
        if kind == AckKind::PubRec {
            window.acknowledge(kind, 1);
        }
        let tracked = window.by_id(1).unwrap();
        assert_eq!((tracked.line, tracked.payload, tracked.qos, tracked.retain), (1, &b"1"[..], qos, true));
        let sequence = tracked.sequence;
        assert_eq!(window.abandon(sequence), Some(7));
        assert_eq!((window.oldest_line(), window.awaits_echo(7)), (Some(2), false));
        assert_eq!(window.by_id(1), None);
        assert_eq!(window.acknowledge(AckKind::PubAck, 1), Acknowledged::Nothing);
        assert_eq!(sent(&mut window).map(|(id, ..)| id), Some(3), "and another one may go");
        assert_eq!(window.abandon(sequence), None);
    }
}

#[test]
fn a_message_that_is_postponed_leaves_room_and_is_not_forgotten() {
    let mut window = filled(2, QoS::AtLeastOnce, 2);
    let sequence = window.by_id(1).unwrap().sequence;
    window.postpone(sequence);
    assert_eq!(window.acknowledge(AckKind::PubAck, 2), Acknowledged::Line { line: 2, topic: 0 });
    assert!(window.has_room() && !window.is_empty());
    window.push(&message(3, QoS::AtLeastOnce, b"3"));
    assert_eq!((window.oldest_line(), window.waiting()), (Some(1), 2));
    let (id, payload, again) = sent(&mut window).unwrap();
    assert_eq!((payload.as_slice(), again, sent(&mut window)), (&b"3"[..], false, None));
    window.acknowledge(AckKind::PubAck, id);
    window.resume();
    let (id, payload, again) = sent(&mut window).unwrap();
    assert_eq!((payload.as_slice(), again), (&b"1"[..], true));
    // The same after the end of a connection.
    window.postpone(window.by_id(id).unwrap().sequence);
    window.restart(CleanStart::Yes, 9, 9);
    let (id, payload, _) = sent(&mut window).unwrap();
    assert_eq!(payload, b"1");
    assert_eq!(window.acknowledge(AckKind::PubAck, id), Acknowledged::Line { line: 1, topic: 0 });
    assert!(window.is_empty());
}

#[test]
fn what_waited_at_qos_0_is_taken_in_the_order_in_which_it_was_sent() {
    let mut window = Window::new(9, 1 << 20, Qos0::Keep);
    let first = message(1, QoS::AtMostOnce, b"1");
    window.push(&NewMessage { topic: 1, echo: true, ..first });
    window.push(&NewMessage { topic: 1, parked: true, ..message(2, QoS::AtMostOnce, b"2") });
    window.push(&NewMessage { topic: 2, ..message(3, QoS::AtMostOnce, b"3") });
    let payload = |window: &mut Window| sent(window).map(|(_, payload, _)| payload);
    assert_eq!([payload(&mut window), payload(&mut window)], [Some(b"1".into()), Some(b"3".into())]);
    assert_eq!((payload(&mut window), window.echo(1, b"1").map(|(qos, _)| qos)), (None, Some(QoS::AtMostOnce)));
    window.release(1);
    assert_eq!(payload(&mut window).as_deref(), Some(&b"2"[..]));
    for (topic, waiting) in [(2, 1), (1, 0)] {
        let mut taken = Vec::new();
        window.taken_at_qos_0(1, |topic| taken.push(topic));
        assert_eq!((taken, window.waiting()), (vec![topic], waiting));
    }
    assert!(window.is_empty());
}
