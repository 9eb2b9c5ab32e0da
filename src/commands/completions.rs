//! `i3 completions`: prints the completion script of a shell.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Command, ValueEnum as _};
use clap_complete::Shell;

use crate::cli::ui::Ui;
use crate::shell;

/// Print a completion script for a shell
///
/// The script completes the name that the program was called by.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  i3 completions bash > ~/.local/share/bash-completion/completions/i3
  i3 completions zsh > ~/.zfunc/_i3
  i3 completions fish > ~/.config/fish/completions/i3.fish")]
pub struct Completions {
    /// The shell
    #[arg(value_parser = shell())]
    shell: Shell,
}

/// The shells that have a script; the others that the generator knows are at home on systems where this program is not.
pub const SHELLS: [Shell; 4] = [Shell::Bash, Shell::Elvish, Shell::Fish, Shell::Zsh];

fn shell() -> impl TypedValueParser<Value = Shell> {
    let names = SHELLS.iter().filter_map(|shell| shell.to_possible_value());
    PossibleValuesParser::new(names).try_map(|name| name.parse::<Shell>())
}

impl Completions {
    /// Runs the command.
    ///
    /// # Errors
    /// If stdout cannot be written.
    pub fn run(self, ui: &Ui, command: Command, program: &str) -> anyhow::Result<()> {
        ui.raw(script(self.shell, command, program).as_bytes())
    }
}

/// Returns the completion script of `shell` for a program named `program`.
pub fn script(shell: Shell, mut command: Command, program: &str) -> String {
    let is_plain = program.starts_with(|c: char| c.is_ascii_alphanumeric())
        && program.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
    let own = command.get_name().to_owned();
    let mut out = Vec::new();
    // The generator makes the names of functions of it.
    clap_complete::generate(shell, &mut command, if is_plain { program } else { &own }, &mut out);
    let script = String::from_utf8_lossy(&out).into_owned();
    if is_plain { script } else { renamed(shell, &script, &own, program) }
}

/// Has the script complete a program with a name that may hold anything, where it says for which program it is.
fn renamed(shell: Shell, script: &str, own: &str, program: &str) -> String {
    let doubled = format!("'{}'", program.replace('\'', "''"));
    let posix = shell::quoted(program);
    match shell {
        Shell::Fish => {
            let quoted = |text: &str| format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"));
            // `complete` reads the word once more as fish does.
            let quoted = quoted(&quoted(program));
            script.replace(&format!("complete -c {own} "), &format!("complete -c {quoted} "))
        }
        Shell::Elvish => script.replace(&format!("arg-completer[{own}]"), &format!("arg-completer[{doubled}]")),
        // Its first line is not a command and knows no quotes; the last one is enough where the script is sourced.
        Shell::Zsh => script
            .replacen(&format!("#compdef {own}\n"), "", 1)
            .replace(&format!("compdef _{own} {own}"), &format!("compdef _{own} {posix}")),
        _ => script.replace(&format!("-o default {own}\n"), &format!("-o default -- {posix}\n")),
    }
}
