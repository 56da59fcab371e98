//! The merchants' money: settled by the clock, closed and paid out by finance.

use crate::cast::Merchant;
use crate::field::{number, text};
use crate::order::{Bought, Ordered};
use crate::stage::{Stage, Who};
use anyhow::ensure;
use serde_json::{Value, json};
use tools::yuan;

/// Which orders are settled.
pub struct Settled {
    /// The pot merchant's too: the clock could be moved over its seven days.
    pub pots: bool,
}

/// A statement that was paid out.
pub struct PaidOut {
    /// Whose.
    pub merchant: String,
    /// How much.
    pub net_minor: i64,
}

/// Waits until the clock has settled what is due.
pub async fn wait(stage: &mut Stage, bought: &Bought) -> anyhow::Result<Settled> {
    stage.voice.step("The clock settles");
    one(stage, &bought.tea).await?;
    let pots = stage.advance(chrono::Duration::days(7) + chrono::Duration::minutes(1)).await?;
    if pots {
        stage.voice.did("the clock", "is moved by seven days, as only a test can");
        one(stage, &bought.pots).await?;
    } else {
        let order = stage.get(Who::Finance, &bought.pots.path).await?;
        let state = text(&order, "/settlement/state")?;
        let number = &bought.pots.number;
        ensure!(state == "in_window", "order {number}: settlement {state}, not in_window");
        stage.voice.now(&format!(
            "order {number}: stays in_window; its money is in escrow for seven days more"
        ));
    }
    Ok(Settled { pots })
}

async fn one(stage: &mut Stage, order: &Ordered) -> anyhow::Result<()> {
    let settled =
        |seen: &Value| seen.pointer("/settlement/state").and_then(Value::as_str) == Some("settled");
    let what = format!("order {} to be settled", order.number);
    let seen = stage.until(&what, (Who::Finance, &order.path), settled).await?;
    let share = |name: &str| number(&seen, &format!("/settlement/{name}/amount"));
    stage.voice.did("tick", &format!("ends the after-sale window of order {}", order.number));
    let (net, commission, fee) = (share("net")?, share("commission")?, share("fee")?);
    stage.voice.now(&format!(
        "settled: {} CNY to the merchant, {} commission, {} fee",
        yuan(net),
        yuan(commission),
        yuan(fee)
    ));
    Ok(())
}

/// Finance closes the settled merchants' periods and pays them out.
pub async fn pay_out(stage: &mut Stage, settled: &Settled) -> anyhow::Result<Vec<PaidOut>> {
    stage.voice.step("Finance pays out");
    let cast = stage.cast.clone();
    let mut paid = vec![to(stage, &cast.tea).await?];
    if settled.pots {
        paid.push(to(stage, &cast.pots).await?);
    }
    Ok(paid)
}

async fn to(stage: &mut Stage, merchant: &Merchant) -> anyhow::Result<PaidOut> {
    let body = json!({"merchant": merchant.id});
    let statement = stage.act(Who::Finance, "/v1/settlements", &body, 201).await?;
    let net_minor = number(&statement, "/net/amount")?;
    let path = format!("/v1/settlements/{}", text(&statement, "/id")?);
    let name = merchant.name;
    stage.voice.did("finance", &format!("closes the period of {name}: {} CNY", yuan(net_minor)));
    stage.voice.now(&format!("statement 1: {}", text(&statement, "/state")?));
    let reference = format!("ICBC-{}-{name}", stage.cast.run);
    let body = json!({"reference": reference});
    let statement = stage.act(Who::Finance, &format!("{path}/payout"), &body, 200).await?;
    stage.voice.did("finance", &format!("pays it out, the bank's reference is {reference}"));
    let state = text(&statement, "/state")?;
    ensure!(state == "paid", "the statement of {name} is {state}, not paid");
    stage.voice.now(&format!("statement 1: {state}"));
    Ok(PaidOut { merchant: merchant.id.clone(), net_minor })
}
