//! Ends this process with its parent, so that tests leave none behind.
//!
//! The parent is gone when another process takes its place, or when it closes the other end of
//! our stdin, if that is a pipe. The kernel's own signal for it is no use: it comes when the
//! parent's *thread* ends, and each test has its own.

use std::io::Read as _;
use std::os::unix::fs::FileTypeExt as _;
use std::os::unix::process::parent_id;
use std::time::Duration;

const PERIOD: Duration = Duration::from_millis(100);

/// Starts to watch.
pub fn follow() -> std::io::Result<()> {
    let parent = parent_id();
    let watch = move || {
        while parent_id() == parent {
            std::thread::sleep(PERIOD);
        }
        std::process::exit(0);
    };
    std::thread::Builder::new().name("parent".to_owned()).spawn(watch)?;
    let stdin = std::fs::metadata("/proc/self/fd/0");
    if stdin.is_ok_and(|stdin| stdin.file_type().is_fifo()) {
        std::thread::Builder::new().name("stdin".to_owned()).spawn(until_stdin_ends)?;
    }
    Ok(())
}

fn until_stdin_ends() {
    let mut ignored = [0; 256];
    while std::io::stdin().read(&mut ignored).is_ok_and(|read| read > 0) {}
    std::process::exit(0);
}
