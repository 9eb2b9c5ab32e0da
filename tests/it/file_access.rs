//! Secrets in the files of others, of containers and services, and on file systems that keep no permissions.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::path::{Path, PathBuf};

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
