//! The bundled host as a process of ours: started, watched, killed.
//!
//! It ends when its end of a pipe to us closes, so it ends with us however we end. Its own words go
//! to `host.log` in its state directory.

use crate::{Call, Client};
use anyhow::{Context as _, bail};
use serde_json::Value;
use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::process::{Child, Command};

/// How long a start may take: all components may have to be compiled.
const START: Duration = Duration::from_secs(180);
/// How often a start is looked at.
const LOOK: Duration = Duration::from_millis(1);

/// How a host is started.
#[derive(Debug, Clone)]
pub struct Launch {
    /// The program.
    pub program: PathBuf,
    /// What it serves.
    pub manifest: PathBuf,
    /// Where its data lies.
    pub state: PathBuf,
    /// Whether it calls tick and dispatch by itself.
    pub schedule: bool,
    /// The time at which the components' clock starts (RFC 3339); their clock is the real one
    /// without.
    pub clock: Option<String>,
    /// Variables of the application.
    pub variables: Vec<(String, String)>,
    /// A path that answers 200 once it is up.
    pub health: &'static str,
}

/// A host at work. Dropping it kills it.
#[derive(Debug)]
pub struct Host {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// From its start to the first 200.
    pub start: Duration,
}

impl Launch {
    /// The host beside this program, with the application of the current directory.
    pub fn new(state: &Path) -> anyhow::Result<Self> {
        let own = std::env::current_exe().context("could not find this program")?;
        let program = own.with_file_name("host");
        if !program.exists() {
            bail!(
                "there is no {}: build it with `cargo build --release -p host`",
                program.display()
            );
        }
        let manifest = PathBuf::from("spin.toml");
        if !manifest.exists() {
            bail!("there is no spin.toml here: run this in the repository's own directory");
        }
        Ok(Self {
            program,
            manifest,
            state: state.to_owned(),
            schedule: false,
            clock: None,
            variables: Vec::new(),
            health: "/v1/health",
        })
    }

    /// Sets a variable of the application.
    pub fn set(&mut self, name: &str, value: &str) {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    /// Starts it and waits until it is up.
    pub async fn start(&self) -> anyhow::Result<Host> {
        let ready = self.state.join("ready.json");
        if ready.exists() {
            std::fs::remove_file(&ready)?;
        }
        let began = Instant::now();
        let mut child = self
            .command(&ready)?
            .spawn()
            .with_context(|| format!("could not start {}", self.program.display()))?;
        let address = loop {
            if let Some(status) = child.try_wait()? {
                bail!("the host ended with {status} while it started:\n{}", self.log());
            }
            if let Some(address) = listening(&ready)? {
                break address;
            }
            if began.elapsed() > START {
                bail!("the host was not up after {START:?}:\n{}", self.log());
            }
            tokio::time::sleep(LOOK).await;
        };
        let health = Client::new(address)?.call(Call::get(self.health)).await?;
        health.expect(200, "asking the host how it is").with_context(|| self.log())?;
        Ok(Host { child, address, start: began.elapsed() })
    }

    fn command(&self, ready: &Path) -> anyhow::Result<Command> {
        std::fs::create_dir_all(&self.state)?;
        let log = File::options().create(true).append(true).open(self.state.join("host.log"))?;
        let mut command = Command::new(&self.program);
        command.args(["serve", "--listen", "127.0.0.1:0", "--exit-with-parent"]);
        command.arg("--manifest").arg(&self.manifest);
        command.arg("--state").arg(&self.state);
        command.arg("--ready-file").arg(ready);
        if !self.schedule {
            command.arg("--no-schedule");
        }
        if let Some(clock) = &self.clock {
            command.args(["--clock-runs", "--clock", clock]);
        }
        for (name, value) in &self.variables {
            command.arg("--variable").arg(format!("{name}={value}"));
        }
        command.stdin(Stdio::piped()).stdout(log.try_clone()?).stderr(log);
        command.kill_on_drop(true);
        Ok(command)
    }

    /// What the host said last.
    pub fn log(&self) -> String {
        let text = std::fs::read_to_string(self.state.join("host.log")).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        let last = lines.len().saturating_sub(15);
        lines.get(last..).unwrap_or_default().join("\n")
    }
}

fn listening(ready: &Path) -> anyhow::Result<Option<SocketAddr>> {
    if !ready.exists() {
        return Ok(None);
    }
    let said: Value = serde_json::from_str(&std::fs::read_to_string(ready)?)?;
    let address = said.get("listen").and_then(Value::as_str).context("no address")?;
    Ok(Some(address.parse()?))
}

impl Host {
    /// A connection to it.
    pub fn client(&self) -> anyhow::Result<Client> {
        Client::new(self.address)
    }

    /// Its process, while it lives.
    pub fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// Memory that it holds now, in bytes.
    pub fn rss_bytes(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid()?)).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        line.split_whitespace().next()?.parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
    }

    /// Kills it (SIGKILL) and waits until it is gone.
    pub async fn kill(mut self) -> anyhow::Result<()> {
        self.child.kill().await.context("could not kill the host")
    }
}
