//! A lock on a file that another process holds: one of this process's own would continue in any child that another test is
//! about to start, until that has become the program.

use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Holds the lock until it is dropped.
pub struct LockHolder(Child);

impl LockHolder {
    pub fn new(file: &Path) -> LockHolder {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        let mut holder = Command::new("flock");
        holder.arg("--nonblock").arg(file).args(["sh", "-c", "echo; read -r line"]);
        let mut child = holder.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("flock, of util-linux");
        child.stdout.as_mut().unwrap().read_exact(&mut [0]).unwrap();
        LockHolder(child)
    }
}

impl Drop for LockHolder {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        self.0.wait().unwrap();
    }
}
