//! `i3 completions`: prints the completion script of a shell, and the completions that such a script requests.

mod engine;
mod line;
mod values;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Command, ValueEnum as _};
use clap_complete::Shell;

use crate::cli::arguments::FreeText;
use crate::cli::ui::Ui;
use crate::shell;
use engine::{Candidate, Expected};
use line::TypedLine;
use values::Values;

/// Print a completion script for a shell
///
/// The script completes the name that the program was called by. In bash, zsh and fish it knows the devices of the configuration,
/// the hubs and products that the marketplace has shown, profiles, settings and the names of 'explain': the program itself is
/// asked, which sends nothing.
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
    /// Print what may complete the end of a line: for bash, the line up to the cursor and its COMP_WORDBREAKS; for other
    /// shells, the words after the program's name
    #[arg(long, hide = true)]
    candidates: bool,
    #[arg(last = true, hide = true, allow_hyphen_values = true)]
    words: Vec<FreeText>,
}

/// The shells that have a script; the others that the generator supports run on systems where this program does not.
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
        let text = match self.candidates {
            true => self.candidates(command),
            false => script(self.shell, command, program),
        };
        ui.raw(text.as_bytes())
    }

    /// Returns `files`, `folders`, or `words` and, on their own lines, the words, with a tab and a description of each
    /// for zsh and fish; bash gets them quoted.
    fn candidates(self, mut command: Command) -> String {
        command.build();
        let mut words: Vec<String> = self.words.into_iter().map(|word| word.0).collect();
        let line = (self.shell == Shell::Bash).then(|| {
            let breaks = if words.len() > 1 { words.remove(1) } else { String::new() };
            TypedLine::parse(words.first().map_or("", String::as_str), &breaks)
        });
        if let Some(line) = &line {
            words = line.words.iter().skip(1).cloned().collect();
        }
        let typed = engine::read(&command, &words);
        let last = words.last().map_or("", String::as_str);
        let mut found: Vec<Candidate> = Vec::new();
        for expected in &typed.expected {
            match expected {
                Expected::Words(all) => found.extend(all.iter().cloned()),
                Expected::Value { argument, prefix, typed: text } => match values::values(argument, text, &typed) {
                    // If commands are possible there as well, the program lists the files; otherwise the shell does.
                    Values::Files if found.iter().any(|candidate| candidate.word.starts_with(last)) => {
                        found.extend(values::files(text));
                    }
                    Values::Files => return "files\n".into(),
                    Values::Folders => return "folders\n".into(),
                    Values::Words(all) => found.extend(
                        all.into_iter()
                            .map(|Candidate { word, about }| Candidate::new(format!("{prefix}{word}"), about)),
                    ),
                },
            }
        }
        found.retain(|candidate| candidate.word.starts_with(last) && !candidate.word.contains(char::is_control));
        let shown = |candidate: Candidate| match &line {
            Some(line) => format!("{}\n", line.completed(&candidate.word)),
            None => format!("{}\t{}\n", candidate.word, candidate.about),
        };
        std::iter::once("words\n".into()).chain(found.into_iter().map(shown)).collect()
    }
}

/// Returns the names of the commands among the words after the program's name.
pub fn path(root: &Command, words: &[String]) -> Vec<String> {
    let words: Vec<String> = words.iter().cloned().chain([String::new()]).collect();
    engine::read(root, &words).path.into_iter().map(String::from).collect()
}

/// Returns the completion script of `shell` for a program named `program`.
pub fn script(shell: Shell, mut command: Command, program: &str) -> String {
    let is_plain = program.starts_with(|c: char| c.is_ascii_alphanumeric())
        && program.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
    // It is part of the names of functions.
    let own = if is_plain { program.to_owned() } else { command.get_name().to_owned() };
    let posix = shell::quoted(program);
    let function = format!("_{own}");
    let filled = |script: &str| script.replace("@FUNCTION@", &function).replace("@PROGRAM@", &posix);
    match shell {
        Shell::Bash => filled(include_str!("completions/i3.bash")),
        Shell::Zsh => {
            let body = filled(include_str!("completions/i3.zsh"));
            // A first line of this kind is not a command and knows no quotes; where the script is sourced, the last one is enough.
            let head = if is_plain { format!("#compdef {program}\n\n") } else { String::new() };
            let call = format!("if [ \"$funcstack[1]\" = \"{function}\" ]; then\n    {function} \"$@\"\nelse\n");
            format!("{head}{body}\n{call}    compdef {function} {posix}\nfi\n")
        }
        Shell::Fish => {
            let quoted = |text: &str| format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"));
            // `complete` reads the word again as fish does.
            let names = match is_plain {
                true => (program.to_owned(), program.to_owned()),
                false => (quoted(&quoted(program)), quoted(program)),
            };
            let script = include_str!("completions/i3.fish").replace("@FUNCTION@", &format!("_{function}_complete"));
            script.replace("@QUOTED@", &names.0).replace("@PROGRAM@", &names.1)
        }
        _ => {
            let mut out = Vec::new();
            clap_complete::generate(shell, &mut command, own.as_str(), &mut out);
            let script = String::from_utf8_lossy(&out).into_owned();
            // Elvish.
            let quoted = format!("'{}'", program.replace('\'', "''"));
            match is_plain {
                true => script,
                false => script.replace(&format!("arg-completer[{own}]"), &format!("arg-completer[{quoted}]")),
            }
        }
    }
}
