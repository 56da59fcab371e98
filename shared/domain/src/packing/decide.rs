//! What a packer does: opens a packing, scans, closes it or leaves it be; or brings everything at
//! once.

use super::packed::{Contents, pack_as_demanded};
use super::{
    Closing, Desk, LineScans, Packing, PackingEvent, PackingRefusal, PackingState, Scan,
    ScanMistake,
};
use crate::{
    Action, Change, MerchantId, Order, OrderId, PackingId, Parcel, ParcelId, Pick, Policy, Refusal,
    Stored, WarehouseId,
};

/// What a parcel is to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    pub warehouse: WarehouseId,
    /// None: everything that is left to pack of the order in that warehouse.
    pub lines: Option<Vec<Pick>>,
}

/// What a packer does with the order of lines that are missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rest {
    /// The parcel must hold all that it was to hold.
    Demanded,
    /// The parcel holds what was scanned; the rest is packed another time.
    Later,
}

impl Order {
    fn left_to_pack(&self, warehouse: &WarehouseId) -> Vec<Pick> {
        let pick = |l: &crate::Line| Pick {
            line: l.no,
            units: l.to_pack_in(warehouse).min(l.open_units()),
        };
        self.lines.iter().map(pick).filter(|pick| pick.units > 0).collect()
    }

    /// The lines of a packing with nothing scanned yet.
    fn to_scan(&self, wanted: &Wanted, at: crate::Millis) -> Result<Vec<LineScans>, Refusal> {
        let picks = match &wanted.lines {
            Some(picks) => Pick::merged(picks),
            None => self.left_to_pack(&wanted.warehouse),
        };
        self.may_pack(&picks, &wanted.warehouse, at)?;
        let line = |pick: Pick| {
            let sku = self.line(pick.line)?.sku.clone();
            let (scanned, serials) = (0, Vec::new());
            Some(LineScans { line: pick.line, sku, wanted: pick.units, scanned, serials })
        };
        Ok(picks.into_iter().filter_map(line).collect())
    }
}

/// Begins to scan goods of an order for one parcel. Precedence: state, dispute, lines, counts,
/// warehouse.
pub fn open_packing(
    change: &mut Change,
    id: PackingId,
    order: &Order,
    wanted: &Wanted,
) -> Result<Stored<Packing>, Refusal> {
    let lines = order.to_scan(wanted, change.at)?;
    let (of, merchant) = (order.id.clone(), order.merchant.clone());
    let packing = begin((id, of, merchant), wanted, lines, change);
    change.begin::<Packing>(PackingEvent::Opened { packing: packing.clone() });
    Ok(Stored { version: 0, doc: packing })
}

fn begin(
    (id, order, merchant): (PackingId, OrderId, MerchantId),
    wanted: &Wanted,
    lines: Vec<LineScans>,
    change: &Change,
) -> Packing {
    Packing {
        id,
        order,
        merchant,
        warehouse: wanted.warehouse.clone(),
        lines,
        mistakes: 0,
        opened_at: change.at,
        state: PackingState::Open,
    }
}

/// Puts what was scanned on its line. A wrong scan changes no count and is kept as a mistake, also
/// after the packing has ended; it is answered and not refused, or there would be no trace of it.
pub fn scan(
    change: &mut Change,
    packing: &mut Stored<Packing>,
    desk: &Desk,
    scan: &Scan,
) -> Result<Option<ScanMistake>, Refusal> {
    well_formed(scan, "#")?;
    let (code, units, serial) = said(scan);
    match packing.doc.takes(desk, scan) {
        Ok(line) => {
            change.record(packing, PackingEvent::Scanned { code, line, units, serial });
            Ok(None)
        }
        Err(mistake) => Ok(Some(mistaken(change, packing, scan, mistake))),
    }
}

/// Takes what was scanned off its line again; mistakes as above.
pub fn unscan(
    change: &mut Change,
    packing: &mut Stored<Packing>,
    desk: &Desk,
    scan: &Scan,
) -> Result<Option<ScanMistake>, Refusal> {
    well_formed(scan, "#")?;
    let (code, units, serial) = said(scan);
    match packing.doc.gives(desk, scan) {
        Ok(line) => {
            change.record(packing, PackingEvent::Unscanned { code, line, units, serial });
            Ok(None)
        }
        Err(mistake) => Ok(Some(mistaken(change, packing, scan, mistake))),
    }
}

fn well_formed(scan: &Scan, at: &str) -> Result<(), Refusal> {
    let faults = scan.check(at);
    if faults.is_empty() { Ok(()) } else { Err(Refusal::Faulty(faults)) }
}

fn said(scan: &Scan) -> (String, i64, Option<super::Serial>) {
    (scan.code.trim().to_owned(), scan.quantity, scan.serial.clone())
}

fn mistaken(
    change: &mut Change,
    packing: &mut Stored<Packing>,
    scan: &Scan,
    mistake: ScanMistake,
) -> ScanMistake {
    let (code, units, serial) = said(scan);
    change.record(packing, PackingEvent::Mistaken { code, units, serial, mistake });
    mistake
}

/// What was scanned becomes a parcel, in the same commit. Precedence: state, completeness, then as
/// for any parcel.
pub fn close_packing(
    change: &mut Change,
    (packing, order): (&mut Stored<Packing>, &mut Stored<Order>),
    desk: &Desk,
    policy: &Policy,
    (id, closing, rest): (ParcelId, Closing, Rest),
) -> Result<Stored<Parcel>, Refusal> {
    packing.doc.must_allow(Action::Close)?;
    let missing = packing.doc.missing();
    if rest == Rest::Demanded && !missing.is_empty() {
        return Err(PackingRefusal::ScansDiffer { missing }.into());
    }
    let contents = Contents {
        id: id.clone(),
        warehouse: packing.doc.warehouse.clone(),
        picks: packing.doc.scanned(),
        serials: packing.doc.serials(),
        rechecked: true,
        packing: Some(packing.doc.id.clone()),
    };
    let parcel = pack_as_demanded(change, order, desk, policy, (contents, closing))?;
    let at = change.at;
    change.record(packing, PackingEvent::Closed { parcel: id, at });
    Ok(parcel)
}

/// Nothing comes of it; what was scanned stays in its log.
pub fn abandon_packing(change: &mut Change, packing: &mut Stored<Packing>) -> Result<(), Refusal> {
    packing.doc.must_allow(Action::Abandon)?;
    let at = change.at;
    change.record(packing, PackingEvent::Abandoned { at });
    Ok(())
}

/// A parcel all at once: by the numbers of its lines, or by what was scanned, or both, which must
/// agree. A wrong scan refuses all of it.
pub fn pack_at_once(
    change: &mut Change,
    order: &mut Stored<Order>,
    desk: &Desk,
    policy: &Policy,
    (id, wanted, scans, closing): (ParcelId, &Wanted, &[Scan], Closing),
) -> Result<Stored<Parcel>, Refusal> {
    let warehouse = wanted.warehouse.clone();
    let (picks, serials) = if scans.is_empty() {
        (wanted.lines.clone().unwrap_or_default(), Vec::new())
    } else {
        let scanned = all_scanned(&order.doc, wanted, desk, scans, change)?;
        if wanted.lines.is_some() && !scanned.missing().is_empty() {
            return Err(PackingRefusal::ScansDiffer { missing: scanned.missing() }.into());
        }
        (scanned.scanned(), scanned.serials())
    };
    let (rechecked, packing) = (!scans.is_empty(), None);
    let contents = Contents { id, warehouse, picks, serials, rechecked, packing };
    pack_as_demanded(change, order, desk, policy, (contents, closing))
}

fn all_scanned(
    order: &Order,
    wanted: &Wanted,
    desk: &Desk,
    scans: &[Scan],
    change: &Change,
) -> Result<Packing, Refusal> {
    let lines = order.to_scan(wanted, change.at)?;
    let nobodys = PackingId::mint(&mut || 0);
    let (of, merchant) = (order.id.clone(), order.merchant.clone());
    let mut packing = begin((nobodys, of, merchant), wanted, lines, change);
    for (at, scan) in scans.iter().enumerate() {
        well_formed(scan, &format!("#/scans/{at}"))?;
        let line =
            packing.takes(desk, scan).map_err(|mistake| PackingRefusal::BadScan { at, mistake })?;
        let (code, units, serial) = said(scan);
        let event = PackingEvent::Scanned { code, line, units, serial };
        crate::Document::evolve(&mut packing, &event);
    }
    Ok(packing)
}
