//! How the events of cash on delivery change an order. Orders that were paid before have no cash to
//! change.

use super::{CodVerdict, LineCash, Order, OrderState, Pick};
use crate::{Collectible, Millis, ParcelId};

impl Order {
    pub(super) fn believed_in(&mut self, at: Millis, verdict: &CodVerdict) {
        self.state = OrderState::Confirmed { at };
        if let Some(cod) = &mut self.cod {
            cod.verdict = verdict.clone();
        }
    }

    pub(super) fn referred(&mut self, until: Millis, verdict: &CodVerdict) {
        self.state = OrderState::AwaitingConfirmation { until };
        if let Some(cod) = &mut self.cod {
            cod.verdict = verdict.clone();
        }
    }

    pub(super) fn cash_settled(&mut self, by_minor: i64) {
        if let Some(cod) = &mut self.cod {
            cod.owed_minor -= by_minor;
        }
    }

    /// Nothing is asked for what was in the parcel any more, if anything was.
    pub(super) fn came_back(
        &mut self,
        parcel: &ParcelId,
        picks: &[Pick],
        collect: Option<&Collectible>,
        refused: bool,
    ) {
        if refused {
            self.refused(parcel);
        }
        self.count(picks, |units, n| {
            units.undelivered += n;
            units.waived += n * i64::from(collect.is_some());
        });
        self.waived_minor += collect.map_or(0, Collectible::total_minor);
        self.shipping.refunded |= collect.is_some_and(|c| c.shipping_minor > 0);
    }

    fn each_amount(&mut self, collect: &Collectible, apply: impl Fn(&mut LineCash, i64)) {
        for amount in &collect.lines {
            let line = self.lines.iter_mut().find(|l| l.no == amount.line);
            if let Some(cash) = line.and_then(|l| l.cash.as_mut()) {
                apply(cash, amount.minor);
            }
        }
    }

    pub(super) fn ask_for(&mut self, parcel: &ParcelId, collect: Option<&Collectible>) {
        let Some(collect) = collect else { return };
        self.each_amount(collect, |cash, minor| cash.open_minor -= minor);
        if let Some(cod) = &mut self.cod {
            cod.shipping_with.get_or_insert_with(|| parcel.clone());
        }
    }

    pub(super) fn ask_no_more(&mut self, parcel: &ParcelId, collect: Option<&Collectible>) {
        let Some(collect) = collect else { return };
        self.each_amount(collect, |cash, minor| cash.open_minor += minor);
        if let Some(cod) = &mut self.cod {
            cod.shipping_with = cod.shipping_with.take().filter(|with| with != parcel);
        }
    }

    /// The units are as good as gone when this is called before they are counted.
    pub(super) fn leave_open(&mut self, picks: &[Pick]) {
        for pick in picks {
            if let Some(line) = self.lines.iter_mut().find(|l| l.no == pick.line) {
                let worth = line.open_worth(pick.units);
                if let Some(cash) = &mut line.cash {
                    cash.open_minor -= worth;
                }
            }
        }
    }

    pub(super) fn give_back_cash(&mut self, picks: &[Pick]) {
        for pick in picks {
            if let Some(line) = self.lines.iter_mut().find(|l| l.no == pick.line) {
                let worth = line.worth(pick.units);
                if let Some(cash) = &mut line.cash {
                    cash.kept_minor -= worth;
                }
            }
        }
    }

    pub(super) fn collected(&mut self, parcel: &ParcelId, collect: &Collectible, owed: i64) {
        self.each_amount(collect, |cash, minor| cash.kept_minor += minor);
        if let Some(cod) = &mut self.cod {
            cod.collected_minor += collect.total_minor();
            cod.owed_minor += owed;
            cod.refused.retain(|refused| refused != parcel);
        }
    }

    /// Nobody got what was told as delivered, and nobody paid for it.
    pub(super) fn delivery_reversed(
        &mut self,
        picks: &[Pick],
        collect: Option<&Collectible>,
        owed: i64,
    ) {
        self.count(picks, |units, n| units.delivered -= n);
        let Some(collect) = collect else { return };
        self.each_amount(collect, |cash, minor| cash.kept_minor -= minor);
        if let Some(cod) = &mut self.cod {
            cod.collected_minor -= collect.total_minor();
            cod.owed_minor -= owed;
        }
    }

    pub(super) fn refused(&mut self, parcel: &ParcelId) {
        if let Some(cod) = &mut self.cod
            && !cod.refused.contains(parcel)
        {
            cod.refused.push(parcel.clone());
        }
    }
}
