//! Carriers. The platform describes them; everybody who works with goods sees them. What they
//! offer where does not fit into a CSV file; in NDJSON it does.

use super::Described;
use crate::import::{Column, Is, at, key, may};
use domain::Carrier;
use edge::{FieldFault, Role};

impl Described for Carrier {
    const WORD: &'static str = "carrier";
    const WRITERS: &'static [Role] = &[Role::Operator];
    const COLUMNS: &'static [Column] = &[
        key("id", Is::Text),
        at("name_zh", "name/zh", Is::Text),
        at("name_en", "name/en", Is::Text),
        may("priority", Is::Number),
        may("currency", Is::Text),
        may("volumetric_divisor", Is::Number),
        at("weight_at_most_g", "limits/weight_at_most_g", Is::Number),
        at("side_at_most_mm", "limits/side_at_most_mm", Is::Number),
        at("cash_on_delivery", "limits/cash_on_delivery", Is::Flag),
        at("not_to", "limits/not_to", Is::List),
        may("active", Is::Flag),
    ];

    fn faults(&self) -> Vec<FieldFault> {
        self.check().iter().map(FieldFault::from).collect()
    }
}
