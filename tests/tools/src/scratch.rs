//! A directory for one run. It lies below `target`, on the disk that the system itself would use,
//! and goes with the run; after a failure it stays, to be looked at.

use anyhow::Context as _;
use std::path::{Path, PathBuf};

/// A directory that is removed when this is dropped, unless it is kept.
#[derive(Debug)]
pub struct Scratch {
    path: PathBuf,
    kept: bool,
}

impl Scratch {
    /// An empty directory `target/<tool>/<pid>`.
    pub fn new(tool: &str) -> anyhow::Result<Self> {
        let path = Path::new("target").join(tool).join(std::process::id().to_string());
        if path.exists() {
            std::fs::remove_dir_all(&path)
                .with_context(|| format!("could not empty {}", path.display()))?;
        }
        std::fs::create_dir_all(&path)
            .with_context(|| format!("could not make {}", path.display()))?;
        Ok(Self { path, kept: false })
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Compiled components for a host whose state this is, shared with other runs.
    pub fn share_cache(&self) -> anyhow::Result<()> {
        let shared = std::path::absolute(Path::new("target").join("host-cache"))?;
        std::fs::create_dir_all(&shared)?;
        std::os::unix::fs::symlink(&shared, self.path.join("cache"))
            .with_context(|| format!("could not link to {}", shared.display()))
    }

    /// Leaves it where it is.
    pub fn keep(&mut self) {
        self.kept = true;
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if self.kept {
            return;
        }
        if let Err(error) = std::fs::remove_dir_all(&self.path) {
            eprintln!("could not remove {}: {error}", self.path.display());
        }
    }
}
