//! Boxes. The platform describes them; everybody who works with goods sees them.

use super::Described;
use crate::import::{Column, Is, at, key, may, must};
use domain::BoxType;
use edge::{FieldFault, Role};

impl Described for BoxType {
    const WORD: &'static str = "box";
    const WRITERS: &'static [Role] = &[Role::Operator];
    const COLUMNS: &'static [Column] = &[
        key("id", Is::Text),
        must("name", Is::Text),
        at("length_mm", "inner_mm/length", Is::Number),
        at("width_mm", "inner_mm/width", Is::Number),
        at("height_mm", "inner_mm/height", Is::Number),
        must("tare_g", Is::Number),
        must("max_weight_g", Is::Number),
        may("warehouse", Is::Text),
        at("cost_minor", "cost/amount", Is::Number),
        at("cost_currency", "cost/currency", Is::Text),
        may("active", Is::Flag),
    ];

    fn faults(&self) -> Vec<FieldFault> {
        self.check().iter().map(FieldFault::from).collect()
    }
}
