//! What a shop may set: durations and limits, and the defaults where it sets none.
//! Anything that decides about money is frozen on the order when it is placed.

use crate::time::{DAY, HOUR, MINUTE};
use crate::{
    CarrierCode, CarrierNames, ChoicePolicy, CodPolicy, ExceptionPolicy, GatewayName, MethodName,
    PackingPolicy, PickingPolicy, RoutingWeights, TrackerName,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Who bears a loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Liability {
    Merchant,
    Platform,
}

/// All durations in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// An unpaid purchase expires.
    pub unpaid_ms: i64,
    /// A payment of which nothing final was heard is asked for at its gateway.
    pub recheck_ms: i64,
    /// Money that comes so long after an unpaid purchase ended brings it back, if the stock is
    /// still there.
    pub revive_ms: i64,
    /// Money for a payment that does not exist waits so long for it to appear.
    pub match_ms: i64,
    /// Who bears a lost chargeback.
    pub chargebacks_on: Liability,
    /// The expected ship date told to the buyer.
    pub ship_within_ms: i64,
    /// So long before that date the merchant is reminded of what has not shipped.
    pub ship_reminder_ms: i64,
    /// What speaks for a warehouse, and how much.
    pub routing: RoutingWeights,
    /// A delivered order completes by itself.
    pub auto_complete_ms: i64,
    /// After completion, a case may be opened.
    pub case_window_ms: i64,
    /// A merchant reviews a case.
    pub review_ms: i64,
    /// A buyer sends the goods back.
    pub return_ms: i64,
    /// The old secret of an endpoint signs beside the new one.
    pub secret_overlap_ms: i64,
    /// An endpoint to which nothing gets through is disabled.
    pub endpoint_failing_ms: i64,
    /// An idempotency key is remembered.
    pub idempotency_ms: i64,
    /// Lines in one purchase.
    pub lines_at_most: usize,
    /// Pieces in one line.
    pub pieces_at_most: i64,
    /// Pieces in one purchase.
    pub pieces_in_all_at_most: i64,
    /// What the goods of one purchase may cost before anything is taken off, in minor units.
    pub amount_at_most_minor: i64,
    /// Orders of one buyer that wait for their money, those that a courier has not collected for
    /// too; none: as many as they like.
    pub unpaid_at_most: Option<i64>,
    /// How long goods are held by how one pays: `stripe/bank_transfer`, or `stripe`; others are
    /// held for `unpaid_ms`.
    pub hold_ms: BTreeMap<String, i64>,
    /// Once a gateway says that a payment has started, its deadline moves by this, once.
    pub extend_ms: i64,
    pub cash_on_delivery: CodPolicy,
    /// What counts how much when a carrier is chosen.
    pub carrier_choice: ChoicePolicy,
    pub exceptions: ExceptionPolicy,
    pub packing: PackingPolicy,
    pub picking: PickingPolicy,
    /// A parcel on its way of which nothing was heard for so long is asked for at its tracker; an
    /// hour at least.
    pub pull_after_ms: i64,
    /// So long after it left nobody asks for it any more.
    pub pull_for_ms: i64,
    /// Which tracker is asked for a carrier's parcels. For others the first one that is configured.
    pub tracked_by: BTreeMap<CarrierCode, TrackerName>,
    /// Which of our carriers a tracker means by a name of its own: `aftership/sf-express`.
    pub carrier_names: CarrierNames,
}

impl Policy {
    /// How long the goods of an unpaid purchase are held.
    pub fn hold_for(&self, gateway: &GatewayName, method: Option<&MethodName>) -> i64 {
        let by_method = method.and_then(|m| self.hold_ms.get(&format!("{gateway}/{m}")));
        let named = by_method.or_else(|| self.hold_ms.get(gateway.as_str()));
        named.copied().unwrap_or(self.unpaid_ms)
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            unpaid_ms: 30 * MINUTE,
            recheck_ms: 10 * MINUTE,
            revive_ms: DAY,
            match_ms: HOUR,
            chargebacks_on: Liability::Merchant,
            ship_within_ms: 48 * HOUR,
            ship_reminder_ms: 12 * HOUR,
            routing: RoutingWeights::default(),
            auto_complete_ms: 7 * DAY,
            case_window_ms: 7 * DAY,
            review_ms: 48 * HOUR,
            return_ms: 7 * DAY,
            secret_overlap_ms: DAY,
            endpoint_failing_ms: 5 * DAY,
            idempotency_ms: DAY,
            lines_at_most: 200,
            pieces_at_most: 9_999,
            pieces_in_all_at_most: 99_999,
            amount_at_most_minor: 10_000_000_000,
            unpaid_at_most: None,
            hold_ms: BTreeMap::new(),
            extend_ms: 15 * MINUTE,
            cash_on_delivery: CodPolicy::default(),
            carrier_choice: ChoicePolicy::default(),
            exceptions: ExceptionPolicy::default(),
            packing: PackingPolicy::default(),
            picking: PickingPolicy::default(),
            pull_after_ms: 12 * HOUR,
            pull_for_ms: 30 * DAY,
            tracked_by: BTreeMap::new(),
            carrier_names: CarrierNames::default(),
        }
    }
}
