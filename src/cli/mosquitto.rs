//! The options of mosquitto_pub and mosquitto_sub, as `i3 pub` and `i3 sub` have them: the same, with a difference, or not at all.
//!
//! One table: the manual and docs/mosquitto-options.md are rendered from it, and errors about options that are missing
//! here use it. A test compares it with the programs themselves.

pub mod expand;
pub mod place;
mod url;

/// Which of the two programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MosquittoProgram {
    Pub,
    Sub,
    Both,
}

/// The status of an option here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Support {
    /// It has the same meaning.
    Same,
    /// It exists with this difference: a sentence without a capital and a full stop.
    Differs(&'static str),
    /// It does not exist; this is the alternative, or the reason.
    Missing(&'static str),
}

/// An option with all its names.
#[derive(Debug, Clone, Copy)]
pub struct MosquittoOption {
    pub names: &'static [&'static str],
    pub of: MosquittoProgram,
    pub here: Support,
}

impl MosquittoOption {
    /// Returns whether `i3 pub`, or else `i3 sub`, is meant.
    pub fn is_of(&self, command: &str) -> bool {
        match self.of {
            MosquittoProgram::Both => ["pub", "sub"].contains(&command),
            MosquittoProgram::Pub => command == "pub",
            MosquittoProgram::Sub => command == "sub",
        }
    }
}

/// Returns the text about an option that `command`, `pub` or `sub`, does not have.
pub fn missing(command: &str, name: &str) -> Option<&'static str> {
    OPTIONS.iter().filter(|option| option.is_of(command) && option.names.contains(&name)).find_map(
        |option| match option.here {
            Support::Missing(instead) => Some(instead),
            Support::Same | Support::Differs(_) => None,
        },
    )
}

/// All options of both programs, version 2.0.11, in the order of their manual.
pub const OPTIONS: &[MosquittoOption] = &{
    use MosquittoProgram::{Both, Pub, Sub};
    use Support::{Differs, Missing, Same};
    const fn option(of: MosquittoProgram, names: &'static [&'static str], here: Support) -> MosquittoOption {
        MosquittoOption { names, of, here }
    }
    [
        option(Both, &["-A"], Same),
        option(
            Pub,
            &["-c", "--disable-clean-session"],
            Differs(
                "in MQTT 5 the broker is asked to keep the session for a day, not forever (-x changes that); not with the options for \
                 lines and --spool, which have their own session; the message is proved over a separate connection",
            ),
        ),
        option(
            Sub,
            &["-c", "--disable-clean-session"],
            Differs(
                "called --keep-session as well; needs -q 1 or 2, because at QoS 0 nothing is kept; in MQTT 5 the broker is asked to \
                 keep the session for a day, not forever (-x changes that)",
            ),
        ),
        option(
            Both,
            &["--cafile"],
            Differs("DER as well as PEM; turns TLS on with -h only, not with a broker from the configuration"),
        ),
        option(Both, &["--capath"], Differs("every file of the folder counts; it needs no links by `openssl rehash`")),
        option(Both, &["--cert"], Differs("the private key may be in the same file, or is named with --cert-key")),
        option(
            Both,
            &["--ciphers"],
            Missing("the ciphers cannot be chosen: i3 speaks TLS 1.2 and 1.3 with safe ones only"),
        ),
        option(Sub, &["-C"], Differs("if the run ends before as many messages have come, the exit code is 75")),
        option(Both, &["-d", "--debug"], Differs("prints to standard error, with what -v prints there")),
        option(
            Both,
            &["-D", "--property"],
            Differs(
                "refuses what the command would not send, such as SUBSCRIBE in pub; authentication-method, authentication-data and \
                 topic-alias-maximum are refused; with topic-alias the topic is still sent each time; not with --spool for PUBLISH, \
                 because a spool keeps no properties; in a file of options the words of the value are split",
            ),
        ),
        option(Sub, &["-E"], Same),
        option(Pub, &["-f", "--file"], Differs("an empty file is an error; -n sends an empty message")),
        option(Sub, &["-F"], Same),
        option(
            Both,
            &["-h", "--host"],
            Differs("without it the broker of the configuration counts, not localhost; alone it prints the help"),
        ),
        option(Both, &["--help"], Same),
        option(
            Both,
            &["-i", "--id"],
            Differs(
                "an id with +, # or / is refused: I3's broker drops every message of such a client; without it the id is random",
            ),
        ),
        option(Both, &["-I", "--id-prefix"], Same),
        option(Both, &["--insecure"], Differs("accepts any certificate, not only one for another host name")),
        option(Both, &["-k", "--keepalive"], Differs("values below 5 are allowed, and 0 turns it off")),
        option(
            Both,
            &["--key"],
            Differs(
                "the device's RSA key, which signs its tokens; the private key of a client certificate is --cert-key",
            ),
        ),
        option(
            Both,
            &["--keyform"],
            Missing(
                "in i3 that is --cert-key FILE for a key in a file, and --key pkcs11:… for a device's key on a token",
            ),
        ),
        option(
            Pub,
            &["-l", "--stdin-line"],
            Differs(
                "called --lines as well; an empty line is sent, but refused with -r, and lost lines are sent again",
            ),
        ),
        option(
            Both,
            &["-L", "--url"],
            Differs(
                "the topic may be left out and given with -t; a query is refused; ws:// and wss:// are accepted, whose path is not a topic",
            ),
        ),
        option(Pub, &["-m", "--message"], Differs("an empty text is an error; -n sends an empty message")),
        option(
            Pub,
            &["-M"],
            Differs("called --window as well; counts messages at QoS 0, too; without it 10000, at QoS 2 20"),
        ),
        option(Pub, &["-n", "--null-message"], Same),
        option(Sub, &["-N"], Same),
        option(Both, &["--nodelay"], Differs("changes nothing: Nagle's algorithm is always off")),
        option(Both, &["-p", "--port"], Same),
        option(
            Both,
            &["-P", "--pw"],
            Differs(
                "warns on a terminal that others can read it; --pw-file and I3_PASSWORD hide it; a private key is refused",
            ),
        ),
        option(Sub, &["--pretty"], Differs("also with --json, whose objects have fewer fields than %j")),
        option(
            Both,
            &["--proxy"],
            Differs("http:// proxies as well; I3_PROXY may hold the address, with its password"),
        ),
        option(
            Both,
            &["--psk", "--psk-identity"],
            Missing(
                "i3 does not support TLS with pre-shared keys, because I3 identifies users by name and password; give --cafile FILE for a \
                 broker with a certificate of its own",
            ),
        ),
        option(Both, &["-q", "--qos"], Same),
        option(Both, &["--quiet"], Differs("errors and warnings are still printed")),
        option(Pub, &["-r", "--retain"], Same),
        option(Sub, &["-R"], Same),
        option(
            Sub,
            &["--random-filter"],
            Differs(
                "100 prints all messages, as the manual says; mosquitto_sub 2.0.11 prints a tenth of the requested share",
            ),
        ),
        option(
            Sub,
            &["--remove-retained"],
            Differs(
                "removes them over a separate connection, and proves each as pub does; if one is not removed the exit code is 77",
            ),
        ),
        option(
            Pub,
            &["--repeat", "--repeat-delay"],
            Differs(
                "each message is proved; not with the options for lines and --spool, where mosquitto_pub ignores it; the time may have a unit",
            ),
        ),
        option(Sub, &["--retain-as-published"], Differs("needs MQTT 5, and says so")),
        option(
            Sub,
            &["--retained-only"],
            Differs("ends once the broker has sent its retained messages, even if no other message arrives"),
        ),
        option(Pub, &["-s", "--stdin-file"], Differs("an empty input is an error; -n sends an empty message")),
        option(Both, &["-S"], Missing("i3 does not look up SRV records; give the broker's host with -h HOST")),
        option(
            Pub,
            &["-t", "--topic"],
            Differs(
                "the full topic USER/HUB/PRODUCT; any other is refused, because I3's broker would drop the message",
            ),
        ),
        option(
            Sub,
            &["-t", "--topic"],
            Differs(
                "the full topic USER/HUB/PRODUCT without wildcards, which I3 asks its users not to subscribe with; see --hub and --purchased",
            ),
        ),
        option(Sub, &["-T", "--filter-out"], Same),
        option(Both, &["--tls-alpn"], Same),
        option(
            Both,
            &["--tls-engine", "--tls-engine-kpass-sha1"],
            Missing("in i3 that is --key pkcs11:… for a device's key on a token; there are no OpenSSL engines"),
        ),
        option(
            Both,
            &["--tls-use-os-certs"],
            Missing("in i3 that is the default: give --broker mqtts://HOST, or -L mqtts://HOST"),
        ),
        option(Both, &["--tls-version"], Differs("1.2 and 1.3 only; without it both, not TLS 1.2")),
        option(
            Both,
            &["-u", "--username"],
            Differs("the full name of a device, or an account's; without it the device of the configuration logs in"),
        ),
        option(Both, &["--unix"], Missing("i3 connects by TCP only; give the broker's host with -h HOST")),
        option(
            Sub,
            &["-U", "--unsubscribe"],
            Differs("needs -c: in a new session there is nothing to end; ends the run where no topic is subscribed to"),
        ),
        option(Sub, &["-v", "--verbose"], Differs("also prints to standard error what is being done")),
        option(
            Both,
            &["-V", "--protocol-version"],
            Differs("MQTT 3.1 is not supported: neither mqttv31 nor 31 is accepted"),
        ),
        option(Both, &["--version"], Missing("in i3 that is `i3 --version`")),
        option(
            Sub,
            &["-W"],
            Differs(
                "the time may have a unit (30s, 5m); if it is over before -C messages have come, the exit code is 75, not 27",
            ),
        ),
        option(
            Both,
            &["--will-payload", "--will-qos", "--will-retain"],
            Differs("a private key in the payload is refused"),
        ),
        option(
            Both,
            &["--will-topic"],
            Differs("the full topic, checked as -t of pub is; that the broker will deliver a will cannot be proved"),
        ),
        option(
            Both,
            &["-x"],
            Differs("called --session-expiry-interval as well; needs MQTT 5, and says so; also as 30s, 2d"),
        ),
    ]
};

/// What is different beyond single options, in sentences.
pub const BESIDES: &[&str] = &[
    "pub subscribes to its own topic, and waits until its message comes back (`--confirm none` does not); of messages at QoS 0 that are \
     repeated, or sent in a session that is kept, a ping tells that the broker has them.",
    "In MQTT 5 mosquitto_pub and mosquitto_sub ask for few messages at once (receive-maximum) by default; this program does not. sub ends old \
     subscriptions (`-U`) before it requests new ones, and not in a session that the broker does not know.",
    "Of an option that is given twice the last one counts, as there; `-m` and `-f` may be given only once, as there. `--broker` and `-L` \
     do not go together with `-h` and `-p`.",
    "The files `~/.config/mosquitto_pub` and `~/.config/mosquitto_sub` are never read automatically: they would change broker and user behind \
     a command's back. `-o FILE` reads a file of that kind: one option a line, then a blank and the rest of the line as its value; empty \
     lines and lines that begin with `#` are skipped. As there, the command line takes precedence.",
    "Exit codes are those of sysexits.h, not Mosquitto's own; 0 means that the messages arrived, or that the subscription was granted.",
];
