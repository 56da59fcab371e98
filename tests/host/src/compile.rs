//! Machine code for components, compiled once and kept in the state directory.
//!
//! A file's name has the hash of the component and of the engine, so that another version of
//! either is compiled anew; the old file goes.

use crate::engine::plain;
use anyhow::Context as _;
use sha2::{Digest as _, Sha256};
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::time::Instant;
use wasmtime::Engine;
use wasmtime::component::Component;

/// Loads components, compiling those that are new.
pub struct Compiler<'a> {
    engine: &'a Engine,
    cache: PathBuf,
    total: usize,
    done: usize,
}

impl<'a> Compiler<'a> {
    /// A compiler of `total` components that keeps its work in `cache`.
    pub fn new(engine: &'a Engine, cache: PathBuf, total: usize) -> anyhow::Result<Self> {
        fs::create_dir_all(&cache)
            .with_context(|| format!("could not make the directory {}", cache.display()))?;
        Ok(Self { engine, cache, total, done: 0 })
    }

    /// The code of component `id`, whose wasm is in `source`.
    pub fn load(&mut self, id: &str, source: &Path) -> anyhow::Result<Component> {
        self.done += 1;
        let wasm = fs::read(source).with_context(|| {
            format!("could not read {} of component {id}; is it built?", source.display())
        })?;
        let path = self.cache.join(format!("{id}.{}.cwasm", self.key(&wasm)));
        if path.exists() {
            match load(self.engine, &path) {
                Ok(component) => return Ok(component),
                Err(error) => eprintln!("host: {} is unusable: {error:#}", path.display()),
            }
        }
        eprint!("compiling {}/{} {id} …", self.done, self.total);
        let start = Instant::now();
        let component = Component::new(self.engine, &wasm)
            .map_err(plain)
            .with_context(|| format!("could not compile component {id}"))?;
        eprintln!(" {:.1} s", start.elapsed().as_secs_f32());
        if let Err(error) = self.keep(id, &component, &path) {
            eprintln!("host: could not keep {}: {error:#}", path.display());
        }
        Ok(component)
    }

    fn key(&self, wasm: &[u8]) -> String {
        let mut engine = DefaultHasher::new();
        self.engine.precompile_compatibility_hash().hash(&mut engine);
        let mut hash = Sha256::new();
        hash.update(engine.finish().to_le_bytes());
        hash.update(wasm);
        hex::encode(hash.finalize())
    }

    fn keep(&self, id: &str, component: &Component, path: &Path) -> anyhow::Result<()> {
        let code = component.serialize().map_err(plain)?;
        let part = path.with_extension(format!("{}.part", std::process::id()));
        fs::write(&part, code)?;
        fs::rename(&part, path)?;
        let prefix = format!("{id}.");
        for entry in fs::read_dir(&self.cache)? {
            let other = entry?.path();
            let name = other.file_name().map(|name| name.to_string_lossy().into_owned());
            let old = name.is_some_and(|name| name.starts_with(&prefix));
            if old && other != path {
                fs::remove_file(&other)?;
            }
        }
        Ok(())
    }
}

/// Maps compiled code into memory.
// Compiled code is trusted: `cache` belongs to whoever runs the host, who may run anything.
#[allow(unsafe_code)]
fn load(engine: &Engine, path: &Path) -> wasmtime::Result<Component> {
    unsafe { Component::deserialize_file(engine, path) }
}
