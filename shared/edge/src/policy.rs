//! The shop's policy: the defaults, over them the variable `policy`, over that what the shop set.
//!
//! The shop's document is read with every request that needs it, because an instance cannot know
//! that it changed. Only the putting together is remembered, by the document's version.

use crate::ctx::KnownPolicy;
use crate::{Ctx, FieldFault, Problem, fit};
use domain::{Policy, ShopPolicy, Stored};
use http::StatusCode;
use serde_json::{Map, Value};
use std::rc::Rc;

impl Ctx {
    /// The policy as it is now: one small read.
    pub async fn policy(&self) -> Result<Rc<Policy>, Problem> {
        let shop = domain::PolicyName::Shop.as_str();
        let set = self.store.load::<ShopPolicy>(shop).await?;
        self.policy_with(set.as_ref()).await
    }

    /// The policy, where the shop's document was read together with something else.
    pub async fn policy_with(
        &self,
        set: Option<&Stored<ShopPolicy>>,
    ) -> Result<Rc<Policy>, Problem> {
        let version = set.map_or(0, |s| s.version);
        let known = self.policy.borrow().as_ref().filter(|k| k.version == version).cloned();
        let known = match known {
            Some(known) => known,
            None => {
                let policy = Rc::new(self.put_together(set.map(|s| &s.doc.set)).await?);
                KnownPolicy { version, policy }
            }
        };
        self.policy_reads.set(self.policy_reads.get() + 1);
        self.policy.replace(Some(known.clone()));
        Ok(known.policy)
    }

    /// How often the policy was read by this instance.
    pub(crate) fn policy_reads(&self) -> u64 {
        self.policy_reads.get()
    }

    /// The policy, if it was read since there were so many reads, else as it is now.
    pub(crate) async fn policy_since(&self, reads: u64) -> Result<Rc<Policy>, Problem> {
        let known = self.policy.borrow().as_ref().map(|k| k.policy.clone());
        match known.filter(|_| self.policy_reads() > reads) {
            Some(policy) => Ok(policy),
            None => self.policy().await,
        }
    }

    async fn put_together(&self, set: Option<&Map<String, Value>>) -> Result<Policy, Problem> {
        let not_readable = |what: &str, why: &str| {
            eprintln!("{what} is not a policy: {why}");
            let detail = "the shop's policy is not readable";
            Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "not_configured", detail)
        };
        if self.configured.get().is_none() {
            let text = self.variable("policy").await?;
            let layer: Map<String, Value> = serde_json::from_str(&text)
                .map_err(|error| not_readable("the variable policy", &error.to_string()))?;
            // Another request of this instance may have read it meanwhile; it is the same.
            self.configured.get_or_init(|| layer);
        }
        let layers = self.configured.get().into_iter().chain(set);
        read(Policy::layered(layers)).map_err(|fault| {
            not_readable("the policy", &format!("{}: {}", fault.pointer, fault.detail))
        })
    }
}

/// Compiled once, here: what waits for something is compiled with whoever waits for it.
fn read(policy: Value) -> Result<Policy, FieldFault> {
    fit(policy)
}
