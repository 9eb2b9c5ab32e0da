//! The process edge: arguments in, exit code out; before that, the state that the process was started with; and memory
//! from the system.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;

use i3::cli::error::ExitKind;

fn main() -> std::process::ExitCode {
    SPEAKS_JSON.store(std::env::args_os().any(|arg| arg == "--json"), Relaxed);
    i3::commands::main(std::env::args_os())
}

/// Makes [`prepare`] run before the runtime of the standard library examines the process.
#[used]
#[cfg_attr(target_vendor = "apple", unsafe(link_section = "__DATA,__mod_init_func"))]
#[cfg_attr(not(target_vendor = "apple"), unsafe(link_section = ".init_array"))]
static PREPARE: extern "C" fn() = prepare;

/// Replaces a closed stdin or stdout with a stream that always fails, makes a write over the file size limit (`ulimit -f`)
/// fail instead of ending the process, and disables core dumps, which would contain keys and passwords.
///
/// The runtime would open /dev/null instead of a closed stream, and output such as a token would be lost without an
/// error. Afterwards that cannot be distinguished from a /dev/null that the caller chose.
extern "C" fn prepare() {
    // SAFETY: these are calls of the C library, which is ready by then, with plain numbers, and a struct that lives through
    // its call; there is one thread yet.
    unsafe {
        libc::signal(libc::SIGXFSZ, libc::SIG_IGN);
        let no_core = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        libc::setrlimit(libc::RLIMIT_CORE, &raw const no_core);
        for stream in [libc::STDIN_FILENO, libc::STDOUT_FILENO] {
            if libc::fcntl(stream, libc::F_GETFD) == -1 {
                // It gets the lowest free number, which is this one. It is not connected, so it can be neither read nor
                // written.
                libc::socket(libc::AF_UNIX, libc::SOCK_STREAM, 0);
            }
        }
    }
}

/// Memory from the system. If there is no more, as under `ulimit -v`, the standard library would abort; this ends the process
/// with an error and its exit code.
struct Memory;

#[global_allocator]
static MEMORY: Memory = Memory;

/// Whether the error is read by a program.
static SPEAKS_JSON: AtomicBool = AtomicBool::new(false);

// SAFETY: everything is done by the system's allocator, or the process ends.
unsafe impl GlobalAlloc for Memory {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        granted(unsafe { System.alloc(layout) })
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        granted(unsafe { System.alloc_zeroed(layout) })
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        granted(unsafe { System.realloc(block, layout, size) })
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        unsafe { System.dealloc(block, layout) }
    }
}

#[inline]
fn granted(block: *mut u8) -> *mut u8 {
    if block.is_null() { end_without_memory() } else { block }
}

/// Reports it, and ends the process at once, because nothing that needs memory is possible any more.
#[cold]
fn end_without_memory() -> ! {
    let (before, after) = match SPEAKS_JSON.load(Relaxed) {
        false => ("error[process-limits]: the system gives this program no more memory\nhint: ", "\n"),
        true => (
            r#"{"error":{"kind":"try_again","exit":75,"id":"process-limits","message":"the system gives this program no more memory","because":[],"hint":""#,
            "\"},\"schema\":1}\n",
        ),
    };
    let hint = i3::catalogue::find("process-limits").map_or("", |entry| entry.remedy);
    for text in [before, hint, after] {
        // SAFETY: a call of the C library with a text and its length. Nothing can be reported to a closed stderr.
        unsafe { libc::write(libc::STDERR_FILENO, text.as_ptr().cast(), text.len()) };
    }
    // SAFETY: a call with a plain number.
    unsafe { libc::_exit(ExitKind::TryAgain.code().into()) }
}
