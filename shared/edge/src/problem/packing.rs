//! What a packer can do about a no.

use super::Problem;
use domain::{PackingRefusal, ScanMistake};
use serde_json::json;

/// A refusal as the caller sees it.
pub(super) fn problem(refusal: PackingRefusal) -> Problem {
    let code = refusal.word();
    match refusal {
        PackingRefusal::ScansDiffer { missing } => {
            let detail = "what was scanned is not all that the parcel is to hold";
            Problem::conflict(code, detail).with("missing", json!(missing))
        }
        PackingRefusal::BadScan { at, mistake } => {
            Problem::invalid(&format!("#/scans/{at}"), code, told(mistake))
        }
        PackingRefusal::RecheckNeeded => {
            Problem::conflict(code, "here goods are scanned before they are packed")
        }
        PackingRefusal::SerialsNeeded { line } => {
            let detail = format!("each piece of line {line} is scanned with its serial number");
            Problem::conflict(code, detail).with("line", json!(line))
        }
        PackingRefusal::SerialElsewhere { serial } => {
            let detail = "a piece with this serial number is in another parcel";
            Problem::conflict(code, detail).with("serial", json!(serial))
        }
        PackingRefusal::UnknownBox => {
            Problem::invalid("#/box", code, "there is no such box in this warehouse")
        }
        PackingRefusal::BoxNeeded => {
            Problem::invalid("#/box", code, "here every parcel says which box it is in")
        }
        PackingRefusal::BoxOverloaded { most_g } => {
            let detail = format!("this box may weigh {most_g} g");
            Problem::conflict(code, detail).with("most_g", json!(most_g))
        }
        PackingRefusal::WeightOutOfTolerance { expected_g, least_g, most_g } => {
            let detail =
                format!("{expected_g} g are expected, {least_g} to {most_g} are tolerated");
            let conflict = Problem::conflict(code, detail).with("expected_g", json!(expected_g));
            conflict.with("least_g", json!(least_g)).with("most_g", json!(most_g))
        }
        PackingRefusal::NoLabel => Problem::conflict(code, "the parcel has no waybill number yet"),
    }
}

/// A wrong scan in words, for who holds the scanner.
pub(crate) fn told(mistake: ScanMistake) -> &'static str {
    match mistake {
        ScanMistake::NotOpen => "this packing has ended",
        ScanMistake::UnknownBarcode => "no SKU has this code",
        ScanMistake::NotInOrder => "this is not of this order",
        ScanMistake::AmbiguousBarcode => "several SKUs of this order have this code: name the SKU",
        ScanMistake::NotWanted => "this is of the order, but not for this parcel",
        ScanMistake::SerialMissing => "each piece is scanned by itself, with its serial number",
        ScanMistake::SerialNotKept => "this SKU has no serial numbers",
        ScanMistake::SerialRepeated => "this very piece was scanned before",
        ScanMistake::TooMany => "more than the parcel is to hold",
        ScanMistake::SerialElsewhere => "a piece with this serial number is in another parcel",
        ScanMistake::NotScanned => "this was not scanned",
    }
}
