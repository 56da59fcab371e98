//! A stream of rows or keys into a component, fed through a small channel.

use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::sync::mpsc::Receiver;
use wasmtime::StoreContextMut;
use wasmtime::component::{Destination, StreamProducer, StreamResult, VecBuffer};

/// Gives a component what arrives, as much at once as there is.
pub struct Feed<T> {
    items: Receiver<T>,
}

impl<T> Feed<T> {
    /// A stream of what `items` receives; it ends when all senders are gone.
    pub fn new(items: Receiver<T>) -> Self {
        Self { items }
    }
}

impl<D, T: Send + Sync + 'static> StreamProducer<D> for Feed<T> {
    type Item = T;
    type Buffer = VecBuffer<T>;

    fn poll_produce<'a>(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        store: StoreContextMut<'a, D>,
        mut destination: Destination<'a, Self::Item, Self::Buffer>,
        finish: bool,
    ) -> Poll<wasmtime::Result<StreamResult>> {
        let room = destination.remaining(store).unwrap_or(usize::MAX);
        if room == 0 {
            return Poll::Ready(Ok(StreamResult::Completed));
        }
        let items = &mut self.get_mut().items;
        let mut ready = Vec::new();
        let outcome = loop {
            match items.poll_recv(cx) {
                Poll::Ready(Some(item)) => ready.push(item),
                Poll::Ready(None) => break Poll::Ready(Ok(StreamResult::Dropped)),
                Poll::Pending if !ready.is_empty() => {
                    break Poll::Ready(Ok(StreamResult::Completed));
                }
                Poll::Pending if finish => break Poll::Ready(Ok(StreamResult::Cancelled)),
                Poll::Pending => return Poll::Pending,
            }
            if ready.len() == room {
                break Poll::Ready(Ok(StreamResult::Completed));
            }
        };
        destination.set_buffer(ready.into());
        outcome
    }
}
