//! What is known of how a parcel was packed, and what a shop demands of it.

use super::weight::weigh;
use super::{Desk, PackingRefusal, Serial, WeightCheck};
use crate::{
    BoxId, BoxType, Carriage, Change, Fact, FactKind, Order, PackingId, Parcel, ParcelId,
    ParcelState, Pick, Policy, Refusal, Size, SkuId, Stored, WarehouseId, pack,
};
use serde::{Deserialize, Serialize};

/// Whether a shop demands something of its packers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    Required,
    Optional,
}

/// Who may read a recipient's name and phone number on a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnLabel {
    Full,
    /// For carriers whose couriers call through a number of the carrier's (隐私面单).
    Masked,
}

/// How a shop packs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PackingPolicy {
    /// Nothing is packed that was not scanned.
    pub recheck: Need,
    /// Nothing is packed without saying into which box, and so nothing without being weighed
    /// against what it should weigh.
    pub boxes: Need,
    /// A parcel may differ from its expected weight by this share, or by `tolerance_g`, whichever
    /// is more.
    pub tolerance_percent: i64,
    pub tolerance_g: i64,
    /// How much of a box's volume goods take at most when one is suggested.
    pub fill_percent: i64,
    pub recipient_on_label: OnLabel,
}

impl Default for PackingPolicy {
    fn default() -> Self {
        Self {
            recheck: Need::Optional,
            boxes: Need::Optional,
            tolerance_percent: 5,
            tolerance_g: 50,
            fill_percent: 80,
            recipient_on_label: OnLabel::Full,
        }
    }
}

/// How a parcel was packed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Packaging {
    /// Its goods were scanned.
    #[serde(default)]
    pub rechecked: bool,
    /// Where they were scanned, if not all at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub packing: Option<PackingId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub box_type: Option<BoxId>,
    /// What fitted into that box when it was packed: the parcel's own size, but for the walls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size_mm: Option<Size>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<WeightCheck>,
    /// Of each piece that has one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub serials: Vec<SerialOf>,
}

impl Packaging {
    pub(crate) fn is_unknown(&self) -> bool {
        *self == Self::default()
    }
}

/// The serial number of a piece.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SerialOf {
    pub line: u16,
    pub sku: SkuId,
    pub serial: Serial,
}

/// What somebody says of a parcel when it is closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closing {
    /// As weighed, with the box, in grams.
    pub weight_g: i64,
    pub box_type: Option<BoxId>,
    /// Why it may weigh something else than it should.
    pub weight_reason: Option<String>,
}

/// What goes into a parcel.
#[derive(Debug, Clone)]
pub(super) struct Contents {
    pub id: ParcelId,
    pub warehouse: WarehouseId,
    pub picks: Vec<Pick>,
    pub serials: Vec<SerialOf>,
    pub rechecked: bool,
    pub packing: Option<PackingId>,
}

/// Packs a parcel as the shop demands it. Precedence: what the order allows, recheck, serial
/// numbers, box, weight.
pub(super) fn pack_as_demanded(
    change: &mut Change,
    order: &mut Stored<Order>,
    desk: &Desk,
    policy: &Policy,
    (contents, closing): (Contents, Closing),
) -> Result<Stored<Parcel>, Refusal> {
    let Contents { id, warehouse, picks, serials, rechecked, packing } = contents;
    let picks = Pick::merged(&picks);
    order.doc.may_pack(&picks, &warehouse, change.at)?;
    if policy.packing.recheck == Need::Required && !rechecked {
        return Err(PackingRefusal::RecheckNeeded.into());
    }
    has_its_serials(&order.doc, &picks, &serials, desk)?;
    for serial in &serials {
        keep_serial(change, desk, (&id, &order.doc), serial)?;
    }
    let Closing { weight_g, box_type, weight_reason } = closing;
    let with = match &box_type {
        Some(named) => {
            let at_hand = |kind: &&BoxType| kind.id == *named && kind.is_at(&warehouse);
            Some(desk.boxes.iter().find(at_hand).ok_or(PackingRefusal::UnknownBox)?)
        }
        None if policy.packing.boxes == Need::Required => {
            return Err(PackingRefusal::BoxNeeded.into());
        }
        None => None,
    };
    if let Some(overloaded) = with.filter(|kind| kind.max_weight_g < weight_g) {
        return Err(PackingRefusal::BoxOverloaded { most_g: overloaded.max_weight_g }.into());
    }
    let weighed = (weight_g, weight_reason.as_deref());
    let weight = weigh((&order.doc, &picks), desk, with, weighed, &policy.packing)?;
    let (size_mm, weight) = (with.map(|kind| kind.inner_mm), Some(weight));
    let packaging = Packaging { rechecked, packing, box_type, size_mm, weight, serials };
    let parcel = Parcel {
        id,
        order: order.doc.id.clone(),
        merchant: order.doc.merchant.clone(),
        warehouse,
        picks,
        weight_g,
        packed_at: change.at,
        label: None,
        state: ParcelState::Packed,
        cash: None,
        carriage: Carriage::default(),
        promised_by: None,
        replaces: None,
        packaging,
    };
    pack(change, order, parcel)
}

/// A line whose SKU keeps serial numbers has one for each unit.
fn has_its_serials(
    order: &Order,
    picks: &[Pick],
    serials: &[SerialOf],
    desk: &Desk,
) -> Result<(), Refusal> {
    for pick in picks {
        let sku = order.line(pick.line).and_then(|line| desk.sku(&line.sku));
        let given = serials.iter().filter(|s| s.line == pick.line).count();
        let all = i64::try_from(given) == Ok(pick.units);
        if sku.is_some_and(|sku| sku.serial_kept) && !all {
            return Err(PackingRefusal::SerialsNeeded { line: pick.line }.into());
        }
    }
    Ok(())
}

/// A serial number is kept once for each time that its piece is packed, so of two packers who scan
/// the same number at the same moment one is refused.
fn keep_serial(
    change: &mut Change,
    desk: &Desk,
    (parcel, order): (&ParcelId, &Order),
    SerialOf { line, sku, serial }: &SerialOf,
) -> Result<(), Refusal> {
    let elsewhere = || PackingRefusal::SerialElsewhere { serial: serial.clone() };
    let times = desk.times_packed(sku, serial).ok_or_else(elsewhere)?;
    change.keep(Fact {
        kind: FactKind::Serial,
        subject: serial_subject(sku, serial),
        key: format!("serial/{sku}/{times}/{serial}"),
        occurred_at: change.at,
        fact: serde_json::json!({
            "sku": sku, "serial": serial, "parcel": parcel, "order": order.id, "line": line,
        }),
        verdict: "packed".to_owned(),
        raw: None,
    });
    Ok(())
}

/// Under which subject the facts about a serial number are.
pub fn serial_subject(sku: &SkuId, serial: &Serial) -> String {
    format!("serial/{sku}/{serial}")
}
