//! Help: what fits on one screen by `-h`, all of it by `--help`.

use anstyle::{Effects, Style};
use clap::Command;
use clap::builder::StyledStr;

use super::ui::Ui;
use crate::text::wrap::wrapped;

/// The smallest screen: its lines, the last of which belongs to the shell, and its columns.
const LINES: usize = 24;
const COLUMNS: usize = 80;

const HEADING: Style = Style::new().effects(Effects::BOLD.insert(Effects::UNDERLINE));
const LITERAL: Style = Style::new().effects(Effects::BOLD);

/// The commands, in the order in which a seller encounters them.
const GROUPS: &[(&str, &[&str])] = &[
    ("First steps", &["demo", "sandbox", "signup", "login", "whoami", "logout"]),
    ("Sell", &["hub", "product", "request", "sales", "notifications"]),
    ("Devices", &["keygen", "pubkey", "register", "device", "token", "import"]),
    ("Messages", &["pub", "sub", "spool", "agent", "gateway"]),
    ("Buy", &["buy", "purchases"]),
    ("When stuck", &["doctor", "explain", "config", "completions", "help"]),
];

/// Who logs in, and where: a command for the broker shows these options first.
const WHO_AND_WHERE: [&str; 6] = ["device", "username", "pw_file", "broker", "host", "port"];

const EXAMPLES: &[&str] =
    &["register lot1 --hub parking --new-key", "pub --device lot1 -t alice/parking/occupancy -m 678"];

/// Required choices between several options, which clap's usage lines leave out.
const NEEDS: &[(&str, &str)] =
    &[("pub", "-t TOPIC <-m TEXT|-f FILE|-s|-n|-l>"), ("sub", "<-t TOPIC|--hub HUB|--purchased>")];

/// Returns the required options of a command, for its usage line.
pub fn needs(name: &str) -> Option<&'static str> {
    NEEDS.iter().find(|(known, _)| *known == name).map(|(_, needs)| *needs)
}

/// Returns the help of the command at `path` below `root`: on one screen, or all of it.
pub fn text(mut root: Command, path: &[&str], is_long: bool) -> String {
    root.build();
    let mut command = &mut root;
    for name in path {
        if command.find_subcommand(name).is_none() {
            break;
        }
        command = command.find_subcommand_mut(name).expect("it was found just now");
    }
    match (is_long, path) {
        (false, []) => top(command, false),
        (true, []) => top(command, true),
        (true, _) => with_needs(command.get_name(), &command.clone().render_long_help()),
        (false, _) => short(command),
    }
}

/// Returns the short help of the one command that `root` has, by its path (`["spool", "drain"]`), for `-h` without a host.
pub fn of(root: Command, path: &[&str], ui: &Ui) -> String {
    let Some((name, above)) = path.split_last() else { return String::new() };
    text(root.bin_name([&[ui.program.as_str()], above].concat().join(" ")), &[name], false)
}

/// The arguments, and as many options as fit, in their order: those that all commands share come last. If not all fit,
/// they are one list.
fn short(command: &Command) -> String {
    let mut shown = command.clone();
    let options = command
        .get_opts()
        .chain(command.get_arguments().filter(|a| !a.is_positional() && !a.get_action().takes_values()));
    let is_for_broker = command.get_arguments().any(|argument| argument.get_id() == "host");
    let order = |id: &clap::Id| {
        let found = command.get_arguments().enumerate().find(|(_, argument)| argument.get_id() == id);
        let rank = match found {
            _ if !is_for_broker || WHO_AND_WHERE.contains(&id.as_str()) => 0,
            Some((_, argument)) if argument.get_help_heading() == Some("Marketplace") => 2,
            _ => 1,
        };
        (rank, found.map(|(at, _)| at))
    };
    let mut ids: Vec<_> =
        options.filter(|a| !a.is_required_set() && a.get_id() != "help").map(|a| a.get_id().clone()).collect();
    ids.sort_by_key(order);
    ids.dedup();
    let all = format!("`{} --help` lists all options.", command.get_bin_name().unwrap_or_default());
    let mut is_whole = true;
    loop {
        let lines = shown.clone().term_width(COLUMNS).render_help().to_string().lines().count();
        let Some(id) = ids.pop().filter(|_| lines >= LINES) else { break };
        if is_whole {
            is_whole = false;
            shown = shown.after_help(all.clone()).mut_args(|argument| argument.help_heading(None));
        }
        shown = shown.mut_arg(id, |argument| argument.hide_short_help(true));
    }
    with_needs(command.get_name(), &shown.term_width(COLUMNS).render_help())
}

fn with_needs(name: &str, text: &StyledStr) -> String {
    let text = text.ansi().to_string();
    match needs(name) {
        Some(needs) => text.replacen("[OPTIONS]", &format!("[OPTIONS] {needs}"), 1),
        None => text,
    }
}

/// The whole program: its commands grouped by purpose, with or without their descriptions.
fn top(command: &mut Command, is_long: bool) -> String {
    let program = command.get_bin_name().unwrap_or("i3").to_owned();
    let about = if is_long { command.get_long_about() } else { command.get_about() };
    let about = about.or(command.get_about()).map(ToString::to_string).unwrap_or_default();
    let heading = |text: &str| format!("{HEADING}{text}:{HEADING:#}");
    let literal = |text: &str| format!("{LITERAL}{text}{LITERAL:#}");
    let mut lines = vec![wrapped(&about, COLUMNS, 0), String::new()];
    lines.push(format!("{} {} [OPTIONS] <COMMAND>", heading("Usage"), literal(&program)));
    lines.push(format!("Start with {}, which needs no account.", literal(&format!("`{program} demo`"))));
    lines.push(String::new());
    for (group, names) in GROUPS {
        if is_long {
            lines.push(heading(group));
            for name in *names {
                let about = command.find_subcommand(name).and_then(Command::get_about).map(ToString::to_string);
                let padding = " ".repeat(15_usize.saturating_sub(name.len()));
                let line = format!("  {name}{padding}{}", about.unwrap_or_default());
                lines.push(wrapped(&line, COLUMNS, 17).replacen(name, &literal(name), 1));
            }
            lines.push(String::new());
        } else {
            let names: Vec<String> = names.iter().map(|name| literal(name)).collect();
            lines.push(format!("{}{}{}", heading(group), " ".repeat(14 - group.len()), names.join(" ")));
        }
    }
    if !is_long {
        lines.push(String::new());
    }
    lines.push(heading("Examples"));
    lines.extend(EXAMPLES.iter().map(|example| format!("  {program} {example}")));
    lines.push(String::new());
    if is_long {
        // The options as clap writes them, and the text after them.
        let text = command.render_long_help().ansi().to_string();
        let plain = command.render_long_help().to_string();
        let skipped = plain.lines().position(|line| line == "Options:").unwrap_or_default();
        lines.extend(text.lines().skip(skipped).map(String::from));
    } else {
        lines.push(format!(
            "`{program} COMMAND -h` shows a command on one screen, `{program} COMMAND --help` all of it;"
        ));
        lines.push(format!("`{program} --help` lists the options of all commands, and the exit codes."));
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_need_is_of_its_command_alone() {
        assert!(needs("pub").is_some() && needs("sub").is_some());
        assert_eq!(needs("token"), None);
    }
}
