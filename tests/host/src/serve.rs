//! `host serve`: puts everything together, from the manifest to the last answer.

use crate::app::App;
use crate::args::{Reuse, Serve};
use crate::clock::Clock;
use crate::compile::Compiler;
use crate::component::Component;
use crate::faults::Faults;
use crate::instance::Instances;
use crate::key_value::Database;
use crate::platform::Platform;
use crate::sqlite_connection::Writers;
use crate::stop::{signalled, stop};
use crate::{control, engine, parent, schedule, server};
use anyhow::{Context as _, bail};
use manifest::{Manifest, Providers, Variables, env_file, keys};
use serde_json::json;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::Semaphore;
use wasmtime_wasi_http::handler::{ProxyHandler, ProxyPre};
use wasmtime_wasi_http::p3::bindings::ServicePre;

/// How long open requests may take after the order to stop.
const PATIENCE: Duration = Duration::from_secs(10);

/// Serves until a signal.
pub async fn serve(args: Serve) -> anyhow::Result<()> {
    if args.exit_with_parent {
        parent::follow().context("could not watch the parent process")?;
    }
    if let Some(control) = args.control.filter(|control| !control.ip().is_loopback()) {
        bail!("could not open the control port at {control}: it is for loopback addresses only");
    }
    let manifest = Manifest::read(&args.manifest)?;
    let variables = variables(&args, &manifest)?;
    let app = Arc::new(load(&args, &manifest, &variables)?);

    let (listener, listen) = server::listen(args.listen).await?;
    app.platform.listen.get_or_init(|| listen);
    let (stopper, stop) = stop();
    let mut controlled = None;
    if let Some(control) = args.control {
        let (listener, address) = server::listen(control).await?;
        controlled = Some(address);
        tokio::spawn(control::serve(listener, app.clone(), stop.clone()));
    }
    tokio::spawn(server::serve(listener, app.clone(), stop.clone()));
    if !args.no_schedule
        && let Some(token) = variables.value("scheduler_token")
    {
        schedule::start(&app, token, listen, &stop);
    }
    drop(stop);
    announce(&args, listen, controlled)?;

    signalled().await.context("could not wait for a signal")?;
    if !stopper.stop(PATIENCE).await {
        eprintln!("host: stopped with requests still open after {PATIENCE:?}");
    }
    app.platform.ending.store(true, Ordering::Release);
    Ok(())
}

fn announce(args: &Serve, listen: SocketAddr, control: Option<SocketAddr>) -> anyhow::Result<()> {
    if let Some(path) = &args.ready_file {
        let part = path.with_extension(format!("{}.part", std::process::id()));
        let text = format!("{}\n", json!({ "listen": listen, "control": control }));
        std::fs::write(&part, text)
            .and_then(|()| std::fs::rename(&part, path))
            .with_context(|| format!("could not write the ready file {}", path.display()))?;
    }
    let control = control.map(|control| format!(", control http://{control}")).unwrap_or_default();
    println!("serving http://{listen}{control}");
    Ok(())
}

fn variables(args: &Serve, manifest: &Manifest) -> anyhow::Result<Variables> {
    let mut file = BTreeMap::new();
    let paths = match &args.env_file {
        Some(path) => vec![path.clone()],
        None => {
            for path in keys::make_missing(&args.state)? {
                eprintln!("made {}", path.display());
            }
            let all = [PathBuf::from(".env"), keys::env_path(&args.state)];
            all.into_iter().filter(|path| path.exists()).collect()
        }
    };
    for path in paths {
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("could not read {}", path.display()))?;
        let values = env_file::parse(&text);
        file.extend(values.with_context(|| format!("could not parse {}", path.display()))?);
    }
    let environment = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let flags = args.variables.iter().cloned().collect();
    let providers = Providers { flags, environment: environment.collect(), file };
    Ok(Variables::resolve(manifest, &providers)?)
}

fn load(args: &Serve, manifest: &Manifest, variables: &Variables) -> anyhow::Result<App> {
    // Calls over TLS need a process-wide choice if ever two providers are linked.
    rustls::crypto::ring::default_provider().install_default().unwrap_or_default();
    let state = std::path::absolute(&args.state).context("could not find the state directory")?;
    let logs = state.join("logs");
    std::fs::create_dir_all(&logs)
        .with_context(|| format!("could not make the directory {}", logs.display()))?;
    let platform = Arc::new(Platform {
        clock: Clock::new(args.clock, args.clock_runs)?,
        faults: Arc::new(Faults::default()),
        writers: Writers::default(),
        key_value: Database::new(state.join("key_value.db")),
        listen: OnceLock::new(),
        ending: AtomicBool::new(false),
        instances: Arc::new(Semaphore::new(usize::try_from(args.reuse.max_instances)?)),
        state,
    });
    let engine = engine::engine(args.reuse.max_instances)?;
    let base = args.manifest.parent().unwrap_or(Path::new("."));
    let mut loader = Loader {
        linker: engine::linker(&engine).map_err(engine::plain)?,
        compiler: Compiler::new(&engine, platform.state.join("cache"), manifest.component.len())?,
        engine: &engine,
        reuse: &args.reuse,
        platform: &platform,
    };
    let mut handlers = BTreeMap::new();
    for (id, component) in &manifest.component {
        let own = Component::new(id, component, variables, &logs)?;
        let handler = loader.load(own, &base.join(&component.source))?;
        handlers.insert(id.clone(), handler);
    }
    Ok(App { router: manifest.router(), platform, handlers })
}

struct Loader<'a> {
    engine: &'a wasmtime::Engine,
    linker: wasmtime::component::Linker<crate::guest::Guest>,
    compiler: Compiler<'a>,
    reuse: &'a Reuse,
    platform: &'a Arc<Platform>,
}

impl Loader<'_> {
    fn load(
        &mut self,
        component: Component,
        source: &Path,
    ) -> anyhow::Result<ProxyHandler<Instances>> {
        let code = self.compiler.load(&component.id, source)?;
        let linked = self.linker.instantiate_pre(&code);
        let service = linked.and_then(ServicePre::new);
        let service = service.map_err(engine::plain).with_context(|| {
            format!("could not link component {}: it is no wasi:http 0.3 handler", component.id)
        })?;
        Ok(ProxyHandler::new(Instances {
            component: Arc::new(component),
            platform: self.platform.clone(),
            reuse: self.reuse.clone(),
            code: ProxyPre::P3(service),
            engine: self.engine.clone(),
        }))
    }
}
