//! RSA and AES as WeChat Pay and Alipay use them, with the keys of these tests.
//!
//! `partner` signs what gateways say; `shop` is the key that the shop asks with, of which gateways
//! have the public half.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rsa::pkcs1v15::{Signature, SigningKey, VerifyingKey};
use rsa::pkcs8::{DecodePrivateKey, EncodePublicKey};
use rsa::signature::{SignatureEncoding, Signer, Verifier};
use rsa::{RsaPrivateKey, RsaPublicKey};
use serde_json::{Value, json};
use sha2::Sha256;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// Under which WeChat Pay signs.
pub(crate) const SERIAL: &str = "PUB_KEY_ID_0119000001092026";

const PARTNER: &str = include_str!("../keys/partner.pem");
const SHOP: &str = include_str!("../keys/shop.pem");

pub(crate) struct Key {
    pem: &'static str,
    private: Option<RsaPrivateKey>,
}

fn made(pem: &'static str) -> Key {
    let private = STANDARD.decode(bare(pem)).ok();
    Key { pem, private: private.and_then(|der| RsaPrivateKey::from_pkcs8_der(&der).ok()) }
}

/// What is between the armour.
fn bare(pem: &str) -> String {
    pem.lines().filter(|line| !line.starts_with("--")).collect()
}

pub(crate) fn partner() -> &'static Key {
    static KEY: OnceLock<Key> = OnceLock::new();
    KEY.get_or_init(|| made(PARTNER))
}

pub(crate) fn shop() -> &'static Key {
    static KEY: OnceLock<Key> = OnceLock::new();
    KEY.get_or_init(|| made(SHOP))
}

impl Key {
    /// The signature in base64; empty if the key is none.
    pub(crate) fn sign(&self, message: &[u8]) -> String {
        let Some(private) = &self.private else { return String::new() };
        let signature = SigningKey::<Sha256>::new(private.clone()).sign(message);
        STANDARD.encode(signature.to_bytes())
    }

    pub(crate) fn signed(&self, message: &[u8], signature: &str) -> bool {
        let Some(private) = &self.private else { return false };
        let bytes = STANDARD.decode(signature).unwrap_or_default();
        let key = VerifyingKey::<Sha256>::new(RsaPublicKey::from(private));
        Signature::try_from(bytes.as_slice()).is_ok_and(|s| key.verify(message, &s).is_ok())
    }

    /// PKCS #8 in base64, as a console shows it.
    pub(crate) fn private_base64(&self) -> String {
        bare(self.pem)
    }

    pub(crate) fn public_base64(&self) -> String {
        let der = self.private.as_ref().map(|key| RsaPublicKey::from(key).to_public_key_der());
        der.and_then(Result::ok).map(|der| STANDARD.encode(der.as_bytes())).unwrap_or_default()
    }
}

/// WeChat's `resource`: what is said, sealed with the API v3 key.
pub(crate) fn seal(api_v3_key: &str, plain: &Value) -> Value {
    let (nonce, aad) = ("fdasflkja484", "transaction");
    let text = plain.to_string();
    let sealed = Aes256Gcm::new_from_slice(api_v3_key.as_bytes()).ok().and_then(|cipher| {
        let payload = Payload { msg: text.as_bytes(), aad: aad.as_bytes() };
        cipher.encrypt(Nonce::from_slice(nonce.as_bytes()), payload).ok()
    });
    let ciphertext = STANDARD.encode(sealed.unwrap_or_default());
    json!({"original_type": "transaction", "algorithm": "AEAD_AES_256_GCM",
        "ciphertext": ciphertext, "associated_data": aad, "nonce": nonce})
}

/// A flat message as a form's fields, sorted as Alipay signs them.
pub(crate) fn fields(message: &Value) -> BTreeMap<String, String> {
    let object = message.as_object().into_iter().flatten();
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    object.map(|(name, value)| (name.clone(), text(value))).collect()
}

pub(crate) fn joined(fields: &BTreeMap<String, String>) -> String {
    let pairs = fields.iter().map(|(name, value)| format!("{name}={value}"));
    pairs.collect::<Vec<_>>().join("&")
}
