//! The time until an order completes by itself (自动确认收货): it runs from the last delivery on,
//! stands still while a case or an exception is open, and then goes on with what was left.

use super::{Order, OrderEvent, OrderState};
use crate::{Effect, Millis, TimerKind};
use serde::{Deserialize, Serialize};

/// How long an order still waits for its buyer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum CompletionClock {
    /// It completes then.
    Running { due: Millis },
    /// Something is open; so many milliseconds are left when it closes.
    Stopped { left_ms: i64 },
}

impl OrderEvent {
    /// When the event happened, if it may start, stop or end the clock.
    pub(super) fn moves_clock(&self) -> Option<Millis> {
        match self {
            Self::UnitsCancelled { at, .. }
            | Self::Cancelled { at, .. }
            | Self::Delivered { at, .. }
            | Self::DeliveryReversed { at, .. }
            | Self::CameBack { at, .. }
            | Self::GivenUp { at, .. }
            | Self::CaseOpened { at, .. }
            | Self::CaseClosed { at, .. }
            | Self::ExceptionOpened { at, .. }
            | Self::ExceptionClosed { at, .. }
            | Self::Completed { at, .. } => Some(*at),
            Self::Placed { .. }
            | Self::HeldLonger { .. }
            | Self::Paid { .. }
            | Self::AddressChanged { .. }
            | Self::Revived { .. }
            | Self::Rerouted { .. }
            | Self::ShipOverdue { .. }
            | Self::Disputed { .. }
            | Self::DisputeClosed { .. }
            | Self::ChargedBack { .. }
            | Self::Confirmed { .. }
            | Self::Referred { .. }
            | Self::Picked { .. }
            | Self::PiecesMissing { .. }
            | Self::PickPutOff { .. }
            | Self::Substitute(_)
            | Self::PutAway { .. }
            | Self::Unpacked { .. }
            | Self::Packed { .. }
            | Self::Shipped { .. }
            | Self::CashCollected { .. }
            | Self::CashSettled { .. }
            | Self::DeliveryRefused { .. }
            | Self::Recovered { .. }
            | Self::Returned { .. }
            | Self::RefundGranted { .. }
            | Self::WindowEnded { .. }
            | Self::Settled { .. } => None,
        }
    }
}

impl Order {
    /// A case or an exception is open: the buyer cannot be taken to be content.
    pub(super) fn clock_stands(&self) -> bool {
        !(self.open_cases.is_empty() && self.open_exceptions.is_empty())
    }

    /// `at`: when something happened that may start, stop or end it.
    pub(super) fn wind_clock(&mut self, at: Option<Millis>) {
        let Some(at) = at else { return };
        let waits = matches!(self.state, OrderState::Confirmed { .. }) && self.all_delivered();
        let whole = self.terms.auto_complete_ms;
        self.clock = match (waits, self.clock_stands(), self.clock) {
            (false, _, _) => None,
            (true, false, None) => Some(CompletionClock::Running { due: at.plus(whole) }),
            (true, true, None) => Some(CompletionClock::Stopped { left_ms: whole }),
            (true, false, Some(CompletionClock::Stopped { left_ms })) => {
                Some(CompletionClock::Running { due: at.plus(left_ms) })
            }
            (true, true, Some(CompletionClock::Running { due })) => {
                Some(CompletionClock::Stopped { left_ms: (due.0 - at.0).max(0) })
            }
            (true, _, same) => same,
        };
    }

    /// The timer, where the clock runs.
    pub(super) fn clock_runs(&self) -> Option<Effect> {
        let Some(CompletionClock::Running { due }) = self.clock else { return None };
        let (kind, subject) = (TimerKind::AutoComplete, self.id.to_string());
        Some(Effect::SetTimer { kind, subject, due })
    }

    /// The timer, or none where the clock stands or has ended.
    pub(super) fn clock_timer(&self) -> Effect {
        let (kind, subject) = (TimerKind::AutoComplete, self.id.to_string());
        self.clock_runs().unwrap_or(Effect::ClearTimer { kind, subject })
    }

    /// When it completes by itself, as far as is known now.
    pub fn completes_at(&self) -> Option<Millis> {
        match self.clock? {
            CompletionClock::Running { due } => Some(due),
            CompletionClock::Stopped { .. } => None,
        }
    }

    /// The clock runs, and its time has come.
    pub(super) fn clock_has_run_out(&self, at: Millis) -> bool {
        matches!(self.clock, Some(CompletionClock::Running { due }) if due <= at)
    }
}
