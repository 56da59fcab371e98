//! Where components' stdout and stderr go: `logs/<component>_stdout.txt` and `_stderr.txt`.
//!
//! The last lines of stderr are kept besides, so that a failed instance can be explained on the
//! terminal.

use anyhow::Context as _;
use bytes::Bytes;
use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use tokio::io::AsyncWrite;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamError, StreamResult};

/// How much of stderr is kept.
const KEPT: usize = 4 * 1024;
/// How much is taken in one write.
const AT_ONCE: usize = 64 * 1024;

/// The log files of a component.
#[derive(Debug, Clone)]
pub struct Logs {
    stdout: Arc<File>,
    stderr: Arc<File>,
}

/// One output of one instance.
#[derive(Debug, Clone)]
pub struct Log {
    file: Arc<File>,
    tail: Option<Tail>,
}

/// The last bytes that an instance wrote to stderr.
#[derive(Debug, Clone, Default)]
pub struct Tail {
    bytes: Arc<Mutex<VecDeque<u8>>>,
}

impl Logs {
    /// Opens the files for appending.
    pub fn open(folder: &Path, component: &str) -> anyhow::Result<Self> {
        let open = |stream: &str| {
            let path = folder.join(format!("{component}_{stream}.txt"));
            let file = OpenOptions::new().create(true).append(true).open(&path);
            file.map(Arc::new).with_context(|| format!("could not open {}", path.display()))
        };
        Ok(Self { stdout: open("stdout")?, stderr: open("stderr")? })
    }

    /// An instance's stdout.
    pub fn stdout(&self) -> Log {
        Log { file: self.stdout.clone(), tail: None }
    }

    /// An instance's stderr.
    pub fn stderr(&self, tail: Tail) -> Log {
        Log { file: self.stderr.clone(), tail: Some(tail) }
    }
}

impl Tail {
    /// What is kept, as text.
    pub fn text(&self) -> String {
        let bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes: Vec<u8> = bytes.iter().copied().collect();
        String::from_utf8_lossy(&bytes).trim_end().to_owned()
    }

    fn keep(&self, text: &[u8]) {
        let mut bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        bytes.extend(text);
        let surplus = bytes.len().saturating_sub(KEPT);
        bytes.drain(..surplus);
    }
}

impl Log {
    fn write_now(&self, text: &[u8]) -> std::io::Result<()> {
        if let Some(tail) = &self.tail {
            tail.keep(text);
        }
        (&*self.file).write_all(text)
    }
}

impl IsTerminal for Log {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Log {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for Log {
    async fn ready(&mut self) {}
}

impl OutputStream for Log {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.write_now(&bytes).map_err(|error| StreamError::LastOperationFailed(error.into()))
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(AT_ONCE)
    }
}

impl AsyncWrite for Log {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        text: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Poll::Ready(self.write_now(text).map(|()| text.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_end_of_stderr_is_kept() {
        let tail = Tail::default();
        tail.keep(&[b'a'; 2 * KEPT]);
        tail.keep(b"the end\n");
        assert_eq!(tail.text().len(), KEPT - 1);
        assert!(tail.text().ends_with("the end"));
    }
}
