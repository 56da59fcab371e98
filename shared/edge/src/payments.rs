//! What decisions about payments need of the store and of the shop's configuration, as one.

use crate::{Ctx, Problem};
use domain::{PaymentFact, PaymentSituation, Suspense};

impl Ctx {
    /// All that a gateway's fact may concern; `account` is the one at the gateway that is ours.
    pub async fn payment_situation(
        &self,
        fact: &PaymentFact,
        account: Option<&str>,
    ) -> Result<PaymentSituation, Problem> {
        let situation = self.store.payment_situation(fact).await?;
        let account = account.map(str::to_owned);
        self.with_policy(PaymentSituation { account, ..situation }).await
    }

    /// All that money in suspense may concern, if it goes to this payment or to the one that it
    /// claims to be for.
    pub async fn suspense_situation(
        &self,
        item: &Suspense,
        payment: Option<&str>,
    ) -> Result<PaymentSituation, Problem> {
        let situation = self.store.suspense_situation(item, payment).await?;
        self.with_policy(situation).await
    }

    async fn with_policy(&self, situation: PaymentSituation) -> Result<PaymentSituation, Problem> {
        let policy = self.policy_with(situation.set.as_ref()).await?;
        Ok(PaymentSituation { policy: (*policy).clone(), ..situation })
    }
}
