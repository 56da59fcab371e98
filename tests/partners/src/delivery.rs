//! A webhook as data: signed well when it is made, and changed, aged, forged or repeated at will.
//!
//! It does not know who receives it; `send` and the stories do.

use crate::keys;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hmac::{Hmac, Mac};
use http::{HeaderMap, HeaderValue, Method, Request, Uri};
use md5::{Digest, Md5};
use serde_json::Value;
use sha2::Sha256;

/// A webhook that a gateway or a carrier sends. Clone it to send it again.
#[derive(Debug, Clone)]
pub struct Delivery {
    pub headers: HeaderMap,
    pub body: Bytes,
    message: Value,
    dialect: Dialect,
    secret: String,
    signed_at: i64,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Dialect {
    Stripe,
    WechatPay,
    Alipay,
    Kuaidi100,
    /// Unsigned JSON.
    Shunfeng,
    SeventeenTrack,
    AfterShip,
    EasyPost,
}

impl Delivery {
    /// `signed_at` is in Unix seconds; Kuaidi100 signs no time and ignores it.
    pub(crate) fn new(dialect: Dialect, message: Value, secret: &str, signed_at: i64) -> Self {
        let (headers, body) = (HeaderMap::new(), Bytes::new());
        let unsigned =
            Self { headers, body, message, dialect, secret: secret.to_owned(), signed_at };
        unsigned.signed()
    }

    fn signed(mut self) -> Self {
        let text = self.message.to_string();
        self.headers = HeaderMap::new();
        match self.dialect {
            Dialect::Stripe => {
                let v1 = stripe_v1(&self.secret, self.signed_at, text.as_bytes());
                let signature = format!("t={},v1={v1}", self.signed_at);
                self.insert("stripe-signature", &signature);
                self.insert("content-type", "application/json; charset=utf-8");
                self.body = Bytes::from(text);
            }
            Dialect::WechatPay => self.sealed(),
            Dialect::Alipay => {
                let fields = keys::fields(&self.message);
                let sign = keys::partner().sign(keys::joined(&fields).as_bytes());
                self.insert("content-type", "application/x-www-form-urlencoded; charset=utf-8");
                let form = form_urlencoded::Serializer::new(String::new())
                    .extend_pairs(&fields)
                    .append_pair("sign", &sign)
                    .append_pair("sign_type", "RSA2")
                    .finish();
                self.body = Bytes::from(form);
            }
            Dialect::Shunfeng => {
                self.insert("content-type", "application/json;charset=UTF-8");
                self.body = Bytes::from(text);
            }
            Dialect::SeventeenTrack => {
                let sign = hex::encode(Sha256::digest(format!("{text}/{}", self.secret)));
                self.json("sign", &sign, text);
            }
            Dialect::AfterShip => {
                let mac = STANDARD.encode(hmac(self.secret.as_bytes(), text.as_bytes()));
                self.json("aftership-hmac-sha256", &mac, text);
            }
            Dialect::EasyPost => {
                // EasyPost signs with the secret in Unicode's decomposed form.
                let secret = self.secret.replace('\u{e9}', "e\u{301}");
                let mac = hex::encode(hmac(secret.as_bytes(), text.as_bytes()));
                self.json("x-hmac-signature", &format!("hmac-sha256-hex={mac}"), text);
            }
            Dialect::Kuaidi100 => {
                let sign = hex::encode_upper(Md5::digest(format!("{text}{}", self.secret)));
                self.insert("content-type", "application/x-www-form-urlencoded");
                let form = form_urlencoded::Serializer::new(String::new())
                    .append_pair("sign", &sign)
                    .append_pair("param", &text)
                    .finish();
                self.body = Bytes::from(form);
            }
        }
        self
    }

    /// WeChat seals what a notice says (`plain`) with the API v3 key, and signs the whole.
    fn sealed(&mut self) {
        let mut notice = self.message.clone();
        if let Some(fields) = notice.as_object_mut() {
            let plain = fields.remove("plain").unwrap_or_default();
            fields.insert("resource".to_owned(), keys::seal(&self.secret, &plain));
        }
        let text = notice.to_string();
        let (time, nonce) = (self.signed_at.to_string(), "593BEC0C930BF1AFEB40B4A08C8FB242");
        let message = format!("{time}\n{nonce}\n{text}\n");
        let signature = keys::partner().sign(message.as_bytes());
        self.insert("wechatpay-timestamp", &time);
        self.insert("wechatpay-nonce", nonce);
        self.insert("wechatpay-serial", keys::SERIAL);
        self.insert("wechatpay-signature", &signature);
        self.insert("content-type", "application/json");
        self.body = Bytes::from(text);
    }

    fn json(&mut self, signed_in: &'static str, signature: &str, text: String) {
        self.insert(signed_in, signature);
        self.insert("content-type", "application/json");
        self.body = Bytes::from(text);
    }

    fn insert(&mut self, name: &'static str, value: &str) {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
    }

    /// The message inside: Stripe's event, WeChat's notice with what it seals as `plain`, Alipay's
    /// fields, Kuaidi100's `param`.
    pub fn message(&self) -> &Value {
        &self.message
    }

    /// The same with another message, signed well.
    #[must_use]
    pub fn edited(mut self, edit: impl FnOnce(&mut Value)) -> Self {
        edit(&mut self.message);
        self.signed()
    }

    /// The same message under another event id.
    #[must_use]
    pub fn event_id(self, id: &str) -> Self {
        let name = if matches!(self.dialect, Dialect::Alipay) { "notify_id" } else { "id" };
        self.edited(|event| {
            if let Some(fields) = event.as_object_mut() {
                fields.insert(name.to_owned(), Value::from(id));
            }
        })
    }

    /// Signed at another time, in Unix seconds: late, or from the future.
    #[must_use]
    pub fn signed_at(mut self, at_unix: i64) -> Self {
        self.signed_at = at_unix;
        self.signed()
    }

    /// Signed with another secret: by somebody else, or with the one from before a change.
    #[must_use]
    pub fn signed_by(mut self, secret: &str) -> Self {
        self.secret = secret.to_owned();
        self.signed()
    }

    /// Changed on the way: the signature stays, the body does not.
    #[must_use]
    pub fn forged(self, edit: impl FnOnce(&mut Value)) -> Self {
        let (headers, genuine) = (self.headers.clone(), self.body.clone());
        let mut forged = self.edited(edit);
        forged.headers = headers;
        if matches!(forged.dialect, Dialect::Kuaidi100) {
            let sign = genuine.iter().take_while(|b| **b != b'&').copied();
            let rest = forged.body.iter().skip_while(|b| **b != b'&').copied();
            forged.body = sign.chain(rest).collect();
        }
        forged
    }

    /// As a request to `url`.
    pub fn request(&self, url: &str) -> anyhow::Result<Request<Bytes>> {
        let mut request = Request::new(self.body.clone());
        *request.method_mut() = Method::POST;
        *request.uri_mut() = url.parse::<Uri>()?;
        *request.headers_mut() = self.headers.clone();
        Ok(request)
    }
}

fn hmac(key: &[u8], body: &[u8]) -> Vec<u8> {
    let Ok(mac) = Hmac::<Sha256>::new_from_slice(key) else { return Vec::new() };
    mac.chain_update(body).finalize().into_bytes().to_vec()
}

/// Stripe's `v1`: the key is the secret as it is written, prefix and all.
fn stripe_v1(secret: &str, at_unix: i64, body: &[u8]) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        return String::new();
    };
    mac.update(format!("{at_unix}.").as_bytes());
    mac.update(body);
    hex::encode(mac.finalize().into_bytes())
}
