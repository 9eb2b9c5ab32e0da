//! What a script does where the agent was killed, dies, hangs, or is something else.

use super::*;

#[test]
fn an_agent_that_was_killed_is_noticed_and_replaced() {
    let env = TestEnv::with_lot1();
    let agent = start(&env, "");
    publish(&env, "-m 1").done().says(&[BY_AGENT]);
    env.i3("agent").fails(73, &["already running"]);
    drop(agent);
    assert!(env.agent().exists(), "it was killed");
    let started = Instant::now();
    publish(&env, "-m 1").done().says(&["no agent is running"]);
    assert!(started.elapsed() < Duration::from_secs(30));
    env.i3("agent status").fails(75, &["no agent is running"]);
    env.i3("agent stop").fails(75, &["no agent is running"]);
    let agent = start(&env, "");
    publish(&env, "-m 1").done().says(&[BY_AGENT]);
    stop(&env, agent);
}

/// What listens in an agent's place, and ends after a caller.
fn impostor(env: &TestEnv, attend: impl FnOnce(UnixStream) + Send + 'static) -> thread::JoinHandle<()> {
    fs::create_dir_all(env.agent().parent().unwrap()).unwrap();
    let _ = fs::remove_file(env.agent());
    let listener = UnixListener::bind(env.agent()).unwrap();
    thread::spawn(move || attend(listener.accept().unwrap().0))
}

/// Reads a caller's greeting, and answers with an agent's.
fn greet(caller: &mut UnixStream) {
    caller.write_all(&HELLO).unwrap();
    let mut start = [0; HELLO.len() + 4];
    caller.read_exact(&mut start).unwrap();
    let mut request = vec![0; u32::from_be_bytes(start[HELLO.len()..].try_into().unwrap()) as usize];
    caller.read_exact(&mut request).unwrap();
}

#[test]
fn an_agent_that_dies_before_it_has_the_message_is_no_loss_and_after_it_the_outcome_is_unknown() {
    let env = TestEnv::with_lot1();
    let before: [fn(&mut UnixStream); 4] =
        [|_| {}, |caller| caller.write_all(&HELLO[..4]).unwrap(), |caller| caller.write_all(&HELLO).unwrap(), greet];
    for attend in before {
        let impostor = impostor(&env, move |mut caller| attend(&mut caller));
        publish(&env, "-m 1").done().says(&["Not by the agent"]);
        impostor.join().unwrap();
    }
    let after: [fn(&mut UnixStream); 3] = [
        |_| {},
        |caller| caller.read_exact(&mut [0; 1]).unwrap(),
        |caller| {
            caller.read_exact(&mut [0; 2]).unwrap();
            caller.write_all(&frame(&Reply::Working).unwrap()).unwrap();
        },
    ];
    for (more, code) in [("", 75), ("--retry 1", 0)] {
        for attend in after {
            let impostor = impostor(&env, move |mut caller| {
                greet(&mut caller);
                caller.write_all(&frame(&Reply::Ready).unwrap()).unwrap();
                attend(&mut caller);
            });
            let count = log_ins(&env);
            let outcome = publish(&env, &format!("-m 1 {more}")).run();
            assert_eq!(outcome.code, code, "{outcome}");
            outcome.says(&["the agent has gone"]).does_not_say(&["buffer", "os error"]);
            assert_eq!(log_ins(&env) - count, u64::from(code == 0), "without --retry it is not sent again");
            impostor.join().unwrap();
        }
    }
}

#[test]
fn what_is_no_agent_of_this_version_is_left_alone() {
    let env = TestEnv::with_lot1();
    let mut other = HELLO;
    other[HELLO.len() - 1] += 1;
    for (answer, says) in
        [(other.to_vec(), "from another version"), (b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(), "another version")]
    {
        let impostor = impostor(&env, move |mut caller| {
            caller.write_all(&answer).unwrap();
            let _ = caller.read_to_end(&mut Vec::new());
        });
        env.i3(&format!("pub --device lot1 -t {TOPIC} -m 1")).done().says(&[says]);
        impostor.join().unwrap();
    }
    // A frame that is no JSON, one that is too long, and no socket at all.
    for answer in [vec![0, 0, 0, 1, b'x'], vec![0xff; 4]] {
        let impostor = impostor(&env, move |mut caller| {
            greet(&mut caller);
            let _ = caller.write_all(&answer);
        });
        publish(&env, "-m 1").done().says(&["Not by the agent"]);
        impostor.join().unwrap();
    }
    fs::remove_file(env.agent()).unwrap();
    fs::write(env.agent(), "").unwrap();
    publish(&env, "-m 1").done();
}

#[test]
fn an_agent_that_hangs_or_has_too_many_callers_is_not_waited_for() {
    let env = TestEnv::with_lot1();
    // Nobody accepts, and the kernel lets no more than these wait.
    fs::create_dir_all(env.agent().parent().unwrap()).unwrap();
    let socket = socket2::Socket::new(socket2::Domain::UNIX, socket2::Type::STREAM, None).unwrap();
    let address = socket2::SockAddr::unix(env.agent()).unwrap();
    socket.bind(&address).unwrap();
    socket.listen(0).unwrap();
    // There is room for one: it hangs.
    publish(&env, "-m 1").done().says(&["does not answer"]);
    let mut waiting = Vec::new();
    loop {
        let caller = socket2::Socket::new(socket2::Domain::UNIX, socket2::Type::STREAM, None).unwrap();
        caller.set_nonblocking(true).unwrap();
        match caller.connect(&address) {
            Ok(()) => waiting.push(caller),
            Err(_) => break,
        }
    }
    publish(&env, "-m 1").done().says(&["cannot be reached"]);
}

#[test]
fn an_agent_whose_socket_is_gone_ends_and_takes_nobody_elses_with_it() {
    let env = TestEnv::with_lot1();
    let folder = env.agent().parent().unwrap().to_owned();
    let aside = folder.with_file_name("aside");
    let ways: [(&str, &dyn Fn()); 4] = [
        ("removed", &|| fs::remove_file(env.agent()).unwrap()),
        ("the folder removed", &|| fs::remove_dir_all(&folder).unwrap()),
        ("the folder moved", &|| fs::rename(&folder, &aside).unwrap()),
        ("replaced", &|| {
            fs::remove_file(env.agent()).unwrap();
            // Nobody listens on it, as on one that was killed.
            drop(UnixListener::bind(env.agent()).unwrap());
        }),
    ];
    for (way, act) in ways {
        let agent = start(&env, "");
        publish(&env, "-m 1").done().says(&[BY_AGENT]);
        act();
        let ended = agent.finish();
        assert_eq!(ended.code, 75, "{way}: {ended}");
        ended.says(&["Stopping once the messages in flight are done", "was removed", "start another one"]);
        assert_eq!(env.agent().exists(), way == "replaced", "{way}");
        env.i3("agent status").fails(75, &["no agent is running", "start one"]);
        publish(&env, "-m 1").done().does_not_say(&[BY_AGENT]);
    }
    // The next one is there before the first has noticed.
    let first = start(&env, "");
    fs::remove_dir_all(&folder).unwrap();
    let second = start(&env, "");
    assert_eq!(first.finish().code, 75);
    assert_eq!(status(&env)["pid"], second.id());
    publish(&env, "-m 1").done().says(&[BY_AGENT]);
    // A signal does not make it remove what is not its own either.
    fs::remove_dir_all(&folder).unwrap();
    let third = start(&env, "");
    signal(&second, "TERM");
    second.finish();
    assert_eq!(status(&env)["pid"], third.id());
    stop(&env, third);
}

#[test]
fn an_agent_without_its_socket_can_be_ended_and_replaced() {
    let env = TestEnv::with_lot1();
    let agent = start(&env, "");
    fs::remove_file(env.agent()).unwrap();
    // It may have noticed before, and be gone.
    let stopped = env.i3("agent stop").run();
    assert!(stopped.code == 0 || stopped.stderr.contains("no agent is running"), "{stopped}");
    assert_eq!(agent.finish().code, 75);
    let agent = start(&env, "");
    fs::remove_file(env.agent()).unwrap();
    let script = format!(
        "eval \"$(i3 agent --background)\" && i3 pub -v --device lot1 -t {TOPIC} -m 1 && i3 agent stop && echo $I3_AGENT_PID"
    );
    let replaced = env.shell(&script).done();
    replaced.says(&[BY_AGENT]);
    assert_ne!(replaced.stdout.trim(), agent.id().to_string());
    assert_eq!(agent.finish().code, 75);
    // One that hangs as well is named.
    let agent = start(&env, "");
    signal(&agent, "STOP");
    fs::remove_file(env.agent()).unwrap();
    let named = format!("(process {})", agent.id());
    env.i3("agent").fails(73, &[&named, "already running"]);
    env.i3("agent status").fails(75, &[&named, "its socket was removed", &format!("`kill {}`", agent.id())]);
    signal(&agent, "CONT");
    assert_eq!(agent.finish().code, 75);
    // A socket that somebody else listens on stays theirs.
    let others = UnixListener::bind(env.agent()).unwrap();
    env.i3("agent").fails(73, &["already running"]);
    UnixStream::connect(env.agent()).unwrap();
    drop(others);
    // What stands in the lock's file is its owner's.
    let lock = env.agent().with_extension("lock");
    fs::write(&lock, "mine").unwrap();
    let agent = start(&env, "");
    stop(&env, agent);
    assert_eq!(fs::read_to_string(&lock).unwrap(), "mine");
}
