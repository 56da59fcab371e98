//! The auditor: what must hold in every shop at every moment, checked on the database itself by
//! rules of its own. It shares no arithmetic with the product.

mod goods;
mod money;
mod road;

use crate::{Books, Shop};
use serde_json::Value;

/// A sentence, and a query for everything that contradicts it.
type Never = (&'static str, &'static str);

impl Books {
    /// Fails the test if anything contradicts a rule that always holds.
    pub fn are_right(&self) {
        for (sentence, contradictions) in [goods::NEVER, road::NEVER, money::NEVER].concat() {
            let found = self.rows(contradictions);
            assert!(found.is_empty(), "the auditor: {sentence}, but\n{found:#?}");
        }
        self.journal_rebuilds_everything();
    }
}

impl Shop {
    /// The database, for reading.
    pub fn books(&self) -> Books {
        Books::open(&self.stage().database())
    }

    /// Checks the books by themselves and against what the gateway did, and that nothing trapped.
    pub async fn audit(&self) {
        let books = self.books();
        books.are_right();
        let asking =
            "select count(*) from outbox where recipient = 'gateway' and state = 'waiting'";
        let open = "select count(*) from (
                select value ->> '$.state.is' as state
                from payments as p, json_each(p.doc, '$.refunds')
                union all
                select value ->> '$.state.is' from suspense as s, json_each(s.doc, '$.refunds')
            )
            where state in ('requested', 'accepted', 'undecided')";
        if books.number(asking) + books.number(open) == 0 {
            self.gateway_agrees(&books);
        }
        let traps = self.stage().traps().await.unwrap_or_else(|error| panic!("{error:#}"));
        assert_eq!(traps, 0, "an instance trapped");
    }

    /// Each refund that has happened at the gateway has happened in the books, with its amount.
    fn gateway_agrees(&self, books: &Books) {
        let sql = "select value ->> 'id', value ->> 'amount_minor'
            from payments as p, json_each(p.doc, '$.refunds')
            where value ->> '$.state.is' = 'succeeded' or value ->> '$.state.twice' = 1
            union all
            select value ->> 'id', value ->> 'amount_minor'
            from suspense as s, json_each(s.doc, '$.refunds')
            where value ->> '$.state.is' = 'succeeded'
            order by 1";
        let booked = books.rows(sql);
        let done = self.gateway.refunds().into_iter().filter(|refund| refund.status == "succeeded");
        let number = |refund: &partners::Refund| {
            let ours = refund.metadata.get("refund_no").cloned().unwrap_or_default();
            vec![Value::String(ours), refund.amount.into()]
        };
        let mut done: Vec<Vec<Value>> = done.map(|refund| number(&refund)).collect();
        done.sort_by(|a, b| a[0].as_str().cmp(&b[0].as_str()));
        assert_eq!(done, booked, "what the gateway paid back, and what the books say");
    }
}
