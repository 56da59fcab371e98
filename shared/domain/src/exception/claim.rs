//! Claims on carriers: what a carrier is to pay for goods that it lost or spoilt.
//!
//! Nothing is booked before the carrier accepts. Then it owes the money, which is the merchant's,
//! because the goods were; what it does not accept is borne as was agreed when it was claimed.
//! Where the platform has paid the merchant for the goods, the money is the platform's, and nobody
//! pays for them once more.

use super::{Exception, ExceptionEvent};
use crate::{
    Account, Action, Change, Effect, Fault, FaultKind, Liability, Millis, PostingKind, Refusal,
    Stored,
};
use serde::{Deserialize, Serialize};

/// What is claimed from a carrier, in minor units of the exception's currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    pub amount_minor: i64,
    /// Who bears what the carrier does not accept.
    pub else_on: Liability,
    pub state: ClaimState,
}

/// Where a claim stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum ClaimState {
    Asked {
        at: Millis,
    },
    Accepted {
        amount_minor: i64,
        at: Millis,
    },
    Rejected {
        reason: String,
        at: Millis,
    },
    Paid {
        amount_minor: i64,
        /// The bank's reference.
        reference: String,
        at: Millis,
    },
}

impl ClaimState {
    pub fn word(&self) -> &'static str {
        match self {
            Self::Asked { .. } => "asked",
            Self::Accepted { .. } => "accepted",
            Self::Rejected { .. } => "rejected",
            Self::Paid { .. } => "paid",
        }
    }

    /// The table of transitions: which steps a state allows.
    pub fn allows(&self) -> &'static [Action] {
        match self {
            Self::Asked { .. } => &[Action::AcceptClaim, Action::RejectClaim],
            Self::Accepted { .. } => &[Action::PayClaim],
            Self::Rejected { .. } | Self::Paid { .. } => &[],
        }
    }

    /// What the carrier has agreed to pay.
    pub fn accepted_minor(&self) -> i64 {
        match self {
            Self::Accepted { amount_minor, .. } | Self::Paid { amount_minor, .. } => *amount_minor,
            Self::Asked { .. } | Self::Rejected { .. } => 0,
        }
    }
}

impl Claim {
    /// What its end has brought the merchant, of the carrier's money and of the platform's.
    pub(super) fn to_merchant_minor(&self) -> i64 {
        match (&self.state, self.else_on) {
            (ClaimState::Asked { .. }, _) => 0,
            (_, Liability::Platform) => self.amount_minor,
            (state, Liability::Merchant) => state.accepted_minor(),
        }
    }
}

/// Asks a carrier for money. Precedence: state, amount (at most `at_most_minor`).
pub fn claim(
    change: &mut Change,
    exception: &mut Stored<Exception>,
    (amount_minor, at_most_minor): (i64, i64),
    else_on: Liability,
) -> Result<(), Refusal> {
    exception.doc.must_allow(Action::Claim)?;
    in_range(amount_minor, at_most_minor)?;
    let claim = Claim { amount_minor, else_on, state: ClaimState::Asked { at: change.at } };
    change.record(exception, ExceptionEvent::Claimed { claim });
    Ok(())
}

/// The carrier will pay so much; the rest is borne as was agreed. Precedence: state, amount.
pub fn accept_claim(
    change: &mut Change,
    exception: &mut Stored<Exception>,
    amount_minor: i64,
) -> Result<(), Refusal> {
    exception.doc.must_allow(Action::AcceptClaim)?;
    in_range(amount_minor, exception.doc.claim.as_ref().map_or(0, |c| c.amount_minor))?;
    change.record(exception, ExceptionEvent::ClaimAccepted { amount_minor, at: change.at });
    Ok(())
}

/// The carrier will not pay.
pub fn reject_claim(
    change: &mut Change,
    exception: &mut Stored<Exception>,
    reason: String,
) -> Result<(), Refusal> {
    exception.doc.must_allow(Action::RejectClaim)?;
    change.record(exception, ExceptionEvent::ClaimRejected { reason, at: change.at });
    Ok(())
}

/// What the carrier accepted has arrived at the bank.
pub fn pay_claim(
    change: &mut Change,
    exception: &mut Stored<Exception>,
    reference: String,
) -> Result<(), Refusal> {
    exception.doc.must_allow(Action::PayClaim)?;
    change.record(exception, ExceptionEvent::ClaimPaid { reference, at: change.at });
    Ok(())
}

fn in_range(amount_minor: i64, most: i64) -> Result<(), Refusal> {
    if (1..=most).contains(&amount_minor) {
        return Ok(());
    }
    Err(Refusal::Faulty(vec![Fault::at("#/amount", FaultKind::OutOfRange { least: 1, most })]))
}

impl Exception {
    /// The carrier owes what it accepts. What it does not accept stays with the merchant, whose
    /// goods they were, unless the platform bears it. Whoever was compensated gets nothing more.
    pub(super) fn claim_accepted(&self, amount_minor: i64, at: Millis) -> Vec<Effect> {
        let Some(claim) = &self.claim else { return Vec::new() };
        let merchant = Account::Merchant(self.merchant.clone());
        let to = if self.compensated { Account::Losses } else { merchant };
        let carrier = Account::Carrier(self.carrier.clone());
        let owed = self.post(PostingKind::ClaimAccepted, at, carrier, (to, amount_minor));
        let rest = match claim.else_on {
            Liability::Platform if !self.compensated => {
                self.compensate(claim.amount_minor - amount_minor, at)
            }
            Liability::Platform | Liability::Merchant => None,
        };
        owed.into_iter().chain(rest).collect()
    }

    pub(super) fn claim_paid(&self, at: Millis) -> Vec<Effect> {
        let amount_minor = self.claim.as_ref().map_or(0, |c| c.state.accepted_minor());
        let carrier = Account::Carrier(self.carrier.clone());
        let paid = self.post(PostingKind::ClaimPaid, at, Account::Bank, (carrier, amount_minor));
        paid.into_iter().collect()
    }
}
