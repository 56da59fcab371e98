//! What carriers see, and say to the shop.

use crate::{Order, Parcel, Shop};
use domain::{HOUR, MINUTE, Millis};
use partners::{Delivery, Scan, Trackers};
use serde_json::Value;

/// What a carrier saw: Kuaidi100's code, and the sentence.
pub type Sighting = (&'static str, &'static str);

pub const PICKED_UP: Sighting = ("103", "已揽收");
pub const ON_THE_WAY: Sighting = ("1002", "运往上海转运中心");
pub const OUT_FOR_DELIVERY: Sighting = ("5", "正在派件");
pub const DELIVERED: Sighting = ("301", "已签收,签收人:本人");
pub const REFUSED: Sighting = ("14", "收件人拒收");
pub const DELAYED: Sighting = ("202", "超时未更新");
pub const DAMAGED: Sighting = ("209", "外包装破损");
pub const RETURNING: Sighting = ("6", "退回途中");
pub const RETURNED: Sighting = ("4", "已退回发件人");

/// Kuaidi100 writes Beijing time without a zone.
fn beijing(at: Millis) -> String {
    let text = edge::views::time(at.plus(8 * HOUR));
    text.replace('T', " ").chars().take(19).collect()
}

impl Shop {
    /// A scan that happened so long ago.
    pub fn scan(&self, ago_ms: i64, (code, text): Sighting) -> Scan {
        Scan::new(&beijing(self.now().plus(-ago_ms)), code, text)
    }

    /// The trace as the carrier would push it.
    pub fn trace(&self, parcel: &Parcel, scans: &[Scan]) -> Delivery {
        self.carrier.trace(&parcel.carrier, &parcel.waybill, scans)
    }

    /// The carrier pushes all it ever saw of the parcel, with these sightings of the last minutes.
    pub async fn carrier_says(&self, parcel: &Parcel, sightings: &[Sighting]) {
        let scans = {
            let mut traces = self.traces.borrow_mut();
            let trace = traces.entry(parcel.waybill.clone()).or_default();
            for (i, sighting) in sightings.iter().enumerate() {
                let later = i64::try_from(sightings.len() - i).expect("few sightings");
                trace.push(self.scan((later - 1) * MINUTE, *sighting));
            }
            trace.clone()
        };
        self.carrier_pushes(&self.trace(parcel, &scans)).await;
    }

    /// SF brings a push to the path that only it knows; it must be acknowledged in SF's own way.
    pub async fn sf_pushes(&self, push: &Delivery) {
        let path = format!("carriers/shunfeng-{}", Trackers::SF_TOKEN);
        let answer = self.hears(&path, push).await.must(&[200]);
        assert_eq!(answer.at("/return_code"), "0000");
    }

    /// Where an order's parcels are, as its buyer reads it in one language.
    pub async fn way(&self, buyer: &str, order: &Order, lang: &str) -> Value {
        let path = format!("/v1/orders/{}/tracking?lang={lang}", order.id);
        self.buyer(buyer).get(&path).await.must(&[200]).json()
    }

    /// What was told of a parcel, as support sees it, the newest first.
    pub async fn told(&self, parcel: &Parcel) -> Vec<Value> {
        let path = format!("/v1/shipping/parcels/{}/tracking", parcel.id);
        let told = self.support().get(&path).await.must(&[200]).at("/scans");
        told.as_array().cloned().unwrap_or_default()
    }

    /// Brings a webhook of the carrier, which must be acknowledged.
    pub async fn carrier_pushes(&self, push: &Delivery) {
        drop(self.hears("carriers/kuaidi100", push).await.must(&[200]));
    }

    /// All that is left of the order, which is held in one warehouse, leaves in one parcel and
    /// reaches the buyer.
    pub async fn sends(&self, order: &Order) -> Parcel {
        let seen = self.order(order).await;
        let all = seen["lines"].as_array().expect("lines");
        let number = |value: &Value| value.as_i64().expect("a number");
        let warehouse = all[0]["held"][0]["warehouse"].as_str().expect("something held");
        let line = |line: &Value| {
            let units = &line["units"];
            let gone = number(&units["cancelled"]) + number(&units["packed"]);
            let left = number(&line["quantity"]) - gone - number(&units["shipped"]);
            (line["line"].as_u64().expect("a number"), left)
        };
        let lines: Vec<(u64, i64)> = all.iter().map(line).filter(|(_, left)| *left > 0).collect();
        let parcel = self.warehouse(warehouse).ships(order, &lines).await;
        self.carrier_says(&parcel, &[PICKED_UP, ON_THE_WAY, DELIVERED]).await;
        parcel
    }

    /// A parcel as support sees it.
    pub async fn parcel(&self, parcel: &Parcel) -> Value {
        let path = format!("/v1/shipping/parcels/{}", parcel.id);
        self.support().get(&path).await.must(&[200]).json()
    }
}
