//! The ledger: postings whose lines sum to zero, on accounts with names that say whose money it is.
//!
//! Debits are positive. What we hold for others and owe them is negative, as in any bookkeeping of
//! a party that keeps other people's money.

use crate::{CarrierCode, Currency, GatewayName, MerchantId, Millis, OrderId, PaymentId};
use serde::{Deserialize, Serialize};
use std::fmt;

/// An account of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String")]
#[serde(try_from = "String")]
pub enum Account {
    /// Money that a gateway holds for us.
    Gateway(GatewayName),
    /// Money that belongs to an order until it is settled or given back.
    Escrow(OrderId),
    /// Money on its way back to a buyer.
    Refunding(PaymentId),
    /// What we owe a merchant.
    Merchant(MerchantId),
    /// What the platform earns by selling for others.
    Commission,
    /// Service fees per order.
    Fees,
    /// Money that came and that no order explains.
    Suspense(GatewayName),
    /// Money paid out of the platform's own bank account, or remitted to it.
    Bank,
    /// What the platform bears: lost disputes, refunds that reached the buyer twice.
    Losses,
    /// Money in suspense that a person decided to keep, with a reason and a proof.
    Sundry,
    /// Cash that a carrier has collected and not remitted, and what it has agreed to pay for goods
    /// that it lost.
    Carrier(CarrierCode),
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gateway(name) => write!(f, "gateway:{name}"),
            Self::Escrow(order) => write!(f, "escrow:{order}"),
            Self::Refunding(payment) => write!(f, "refunding:{payment}"),
            Self::Merchant(merchant) => write!(f, "merchant:{merchant}"),
            Self::Commission => f.write_str("platform:commission"),
            Self::Fees => f.write_str("platform:fees"),
            Self::Suspense(name) => write!(f, "suspense:{name}"),
            Self::Bank => f.write_str("platform:bank"),
            Self::Losses => f.write_str("platform:losses"),
            Self::Sundry => f.write_str("platform:sundry"),
            Self::Carrier(code) => write!(f, "carrier:{code}"),
        }
    }
}

impl From<Account> for String {
    fn from(account: Account) -> String {
        account.to_string()
    }
}

impl TryFrom<String> for Account {
    type Error = crate::NotAnId;
    fn try_from(text: String) -> Result<Self, crate::NotAnId> {
        let (kind, name) = text.split_once(':').unwrap_or((&text, ""));
        match (kind, name) {
            ("gateway", _) => Ok(Self::Gateway(GatewayName::parse(name)?)),
            ("escrow", _) => Ok(Self::Escrow(OrderId::parse(name)?)),
            ("refunding", _) => Ok(Self::Refunding(PaymentId::parse(name)?)),
            ("merchant", _) => Ok(Self::Merchant(MerchantId::parse(name)?)),
            ("suspense", _) => Ok(Self::Suspense(GatewayName::parse(name)?)),
            ("platform", "commission") => Ok(Self::Commission),
            ("platform", "fees") => Ok(Self::Fees),
            ("platform", "bank") => Ok(Self::Bank),
            ("platform", "losses") => Ok(Self::Losses),
            ("platform", "sundry") => Ok(Self::Sundry),
            ("carrier", _) => Ok(Self::Carrier(CarrierCode::parse(name)?)),
            _ => Err(crate::NotAnId { what: "a ledger account", text }),
        }
    }
}

/// Why money moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PostingKind {
    Capture,
    Suspense,
    Refund,
    Refunded,
    RefundReturned,
    /// The buyer had it already when the gateway paid it too.
    RefundedTwice,
    Chargeback,
    /// A courier was paid at the door.
    Collected,
    /// A courier was not paid after all: the parcel is back.
    CollectionReversed,
    /// A carrier has paid us what its couriers collected.
    Remitted,
    /// Cash that no carrier will remit any more.
    WrittenOff,
    /// It came all the same.
    Recovered,
    /// The platform pays a merchant for goods that were lost.
    Compensation,
    /// A carrier will pay for what it lost or spoilt.
    ClaimAccepted,
    ClaimPaid,
    Settlement,
    Payout,
}

impl PostingKind {
    pub fn word(self) -> &'static str {
        match self {
            Self::Capture => "capture",
            Self::Suspense => "suspense",
            Self::Refund => "refund",
            Self::Refunded => "refunded",
            Self::RefundReturned => "refund_returned",
            Self::RefundedTwice => "refunded_twice",
            Self::Chargeback => "chargeback",
            Self::Collected => "collected",
            Self::CollectionReversed => "collection_reversed",
            Self::Remitted => "remitted",
            Self::WrittenOff => "written_off",
            Self::Recovered => "recovered",
            Self::Compensation => "compensation",
            Self::ClaimAccepted => "claim_accepted",
            Self::ClaimPaid => "claim_paid",
            Self::Settlement => "settlement",
            Self::Payout => "payout",
        }
    }
}

/// One line: an account and an amount in minor units, debits positive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostingLine {
    pub account: Account,
    pub amount_minor: i64,
}

/// A ledger entry. Its lines sum to zero, because each way to make one moves an amount from one
/// account to others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    pub kind: PostingKind,
    pub currency: Currency,
    /// What it belongs to: an order, a payment, a statement.
    pub subject: String,
    pub at: Millis,
    lines: Vec<PostingLine>,
}

impl Posting {
    /// Debits `to` and credits each of `from` with its amount; the debit is their sum. Lines of
    /// zero are left out; a posting without lines says nothing and is `None`.
    pub fn debit(
        (kind, currency, at): (PostingKind, Currency, Millis),
        subject: &str,
        to: Account,
        from: Vec<(Account, i64)>,
    ) -> Option<Self> {
        let sum = from.iter().map(|(_, amount)| amount).sum();
        let mut lines = vec![PostingLine { account: to, amount_minor: sum }];
        let credit =
            |(account, amount): (Account, i64)| PostingLine { account, amount_minor: -amount };
        lines.extend(from.into_iter().map(credit));
        lines.retain(|line| line.amount_minor != 0);
        let subject = subject.to_owned();
        (!lines.is_empty()).then_some(Self { kind, currency, subject, at, lines })
    }

    pub fn lines(&self) -> &[PostingLine] {
        &self.lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_posting_sums_to_zero() {
        let merchant = Account::try_from("merchant:m1".to_owned()).ok();
        let (Some(merchant), at) = (merchant, Millis(0)) else { panic!("an account") };
        let parts = vec![(merchant, 900), (Account::Commission, 100), (Account::Fees, 0)];
        let head = (PostingKind::Settlement, Currency::CNY, at);
        let posting = Posting::debit(head, "x", Account::Bank, parts).map(|p| p.lines().to_vec());
        let lines = posting.unwrap_or_default();
        assert_eq!(lines.iter().map(|l| l.amount_minor).sum::<i64>(), 0);
        assert_eq!(lines.len(), 3, "a line of zero is left out");
        assert_eq!(Posting::debit(head, "x", Account::Bank, vec![(Account::Fees, 0)]), None);
    }

    #[test]
    fn an_account_is_read_back_from_its_name() {
        for name in ["gateway:stripe", "merchant:m-1", "platform:commission", "suspense:stripe"] {
            assert_eq!(Account::try_from(name.to_owned()).map(|a| a.to_string()), Ok(name.into()));
        }
        assert!(Account::try_from("cash".to_owned()).is_err());
    }
}
