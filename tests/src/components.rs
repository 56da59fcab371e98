//! The shop as it is deployed: the components in the bundled host, a process of its own on ports of
//! its own, with a state directory of its own. It ends with the test, however the test ends.

use crate::Stage;
use crate::client::Client;
use crate::scratch::Scratch;
use anyhow::{Context as _, Result, bail, ensure};
use bytes::Bytes;
use domain::Millis;
use futures::future::{FutureExt as _, LocalBoxFuture};
use http::{Method, Request, Response, StatusCode, header};
use serde_json::{Value, json};
use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long the host may take to serve, with everything still to be compiled.
const START: Duration = Duration::from_secs(300);

/// The components in the host.
pub struct Components {
    host: Host,
    shop: Client,
    control: Client,
}

/// The process. Fields drop in this order: it ends before its files go.
struct Host {
    child: Child,
    scratch: Scratch,
}

/// The root of the workspace.
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

impl Components {
    /// Starts the host with the application's variables at a time that stands still.
    pub async fn start(variables: &[(&str, String)], now: Millis) -> Result<Self> {
        let scratch = Scratch::new("components");
        let state = scratch.path();
        share_compiled_code(state)?;
        // One host compiles what is new, the others wait for its work.
        let turn = File::create(cache().join("turn"))?;
        turn.lock()?;
        let ready = state.join("ready.json");
        let child = spawn(&variables_of(variables), state, &ready, now)?;
        let mut host = Host { child, scratch };
        let (shop, control) = host.serving(&ready).await?;
        turn.unlock()?;
        Ok(Self { host, shop: Client::new(shop), control: Client::new(control) })
    }

    /// Gives an order on the control port.
    pub async fn order(&self, method: Method, path: &str, body: &Value) -> Result<Value> {
        let mut request = Request::new(Bytes::from(body.to_string()));
        *request.method_mut() = method;
        *request.uri_mut() = path.parse()?;
        let answer = self.control.send(request).await?;
        let said: Value = serde_json::from_slice(answer.body())?;
        ensure!(answer.status().is_success(), "the host refused {path} {body}: {said}");
        Ok(said)
    }
}

fn variables_of(variables: &[(&str, String)]) -> Vec<String> {
    let pairs = variables.iter().map(|(name, value)| format!("{name}={value}"));
    pairs.flat_map(|pair| ["--variable".to_owned(), pair]).collect()
}

fn spawn(variables: &[String], state: &Path, ready: &Path, now: Millis) -> Result<Child> {
    let path = match std::env::var_os("ORDERFLOW_HOST") {
        Some(named) => PathBuf::from(named),
        None => workspace().join("target/release/host"),
    };
    if !path.is_file() {
        bail!(
            "there is no host at {}: build it with `cargo build --release -p host`, or name it in \
             ORDERFLOW_HOST",
            path.display()
        );
    }
    let (env, log) = (state.join("env.none"), File::create(state.join("host.log"))?);
    File::create(&env)?;
    let mut command = Command::new(&path);
    command.arg("serve").arg("--manifest").arg(workspace().join("spin.toml"));
    command.arg("--state").arg(state).arg("--env-file").arg(env).arg("--ready-file").arg(ready);
    command.args(["--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", "--no-schedule"]);
    command.args(["--exit-with-parent", "--clock", &edge::views::time(now)]).args(variables);
    command.stdin(Stdio::piped()).stdout(log.try_clone()?).stderr(log);
    command.spawn().with_context(|| format!("could not start {}", path.display()))
}

/// Machine code of the components, for all tests of this workspace.
fn cache() -> PathBuf {
    workspace().join("target/stories-cache")
}

fn share_compiled_code(state: &Path) -> Result<()> {
    std::fs::create_dir_all(cache())?;
    let shared = std::path::absolute(cache())?;
    std::os::unix::fs::symlink(shared, state.join("cache")).context("could not share the cache")
}

impl Host {
    async fn serving(&mut self, ready: &Path) -> Result<(SocketAddr, SocketAddr)> {
        let begun = Instant::now();
        loop {
            if let Ok(text) = std::fs::read_to_string(ready) {
                let said: Value = serde_json::from_str(&text)?;
                let address = |name: &str| Ok(said[name].as_str().unwrap_or_default().parse()?);
                return address("listen").and_then(|listen| Ok((listen, address("control")?)));
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("the host ended ({status}) instead of serving:\n{}", self.log());
            }
            ensure!(begun.elapsed() < START, "the host does not serve:\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// What the host said, and what each component said last.
    fn log(&self) -> String {
        let read = |path: &Path| std::fs::read_to_string(path).unwrap_or_default();
        let mut log = read(&self.scratch.path().join("host.log"));
        let logs = std::fs::read_dir(self.scratch.path().join("logs")).into_iter().flatten();
        for file in logs.flatten() {
            let text = read(&file.path());
            let last: Vec<&str> = text.lines().rev().take(5).collect();
            for line in last.into_iter().rev() {
                log.push_str(&format!("{}: {line}\n", file.file_name().to_string_lossy()));
            }
        }
        log
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let ended = self.child.kill().and_then(|()| self.child.wait());
        if let Err(error) = ended {
            eprintln!("could not end the host {}: {error}", self.child.id());
        }
        if std::thread::panicking() {
            eprintln!("the host said:\n{}", self.log());
        }
    }
}

impl Stage for Components {
    fn answer(&self, request: Request<Bytes>) -> LocalBoxFuture<'_, Result<Response<Bytes>>> {
        async move {
            let answer = self.shop.send(request).await?;
            says_its_length(&answer)?;
            Ok(answer)
        }
        .boxed_local()
    }

    fn set_clock(&self, now: Millis) -> LocalBoxFuture<'_, Result<()>> {
        let order = json!({"now": edge::views::time(now)});
        async move { self.order(Method::POST, "/clock", &order).await.map(drop) }.boxed_local()
    }

    fn lose_next_answer(&self) -> LocalBoxFuture<'_, Result<()>> {
        let order = json!({"database": "lost_answer", "count": 1});
        async move { self.order(Method::POST, "/faults", &order).await.map(drop) }.boxed_local()
    }

    fn traps(&self) -> LocalBoxFuture<'_, Result<u64>> {
        async move {
            let stats = self.order(Method::GET, "/stats", &Value::Null).await?;
            let components = stats["components"].as_object().context("stats without components")?;
            Ok(components.values().filter_map(|counted| counted["traps"].as_u64()).sum())
        }
        .boxed_local()
    }

    fn database(&self) -> PathBuf {
        self.host.scratch.path().join(DATABASE)
    }
}

/// What is whole when it is sent says how long it is (RFC 9110 §8.6).
fn says_its_length(answer: &Response<Bytes>) -> Result<()> {
    let bodiless = matches!(answer.status(), StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    let told = answer.headers().contains_key(header::CONTENT_LENGTH);
    ensure!(told != bodiless, "an answer whose length is wrong or missing: {answer:?}");
    Ok(())
}

/// As the host names the manifest's default database.
const DATABASE: &str = "sqlite_db.db";
