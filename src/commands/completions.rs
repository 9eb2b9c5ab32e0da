//! `i3 completions`: prints the completion script of a shell.

use clap::{Args, Command};
use clap_complete::Shell;

use crate::cli::ui::Ui;

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
    #[arg(value_enum)]
    shell: Shell,
}

impl Completions {
    /// Runs the command.
    ///
    /// # Errors
    /// If stdout cannot be written.
    pub fn run(self, ui: &Ui, command: Command) -> anyhow::Result<()> {
        ui.raw(&script(self.shell, command, &ui.program))
    }
}

/// Returns the completion script of `shell` for a program named `program`.
pub fn script(shell: Shell, mut command: Command, program: &str) -> Vec<u8> {
    let mut out = Vec::new();
    clap_complete::generate(shell, &mut command, program, &mut out);
    out
}
