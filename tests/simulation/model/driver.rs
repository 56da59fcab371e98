//! Hand-over manifests: what a carrier's driver takes at one time. A parcel is on one list at most,
//! and each of a list has left or is told to have stayed.

use super::{Kept, Model, Row, list, must, number, text};

/// The list that a driver signs.
#[derive(Debug, Clone)]
pub struct Manifest {
    pub warehouse: String,
    pub parcels: Vec<String>,
    pub over: bool,
    /// What did not go with it, by the commit that is looked at.
    stayed: Option<Vec<String>>,
}

impl Model {
    pub(super) fn manifest_event(&mut self, row: &Row, word: &str) -> Kept {
        let parcels = |told: &orderflow_tests::Value| -> Vec<String> {
            list(told).iter().map(|row| text(&row["parcel"])).collect()
        };
        match word {
            "made" => {
                let told = &row.event["manifest"];
                let warehouse = text(&told["warehouse"]);
                let here = self.manifests.values().filter(|m| m.warehouse == warehouse).count();
                let next = number(&told["number"]) == i64::try_from(here).unwrap_or(0) + 1;
                let parcels = parcels(&told["rows"]);
                let carrier = format!("{}:", text(&told["carrier"]));
                let fits = |id: &String| {
                    self.parcels.get(id).is_some_and(|p| {
                        let label = p.label.as_deref().unwrap_or_default();
                        p.warehouse == warehouse && label.starts_with(&carrier)
                    })
                };
                let right = next && !parcels.is_empty() && parcels.iter().all(fits);
                let made = Manifest { warehouse, parcels, over: false, stayed: None };
                self.manifests.insert(row.id.clone(), made);
                must(right, "a driver's list is of parcels of that carrier", || format!("{row:?}"))
            }
            "handed_over" => {
                let Some(known) = self.manifests.get_mut(&row.id) else {
                    return must(false, "a driver's list begins with being made", || {
                        format!("{row:?}")
                    });
                };
                known.stayed = Some(parcels(&row.event["stayed"]));
                let first = !std::mem::replace(&mut known.over, true);
                must(first, "a driver takes a list once", || format!("{row:?}"))
            }
            _ => self.stranger(row, word),
        }
    }

    /// What must hold of a manifest after each commit.
    pub(super) fn manifest_agrees(&mut self, id: &str) -> Kept {
        let stayed = self.manifests.get_mut(id).and_then(|known| known.stayed.take());
        let (Some(stayed), Some(known)) = (stayed, self.manifests.get(id)) else { return Ok(()) };
        for parcel in &known.parcels {
            let Some(now) = self.parcels.get(parcel) else { continue };
            let left = !matches!(now.state, "packed" | "cancelled");
            // One that left by itself, or got another label, was on it all the same.
            let on_it = now.manifest.as_deref() == Some(id);
            must(left != stayed.contains(parcel) && (left || !on_it), FATE, || {
                format!("{id} {parcel} {now:?}: {stayed:?} stayed")
            })?;
        }
        Ok(())
    }
}

const FATE: &str = "each parcel of a driver's list has left or is told to have stayed";
