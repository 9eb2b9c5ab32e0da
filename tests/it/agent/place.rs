//! Where the agent listens, who may call it, and who starts it.

use super::*;

#[test]
fn a_socket_that_others_may_use_is_not_made() {
    use std::os::unix::fs::PermissionsExt as _;
    let env = TestEnv::with_lot1();
    let open = env.cwd().join("open");
    fs::create_dir(&open).unwrap();
    fs::set_permissions(&open, fs::Permissions::from_mode(0o755)).unwrap();
    // Nobody else is locked out of a folder that others use as well.
    let elsewhere = |run: Run| {
        run.fails(73, &["open to others", "set I3_AGENT to a socket"]).does_not_say(&["chmod"]);
    };
    elsewhere(env.i3("agent").env(env::AGENT, open.join("socket")));
    fs::write(open.join("data.csv"), "1").unwrap();
    elsewhere(env.i3("agent").env(env::AGENT, open.join("data.csv")));
    fs::remove_file(open.join("data.csv")).unwrap();
    elsewhere(env.i3("agent").env(env::AGENT, "/tmp/agent.sock"));
    fs::write(open.join("agent.lock"), "").unwrap();
    let own = env.i3("agent").env(env::AGENT, open.join("agent.sock")).fails(73, &["open to others", "chmod 700"]);
    own.does_not_say(&["set I3_AGENT"]);
    fs::set_permissions(&open, fs::Permissions::from_mode(0o1700)).unwrap();
    // A file that is there stays, and what its name gives the lock as well.
    fs::write(open.join("thesis.txt"), "all of it").unwrap();
    fs::write(open.join("thesis.lock"), "mine").unwrap();
    env.i3("agent").env(env::AGENT, open.join("thesis.txt")).fails(73, &["is not a socket", "set I3_AGENT to"]);
    assert_eq!(fs::read_to_string(open.join("thesis.txt")).unwrap(), "all of it");
    assert_eq!(fs::read_to_string(open.join("thesis.lock")).unwrap(), "mine");
    let file = env.secret("file", "");
    env.i3("agent").env(env::AGENT, file.join("socket")).fails(73, &["cannot be made"]);
    // Longer than the address of a socket can be.
    let long = env.cwd().join("x".repeat(120)).join("socket");
    let agent = announced(env.i3("agent").env(env::AGENT, &long));
    publish(&env, "-m 1").env(env::AGENT, &long).done().says(&[BY_AGENT]);
    env.i3("agent stop").env(env::AGENT, &long).succeeds("");
    assert_eq!(agent.finish().code, 0);
    let agent = start(&env, "");
    assert_eq!(crate::program::mode(&env.agent()), 0o600);
    assert_eq!(crate::program::mode(env.agent().parent().unwrap()), 0o700);
    stop(&env, agent);
}

#[test]
fn another_user_is_refused() {
    let env = TestEnv::with_lot1();
    let agent = start(&env, "");
    // Somebody opens it to all, by mistake.
    use std::os::unix::fs::PermissionsExt as _;
    for path in [env.agent().as_path(), env.agent().parent().unwrap(), env.cwd().parent().unwrap()] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o777)).unwrap();
    }
    let is_root = rustix::process::geteuid().is_root();
    if !is_root || !Path::new("/usr/bin/setpriv").exists() {
        return skipped::without("I3_REQUIRE_SETPRIV", "setpriv, or root", "another user was not tried");
    }
    let as_nobody = |program: &str, args: &[&str]| {
        let mut run = env.command("/usr/bin/setpriv").env("HOME", env.tmp());
        run.command.args(["--reuid", "65534", "--regid", "65534", "--clear-groups", program]).args(args);
        run.run()
    };
    let outcome = as_nobody(crate::program::PROGRAM, &["agent", "status"]);
    // The program itself may be in a folder that nobody else can enter.
    assert!([75, 126, 127].contains(&outcome.code), "{outcome}");
    assert!(outcome.code != 75 || outcome.stderr.contains("cannot be reached"), "{outcome}");
    stop(&env, agent);
}

#[test]
fn it_is_found_without_a_variable_as_cron_has_none() {
    let env = TestEnv::with_lot1();
    // A profile has its own socket, beside what else is in the user's runtime folder.
    let name = format!("test{:016x}", rand::random::<u64>());
    let profile = env.config_file().with_file_name("profiles").join(&name);
    fs::create_dir_all(&profile).unwrap();
    let config = fs::read_to_string(env.config_file()).unwrap();
    fs::write(profile.join("config.toml"), format!("broker = \"{}\"\n{config}", env.sandbox.broker_url())).unwrap();
    let bare = |args: &[&str]| {
        let mut run = env.i3_with(&format!("--profile {name}"), args);
        run.command.env_clear().env("HOME", env.home());
        run
    };
    let agent = announced(bare(&["agent"]));
    bare(&["pub", "-v", "--device", "lot1", "-t", TOPIC, "-m", "1"]).done().says(&[BY_AGENT]);
    bare(&["agent", "stop"]).succeeds("");
    assert_eq!(agent.finish().code, 0);
    // Below I3_HOME, if that is set.
    let home = env.cwd().join("own");
    fs::create_dir(&home).unwrap();
    fs::copy(profile.join("config.toml"), home.join("config.toml")).unwrap();
    let own = |args: &[&str]| {
        let mut run = env.i3_with("", args);
        run.command.env_clear().env(env::HOME, &home);
        run
    };
    let agent = announced(own(&["agent"]));
    own(&["pub", "-v", "--device", "lot1", "-t", TOPIC, "-m", "1"]).done().says(&[BY_AGENT]);
    // Another home, another agent.
    bare(&["pub", "-v", "--device", "lot1", "-t", TOPIC, "-m", "1"]).done().does_not_say(&[BY_AGENT]);
    own(&["agent", "stop"]).succeeds("");
    assert_eq!(agent.finish().code, 0);
}

#[test]
fn in_the_background_it_tells_the_shell_where_it_is() {
    let env = TestEnv::with_lot1();
    let script = format!(
        "eval \"$(i3 agent --background)\" && test -S \"$I3_AGENT\" && kill -0 $I3_AGENT_PID && \
         i3 pub -v --device lot1 -t {TOPIC} -m 1 && i3 agent stop && test ! -S \"$I3_AGENT\""
    );
    env.shell(&script).done().says(&[BY_AGENT]);
    let agent = start(&env, "");
    // As from a shell's start-up file: the second shell has the same agent.
    let again = env.shell("eval \"$(i3 agent --background -v)\" && echo $I3_AGENT_PID && test -S \"$I3_AGENT\"").done();
    assert_eq!(again.stdout.trim(), agent.id().to_string());
    again.says(&["An agent is already running"]);
    assert_eq!(env.i3("agent --background --json").json()["I3_AGENT_PID"], agent.id().to_string());
    stop(&env, agent);
    // What the agent itself says is passed on, with its hint.
    let file = env.agent().with_file_name("file");
    fs::write(&file, "").unwrap();
    let refused = env.i3("agent --background").env(env::AGENT, file);
    refused
        .fails(73, &["the agent did not start", "is not a socket", "set I3_AGENT to"])
        .does_not_say(&["exit status"]);
}

#[test]
fn systemd_makes_the_socket_and_hears_that_it_is_ready() {
    let env = TestEnv::with_lot1();
    fs::create_dir_all(env.agent().parent().unwrap()).unwrap();
    let listener = UnixListener::bind(env.agent()).unwrap();
    let notices = env.cwd().join("notify");
    let notified = UnixDatagram::bind(&notices).unwrap();
    notified.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let mut run = env.shell("exec 3<&0; LISTEN_PID=$$ LISTEN_FDS=1 exec i3 agent");
    run.command.env("NOTIFY_SOCKET", &notices).env("WATCHDOG_USEC", "200000");
    let mut child = run.command.stdin(Stdio::from(OwnedFd::from(listener))).stderr(Stdio::null()).spawn().unwrap();
    let hear = || {
        let mut text = [0; 256];
        let length = notified.recv(&mut text).unwrap();
        String::from_utf8_lossy(&text[..length]).into_owned()
    };
    let mut heard = hear();
    while !heard.contains("WATCHDOG=1") || !heard.contains("READY=1") {
        heard += &hear();
    }
    publish(&env, "-m 1").done().says(&[BY_AGENT]);
    env.i3("agent stop").succeeds("");
    assert!(child.wait().unwrap().success());
    assert!(env.agent().exists(), "the socket is systemd's");
    while !hear().contains("STOPPING=1") {}
}

#[test]
fn shells_that_start_one_at_the_same_moment_get_the_same() {
    let env = TestEnv::with_lot1();
    for _ in 0..5 {
        let each = "(eval \"$(i3 agent --background)\"; echo \"pid $I3_AGENT_PID\") &";
        let outcome = env.shell(&format!("for n in 1 2 3 4 5; do {each} done; wait; i3 agent stop")).done();
        let pids: Vec<&str> = outcome.stdout.lines().collect();
        assert_eq!(pids.len(), 5, "{outcome}");
        assert!(pids.iter().all(|pid| *pid == pids[0] && pid.len() > "pid ".len()), "{outcome}");
    }
}

#[test]
fn in_the_background_nothing_of_the_caller_is_kept() {
    if !Path::new("/proc/self/cwd").exists() {
        return;
    }
    let env = TestEnv::with_lot1();
    fs::create_dir(env.path("below")).unwrap();
    fs::copy(env.config_file(), env.path("own.toml")).unwrap();
    let publish = format!("i3 --config ../own.toml pub -v --device lot1 -t {TOPIC} -m 1");
    for (start, pid, used) in [
        (
            "I3_AGENT=../agent/socket i3 --config ../own.toml agent --background",
            "$I3_AGENT_PID",
            format!("test -S \"$I3_AGENT\" && {publish} && {publish} 2>&1 | grep -q '{BY_AGENT}'"),
        ),
        (
            "i3 sandbox --background --state=../town.json",
            "$I3_SANDBOX_PID",
            "test -s ../town.json && test -d ../town.json.home && test -d \"$I3_HOME\"".into(),
        ),
    ] {
        let script = format!(
            "cd below && exec 9> lock && flock -n 9 && eval \"$({start})\" || exit 1; exec 9>&-
            flock -n lock true && echo unlocked; cd ..; readlink /proc/{pid}/cwd; echo session $(cut -d' ' -f6 /proc/{pid}/stat) {pid}
            cd below; {used} && echo used; kill {pid}"
        );
        let told = env.shell(&script).done();
        let lines: Vec<&str> = told.stdout.lines().collect();
        assert_eq!([lines[0], lines[1], lines[3]], ["unlocked", "/", "used"], "{told}");
        let words: Vec<&str> = lines[2].split(' ').collect();
        assert_eq!(words[1], words[2], "it leads a session of its own: {told}");
    }
}
