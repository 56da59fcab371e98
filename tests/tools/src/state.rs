//! A state directory's secrets: who may call, and what partners sign with.

use anyhow::Context as _;
use ed25519_dalek::SigningKey;
pub use manifest::token::Role;
use manifest::token::{Claims, mint};
use manifest::{env_file, keys};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// How long a token is good for, in days. Long enough for a clock that is moved by weeks.
const DAYS: u32 = 60;

/// A state directory, and the variables that it sets.
#[derive(Debug, Clone)]
pub struct State {
    path: PathBuf,
    file: BTreeMap<String, String>,
}

/// Makes tokens, as the shop's identity provider would.
pub struct People {
    key: SigningKey,
    from_s: i64,
}

impl State {
    /// What is there; it is made by `make up` or `host keys`.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        let env = keys::env_path(path);
        let text = std::fs::read_to_string(&env).with_context(|| {
            format!("could not read {}; was the system started?", env.display())
        })?;
        let file =
            env_file::parse(&text).with_context(|| format!("could not parse {}", env.display()))?;
        Ok(Self { path: path.to_owned(), file })
    }

    /// What is there, and what was missing.
    pub fn make(path: &Path) -> anyhow::Result<Self> {
        keys::make_missing(path)?;
        Self::open(path)
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The database's file.
    pub fn database(&self) -> PathBuf {
        self.path.join("sqlite_db.db")
    }

    /// A variable of the application, from the environment or the state's file.
    pub fn variable(&self, name: &str) -> anyhow::Result<String> {
        let key = format!("SPIN_VARIABLE_{}", name.to_ascii_uppercase());
        let given = std::env::var(&key).ok().or_else(|| self.file.get(&key).cloned());
        given.filter(|value| !value.is_empty()).with_context(|| {
            format!("there is no {key} in {}", keys::env_path(&self.path).display())
        })
    }

    /// Who makes tokens for this state, from `from_s` on.
    pub fn people(&self, from_s: i64) -> anyhow::Result<People> {
        Ok(People { key: keys::signing_key(&self.path)?, from_s })
    }
}

impl People {
    /// A token of `sub` as `role`.
    pub fn token(&self, role: Role, sub: &str) -> anyhow::Result<String> {
        self.minted(Claims::new(role, sub, self.from_s, DAYS))
    }

    /// A token of somebody who works for a merchant.
    pub fn merchant(&self, sub: &str, merchant: &str) -> anyhow::Result<String> {
        let mut claims = Claims::new(Role::Merchant, sub, self.from_s, DAYS);
        claims.merchant = Some(merchant.to_owned());
        self.minted(claims)
    }

    /// A token of somebody who works in a warehouse.
    pub fn warehouse(&self, sub: &str, warehouse: &str) -> anyhow::Result<String> {
        let mut claims = Claims::new(Role::Warehouse, sub, self.from_s, DAYS);
        claims.warehouse = Some(warehouse.to_owned());
        self.minted(claims)
    }

    fn minted(&self, claims: Claims) -> anyhow::Result<String> {
        mint(&self.key, &claims).context("could not write a token")
    }
}
