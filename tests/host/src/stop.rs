//! The order to stop, and who is still at work.
//!
//! Everybody who must not be interrupted holds a `Stop`; the last one to drop it ends the wait.

use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{mpsc, watch};

/// Hears the order; holding it delays the end.
#[derive(Debug, Clone)]
pub struct Stop {
    ordered: watch::Receiver<bool>,
    _busy: mpsc::Sender<()>,
}

/// Gives the order.
#[derive(Debug)]
pub struct Stopper {
    order: watch::Sender<bool>,
    busy: mpsc::Receiver<()>,
}

/// A pair of both.
pub fn stop() -> (Stopper, Stop) {
    let (order, ordered) = watch::channel(false);
    let (held, busy) = mpsc::channel(1);
    (Stopper { order, busy }, Stop { ordered, _busy: held })
}

impl Stop {
    /// Waits for the order.
    pub async fn ordered(&mut self) {
        // An order-giver who is gone can't be waited for.
        self.ordered.wait_for(|ordered| *ordered).await.map(drop).unwrap_or_default();
    }
}

impl Stopper {
    /// Orders everybody to stop and waits for them, at most `patience`. Says whether all did.
    pub async fn stop(mut self, patience: Duration) -> bool {
        self.order.send_replace(true);
        tokio::time::timeout(patience, self.busy.recv()).await.is_ok()
    }
}

/// Waits for SIGINT or SIGTERM.
pub async fn signalled() -> std::io::Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = interrupt.recv() => Ok(()),
        _ = terminate.recv() => Ok(()),
    }
}
