//! Tokens for callers: JWTs (RFC 7519) signed with Ed25519 (RFC 8037).
//!
//! The product only checks tokens; a shop's identity provider makes them. This is that provider
//! for the demo, the tests and the first minute.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer as _, SigningKey};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::str::FromStr;

/// Who signs: the `iss` of every token.
pub const ISSUER: &str = "orderflow";

/// What a caller is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Buys.
    Buyer,
    /// Sells.
    Merchant,
    /// Picks, packs and hands over.
    Warehouse,
    /// Helps buyers and merchants.
    Support,
    /// Settles and refunds.
    Finance,
    /// Runs the platform.
    Operator,
}

impl Role {
    /// All roles.
    pub const ALL: [Self; 6] = [
        Self::Buyer,
        Self::Merchant,
        Self::Warehouse,
        Self::Support,
        Self::Finance,
        Self::Operator,
    ];

    /// The role's name in a token.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Buyer => "buyer",
            Self::Merchant => "merchant",
            Self::Warehouse => "warehouse",
            Self::Support => "support",
            Self::Finance => "finance",
            Self::Operator => "operator",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|role| role.as_str() == text).ok_or_else(|| {
            let names = Self::ALL.map(Self::as_str).join(", ");
            format!("unknown role {text:?}; roles are {names}")
        })
    }
}

/// What a token says. Times are seconds since 1970, UTC.
#[derive(Debug, Clone, Serialize)]
pub struct Claims {
    /// Who calls.
    pub sub: String,
    /// As what.
    pub role: Role,
    /// The merchant it speaks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merchant: Option<String>,
    /// The warehouse it works in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warehouse: Option<String>,
    /// When it was made.
    pub iat: i64,
    /// When it ends.
    pub exp: i64,
    /// Who made it.
    pub iss: &'static str,
}

impl Claims {
    /// The claims of `sub` as `role`, from `now_s` on for `days`.
    pub fn new(role: Role, sub: &str, now_s: i64, days: u32) -> Self {
        let exp = now_s.saturating_add(i64::from(days).saturating_mul(86_400));
        Self {
            sub: sub.to_owned(),
            role,
            merchant: None,
            warehouse: None,
            iat: now_s,
            exp,
            iss: ISSUER,
        }
    }
}

#[derive(Serialize)]
struct Header<'a> {
    alg: &'static str,
    typ: &'static str,
    kid: &'a str,
}

/// A signed token that says `claims`.
pub fn mint(key: &SigningKey, claims: &Claims) -> Result<String, serde_json::Error> {
    let header = Header { alg: "EdDSA", typ: "JWT", kid: &kid(key) };
    let encode = |json: Vec<u8>| URL_SAFE_NO_PAD.encode(json);
    let signed = [encode(serde_json::to_vec(&header)?), encode(serde_json::to_vec(claims)?)];
    let signed = signed.join(".");
    let signature = URL_SAFE_NO_PAD.encode(key.sign(signed.as_bytes()).to_bytes());
    Ok(format!("{signed}.{signature}"))
}

/// The key's id: its thumbprint (RFC 7638).
pub fn kid(key: &SigningKey) -> String {
    let x = public(key);
    let canonical = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
    URL_SAFE_NO_PAD.encode(Sha256::digest(canonical))
}

/// The public half as a JWKS (RFC 7517).
pub fn jwks(key: &SigningKey) -> String {
    let (x, kid) = (public(key), kid(key));
    format!(
        concat!(
            r#"{{"keys":[{{"kty":"OKP","crv":"Ed25519","kid":"{kid}","#,
            r#""use":"sig","alg":"EdDSA","x":"{x}"}}]}}"#
        ),
        kid = kid,
        x = x
    )
}

fn public(key: &SigningKey) -> String {
    URL_SAFE_NO_PAD.encode(key.verifying_key().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ed25519_dalek::{Signature, Verifier as _};

    fn decode(part: &str) -> serde_json::Value {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    }

    #[test]
    fn a_token_carries_its_claims_and_a_signature_that_the_jwks_verifies() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let mut claims = Claims::new(Role::Warehouse, "picker-1", 1_000, 1);
        claims.warehouse = Some("wh-1".to_owned());
        let token = mint(&key, &claims).unwrap();
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let (header, body) = signed.split_once('.').unwrap();
        assert_eq!(decode(header)["kid"], kid(&key));
        assert_eq!(decode(header)["alg"], "EdDSA");
        let body = decode(body);
        assert_eq!(body["role"], "warehouse");
        assert_eq!(body["warehouse"], "wh-1");
        assert_eq!(body["exp"], 87_400);
        assert!(body.get("merchant").is_none());
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        let signature = Signature::from_slice(&signature).unwrap();
        key.verifying_key().verify(signed.as_bytes(), &signature).unwrap();
    }

    #[test]
    fn the_key_id_is_the_thumbprint_of_rfc_8037() {
        let secret = URL_SAFE_NO_PAD.decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A").unwrap();
        let key = SigningKey::from_bytes(&secret.try_into().unwrap());
        assert_eq!(kid(&key), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
        assert!(jwks(&key).contains("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"));
    }

    #[test]
    fn a_role_is_read_from_its_name() {
        assert_eq!("finance".parse(), Ok(Role::Finance));
        assert!("boss".parse::<Role>().unwrap_err().contains("operator"));
    }
}
