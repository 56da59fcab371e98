//! Merchants. The platform describes them; each sees only itself.

use super::{Described, concerns};
use crate::import::{Column, Is, at, key, may, must};
use domain::Merchant;
use edge::{FieldFault, Principal, Role};
use serde_json::{Value, json};

impl Described for Merchant {
    const WORD: &'static str = "merchant";
    const WRITERS: &'static [Role] = &[Role::Operator];
    const COLUMNS: &'static [Column] = &[
        key("id", Is::Text),
        must("name", Is::Text),
        must("commission_bp", Is::Number),
        must("return_address", Is::Text),
        may("service_fee_minor", Is::Number),
        may("account_period", Is::Text),
        at("shipping_fee_minor", "shipping/fee_minor", Is::Number),
        at("free_shipping_from_minor", "shipping/free_from_minor", Is::Number),
        may("active", Is::Flag),
    ];

    fn is_visible_to(&self, who: &Principal) -> bool {
        concerns(who, self.id.as_str())
    }

    fn faults(&self) -> Vec<FieldFault> {
        let mut faults: Vec<FieldFault> = self.check().iter().map(FieldFault::from).collect();
        let Some(webhook) = &self.webhook else { return faults };
        let scheme = webhook.url.starts_with("https://") || webhook.url.starts_with("http://");
        let secret = |s: &String| gateways::webhook::sign(s, "check", 0, b"").is_ok();
        if !scheme || webhook.url.len() > 2_000 {
            faults.push(FieldFault::new("#/webhook/url", "not_a_url", "an http(s) URL"));
        }
        if webhook.secrets.is_empty() || !webhook.secrets.iter().all(secret) {
            let detail = "whsec_ and base64 of 24 to 64 bytes";
            faults.push(FieldFault::new("#/webhook/secrets", "not_a_secret", detail));
        }
        faults
    }

    /// Secrets are never shown again.
    fn view(&self) -> Value {
        let mut view = json!(self);
        if let Some(secrets) = view.pointer_mut("/webhook/secrets") {
            *secrets = json!(self.webhook.as_ref().map_or(0, |w| w.secrets.len()));
        }
        view
    }
}
