//! Documents by their ids, alone and with what they are decided together with.

use crate::{Store, StoreError};
use domain::{
    Case, CaseId, Document, Merchant, Order, OrderAtHand, OrderId, Payment, PaymentId, PurchaseId,
    Rates, ShopPolicy, Sku, Statement, Stored, Suspense, Warehouse, WaybillNumber,
};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// A document as the queries answer it.
pub(crate) struct Row<D> {
    version: u64,
    doc: D,
}

impl<'de, D: Document> Deserialize<'de> for Row<D> {
    fn deserialize<R: Deserializer<'de>>(from: R) -> Result<Self, R::Error> {
        #[derive(Deserialize)]
        struct Unread<'a> {
            version: u64,
            #[serde(borrow)]
            doc: &'a RawValue,
        }
        let Unread { version, doc } = Unread::deserialize(from)?;
        let doc = D::read(doc.get()).map_err(R::Error::custom)?;
        Ok(Self { version, doc })
    }
}

impl<D> From<Row<D>> for Stored<D> {
    fn from(row: Row<D>) -> Self {
        Self { version: row.version, doc: row.doc }
    }
}

pub(crate) fn stored<D>(row: Option<Row<D>>) -> Option<Stored<D>> {
    row.map(Stored::from)
}

pub(crate) fn all<D>(rows: Vec<Row<D>>) -> Vec<Stored<D>> {
    rows.into_iter().map(Stored::from).collect()
}

/// A document that has a table of its own to be read from.
pub trait ById: Document {
    /// Reads it by its id.
    const BY_ID: &'static str;
}

macro_rules! by_id {
    ($($type:ty, $table:literal;)*) => {
        $(impl ById for $type {
            const BY_ID: &'static str = concat!(
                "select json_object('version', version, 'doc', json(doc))\nfrom ",
                $table,
                "\nwhere id = ?1"
            );
        })*
        /// The statement of each kind, for the test that prepares all of them.
        pub const BY_ID: &[&str] = &[$(<$type as ById>::BY_ID),*];
    };
}
by_id! {
    Merchant, "merchants";
    Warehouse, "warehouses";
    Sku, "skus";
    ShopPolicy, "policies";
    domain::BoxType, "boxes";
    Rates, "rates";
    domain::Carrier, "carriers";
    Order, "orders";
    Payment, "payments";
    Suspense, "suspense";
    domain::Packing, "packings";
    domain::Parcel, "parcels";
    domain::Prints, "prints";
    WaybillNumber, "waybills";
    domain::Manifest, "manifests";
    Case, "after_sales";
    domain::Exception, "exceptions";
    Statement, "statements";
    domain::Buyer, "buyers";
    domain::Endpoint, "endpoints";
    domain::Bin, "bins";
    domain::Wave, "waves";
    domain::PickList, "pick_lists";
}

/// An order and the payment of its purchase.
#[derive(Debug, Clone)]
pub struct OrderAndPayment {
    pub order: Stored<Order>,
    pub payment: Stored<Payment>,
    /// All orders of the purchase but this one.
    pub siblings: Vec<Stored<Order>>,
}

impl OrderAndPayment {
    pub fn at_hand(&mut self) -> OrderAtHand<'_> {
        let Self { order, payment, siblings } = self;
        OrderAtHand { order, siblings, payment }
    }
}

#[derive(Deserialize)]
struct OrderAndPaymentRow {
    order: Row<Order>,
    payment: Row<Payment>,
    siblings: Vec<Row<Order>>,
}

/// A case with the order, the payment and the merchant it touches.
#[derive(Debug, Clone)]
pub struct CaseSituation {
    pub case: Stored<Case>,
    pub order: Stored<Order>,
    pub payment: Stored<Payment>,
    pub return_address: String,
}

#[derive(Deserialize)]
struct CaseRow {
    case: Row<Case>,
    order: Row<Order>,
    payment: Row<Payment>,
    return_address: Option<String>,
}

/// A payment with all orders of its purchase.
#[derive(Debug, Clone)]
pub struct PaymentAndOrders {
    pub payment: Stored<Payment>,
    pub orders: Vec<Stored<Order>>,
}

#[derive(Deserialize)]
struct PaymentRow {
    payment: Row<Payment>,
    orders: Vec<Row<Order>>,
}

pub const ORDER_AND_PAYMENT: &str = "select json_object(
    'order', json_object('version', o.version, 'doc', json(o.doc)),
    'payment', json_object('version', p.version, 'doc', json(p.doc)),
    'siblings', (
        select json_group_array(json_object('version', s.version, 'doc', json(s.doc)))
        from json_each(p.doc, '$.shares') as share
        join orders as s on s.id = share.value ->> 'order'
        where s.id <> o.id
    )
)
from orders as o
join payments as p on p.id = o.doc ->> 'payment'
where o.id = ?1";

pub const CASE_SITUATION: &str = "select json_object(
    'case', json_object('version', c.version, 'doc', json(c.doc)),
    'order', json_object('version', o.version, 'doc', json(o.doc)),
    'payment', json_object('version', p.version, 'doc', json(p.doc)),
    'return_address', m.doc ->> 'return_address'
)
from after_sales as c
join orders as o on o.id = c.order_id
join payments as p on p.id = c.doc ->> 'payment'
left join merchants as m on m.id = c.merchant
where c.id = ?1";

pub const PAYMENT_AND_ORDERS: &str = "select json_object(
    'payment', json_object('version', p.version, 'doc', json(p.doc)),
    'orders', (
        select json_group_array(json_object('version', o.version, 'doc', json(o.doc)))
        from json_each(p.doc, '$.shares') as share
        join orders as o on o.id = share.value ->> 'order'
    )
)
from payments as p
where p.id = ?1";

pub const PURCHASE: &str = "select json_object(
    'payment', json_object('version', p.version, 'doc', json(p.doc)),
    'orders', (
        select json_group_array(json_object('version', o.version, 'doc', json(o.doc)))
        from json_each(p.doc, '$.shares') as share
        join orders as o on o.id = share.value ->> 'order'
    )
)
from payments as p
where p.purchase = ?1";

impl Store {
    /// One document.
    pub async fn load<D: ById>(&self, id: &str) -> Result<Option<Stored<D>>, StoreError> {
        Ok(stored(self.read("read a document", D::BY_ID, vec![id.into()]).await?))
    }

    pub async fn order_and_payment(
        &self,
        order: &OrderId,
    ) -> Result<Option<OrderAndPayment>, StoreError> {
        let params = vec![order.as_str().into()];
        let row: Option<OrderAndPaymentRow> =
            self.read("read an order", ORDER_AND_PAYMENT, params).await?;
        Ok(row.map(|row| OrderAndPayment {
            order: row.order.into(),
            payment: row.payment.into(),
            siblings: all(row.siblings),
        }))
    }

    pub async fn case_situation(&self, case: &CaseId) -> Result<Option<CaseSituation>, StoreError> {
        let params = vec![case.as_str().into()];
        let row: Option<CaseRow> = self.read("read a case", CASE_SITUATION, params).await?;
        Ok(row.map(|row| CaseSituation {
            case: row.case.into(),
            order: row.order.into(),
            payment: row.payment.into(),
            return_address: row.return_address.unwrap_or_default(),
        }))
    }

    /// A payment and its orders.
    pub async fn payment_and_orders(
        &self,
        payment: &PaymentId,
    ) -> Result<Option<PaymentAndOrders>, StoreError> {
        let params = vec![payment.as_str().into()];
        let row: Option<PaymentRow> =
            self.read("read a payment", PAYMENT_AND_ORDERS, params).await?;
        Ok(row.map(PaymentAndOrders::from))
    }

    /// A purchase: its payment and its orders.
    pub async fn purchase(&self, id: &PurchaseId) -> Result<Option<PaymentAndOrders>, StoreError> {
        let params = vec![id.as_str().into()];
        let row: Option<PaymentRow> = self.read("read a purchase", PURCHASE, params).await?;
        Ok(row.map(PaymentAndOrders::from))
    }
}

impl From<PaymentRow> for PaymentAndOrders {
    fn from(row: PaymentRow) -> Self {
        Self { payment: row.payment.into(), orders: all(row.orders) }
    }
}
