//! A database with the schema and one order that is as it should be, for tests of the audit.

use rusqlite::Connection;

const GOOD: &str = r#"
    insert into payments (id, version, doc) values ('pay', 1,
        '{"life":{"is":"open"},"shares":[{"order":"ord"}],"refunds":[],"purchase":"pur"}');
    insert into orders (id, version, doc) values ('ord', 1,
        '{"payment":"pay","purchase":"pur","note":"key","number":"1",
        "state":{"is":"awaiting_payment"},
        "lines":[{"sku":"sku","held":[{"warehouse":"wh","quantity":2}]}]}');
    insert into stock values ('sku', 'wh', 9, 2);
    insert into timers values ('pay', 'unpaid', 0);
    insert into journal (at_ms, kind, id, version, event, actor, commit_id) values
        (0, 'payments', 'pay', 1, '{"event":"opened"}', '', 'c1'),
        (0, 'orders', 'ord', 1, '{"event":"placed"}', '', 'c1');
    insert into ledger (at_ms, posting, kind, subject, account, currency, amount_minor) values
        (0, 'c1:0', 'capture', 'pay', 'gateway:stripe', 'CNY', 5),
        (0, 'c1:0', 'capture', 'pay', 'escrow:ord', 'CNY', -5);
"#;

/// That database, after something went wrong in it.
pub fn database(wrong: &str) -> Connection {
    let connection = Connection::open_in_memory().unwrap();
    for (_, script) in store::schema::MIGRATIONS {
        connection.execute_batch(script).unwrap();
    }
    let changes = [GOOD, "pragma ignore_check_constraints = on;", wrong].join("\n");
    connection.execute_batch(&changes).unwrap();
    connection
}
