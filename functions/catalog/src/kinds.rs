//! What differs between merchants, warehouses and SKUs when they are described.

use domain::{Document, LARGEST_MINOR, Merchant, Sku, Warehouse};
use edge::{Ctx, Principal, Problem, Role};
use serde_json::{Value, json};

/// A kind of thing in the catalog.
pub trait Described:
    store::ById + Document<Event = domain::Described<Self>> + PartialEq + 'static
{
    const WORD: &'static str;

    /// Who may say what it is. An operator may everything.
    fn may_be_said_by(&self, who: &Principal) -> Result<(), Problem>;
    /// What the type alone does not say.
    async fn check(&self, ctx: &Ctx) -> Result<(), Problem>;
    fn view(&self, who: &Principal) -> Value;
}

fn only_operators(who: &Principal) -> Result<(), Problem> {
    match who.role {
        Role::Operator => Ok(()),
        Role::Buyer | Role::Merchant | Role::Warehouse | Role::Support | Role::Finance => {
            Err(Problem::forbidden("only for operators"))
        }
    }
}

fn in_range(pointer: &str, amount: i64) -> Result<(), Problem> {
    if (0..=LARGEST_MINOR).contains(&amount) {
        Ok(())
    } else {
        Err(Problem::invalid(pointer, "amount_out_of_range", "not an amount"))
    }
}

impl Described for Merchant {
    const WORD: &'static str = "merchant";

    fn may_be_said_by(&self, who: &Principal) -> Result<(), Problem> {
        only_operators(who)
    }

    async fn check(&self, _: &Ctx) -> Result<(), Problem> {
        if self.commission_bp > 10_000 {
            let detail = "0 to 10000 basis points";
            return Err(Problem::invalid("#/commission_bp", "out_of_range", detail));
        }
        in_range("#/service_fee_minor", self.service_fee_minor)?;
        in_range("#/shipping/fee_minor", self.shipping.fee_minor)?;
        let Some(webhook) = &self.webhook else { return Ok(()) };
        let scheme = webhook.url.starts_with("https://") || webhook.url.starts_with("http://");
        let secret = |s: &String| gateways::webhook::sign(s, "check", 0, b"").is_ok();
        if !scheme || webhook.url.len() > 2_000 {
            return Err(Problem::invalid("#/webhook/url", "not_a_url", "an http(s) URL"));
        }
        if webhook.secrets.is_empty() || !webhook.secrets.iter().all(secret) {
            let detail = "whsec_ and base64 of 24 to 64 bytes";
            return Err(Problem::invalid("#/webhook/secrets", "not_a_secret", detail));
        }
        Ok(())
    }

    /// Secrets are never shown again.
    fn view(&self, _: &Principal) -> Value {
        let mut view = json!(self);
        if let Some(secrets) = view.pointer_mut("/webhook/secrets") {
            *secrets = json!(self.webhook.as_ref().map_or(0, |w| w.secrets.len()));
        }
        view
    }
}

impl Described for Warehouse {
    const WORD: &'static str = "warehouse";

    fn may_be_said_by(&self, who: &Principal) -> Result<(), Problem> {
        only_operators(who)
    }

    async fn check(&self, _: &Ctx) -> Result<(), Problem> {
        if self.region.len() == 6 && self.region.bytes().all(|b| b.is_ascii_digit()) {
            Ok(())
        } else {
            Err(Problem::invalid("#/region", "not_a_region", "six digits of GB/T 2260"))
        }
    }

    fn view(&self, _: &Principal) -> Value {
        json!(self)
    }
}

impl Described for Sku {
    const WORD: &'static str = "SKU";

    fn may_be_said_by(&self, who: &Principal) -> Result<(), Problem> {
        who.acts_for(self.merchant.as_str())
    }

    async fn check(&self, ctx: &Ctx) -> Result<(), Problem> {
        in_range("#/price_minor", self.price_minor)?;
        in_range("#/weight_g", self.weight_g)?;
        if ctx.store.load::<Merchant>(self.merchant.as_str()).await?.is_none() {
            return Err(Problem::invalid("#/merchant", "unknown_merchant", "no such merchant"));
        }
        Ok(())
    }

    fn view(&self, _: &Principal) -> Value {
        json!(self)
    }
}
