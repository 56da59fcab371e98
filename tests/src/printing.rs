//! What warehouses print.

use crate::{Ask, Parcel, Person};
use serde_json::{Value, json};

impl<'s> Person<'s> {
    /// `paper` is `label` or `slip`, `format` is `pdf` or `zpl`.
    pub fn print(&self, parcel: &Parcel, paper: &str, format: &str) -> Ask<'s> {
        let path = format!("/v1/print/parcels/{}/{paper}", parcel.id);
        self.post(&path, &json!({"format": format}))
    }

    pub async fn prints(&self, parcel: &Parcel, paper: &str, format: &str) -> Vec<u8> {
        let printed = self.print(parcel, paper, format).await.must(&[200]);
        let media_type = format!("application/{format}");
        assert_eq!(printed.header("content-type"), Some(media_type.as_str()));
        printed.body.to_vec()
    }

    /// What was printed of a parcel, the newest first.
    pub async fn sees_prints(&self, parcel: &Parcel) -> Vec<Value> {
        let path = format!("/v1/print/parcels/{}/prints", parcel.id);
        let page = self.get(&path).await.must(&[200]).at("/prints");
        page.as_array().cloned().unwrap_or_default()
    }
}
