//! Units of a parcel that was given up: sent again from stock that is held anew, or expected by
//! nobody any more.

use super::{LineHeld, Order, Pick, SentAgain};
use crate::{Collectible, Millis, ParcelId, Routing};

impl Order {
    pub(super) fn given_up(
        &mut self,
        parcel: &ParcelId,
        picks: &[Pick],
        resent: &[LineHeld],
        routing: Option<&Routing>,
        collect: Option<&Collectible>,
        at: Millis,
    ) {
        if resent.is_empty() {
            self.came_back(parcel, picks, collect, false);
            return;
        }
        // Where nothing else is to be shipped, it has as long as it had from the beginning.
        if self.unshipped_units() == 0 {
            self.ship_by = at.plus(self.ship_by.0 - self.placed_at.0);
        }
        self.count(picks, |units, n| units.resent += n);
        self.sent_again.push(SentAgain { parcel: parcel.clone(), picks: picks.to_vec() });
        for again in resent {
            if let Some(line) = self.lines.iter_mut().find(|l| l.no == again.line) {
                again.held.iter().for_each(|held| line.hold(held));
            }
        }
        if let Some(routing) = routing {
            self.routing = Some(Box::new(routing.clone()));
        }
        self.ask_no_more(parcel, collect);
    }

    /// The newest parcel that was given up and had units of the same lines.
    pub(crate) fn sent_again_for(&self, picks: &[Pick]) -> Option<ParcelId> {
        let lines = |sent: &&SentAgain| {
            sent.picks.iter().any(|p| picks.iter().any(|packed| packed.line == p.line))
        };
        self.sent_again.iter().rev().find(lines).map(|sent| sent.parcel.clone())
    }
}
