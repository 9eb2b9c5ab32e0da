//! The process edge: arguments in, exit code out; and before that, what the process was started with.

fn main() -> std::process::ExitCode {
    i3::commands::main(std::env::args_os())
}

/// Has [`prepare`] called before the runtime of the standard library looks at the process.
#[used]
#[cfg_attr(target_vendor = "apple", unsafe(link_section = "__DATA,__mod_init_func"))]
#[cfg_attr(not(target_vendor = "apple"), unsafe(link_section = ".init_array"))]
static PREPARE: extern "C" fn() = prepare;

/// Puts a stream that always fails in the place of a closed stdin or stdout, has a write over the limit of a file's size
/// (`ulimit -f`) fail instead of ending the process, and has no core dumped: it would hold keys and passwords.
///
/// In the place of a closed one the runtime would open /dev/null: what is written there, such as a token, is lost without an
/// error. Afterwards nothing tells it from a /dev/null that the caller chose.
extern "C" fn prepare() {
    // SAFETY: these are calls of the C library, which is ready by then, with plain numbers, and a struct that lives through
    // its call; there is one thread yet.
    unsafe {
        libc::signal(libc::SIGXFSZ, libc::SIG_IGN);
        let no_core = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        libc::setrlimit(libc::RLIMIT_CORE, &raw const no_core);
        for stream in [libc::STDIN_FILENO, libc::STDOUT_FILENO] {
            if libc::fcntl(stream, libc::F_GETFD) == -1 {
                // It gets the lowest number that is free, which is this one. Not connected, it can be neither read nor written.
                libc::socket(libc::AF_UNIX, libc::SOCK_STREAM, 0);
            }
        }
    }
}
