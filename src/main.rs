//! The process edge: arguments in, exit code out.

fn main() -> std::process::ExitCode {
    i3::commands::main(std::env::args_os())
}
