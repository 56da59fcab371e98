//! What a buyer asks for besides goods: a note, an invoice, a gift's card.

use super::PlacePurchase;
use crate::{Fault, FaultKind, Gift, Invoice};

const NOTE_AT_MOST: usize = 500;

/// The invoice in its stored form; adds every fault of all three.
pub(super) fn checked(wanted: &PlacePurchase, faults: &mut Vec<Fault>) -> Option<Invoice> {
    if wanted.note.as_ref().is_some_and(|note| note.chars().count() > NOTE_AT_MOST) {
        faults.push(Fault::at("#/note", FaultKind::TooLong { at_most: NOTE_AT_MOST }));
    }
    let invoice = wanted.invoice.as_ref().map(|invoice| invoice.checked("#/invoice"));
    let invoice = invoice.and_then(|checked| checked.map_err(|wrong| faults.extend(wrong)).ok());
    faults.extend(wanted.gift.as_ref().and_then(|gift: &Gift| gift.faults("#/gift")));
    invoice
}
