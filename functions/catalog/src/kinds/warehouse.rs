//! Warehouses. The platform describes them; everybody who works with goods sees them.

use super::Described;
use crate::import::{Column, Is, key, may, must};
use domain::Warehouse;
use edge::{FieldFault, Role};

impl Described for Warehouse {
    const WORD: &'static str = "warehouse";
    const WRITERS: &'static [Role] = &[Role::Operator];
    const COLUMNS: &'static [Column] = &[
        key("id", Is::Text),
        must("name", Is::Text),
        must("region", Is::Text),
        may("priority", Is::Number),
        may("cost_minor", Is::Number),
        may("carriers", Is::List),
        may("active", Is::Flag),
    ];

    fn faults(&self) -> Vec<FieldFault> {
        self.check().iter().map(FieldFault::from).collect()
    }
}
