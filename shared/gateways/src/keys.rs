//! RSA keys and signatures (RSASSA-PKCS1-v1_5 with SHA-256), as WeChat Pay and Alipay use them.
//!
//! Keys come as PEM or as the bare base64 that the gateways' consoles show. Knows no gateway's rule
//! of what is signed. Signing is not blinded: a key that signs is used only where no stranger can
//! time it, for requests that the outbox sends (RUSTSEC-2023-0071).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rsa::pkcs1::DecodeRsaPrivateKey;
use rsa::pkcs1v15::{Signature, SigningKey, VerifyingKey};
use rsa::pkcs8::{DecodePrivateKey, DecodePublicKey};
use rsa::signature::{SignatureEncoding, Signer, Verifier};
use rsa::traits::PublicKeyParts;
use rsa::{RsaPrivateKey, RsaPublicKey};
use sha2::Sha256;

/// A configured key is not what it should be. Says which, never the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadKey(pub &'static str);

/// Smaller ones are not accepted by either gateway, nor by us.
const SMALLEST_BYTES: usize = 2_048 / 8;

/// Somebody else's key, to verify with.
#[derive(Clone)]
pub(crate) struct Theirs(VerifyingKey<Sha256>);

impl Theirs {
    /// Reads a SubjectPublicKeyInfo.
    pub(crate) fn read(text: &str) -> Result<Self, BadKey> {
        let key = RsaPublicKey::from_public_key_der(&der(text)?)
            .map_err(|_| BadKey("not an RSA public key"))?;
        if key.size() < SMALLEST_BYTES {
            return Err(BadKey("an RSA key of less than 2048 bits"));
        }
        Ok(Self(VerifyingKey::new(key)))
    }

    /// Whether `signature` (base64) is this key's over `message`.
    pub(crate) fn signed(&self, message: &[u8], signature: &str) -> bool {
        let bytes = STANDARD.decode(signature).unwrap_or_default();
        let signature = Signature::try_from(bytes.as_slice());
        signature.is_ok_and(|signature| self.0.verify(message, &signature).is_ok())
    }
}

/// Our key, to sign with.
#[derive(Clone)]
pub(crate) struct Ours(SigningKey<Sha256>);

impl Ours {
    /// Reads a PKCS #8 or a PKCS #1 private key.
    pub(crate) fn read(text: &str) -> Result<Self, BadKey> {
        let der = der(text)?;
        let key = RsaPrivateKey::from_pkcs8_der(&der)
            .or_else(|_| RsaPrivateKey::from_pkcs1_der(&der))
            .map_err(|_| BadKey("not an RSA private key"))?;
        if key.size() < SMALLEST_BYTES {
            return Err(BadKey("an RSA key of less than 2048 bits"));
        }
        Ok(Self(SigningKey::new(key)))
    }

    /// The signature over `message` in base64.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<String, BadKey> {
        let signature = self.0.try_sign(message).map_err(|_| BadKey("the key cannot sign"))?;
        Ok(STANDARD.encode(signature.to_bytes()))
    }
}

/// What is between the armour of a PEM, or all of a text without one.
fn der(text: &str) -> Result<Vec<u8>, BadKey> {
    let lines = text.lines().map(str::trim).filter(|line| !line.starts_with("-----"));
    let base64: String = lines.collect();
    STANDARD.decode(base64).map_err(|_| BadKey("not base64"))
}
