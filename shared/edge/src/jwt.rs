//! JSON Web Tokens (RFC 7519) signed with Ed25519 (`EdDSA`, RFC 8037), checked against the public
//! keys of a JWKS (RFC 7517). Nothing else is accepted: no `none`, no key inside the token.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signature, Verifier, VerifyingKey};
use serde::Deserialize;

/// Why a token is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotBelieved {
    #[error("not a token")]
    Malformed,
    #[error("signed in a way we do not take")]
    Algorithm,
    #[error("signed by nobody we know")]
    UnknownKey,
    #[error("the signature does not fit")]
    Signature,
    #[error("expired or not valid yet")]
    Expired,
    #[error("the keys to check with are not readable")]
    Keys,
}

#[derive(Deserialize)]
struct Jwks {
    keys: Vec<Jwk>,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    #[serde(default)]
    crv: String,
    #[serde(default)]
    kid: Option<String>,
    #[serde(default)]
    x: String,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    #[serde(default)]
    kid: Option<String>,
}

/// What a token says about its bearer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Claims {
    pub sub: String,
    pub role: String,
    #[serde(default)]
    pub merchant: Option<String>,
    #[serde(default)]
    pub warehouse: Option<String>,
    /// Seconds since 1970 (RFC 7519 §4.1.4).
    pub exp: i64,
    #[serde(default)]
    pub nbf: Option<i64>,
}

fn part(text: &str) -> Result<Vec<u8>, NotBelieved> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| NotBelieved::Malformed)
}

/// Checks a token's signature. Its times are checked by [`Claims::at`], each time it is used.
pub fn verify(token: &str, jwks: &str) -> Result<Claims, NotBelieved> {
    let (signed, signature) = token.rsplit_once('.').ok_or(NotBelieved::Malformed)?;
    let (header, claims) = signed.split_once('.').ok_or(NotBelieved::Malformed)?;
    let header: Header =
        serde_json::from_slice(&part(header)?).map_err(|_| NotBelieved::Malformed)?;
    if header.alg != "EdDSA" {
        return Err(NotBelieved::Algorithm);
    }
    let key = key(jwks, header.kid.as_deref())?;
    let signature = Signature::from_slice(&part(signature)?).map_err(|_| NotBelieved::Malformed)?;
    key.verify(signed.as_bytes(), &signature).map_err(|_| NotBelieved::Signature)?;
    serde_json::from_slice(&part(claims)?).map_err(|_| NotBelieved::Malformed)
}

fn key(jwks: &str, kid: Option<&str>) -> Result<VerifyingKey, NotBelieved> {
    let jwks: Jwks = serde_json::from_str(jwks).map_err(|_| NotBelieved::Keys)?;
    let fits = |k: &&Jwk| {
        k.kty == "OKP" && k.crv == "Ed25519" && (kid.is_none() || k.kid.as_deref() == kid)
    };
    let jwk = jwks.keys.iter().find(fits).ok_or(NotBelieved::UnknownKey)?;
    let bytes = URL_SAFE_NO_PAD.decode(&jwk.x).map_err(|_| NotBelieved::Keys)?;
    let bytes = <[u8; 32]>::try_from(bytes).map_err(|_| NotBelieved::Keys)?;
    VerifyingKey::from_bytes(&bytes).map_err(|_| NotBelieved::Keys)
}

impl Claims {
    /// Refuses a token outside its time; a minute of difference between clocks is forgiven.
    pub fn at(&self, now_ms: i64) -> Result<(), NotBelieved> {
        let now_s = now_ms.div_euclid(1_000);
        let begun = self.nbf.is_none_or(|nbf| nbf <= now_s.saturating_add(60));
        let lasts = self.exp > now_s.saturating_sub(60);
        if begun && lasts { Ok(()) } else { Err(NotBelieved::Expired) }
    }
}
