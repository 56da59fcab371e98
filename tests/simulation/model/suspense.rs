//! Money that nothing explains: one item for each attempt, however often it is told.

use super::{Kept, Model, Row, must, number, text};

/// What lies there.
#[derive(Debug, Clone)]
pub struct Item {
    gateway: String,
    reference: String,
    currency: String,
    amount: i64,
}

impl Model {
    pub(super) fn suspense_event(&mut self, row: &Row, word: &str) -> Kept {
        let event = &row.event;
        if word == "suspended" {
            let told = &event["item"];
            let item = Item {
                gateway: text(&told["gateway"]),
                reference: text(&told["reference"]),
                currency: text(&told["currency"]),
                amount: number(&told["amount_minor"]),
            };
            let same = |other: &Item| {
                (&other.gateway, &other.reference, &other.currency)
                    == (&item.gateway, &item.reference, &item.currency)
            };
            let new = !self.suspense.values().any(same);
            self.lies_there(&item, item.amount);
            self.suspense.insert(row.id.clone(), item);
            return must(new, "money that nothing explains is booked once", || format!("{row:?}"));
        }
        let Some(mut item) = self.suspense.get(&row.id).cloned() else {
            return must(false, "money in suspense begins with coming", || format!("{row:?}"));
        };
        match word {
            "grew" => {
                let more = number(&event["more_minor"]);
                item.amount += more;
                self.lies_there(&item, more);
                self.suspense.insert(row.id.clone(), item);
            }
            "given" => self.lies_there(&item, -item.amount),
            "left_to_person" => {}
            _ => return self.stranger(row, word),
        }
        Ok(())
    }

    fn lies_there(&mut self, item: &Item, amount: i64) {
        let gateway = format!("gateway:{}", item.gateway);
        let suspense = format!("suspense:{}", item.gateway);
        self.posts(&item.currency, &[(gateway, amount), (suspense, -amount)]);
    }
}
