//! i3-config(5): the keys of the configuration, rendered from the table that reads them.

use std::io;

use clap_mangen::roff::{Roff, bold, italic, roman};

use i3::config::keys::{DEVICE_SETTINGS, SETTINGS, SettingKey};

use super::DATE;
use super::man::verbatim;

/// i3-config(5), as roff.
///
/// # Errors
/// None in practice: it writes to memory.
pub fn page() -> io::Result<Vec<u8>> {
    let mut roff = Roff::new();
    let source = concat!("i3 ", env!("CARGO_PKG_VERSION"));
    roff.control("TH", ["i3-config", "5", DATE, source, "I3 seller's toolkit"]);
    section(&mut roff, "NAME", &["i3-config - the configuration of the I3 seller's toolkit"]);
    roff.control("SH", ["SYNOPSIS"]);
    verbatim(
        &mut roff,
        "~/.config/i3-marketplace/config.toml\n~/.config/i3-marketplace/profiles/NAME/config.toml\n\
         /etc/i3-marketplace/config.toml",
    );
    section(
        &mut roff,
        "DESCRIPTION",
        &[
            "A file in TOML that says where the marketplace and the broker are, who the seller is, and what the devices log in \
             with. It holds the paths of secrets, never a secret. Every key may be missing, and so may the file.",
            "i3 config shows, changes and checks it; i3 login and i3 register write to it. They leave the rest of \
             the file unchanged, including its comments.",
            "An unknown key has no effect: every command warns about it, and i3 config check ends with 78.",
        ],
    );
    section(
        &mut roff,
        "WHICH SETTING COUNTS",
        &[
            "The first of these that is set: the command's option; the environment variable; the user's config file; \
             /etc/i3-marketplace/config.toml. This applies to each key outside the tables, and to each device's table as a whole.",
            "With --profile NAME or --config FILE, the file that they name comes before the environment, and so do the kept \
             log-in of the profile and the credentials of its devices. The variables I3_USER, I3_API_KEY, I3_LOGIN_PASSWORD, \
             I3_BROKER, I3_DEVICE, I3_PASSWORD, I3_BUYER and I3_BUYER_PASSWORD then count only for the marketplace that \
             I3_MARKET names, or, if it names none, for that of the configuration which is used without the option: a secret of \
             one marketplace is not sent to another. A warning names the variables that are not used. For a secret that is \
             meant for the profile's marketplace, set I3_MARKET to that as well, or give the secret by an option. I3_CONFIG and \
             I3_PROFILE come before no variable.",
            "--market is used with the other variables as they are, unless a log-in at that marketplace is kept. An api_key_file \
             counts only for the marketplace of its own file, if that has the key market.",
            "For the broker, the device's own comes between the environment and the key broker; after that comes port 1883 on \
             the host of the device's marketplace. A device with a marketplace other than that of the key market does not \
             use the key broker.",
            "The user's config file is ~/.config/i3-marketplace/config.toml (below XDG_CONFIG_HOME or I3_HOME, if they are \
             set), unless --config FILE, --profile NAME, I3_CONFIG or I3_PROFILE names another; an option takes precedence over both \
             variables. With -v a command says where each setting came from, as i3 config list does.",
            "Addresses are compared as addresses: the case of a host, a usual port and the spelling of an IPv6 address make no \
             difference.",
        ],
    );
    keys(&mut roff, "KEYS", SETTINGS);
    roff.control("SH", ["DEVICES"]);
    roff.text([
        roman("Each device has its own table, under its full name in quotes: "),
        bold("[devices.\"alice$parking$lot1\"]"),
        roman(". i3 register, i3 device add and i3 device import write it."),
    ]);
    tagged_keys(&mut roff, DEVICE_SETTINGS.iter());
    section(
        &mut roff,
        "PATHS",
        &[
            "A path may begin with ~/, the home folder. A relative path is relative to the folder of the config file, regardless of \
          where a command is run. One on the command line of i3 config set is relative to the working directory, and is saved as an \
          absolute one.",
        ],
    );
    section(
        &mut roff,
        "PROFILES",
        &[
            "For several marketplaces, or several accounts at one: with --profile NAME or I3_PROFILE a command uses the \
             configuration, devices, keys, kept log-ins and spools of that profile, and nothing of the user's other \
             ones. Only /etc/i3-marketplace/config.toml is common to all. A profile is created by the first command that writes \
             it, such as i3 login --market URL --profile NAME; for all other commands, a profile that does not exist is an error. To remove it, \
             remove its folders: ~/.config/i3-marketplace/profiles/NAME, and the same below ~/.local/share and ~/.local/state.",
        ],
    );
    roff.control("SH", ["EXAMPLES"]);
    verbatim(
        &mut roff,
        "market = \"https://i3.example.org\"\nbroker = \"mqtts://i3.example.org\"\nuser = \"alice\"\ncafile = \"ca.pem\"   \
         # beside this file\n\n[devices.\"alice$parking$lot1\"]\nmarket = \"https://i3.example.org\"\nkey = \
         \"~/keys/lot1.pem\"\n\n[devices.\"alice$parking$lot2\"]\nmarket = \"https://i3.example.org\"\nbroker = \
         \"mqtt://10.0.0.7:1884\"   # not the general one\npassword_file = \"lot2.pw\"",
    );
    roff.control("SH", ["SEE ALSO"]);
    roff.text([
        bold("i3"),
        roman("(1), "),
        bold("i3-config"),
        roman("(1), "),
        bold("i3-login"),
        roman("(1), "),
        bold("i3-device-import"),
        roman("(1)"),
    ]);
    let mut out = Vec::new();
    roff.to_writer(&mut out)?;
    Ok(out)
}

pub fn section(roff: &mut Roff, heading: &str, paragraphs: &[&str]) {
    roff.control("SH", [heading]);
    for (number, paragraph) in paragraphs.iter().enumerate() {
        if number > 0 {
            roff.control("PP", []);
        }
        roff.text([roman(*paragraph)]);
    }
}

fn keys(roff: &mut Roff, heading: &str, keys: impl IntoIterator<Item = &'static SettingKey>) {
    roff.control("SH", [heading]);
    tagged_keys(roff, keys);
}

fn tagged_keys(roff: &mut Roff, keys: impl IntoIterator<Item = &'static SettingKey>) {
    for key in keys {
        roff.control("TP", []);
        roff.text([bold(key.name), roman(" = "), italic(key.kind.value_name())]);
        let variable = key.variable.map_or_else(String::new, |name| format!(" [env: {name}]"));
        roff.text([roman(format!("{}{variable}", key.about))]);
    }
}
