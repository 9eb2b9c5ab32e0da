//! The exit codes with their meanings, and a transcript of each for the manual.

/// One exit code as the manual shows it.
pub struct ExitStatus {
    pub code: u8,
    pub meaning: &'static str,
    /// The command line. A test runs it in a shell where `lot1` is registered with `lot1.pem`, on a sandbox.
    pub command: &'static str,
    /// Its output, stdout and stderr.
    pub output: &'static str,
}

/// All of them.
pub const TABLE: &[ExitStatus] = &[
    ExitStatus {
        code: 0,
        meaning: "it happened",
        command: "i3 pub -v --device lot1 -t alice/parking/occupancy -m 678 --confirm none",
        output: "Broker mqtt://127.0.0.1:1883 (environment variable I3_BROKER).\n\
                 Logging in as alice$parking$lot1 with key lot1.pem.\n\
                 Sent, not verified: the broker may have dropped it.",
    },
    ExitStatus {
        code: 1,
        meaning: "another failure",
        command: "i3 token lot1 > /dev/full",
        output: "error[output-unwritable]: stdout cannot be written\n  because: No space left on device (os error 28)\n\
                 hint: check where the output goes, and what the command has changed before you repeat it",
    },
    ExitStatus {
        code: 2,
        meaning: "the command line is wrong",
        command: "i3 pub --device lot1 -t alice/parking/occupancy",
        output: "error[command-line]: no message is given\n\
                 hint: give one with -m TEXT, -f FILE, -s for stdin, -l for its lines, or -n for an empty one",
    },
    ExitStatus {
        code: 65,
        meaning: "bad data: a name, a topic, a token or an input that I3 does not accept",
        command: "i3 pub --device lot1 -t occupancy -m 678",
        output: "error[short-topic]: incomplete topic 'occupancy' (expected USER/HUB/PRODUCT)\n\
                 hint: use -t alice/parking/occupancy",
    },
    ExitStatus {
        code: 66,
        meaning: "a file is missing or cannot be read",
        command: "i3 token --key lot9.pem",
        output: "error[key-file-missing]: the key file lot9.pem cannot be read\n  because: No such file or directory (os error 2)\n\
                 hint: name the key that the device was registered with, or make a pair with `i3 keygen --out lot9.pem`",
    },
    ExitStatus {
        code: 73,
        meaning: "a file cannot be created",
        command: "i3 keygen --out lot1.pem",
        output: "error[key-file-exists]: the key file lot1.pem already exists\nhint: give --force to replace the pair, or another name",
    },
    ExitStatus {
        code: 75,
        meaning: "unreachable or timed out: try again",
        command: "i3 pub --broker mqtt://127.0.0.1:1 --device lot1 -t alice/parking/occupancy -m 678",
        output: "error[broker-unreachable]: the broker mqtt://127.0.0.1:1 cannot be reached\n\
                 \x20 because: Connection refused (os error 111)\n\
                 hint: check the host and port of --broker, and that the broker runs",
    },
    ExitStatus {
        code: 77,
        meaning: "refused: a credential, a permission, or a secret in the wrong place",
        command: "i3 pub --device lot1 -t alice/parking/occupency -m 678 --timeout 1s",
        output: "error[publish-dropped]: the message to alice/parking/occupency did not come back within 1s: the broker mqtt://127.0.0.1:1883 accepted it and dropped it\n\
                 \x20 because: there is no product alice/parking/occupency (its case counts), or its permissions are missing\n\
                 hint: create the product with `i3 product create`, or, if it exists, save it once more with `i3 product repair`",
    },
    ExitStatus {
        code: 78,
        meaning: "the configuration or a key file is wrong",
        command: "chmod 644 lot1.pem && i3 token --key lot1.pem",
        output: "error[file-open-to-others]: the key file lot1.pem can be read by others (mode 0644)\nhint: run `chmod 600 lot1.pem`, or use it anyway with --allow-loose-permissions",
    },
];

/// The table without its transcripts, for `--help`.
pub fn summary() -> String {
    let lines = TABLE.iter().map(|s| format!("  {:<3} {}", s.code, s.meaning));
    format!("Exit status:\n{}", lines.collect::<Vec<_>>().join("\n"))
}
