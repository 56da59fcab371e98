//! The secrets of a state directory: the signing key and the environment file.
//!
//! Both are made once, for the demo and the tests, readable by their owner only. What exists is
//! never changed.

use crate::{env_file, token};
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _};
use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// Where the demo's partners listen.
const PARTNERS: &str = "http://127.0.0.1:3901";

/// What couldn't be done with which file.
#[derive(Debug, thiserror::Error)]
#[error("could not {operation} {path}: {reason}")]
pub struct KeyError {
    operation: &'static str,
    path: PathBuf,
    reason: String,
}

/// The signing key's file.
pub fn signing_key_path(state: &Path) -> PathBuf {
    state.join("signing_key.pem")
}

/// The environment file.
pub fn env_path(state: &Path) -> PathBuf {
    state.join("env")
}

/// Makes what is missing. Gives the files that it made.
pub fn make_missing(state: &Path) -> Result<Vec<PathBuf>, KeyError> {
    fs::create_dir_all(state).map_err(fault("make the directory", state))?;
    let mut made = Vec::new();
    let path = signing_key_path(state);
    if !path.exists() {
        let key = SigningKey::from_bytes(&random(&path)?);
        let pem = key.to_pkcs8_pem(LineEnding::LF).map_err(fault("encode", &path))?;
        write_private(&path, &pem)?;
        made.push(path);
    }
    let path = env_path(state);
    if !path.exists() {
        write_private(&path, &env_text(&signing_key(state)?, &path)?)?;
        made.push(path);
    }
    Ok(made)
}

/// Reads the signing key.
pub fn signing_key(state: &Path) -> Result<SigningKey, KeyError> {
    let path = signing_key_path(state);
    let pem = fs::read_to_string(&path).map_err(fault("read", &path))?;
    SigningKey::from_pkcs8_pem(&pem).map_err(fault("decode", &path))
}

fn env_text(key: &SigningKey, path: &Path) -> Result<String, KeyError> {
    let secret = |prefix: &str| -> Result<String, KeyError> {
        Ok(format!("{prefix}{}", hex::encode(random(path)?)))
    };
    let lines = [
        ("Who may call: the public half of signing_key.pem.", "AUTH_JWKS", token::jwks(key)),
        ("What the scheduler says to tick and dispatch.", "SCHEDULER_TOKEN", secret("")?),
        (
            "Stripe signs its webhooks with it. Random, for the demo's partners.",
            "STRIPE_WEBHOOK_SECRETS",
            secret("whsec_")?,
        ),
        (
            "How we say who we are to Stripe. Random, for the demo's partners.",
            "STRIPE_API_KEY",
            secret("sk_test_")?,
        ),
        (
            "Where Stripe is: the demo's partners on loopback. Live: https://api.stripe.com",
            "STRIPE_API_BASE",
            PARTNERS.to_owned(),
        ),
        (
            "Kuaidi100 signs its callbacks with it. Random, for the demo's partners.",
            "KUAIDI100_SALT",
            secret("")?,
        ),
        (
            "Where merchants' webhooks live: the demo's partners on loopback. Live: https://*:443",
            "MERCHANT_WEBHOOK_HOSTS",
            PARTNERS.to_owned(),
        ),
        (
            "Which webhooks may be on this machine: the demo's partners. Live: leave it out",
            "PRIVATE_WEBHOOK_HOSTS",
            PARTNERS.to_owned(),
        ),
    ];
    let mut text = String::from("# Orderflow's variables. Made once, never changed by itself.\n");
    text.push_str("# For sh: set -a; . this-file; set +a\n");
    for (comment, name, value) in lines {
        let value = env_file::quote(&value);
        text.push_str(&format!("\n# {comment}\nSPIN_VARIABLE_{name}={value}\n"));
    }
    Ok(text)
}

fn random(path: &Path) -> Result<[u8; 32], KeyError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(fault("find randomness for", path))?;
    Ok(bytes)
}

/// Writes a file that only its owner can read; it is there completely or not at all.
fn write_private(path: &Path, text: &str) -> Result<(), KeyError> {
    let part = path.with_extension(format!("{}.part", std::process::id()));
    let write = || -> io::Result<()> {
        let mut options = fs::OpenOptions::new();
        let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&part)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&part, path)
    };
    write().map_err(fault("write", path))
}

fn fault<E: ToString>(operation: &'static str, path: &Path) -> impl FnOnce(E) -> KeyError {
    move |error| KeyError { operation, path: path.to_owned(), reason: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    fn state(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("keys-{name}-{}", std::process::id()));
        drop(fs::remove_dir_all(&path));
        path
    }

    #[test]
    fn keys_are_made_once_and_only_their_owner_reads_them() {
        let state = state("once");
        assert_eq!(make_missing(&state).unwrap().len(), 2);
        let before = fs::read(env_path(&state)).unwrap();
        assert!(make_missing(&state).unwrap().is_empty());
        assert_eq!(fs::read(env_path(&state)).unwrap(), before);
        for path in [env_path(&state), signing_key_path(&state)] {
            assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        fs::remove_dir_all(state).unwrap();
    }

    #[test]
    fn the_environment_file_has_the_public_half_of_the_key() {
        let state = state("jwks");
        make_missing(&state).unwrap();
        let values = env_file::parse(&fs::read_to_string(env_path(&state)).unwrap()).unwrap();
        let key = signing_key(&state).unwrap();
        assert_eq!(values["SPIN_VARIABLE_AUTH_JWKS"], token::jwks(&key));
        assert!(values["SPIN_VARIABLE_STRIPE_WEBHOOK_SECRETS"].starts_with("whsec_"));
        assert_eq!(values.len(), 8);
        fs::remove_dir_all(state).unwrap();
    }
}
