//! A shop's gateways as its variables configure them. One whose variables are empty does not exist.
//!
//! The function that hears webhooks and the one that asks gateways see different variables, so
//! each gateway is made of what is there. It reads no variable itself.

use crate::{Alipay, BadKey, Gateway, Stripe, WechatPay};
use std::collections::BTreeMap;

const STRIPE_HEARS: &[&str] = &["stripe_webhook_secrets", "stripe_livemode", "stripe_account"];
const STRIPE_ASKS: &[&str] = &["stripe_api_key", "stripe_api_base", "stripe_account"];
const WECHATPAY_HEARS: &[&str] =
    &["wechatpay_mchid", "wechatpay_public_keys", "wechatpay_api_v3_key"];
const WECHATPAY_ASKS: &[&str] = &[
    "wechatpay_mchid",
    "wechatpay_public_keys",
    "wechatpay_merchant_serial",
    "wechatpay_merchant_key",
    "wechatpay_notify_url",
    "wechatpay_api_base",
];
const ALIPAY_HEARS: &[&str] = &["alipay_app_id", "alipay_seller_id", "alipay_public_key"];
const ALIPAY_ASKS: &[&str] = &[
    "alipay_app_id",
    "alipay_seller_id",
    "alipay_public_key",
    "alipay_app_key",
    "alipay_api_base",
];

/// The variables that hearing a gateway's webhooks takes. `None`: there is no such gateway.
pub fn receiving(gateway: &str) -> Option<&'static [&'static str]> {
    match gateway {
        Stripe::NAME => Some(STRIPE_HEARS),
        WechatPay::NAME => Some(WECHATPAY_HEARS),
        Alipay::NAME => Some(ALIPAY_HEARS),
        _ => None,
    }
}

/// The variables that asking a gateway takes. `None`: there is no such gateway.
pub fn asking(gateway: &str) -> Option<&'static [&'static str]> {
    match gateway {
        Stripe::NAME => Some(STRIPE_ASKS),
        WechatPay::NAME => Some(WECHATPAY_ASKS),
        Alipay::NAME => Some(ALIPAY_ASKS),
        _ => None,
    }
}

/// Values of variables, by their names. Some are secrets, so it is never printed.
#[derive(Clone, Default)]
pub struct Settings(BTreeMap<&'static str, String>);

impl Settings {
    pub fn set(&mut self, name: &'static str, value: String) {
        self.0.insert(name, value);
    }

    /// An empty variable is one that is not given.
    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|text| text.trim()).filter(|text| !text.is_empty())
    }

    /// The gateway that these variables make. `None` if they make none.
    pub fn gateway(&self, name: &str) -> Result<Option<Box<dyn Gateway>>, BadKey> {
        match name {
            Stripe::NAME => Ok(self.stripe()),
            WechatPay::NAME => self.wechatpay(),
            Alipay::NAME => self.alipay(),
            _ => Ok(None),
        }
    }

    fn stripe(&self) -> Option<Box<dyn Gateway>> {
        let text = |name: &str| self.text(name).unwrap_or_default().to_owned();
        let stripe = Stripe {
            secrets: Stripe::secrets_from(&text("stripe_webhook_secrets")),
            api_key: text("stripe_api_key"),
            api_base: text("stripe_api_base"),
            livemode: self.text("stripe_livemode") == Some("true"),
            account: self.text("stripe_account").map(str::to_owned),
        };
        let used = !(stripe.secrets.is_empty() && stripe.api_key.is_empty());
        used.then(|| Box::new(stripe) as Box<dyn Gateway>)
    }

    fn wechatpay(&self) -> Result<Option<Box<dyn Gateway>>, BadKey> {
        let Some(mchid) = self.text("wechatpay_mchid") else { return Ok(None) };
        let base = self.text("wechatpay_api_base").unwrap_or_default();
        let mut wechat = WechatPay::new(mchid, base);
        for entry in self.text("wechatpay_public_keys").unwrap_or_default().split(',') {
            let (serial, key) = entry.trim().split_once('=').ok_or(NO_SERIAL)?;
            wechat = wechat.trusting(serial.trim(), key)?;
        }
        if let Some(key) = self.text("wechatpay_api_v3_key") {
            wechat = wechat.decrypting_with(key)?;
        }
        if let Some(key) = self.text("wechatpay_merchant_key") {
            let serial = self.text("wechatpay_merchant_serial");
            wechat = wechat.signing_with(serial.unwrap_or_default(), key)?;
        }
        if let Some(url) = self.text("wechatpay_notify_url") {
            wechat = wechat.telling_refunds_to(url);
        }
        Ok(Some(Box::new(wechat)))
    }

    fn alipay(&self) -> Result<Option<Box<dyn Gateway>>, BadKey> {
        let Some(app_id) = self.text("alipay_app_id") else { return Ok(None) };
        let base = self.text("alipay_api_base").unwrap_or_default();
        let url = format!("{}/gateway.do", base.trim_end_matches('/'));
        let mut alipay =
            Alipay::new(app_id, &url, self.text("alipay_public_key").unwrap_or_default())?;
        if let Some(seller) = self.text("alipay_seller_id") {
            alipay = alipay.selling_as(seller);
        }
        if let Some(key) = self.text("alipay_app_key") {
            alipay = alipay.signing_with(key)?;
        }
        Ok(Some(Box::new(alipay)))
    }
}

const NO_SERIAL: BadKey =
    BadKey("wechatpay_public_keys is not a list of serial=key, with commas between");
