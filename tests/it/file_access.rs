//! Secrets in the files of others, of containers and services, and on file systems that keep no permissions.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::path::{Path, PathBuf};

use i3::spool::Spool;

use crate::program::{LOT1, Run, TOPIC, TestEnv, copy_of_program, key_pem};
use crate::support::skipped;

/// The user `nobody`.
const NOBODY: u32 = 65534;
/// Takes away what hides the mount points below it, in the namespace that the shell runs in.
const WITHIN: &str = "unshare -m sh -euc";

/// Whether this process may be another user, and own files of others.
fn is_root(what: &str) -> bool {
    let is_root = rustix::process::geteuid().is_root() && Path::new("/usr/bin/setpriv").exists();
    if !is_root {
        skipped::without("I3_REQUIRE_ROOT", "setpriv, or being root", what);
    }
    is_root
}

/// A file of root's with this mode, where everybody can get to.
fn open_file(env: &TestEnv, name: &str, content: &str, mode: u32) -> PathBuf {
    for folder in [env.cwd().as_path(), env.cwd().parent().unwrap()] {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let path = env.secret(name, content);
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    path
}

/// The program as another user, from a place where he can run it.
fn as_nobody(env: &TestEnv, args: &[&str]) -> Run {
    let program = env.tmp().join("i3");
    if !program.exists() {
        copy_of_program(&program);
        fs::set_permissions(env.tmp(), fs::Permissions::from_mode(0o755)).unwrap();
    }
    let id = NOBODY.to_string();
    let mut run = env.command("/usr/bin/setpriv").env("HOME", env.path("home-of-nobody"));
    run.command.args(["--reuid", &id, "--regid", &id, "--clear-groups"]).arg(program).args(args);
    run
}

#[test]
fn the_mode_counts_for_files_of_ones_own() {
    let env = TestEnv::new();
    env.secret("own.pem", key_pem());
    fs::set_permissions(env.path("own.pem"), fs::Permissions::from_mode(0o440)).unwrap();
    let refused = env.i3("pubkey --key own.pem").fails(78, &["error[file-open-to-others]", "(mode 0440)"]);
    refused.says(&["hint: run `chmod 600 own.pem`, or use it anyway with --allow-loose-permissions\n"]);
    env.i3("pubkey --key own.pem --allow-loose-permissions").done();
    let with = |value: &str| env.i3("pubkey --key own.pem").env("I3_ALLOW_LOOSE_PERMISSIONS", value);
    with("1").done();
    with("0").fails(78, &["error[file-open-to-others]"]);
    with("maybe").fails(2, &["I3_ALLOW_LOOSE_PERMISSIONS is neither 0 nor 1"]).does_not_say(&["maybe"]);
    // A path that only looks as if it were below the folder of a service's credentials.
    fs::create_dir(env.path("credentials")).unwrap();
    let around = env.i3("pubkey --key credentials/../own.pem");
    around.env("CREDENTIALS_DIRECTORY", env.path("credentials")).fails(78, &["error[file-open-to-others]"]);

    if !is_root("files of another user were not tried") {
        return;
    }
    // root lets his group in: 0440 as Kubernetes does with fsGroup, or everybody.
    for mode in [0o440, 0o444] {
        let path = open_file(&env, "roots.pem", key_pem(), mode);
        chown(&path, None, Some(NOBODY)).unwrap();
        as_nobody(&env, &["pubkey", "--key", path.to_str().unwrap()]).done();
    }
    let path = open_file(&env, "pw", "hunter2secret", 0o444);
    let broker = env.sandbox.broker_url().to_string();
    let args = ["pub", "--broker", &broker, "-u", LOT1, "--pw-file", path.to_str().unwrap(), "-t", TOPIC, "-m", "1"];
    // The broker refuses it: the file was read.
    as_nobody(&env, &args).fails(77, &["error[log-in-refused]"]);
}

#[test]
fn what_containers_and_pods_are_handed_is_read_whatever_its_mode() {
    let env = TestEnv::new();
    env.secret("lot1.pem", key_pem());
    // Each mount of a Kubernetes volume is such a tree, which is changed as a whole.
    let version = env.path("volume/..2026_11_27_05_40_12.1234567890");
    fs::create_dir_all(&version).unwrap();
    fs::copy(env.path("lot1.pem"), version.join("lot1.pem")).unwrap();
    symlink(version.file_name().unwrap(), env.path("volume/..data")).unwrap();
    symlink("..data/lot1.pem", env.path("volume/lot1.pem")).unwrap();
    for mode in [0o440, 0o644] {
        fs::set_permissions(version.join("lot1.pem"), fs::Permissions::from_mode(mode)).unwrap();
        env.i3("pubkey --key volume/lot1.pem").done();
    }
    // The same file through a folder that is not a volume.
    fs::copy(version.join("lot1.pem"), env.path("plain.pem")).unwrap();
    env.i3("pubkey --key plain.pem").fails(78, &["error[file-open-to-others]"]);

    let mounted = "mount -t tmpfs run /run && mkdir /run/secrets && install -m 444 lot1.pem /run/secrets/lot1";
    let within = |script: &str| env.shell(&format!("{WITHIN} '{mounted} && {script}'"));
    if within("true").run().code != 0 {
        return skipped::without("I3_REQUIRE_ROOT", "unshare, or being root", "/run/secrets was not tried");
    }
    within("i3 pubkey --key /run/secrets/lot1").done();
    within("i3 pubkey --key /var/run/secrets/lot1").done();
    within("ln -s /run/secrets/lot1 linked && i3 pubkey --key linked").done();
    let elsewhere = within(
        "cp -p /run/secrets/lot1 /run/lot1 && ln -s ../lot1 /run/secrets/lot2 && i3 pubkey --key /run/secrets/lot2",
    );
    elsewhere.fails(78, &["error[file-open-to-others]"]);
}

#[test]
fn nothing_is_written_into_another_users_folder() {
    let env = TestEnv::with_lot1();
    if !is_root("folders of another user were not tried") {
        return;
    }
    let theirs = env.path("theirs");
    fs::create_dir(&theirs).unwrap();
    chown(&theirs, Some(NOBODY), None).unwrap();
    let says = ["error[foreign-folder]", "theirs belongs to another user (uid 65534)"];
    let lines = [
        "keygen --out theirs/lot1.pem",
        "keygen --out theirs/new/deep/lot1.pem",
        "device export --out theirs/all.toml --with-secrets",
        "config set market http://127.0.0.1:1 --config theirs/config.toml",
        "pub --device lot1 -l -t alice/parking/occupancy --spool theirs/spool",
    ];
    for line in lines {
        env.i3(line).input("1\n").fails(73, &says);
        assert_eq!(fs::read_dir(&theirs).unwrap().count(), 0, "{line}");
    }
    // As under sudo that keeps HOME: nothing is registered that could not be kept.
    let before = env.sandbox.counts().device_posts;
    for more in ["--new-key", "--generate-password"] {
        let home = env.i3(&format!("register lot2 --hub parking {more}")).env("HOME", &theirs);
        home.fails(73, &says);
    }
    assert_eq!((env.sandbox.counts().device_posts, fs::read_dir(&theirs).unwrap().count()), (before, 0));
    env.i3("keygen --out theirs/lot1.pem --allow-loose-permissions").done();
    // Reading there is another matter.
    env.i3("pubkey --key theirs/lot1.pem").done();
    // A folder of root's is everybody's that may write to it.
    let shared = open_file(&env, "shared", "", 0o755);
    fs::remove_file(&shared).unwrap();
    fs::create_dir(&shared).unwrap();
    fs::set_permissions(&shared, fs::Permissions::from_mode(0o1777)).unwrap();
    as_nobody(&env, &["keygen", "--out", shared.join("lot1.pem").to_str().unwrap()]).done();
}

#[test]
fn a_key_in_a_folder_that_everybody_may_write_to_is_warned_of() {
    let env = TestEnv::new();
    let open = env.path("open");
    fs::create_dir(&open).unwrap();
    for (mode, is_open) in [(0o777, true), (0o1777, false), (0o755, false)] {
        fs::set_permissions(&open, fs::Permissions::from_mode(mode)).unwrap();
        let made = env.i3("keygen --out open/lot1.pem --force").done();
        let says = ["everybody may write to the folder open (mode 0777), and so replace the secret"];
        if is_open {
            made.says(&says)
        } else {
            made.does_not_say(&["everybody"])
        };
    }
    fs::set_permissions(&open, fs::Permissions::from_mode(0o777)).unwrap();
    env.i3("keygen --out open/lot1.pem --force --allow-loose-permissions").done().does_not_say(&["everybody"]);
    // A file without a key may be readable by everybody.
    fs::write(env.path("hosts"), "127.0.0.1 localhost\n").unwrap();
    fs::set_permissions(env.path("hosts"), fs::Permissions::from_mode(0o644)).unwrap();
    env.i3("token --key hosts").fails(78, &["not an RSA private key"]).does_not_say(&["chmod"]);
}

/// exFAT by FUSE: no links, no names that are only taken if they are free, and mode 0777 for everything.
#[test]
fn on_a_file_system_without_links_and_modes_it_works_and_says_who_can_read() {
    let env = TestEnv::with_lot1();
    let format = "truncate -s 8M card && mkdir -p mnt && PATH=$PATH:/usr/sbin:/sbin && mkfs.exfat card >/dev/null";
    if env.shell(&format!("{format} && command -v mount.exfat-fuse losetup")).run().code != 0 {
        return skipped::without(
            "I3_REQUIRE_EXFAT",
            "exfat-fuse or exfatprogs",
            "no file system without modes was tried",
        );
    }
    let mount = "PATH=$PATH:/usr/sbin:/sbin; dev=$(losetup -f --show card); \
                 trap \"cd ..; umount mnt || true; losetup -d $dev\" EXIT; mount.exfat-fuse $dev mnt 2>/dev/null >&2; cd mnt";
    let within = |script: &str| env.shell(&format!("{WITHIN} '{mount}; {script}'"));
    if within("true").run().code != 0 {
        return skipped::without(
            "I3_REQUIRE_EXFAT",
            "a loop device, or being root",
            "no file system without modes was tried",
        );
    }
    let said = "warning: others can read lot2.pem (mode 0777): its file system keeps no permissions.";
    let made = within("i3 keygen --out lot2.pem; ls -A");
    let made = made.done();
    made.says(&[said, "use it with --allow-loose-permissions"]);
    assert!(made.stdout.ends_with("lot2.pem\nlot2.pem.pub\n"), "{made}");
    // What is there stays.
    within("cp lot2.pem before; i3 keygen --out lot2.pem").fails(73, &["lot2.pem already exists"]);
    within("cmp lot2.pem before").done();
    within("i3 pubkey --key lot2.pem").fails(78, &["(mode 0777)", "--allow-loose-permissions"]);
    within("i3 pubkey --key lot2.pem --allow-loose-permissions").done();
    // A home there: configuration, keys, and a spool.
    let home = "export HOME=$PWD I3_ALLOW_LOOSE_PERMISSIONS=1";
    within(&format!("{home}; i3 register lot3 --hub parking --new-key; i3 pub --device lot3 -t {TOPIC} -m 1")).done();
    within(&format!("{home}; i3 token lot3")).done();
    let fixed = within("cp lot2.pem own.pem; i3 doctor lot1 --fix --yes --key own.pem --offline").run();
    fixed.says(&["its file system keeps no permissions"]);
}

/// What stands at a path that no command may replace: a device as /dev/null is one, a named pipe, a folder, and the like.
fn irregular(env: &TestEnv) -> Vec<&'static str> {
    let made =
        env.shell("mkdir -p dv/folder && mkfifo dv/pipe && ln -s pipe dv/linked && ln -s /proc/self/fd/2 dv/open");
    made.done();
    let _socket = std::os::unix::net::UnixListener::bind(env.path("dv/socket")).unwrap();
    let mut names = vec!["dv/folder", "dv/pipe", "dv/linked", "dv/open", "dv/socket"];
    if env.shell("mknod -m 666 dv/null c 1 3 && mknod -m 666 dv/block b 7 250").run().code == 0 {
        names.extend(["dv/null", "dv/block"]);
    } else {
        skipped::without("I3_REQUIRE_ROOT", "mknod, or being root", "devices were not tried");
    }
    names
}

/// What kind of file each is, and which.
fn kinds(env: &TestEnv) -> String {
    env.shell("stat -c '%n %F %i %a' dv/* && ls -A dv").done().stdout
}

#[test]
fn no_command_replaces_what_is_not_a_regular_file() {
    let env = TestEnv::with_lot1();
    let names = irregular(&env);
    let before = kinds(&env);
    env.secret("pw", "hunter2secret");
    drop(Spool::open(&env.path("spool")).unwrap());
    let counts = env.sandbox.counts();
    for name in &names {
        for line in [
            format!("keygen --force --out {name}"),
            format!("keygen --out {name}"),
            format!("token lot1 --out {name}"),
            format!("token lot1 --out {name} --renew"),
            format!("spool export --spool spool --out {name}"),
            format!("device export --out {name}"),
            format!("device export --with-secrets --out {name}"),
            format!("notifications broker-password --out {name}"),
        ] {
            let failed = env.i3(&line).fails(73, &[name]);
            assert!(!failed.hint().contains("--force"), "{failed}");
            assert_eq!(kinds(&env), before, "{line}");
        }
    }
    for name in ["dv/pipe", "dv/linked"] {
        std::os::unix::fs::symlink(env.path(name), env.path("chart.png")).unwrap();
        let plot = env.i3(&format!("sub --device lot1 -t {TOPIC} --plot-png chart.png -C 1 -W 1"));
        plot.fails(73, &["chart.png cannot be written"]);
        assert!(fs::symlink_metadata(env.path("chart.png")).unwrap().is_symlink());
        fs::remove_file(env.path("chart.png")).unwrap();
    }
    let after = env.sandbox.counts();
    assert_eq!((after.market_log_ins, after.broker_log_ins), (counts.market_log_ins, counts.broker_log_ins));
    for name in &names {
        env.i3(&format!("sandbox --state {name}")).fails(78, &[name]);
        // It makes its folder first.
        fs::remove_dir_all(env.path(&format!("{name}.home"))).unwrap();
    }
    assert_eq!(kinds(&env), before);
    // The public half is a file as well.
    env.shell("mkfifo half.pub").done();
    env.i3("keygen --force --out half").fails(73, &["half.pub cannot be written", "a named pipe"]);
    assert!(!env.path("half").exists());
}

#[test]
fn a_configuration_that_is_not_a_regular_file_is_read_and_never_replaced() {
    let env = TestEnv::with_lot1();
    let names = irregular(&env);
    let before = kinds(&env);
    env.secret("pw", "hunter2secret");
    let changes = env.sandbox.counts().changes;
    let lines = [
        "config set user bob",
        "register bx1 --hub parking --new-key",
        "register bx2 --hub parking --password-file pw",
        "device add alice$parking$zz1 --password-file pw",
        "device passwd alice$parking$lot1 --new-key",
        "device repair alice$parking$lot1 --yes --new-key",
    ];
    for name in &names {
        for line in lines {
            let refused = env.i3(&format!("--config {name} {line}")).run();
            assert!([73, 78].contains(&refused.code), "{name}: {refused}");
            assert_eq!(kinds(&env), before, "{name}: {line}");
        }
        assert_eq!(env.sandbox.counts().changes, changes, "{name}");
    }
    if names.contains(&"dv/null") {
        // As /dev/null it is an empty one, and what needs not be saved needs no other.
        let null = |line: &str| env.i3(line).env("I3_CONFIG", "dv/null");
        null("config list").done();
        null("config check").done().does_not_say(&["chmod"]);
        null("config set user bob").fails(73, &["dv/null cannot be written", "it is a device", "--config FILE"]);
        null("register bx3 --hub parking --key lot1.pem --no-save").done();
        let login = null("login").arg("--market").arg(env.sandbox.market_url());
        login.done().says(&["it is a device", "nothing is remembered"]);
        null("doctor alice$parking$lot1 --fix --yes").run().does_not_say(&["chmod"]);
        assert_eq!(kinds(&env), before);
    }
    // A pipe that nobody writes to is not waited for, one of the shell's own ends with its writer.
    for line in ["config list", "config set user bob", "device list"] {
        env.i3(&format!("--config dv/pipe {line}")).run().says(&["named pipe"]);
    }
    let piped = env
        .command("bash")
        .arg("-c")
        .arg(format!("{} --config <(echo 'user = \"bob\"') config list", crate::program::PROGRAM));
    assert!(piped.done().stdout.contains("bob"));
    // A rotation that gives the device a key of its own has to be noted there.
    let (shared, changes) = (env.read("lot1.pem"), env.sandbox.counts().changes);
    let config = fs::read_to_string(env.config_file()).unwrap();
    env.secret(
        "shared.toml",
        format!("{config}[devices.'alice$parking$other']\nkey = '{}'\n", env.path("lot1.pem").display()),
    );
    let rotate = format!("{} --config <(cat shared.toml) device rotate lot1", crate::program::PROGRAM);
    env.command("bash").arg("-c").arg(rotate).fails(73, &["/dev/fd/", "cannot be written"]);
    assert_eq!((env.sandbox.counts().changes, env.read("lot1.pem")), (changes, shared));
}

#[test]
fn no_hint_changes_a_file_of_the_system_or_of_a_service() {
    let env = TestEnv::new();
    let own = env.secret("own", "hunter2secret");
    fs::set_permissions(&own, fs::Permissions::from_mode(0o644)).unwrap();
    env.i3("whoami --login-password-file own").fails(78, &["chmod 600"]);
    env.i3("keygen --out own").fails(73, &["--force"]);
    // Written to a file system of the shell's own.
    let within = |line: &str| {
        env.shell(&format!(
            "{WITHIN} 'mount -t tmpfs own /var/opt && install -m 644 own /var/opt/own && ln -s /var/opt/own link && \
             install -m 640 -g {NOBODY} own shared && trap \"stat -Lc %a-%g /var/opt/own shared; rm link shared\" EXIT; {line}'"
        ))
    };
    if within("true").run().code != 0 {
        return skipped::without("I3_REQUIRE_ROOT", "unshare, or being root", "the system's files were not tried");
    }
    for file in ["/var/opt/own", "link", "shared"] {
        for line in [
            format!("whoami --login-password-file {file}"),
            format!("register zz1 --hub parking --password-file {file}"),
            format!("pub -u alice$parking$lot1 --pw-file {file} -t {TOPIC} -m 1"),
            format!("doctor alice$parking$lot1 --pw-file {file} --fix"),
            format!("keygen --out {file}"),
            format!("token --key own.pem --out {file}"),
            format!("sandbox --state {file}"),
            format!("--config {file} config list"),
        ] {
            let refused = within(&format!("i3 {}", line.replace('$', "\\$"))).run();
            assert_ne!(refused.code, 0, "{refused}");
            for advice in ["chmod", "--force", "remove", "move it away", "move this", "--allow-loose-permissions"] {
                assert!(!refused.stderr.contains(advice), "{advice}: {refused}");
            }
            assert!(refused.stdout.ends_with("644-0\n640-65534\n"), "{refused}");
        }
    }
}
