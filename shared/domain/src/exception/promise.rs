//! What a carrier promises when it takes a parcel: by when it is delivered.

use crate::time::DAY;
use crate::{CarrierCandidate, Change, Fault, FaultKind, Parcel, ParcelEvent, Refusal, Stored};

/// Days that somebody may promise.
const DAYS: (i64, i64) = (1, 60);

/// The carrier promised to deliver a parcel in so many days from now; where nobody says so, as many
/// as it was chosen for, if it was. Refuses what is no number of days.
pub fn promise(
    change: &mut Change,
    parcel: &mut Stored<Parcel>,
    days: Option<i64>,
) -> Result<(), Refusal> {
    let Some(days) = days.or_else(|| parcel.doc.days_it_was_chosen_for()) else { return Ok(()) };
    let (least, most) = DAYS;
    if !(least..=most).contains(&days) {
        let what = FaultKind::OutOfRange { least, most };
        return Err(Refusal::Faulty(vec![Fault::at("#/promised_days", what)]));
    }
    change.record(parcel, ParcelEvent::Promised { by: change.at.plus(days * DAY) });
    Ok(())
}

impl Parcel {
    /// What the carrier of its label promised when carriers were compared: for the service that was
    /// booked, where one was, because a person may have named another than was chosen.
    fn days_it_was_chosen_for(&self) -> Option<i64> {
        let (verdict, label) = (self.carriage.verdict.as_ref()?, self.label.as_ref()?);
        let booked = self.carriage.booked.as_ref().map(|booked| booked.service.as_str());
        let fits = |c: &&CarrierCandidate| {
            c.carrier == label.carrier
                && c.unfit.is_empty()
                && booked.is_none_or(|service| c.service.as_deref() == Some(service))
        };
        let days = verdict.candidates.iter().find(fits)?.days?;
        (DAYS.0..=DAYS.1).contains(&days).then_some(days)
    }
}
