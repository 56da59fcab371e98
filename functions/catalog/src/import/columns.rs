//! The columns of each kind of file. The first row names them, in any order; a column that is not
//! needed may be left out.

use crate::csv_rows::{BadRow, Row};
use domain::{
    Currency, LARGEST_MINOR, Merchant, MerchantId, ShippingTerms, Sku, SkuId, Warehouse,
    WarehouseId,
};
use edge::Problem;

/// A row that could be read.
#[derive(Debug, Clone)]
pub enum Parsed {
    Merchant(Merchant),
    Warehouse(Warehouse),
    Sku(Sku),
    Stock { sku: SkuId, warehouse: WarehouseId, on_hand: i64 },
}

impl Parsed {
    /// What the row is about.
    pub fn key(&self) -> String {
        match self {
            Self::Merchant(merchant) => merchant.id.to_string(),
            Self::Warehouse(warehouse) => warehouse.id.to_string(),
            Self::Sku(sku) => sku.id.to_string(),
            Self::Stock { sku, warehouse, .. } => format!("{sku} {warehouse}"),
        }
    }
}

/// A kind of file: its columns, those that are needed first.
#[derive(Debug, Clone, Copy)]
pub struct Columns {
    kind: &'static str,
    names: &'static [&'static str],
    needed: usize,
}

const KINDS: &[Columns] = &[
    Columns {
        kind: "merchants",
        names: &[
            "id",
            "name",
            "commission_bp",
            "return_address",
            "service_fee_minor",
            "shipping_fee_minor",
            "free_shipping_from_minor",
        ],
        needed: 4,
    },
    Columns { kind: "warehouses", names: &["id", "name", "region", "priority"], needed: 3 },
    Columns {
        kind: "skus",
        names: &[
            "id",
            "merchant",
            "name",
            "price_minor",
            "currency",
            "weight_g",
            "for_sale",
            "return_days",
        ],
        needed: 5,
    },
    Columns { kind: "stock", names: &["sku", "warehouse", "on_hand"], needed: 3 },
];

type Fault = (String, String);

struct Fields<'a> {
    columns: &'a Columns,
    order: &'a [Option<usize>],
    row: &'a Row,
}

impl Fields<'_> {
    fn text(&self, column: &str) -> Option<&str> {
        let i = self.columns.names.iter().position(|n| *n == column)?;
        let at = self.order.get(i).copied().flatten()?;
        self.row.fields.get(at).map(|f| f.trim()).filter(|f| !f.is_empty())
    }

    fn need(&self, column: &str) -> Result<&str, Fault> {
        self.text(column).ok_or_else(|| (column.to_owned(), "is missing".to_owned()))
    }

    fn number(&self, column: &str, least: i64, most: i64) -> Result<Option<i64>, Fault> {
        let Some(text) = self.text(column) else { return Ok(None) };
        let number = text.parse::<i64>().ok().filter(|n| (least..=most).contains(n));
        let bad = || (column.to_owned(), format!("not a whole number from {least} to {most}"));
        number.map(Some).ok_or_else(bad)
    }

    fn must(&self, column: &str, least: i64, most: i64) -> Result<i64, Fault> {
        self.need(column)?;
        self.number(column, least, most).map(Option::unwrap_or_default)
    }

    fn parse<T, E: std::fmt::Display>(
        &self,
        column: &str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Result<T, Fault> {
        parse(self.need(column)?).map_err(|error| (column.to_owned(), error.to_string()))
    }
}

impl Columns {
    pub fn of(kind: &str) -> Option<Self> {
        KINDS.iter().find(|k| k.kind == kind).copied()
    }

    /// Reads the first row. 422 if a column is missing, unknown or named twice.
    pub fn order(&self, header: Result<Row, BadRow>) -> Result<Vec<Option<usize>>, Problem> {
        let bad = |detail: String| Problem::invalid("#", "bad_header", detail);
        let header = header.map_err(|_| bad("the first row is not UTF-8; is it GBK?".into()))?;
        let named: Vec<&str> = header.fields.iter().map(|f| f.trim()).collect();
        let unknown = named.iter().find(|n| !self.names.contains(n));
        if let Some(unknown) = unknown {
            return Err(bad(format!("unknown column {unknown:?}; known are {:?}", self.names)));
        }
        let place = |name: &&str| named.iter().position(|n| n == name);
        let order: Vec<Option<usize>> = self.names.iter().map(place).collect();
        let missing = self.names.iter().zip(&order).take(self.needed).find(|(_, at)| at.is_none());
        if let Some((name, _)) = missing {
            return Err(bad(format!("the column {name:?} is missing")));
        }
        if named.len() != order.iter().flatten().count() {
            return Err(bad("a column is named twice".to_owned()));
        }
        Ok(order)
    }

    /// Reads a row, or says which column is wrong and why.
    pub fn parse(&self, order: &[Option<usize>], row: &Row) -> Result<Parsed, Fault> {
        let fields = Fields { columns: self, order, row };
        match self.kind {
            "merchants" => merchant(&fields).map(Parsed::Merchant),
            "warehouses" => warehouse(&fields).map(Parsed::Warehouse),
            "skus" => sku(&fields).map(Parsed::Sku),
            _ => Ok(Parsed::Stock {
                sku: fields.parse("sku", SkuId::parse)?,
                warehouse: fields.parse("warehouse", WarehouseId::parse)?,
                on_hand: fields.must("on_hand", 0, 1_000_000_000)?,
            }),
        }
    }
}

fn merchant(fields: &Fields<'_>) -> Result<Merchant, Fault> {
    let money = |column| fields.number(column, 0, LARGEST_MINOR);
    let commission = fields.must("commission_bp", 0, 10_000)?;
    Ok(Merchant {
        id: fields.parse("id", MerchantId::parse)?,
        name: fields.need("name")?.to_owned(),
        commission_bp: u32::try_from(commission).unwrap_or(0),
        service_fee_minor: money("service_fee_minor")?.unwrap_or(0),
        return_address: fields.need("return_address")?.to_owned(),
        shipping: ShippingTerms {
            fee_minor: money("shipping_fee_minor")?.unwrap_or(0),
            free_from_minor: money("free_shipping_from_minor")?,
        },
        webhook: None,
    })
}

fn warehouse(fields: &Fields<'_>) -> Result<Warehouse, Fault> {
    let region = fields.need("region")?;
    if region.len() != 6 || !region.bytes().all(|b| b.is_ascii_digit()) {
        return Err(("region".to_owned(), "not six digits of GB/T 2260".to_owned()));
    }
    Ok(Warehouse {
        id: fields.parse("id", WarehouseId::parse)?,
        name: fields.need("name")?.to_owned(),
        region: region.to_owned(),
        priority: fields.number("priority", -1_000, 1_000)?.unwrap_or(0),
    })
}

fn sku(fields: &Fields<'_>) -> Result<Sku, Fault> {
    let for_sale = match fields.text("for_sale") {
        None | Some("true" | "yes" | "1") => true,
        Some("false" | "no" | "0") => false,
        Some(_) => return Err(("for_sale".to_owned(), "neither true nor false".to_owned())),
    };
    let days = fields.number("return_days", 0, 3_650)?;
    Ok(Sku {
        id: fields.parse("id", SkuId::parse)?,
        merchant: fields.parse("merchant", MerchantId::parse)?,
        name: fields.need("name")?.to_owned(),
        price_minor: fields.must("price_minor", 0, LARGEST_MINOR)?,
        currency: fields.parse("currency", Currency::parse)?,
        weight_g: fields.number("weight_g", 0, 1_000_000)?.unwrap_or(0),
        for_sale,
        return_days: days.and_then(|d| u16::try_from(d).ok()),
    })
}
