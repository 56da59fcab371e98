//! The journal is enough: every document built again from its events must be the stored one.

use crate::Books;
use crate::books::DOCUMENTS;
use domain::{
    Bin, BoxType, Buyer, Carrier, Case, Document, Endpoint, Exception, Manifest, Merchant, Order,
    Packing, Parcel, Payment, PickList, Prints, Rates, ShopPolicy, Sku, Statement, Suspense,
    Warehouse, Wave, WaybillNumber,
};
use serde_json::Value;
use std::collections::BTreeMap;

/// Builds a document from its events, in the order in which they happened.
fn rebuild<D: Document>(events: &[Value]) -> Value {
    let mut built: Option<D> = None;
    for event in events {
        let event: D::Event = serde_json::from_value(event.clone())
            .unwrap_or_else(|error| panic!("the journal holds {event}: {error}"));
        match &mut built {
            None => built = D::begin(&event),
            Some(document) => document.evolve(&event),
        }
    }
    serde_json::to_value(built).expect("a document is JSON")
}

fn rebuilder(kind: &str) -> fn(&[Value]) -> Value {
    match kind {
        "merchants" => rebuild::<Merchant>,
        "warehouses" => rebuild::<Warehouse>,
        "skus" => rebuild::<Sku>,
        "boxes" => rebuild::<BoxType>,
        "policies" => rebuild::<ShopPolicy>,
        "rates" => rebuild::<Rates>,
        "carriers" => rebuild::<Carrier>,
        "orders" => rebuild::<Order>,
        "payments" => rebuild::<Payment>,
        "suspense" => rebuild::<Suspense>,
        "packings" => rebuild::<Packing>,
        "parcels" => rebuild::<Parcel>,
        "prints" => rebuild::<Prints>,
        "waybills" => rebuild::<WaybillNumber>,
        "manifests" => rebuild::<Manifest>,
        "after_sales" => rebuild::<Case>,
        "exceptions" => rebuild::<Exception>,
        "statements" => rebuild::<Statement>,
        "buyers" => rebuild::<Buyer>,
        "endpoints" => rebuild::<Endpoint>,
        "bins" => rebuild::<Bin>,
        "waves" => rebuild::<Wave>,
        "pick_lists" => rebuild::<PickList>,
        unknown => panic!("the journal speaks of {unknown}"),
    }
}

impl Books {
    /// Builds all documents of the shop again and compares. Answers how many there are.
    pub fn journal_rebuilds_everything(&self) -> usize {
        let mut events: BTreeMap<(String, String), Vec<Value>> = BTreeMap::new();
        let mut versions: BTreeMap<(String, String), Value> = BTreeMap::new();
        for row in self.rows("select kind, id, event, version from journal order by seq") {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let key = (text(&row[0]), text(&row[1]));
            events.entry(key.clone()).or_default().push(row[2].clone());
            versions.insert(key, row[3].clone());
        }
        let mut compared = 0;
        for kind in DOCUMENTS {
            for row in self.rows(&format!("select id, doc, version from {kind}")) {
                let key = (kind.to_owned(), row[0].as_str().unwrap_or_default().to_owned());
                let events = events.get(&key).map(Vec::as_slice).unwrap_or_default();
                assert_eq!(rebuilder(kind)(events), row[1], "{kind} {} by its journal", row[0]);
                assert_eq!(versions.get(&key), Some(&row[2]), "version of {kind} {}", row[0]);
                compared += 1;
            }
        }
        assert_eq!(events.len(), compared, "the journal knows documents that are not there");
        compared
    }
}
