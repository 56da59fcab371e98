//! Signs as WeChat Pay and Alipay do, with the key that was made for these tests; and the refund
//! that all stories ask for.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::{Currency, GatewayName, Money, PaymentId, RefundId, RefundOrder, RefundedFrom};
use rsa::RsaPrivateKey;
use rsa::pkcs1v15::SigningKey;
use rsa::pkcs8::DecodePrivateKey;
use rsa::signature::{SignatureEncoding, Signer};
use serde_json::Value;
use sha2::Sha256;

pub fn wechatpay_vectors() -> Value {
    serde_json::from_str(include_str!("data/wechatpay.json")).unwrap()
}

pub fn alipay_vectors() -> Value {
    serde_json::from_str(include_str!("data/alipay.json")).unwrap()
}

/// Both gateways' vectors have the same key.
pub fn private_key() -> String {
    wechatpay_vectors()["private_key_pem"].as_str().unwrap().to_owned()
}

pub fn public_key() -> String {
    wechatpay_vectors()["public_key_pem"].as_str().unwrap().to_owned()
}

/// Without the armour: how gateways' consoles show keys.
pub fn bare(pem: &str) -> String {
    pem.lines().filter(|line| !line.starts_with("--")).collect()
}

pub fn rsa_sign(message: &str) -> String {
    let der = STANDARD.decode(bare(&private_key())).unwrap();
    let key = SigningKey::<Sha256>::new(RsaPrivateKey::from_pkcs8_der(&der).unwrap());
    STANDARD.encode(key.sign(message.as_bytes()).to_bytes())
}

pub fn yuan(fen: i64) -> Money {
    Money::new(fen, Currency::CNY)
}

/// 28 yuan of a payment of 128.
pub fn order(gateway: &str, reference: &str) -> RefundOrder {
    RefundOrder {
        refund: RefundId::parse("ref_0000000000000000000000000000000b").unwrap(),
        from: RefundedFrom::Payment(
            PaymentId::parse("pay_0000000000000000000000000000000a").unwrap(),
        ),
        gateway: GatewayName::parse(gateway).unwrap(),
        reference: reference.to_owned(),
        amount: yuan(2_800),
        captured: yuan(12_800),
        look_first: false,
    }
}
