//! Waves and pick lists: what can be planned, how far a wave is, and what a task is decided with.

use super::catalog::names;
use super::documents::{Row, all, stored};
use super::to_pick::WaitingAfter;
use crate::{Store, StoreError, Value};
use domain::{
    Order, OrderId, Payment, PickList, PickListId, PiecesOfList, Plannable, PurchaseOfTask, Sku,
    SkuId, Stored, TaskSituation, WarehouseId, Wave, WaveId, WaveRule,
};
use serde::Deserialize;
use std::collections::BTreeMap;

// An order's goods, and where it goes if somebody asks, are taken out of its document here: the
// rest of it would be carried for nothing.
pub const CANDIDATES: &str = "select json_group_array(json(row))
from (
    select json_object(
        'order', q.order_id, 'ship_by', q.ship_by_ms, 'number', o.doc ->> 'number',
        'pick_after', o.doc ->> ('$.pick_after.\"' || ?1 || '\"'), 'goods', o.doc -> 'lines',
        'delivery', case when ?9 then o.doc -> 'delivery' end
    ) as row
    from to_pick as q
    cross join orders as o on o.id = q.order_id
    where q.warehouse = ?1
        and q.taken_by is null
        and (q.ship_by_ms, q.order_id) > (?2, ?3)
        and (?4 is null or q.since_ms < ?4)
        and (?5 is null or q.lines <= ?5)
        and (?6 is null or q.pieces <= ?6)
        and (?7 is null or o.merchant = ?7)
    order by q.ship_by_ms, q.order_id
    limit ?8
)";

pub const CANDIDATES_BY_HAND: &str = "select json_group_array(json(row))
from (
    select json_object(
        'order', q.order_id, 'ship_by', q.ship_by_ms, 'number', o.doc ->> 'number',
        'pick_after', o.doc ->> ('$.pick_after.\"' || ?1 || '\"'), 'goods', o.doc -> 'lines'
    ) as row
    from json_each(?2) as wanted
    cross join to_pick as q on q.order_id = wanted.value
    cross join orders as o on o.id = q.order_id
    where q.warehouse = ?1
        and q.taken_by is null
    order by q.ship_by_ms, q.order_id
)";

pub const WAVE_AND_PROGRESS: &str = "select json_object(
    'wave', json_object('version', w.version, 'doc', json(w.doc)),
    'open', count(*) filter (where l.state = 'open'),
    'claimed', count(*) filter (where l.state = 'claimed'),
    'done', count(*) filter (where l.state = 'done'),
    'called_off', count(*) filter (where l.state = 'called_off'),
    'pieces', json_object(
        'wanted', coalesce(sum(l.wanted), 0), 'picked', coalesce(sum(l.picked), 0),
        'short', coalesce(sum(l.short), 0), 'dropped', coalesce(sum(l.dropped), 0)
    )
)
from waves as w
left join pick_progress as l on l.wave = w.id
where w.id = ?1
group by w.id";

pub const WAVES_OF_WAREHOUSE: &str = "select json_group_array(json(row))
from (
    select json_object('version', version, 'doc', json(doc)) as row
    from waves
    where warehouse = ?1
        and (begun_at_ms, id) < (?2, ?3)
    order by begun_at_ms desc, id desc
    limit ?4
)";

pub const LISTS_OF_WAVE: &str = "select json_group_array(json(row))
from (
    select json_object(
        'id', list, 'wave', wave, 'no', no, 'state', state, 'picker', picker, 'zone', zone,
        'method', method, 'warehouse', warehouse, 'tasks', tasks, 'made_at', made_at_ms,
        'pieces', json_object(
            'wanted', wanted, 'picked', picked, 'short', short, 'dropped', dropped
        )
    ) as row
    from pick_progress
    where wave = ?1
        and no > ?2
        and (?3 is null or state = ?3)
        and (?4 is null or picker = ?4)
    order by no
    limit ?5
)";

pub const NEXT_LIST: &str = "select json_object('version', version, 'doc', json(doc))
from pick_lists
where id = (
    select list
    from pick_progress
    where wave = ?1
        and state = 'open'
    order by no
    limit 1
)";

pub const PICK_LIST_AND_ORDERS: &str = "select json_object(
    'list', json_object('version', l.version, 'doc', json(l.doc)),
    'orders', (
        select json_group_array(json_object('version', o.version, 'doc', json(o.doc)))
        from orders as o
        where o.id in (
            select portion.value ->> 'order'
            from json_each(l.doc, '$.tasks') as task,
                json_each(task.value, '$.portions') as portion
        )
    )
)
from pick_lists as l
where l.id = ?1";

// Payments, and the other orders of their purchases, are read only where money may have to go back.
pub const TASK_SITUATION: &str = "with task (sku, portions) as (
    select task.value ->> 'sku', task.value -> 'portions'
    from pick_lists as l, json_each(l.doc, '$.tasks') as task
    where l.id = ?1 and task.value ->> 'no' = ?2
),
wanted (id) as (
    select distinct portion.value ->> 'order'
    from task, json_each(task.portions) as portion
),
paid (id) as (
    select distinct o.doc ->> 'payment'
    from orders as o
    where ?3 and o.id in (select id from wanted)
)
select json_object(
    'list', json_object('version', l.version, 'doc', json(l.doc)),
    'sku', (select json(s.doc) from skus as s where s.id = (select sku from task)),
    'substitute', (select json(s.doc) from skus as s where s.id = ?4),
    'orders', (
        select json_group_array(json_object('version', o.version, 'doc', json(o.doc)))
        from orders as o
        where o.id in (
            select id
            from wanted
            union
            select share.value ->> 'order'
            from payments as p, json_each(p.doc, '$.shares') as share
            where p.id in (select id from paid)
        )
    ),
    'payments', (
        select json_group_array(json_object('version', p.version, 'doc', json(p.doc)))
        from payments as p
        where p.id in (select id from paid)
    ),
    'stock', (
        select json_group_array(json_object(
            'sku', t.sku, 'warehouse', t.warehouse, 'region', w.doc ->> 'region',
            'cost_minor', coalesce(w.doc ->> 'cost_minor', 0),
            'priority', w.doc ->> 'priority', 'pieces', t.on_hand - t.held
        ))
        from stock as t
        join warehouses as w on w.id = t.warehouse
        where t.sku in (select sku from task union select ?4)
            and t.on_hand > t.held
            and coalesce(w.doc ->> 'active', 1)
    )
)
from pick_lists as l
where l.id = ?1";

pub const TO_PUT_AWAY: &str = "select json_group_array(json(row))
from (
    select json_object('version', version, 'doc', json(doc)) as row
    from orders
    where doc -> 'put_away' is not null
        and id > ?2
        and exists (
            select 1
            from json_each(doc, '$.put_away')
            where value ->> 'warehouse' = ?1
        )
    order by id
    limit ?3
)";

/// A wave and how far it is: its lists by their states, and its pieces.
#[derive(Debug, Clone)]
pub struct WaveProgress {
    pub wave: Stored<Wave>,
    pub lists: ListsByState,
    pub pieces: PiecesOfList,
}

/// How many lists are in which state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ListsByState {
    pub open: i64,
    pub claimed: i64,
    pub done: i64,
    pub called_off: i64,
}

#[derive(Deserialize)]
struct WaveRow {
    wave: Row<Wave>,
    open: i64,
    claimed: i64,
    done: i64,
    called_off: i64,
    pieces: PiecesOfList,
}

/// A pick list as its wave's pages show it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ListInPage {
    pub id: PickListId,
    pub wave: WaveId,
    pub no: i64,
    pub warehouse: WarehouseId,
    pub method: domain::PickMethod,
    pub zone: Option<String>,
    pub state: String,
    pub picker: Option<String>,
    pub tasks: i64,
    pub pieces: PiecesOfList,
    /// Milliseconds since 1970.
    pub made_at: i64,
}

/// Which lists of a wave are wanted.
#[derive(Debug, Clone, Default)]
pub struct ListFilter {
    pub state: Option<String>,
    pub picker: Option<String>,
}

#[derive(Deserialize)]
struct ListRow {
    list: Row<PickList>,
    orders: Vec<Row<Order>>,
}

#[derive(Deserialize)]
struct TaskRow {
    list: Row<PickList>,
    sku: Option<Sku>,
    substitute: Option<Sku>,
    orders: Vec<Row<Order>>,
    payments: Vec<Row<Payment>>,
    stock: Vec<domain::Available>,
}

impl TaskRow {
    /// Each payment with the orders of its purchase, and the others one by one.
    fn purchases(orders: Vec<Row<Order>>, payments: Vec<Row<Payment>>) -> Vec<PurchaseOfTask> {
        let mut by_payment: BTreeMap<String, PurchaseOfTask> = BTreeMap::new();
        for payment in all(payments) {
            let id = payment.doc.id.to_string();
            by_payment.insert(id, PurchaseOfTask { payment: Some(payment), orders: Vec::new() });
        }
        for order in all(orders) {
            let none = || PurchaseOfTask { payment: None, orders: Vec::new() };
            let payment = order.doc.payment.to_string();
            by_payment.entry(payment).or_insert_with(none).orders.push(order);
        }
        by_payment.into_values().collect()
    }
}

impl Store {
    /// Orders that wait in a warehouse and could be what a wave's rule wants.
    pub async fn candidates(
        &self,
        warehouse: &WarehouseId,
        rule: &WaveRule,
        after: &WaitingAfter,
        limit: i64,
    ) -> Result<Vec<Plannable>, StoreError> {
        let number = |number: Option<i64>| number.map_or(Value::Null, Value::Int);
        let params = vec![
            warehouse.as_str().into(),
            Value::Int(after.ship_by),
            after.order.as_str().into(),
            number(rule.confirmed_before.map(|at| at.0)),
            number(rule.lines_at_most),
            number(rule.pieces_at_most),
            rule.merchant.as_ref().map_or(Value::Null, |m| m.as_str().into()),
            Value::Int(limit),
            Value::Int(i64::from(rule.carriers.is_some())),
        ];
        Ok(self.read("read what can be planned", CANDIDATES, params).await?.unwrap_or_default())
    }

    /// Those of some orders that wait in a warehouse.
    pub async fn candidates_by_hand(
        &self,
        warehouse: &WarehouseId,
        orders: &[OrderId],
    ) -> Result<Vec<Plannable>, StoreError> {
        let wanted = names(orders.iter().map(OrderId::as_str));
        let params = vec![warehouse.as_str().into(), wanted];
        let found = self.read("read what can be planned", CANDIDATES_BY_HAND, params).await?;
        Ok(found.unwrap_or_default())
    }

    pub async fn wave(&self, id: &str) -> Result<Option<WaveProgress>, StoreError> {
        let row: Option<WaveRow> =
            self.read("read a wave", WAVE_AND_PROGRESS, vec![id.into()]).await?;
        Ok(row.map(|row| {
            let WaveRow { wave, open, claimed, done, called_off, pieces } = row;
            let lists = ListsByState { open, claimed, done, called_off };
            WaveProgress { wave: wave.into(), lists, pieces }
        }))
    }

    /// Waves of a warehouse that were begun before, the newest first.
    pub async fn waves_page(
        &self,
        warehouse: &str,
        (begun_at_ms, id): (i64, &str),
        limit: i64,
    ) -> Result<Vec<Stored<Wave>>, StoreError> {
        let params = vec![warehouse.into(), Value::Int(begun_at_ms), id.into(), Value::Int(limit)];
        let rows: Option<Vec<Row<Wave>>> =
            self.read("list waves", WAVES_OF_WAREHOUSE, params).await?;
        Ok(all(rows.unwrap_or_default()))
    }

    /// Lists of a wave after the one numbered `after`.
    pub async fn lists_page(
        &self,
        wave: &str,
        filter: &ListFilter,
        after: i64,
        limit: i64,
    ) -> Result<Vec<ListInPage>, StoreError> {
        let text = |text: &Option<String>| text.as_deref().map_or(Value::Null, Value::from);
        let (state, picker) = (text(&filter.state), text(&filter.picker));
        let params = vec![wave.into(), Value::Int(after), state, picker, Value::Int(limit)];
        Ok(self.read("list pick lists", LISTS_OF_WAVE, params).await?.unwrap_or_default())
    }

    /// The first list of a wave that nobody walks.
    pub async fn next_list(&self, wave: &str) -> Result<Option<Stored<PickList>>, StoreError> {
        let row: Option<Row<PickList>> =
            self.read("read the next pick list", NEXT_LIST, vec![wave.into()]).await?;
        Ok(stored(row))
    }

    /// A pick list and its orders as they are now.
    pub async fn pick_list(
        &self,
        id: &str,
    ) -> Result<Option<(Stored<PickList>, Vec<Stored<Order>>)>, StoreError> {
        let row: Option<ListRow> =
            self.read("read a pick list", PICK_LIST_AND_ORDERS, vec![id.into()]).await?;
        Ok(row.map(|row| (row.list.into(), all(row.orders))))
    }

    /// A pick list and what one of its tasks is decided with: what is offered instead of pieces
    /// that are missing, and the payments if `with_money`.
    pub async fn task_situation(
        &self,
        list: &str,
        task: u16,
        substitute: Option<&SkuId>,
        with_money: bool,
    ) -> Result<Option<(Stored<PickList>, TaskSituation)>, StoreError> {
        let substitute = substitute.map_or(Value::Null, |sku| sku.as_str().into());
        let (task, with_money) = (Value::Int(i64::from(task)), Value::Int(i64::from(with_money)));
        let params = vec![list.into(), task, with_money, substitute];
        let row: Option<TaskRow> = self.read("read a task", TASK_SITUATION, params).await?;
        let Some(TaskRow { list, sku, substitute, orders, payments, stock }) = row else {
            return Ok(None);
        };
        let purchases = TaskRow::purchases(orders, payments);
        let list = stored(Some(list));
        Ok(list.map(|list| (list, TaskSituation { sku, substitute, purchases, stock })))
    }

    /// Orders of which something waits in a warehouse to be put back on the shelf.
    pub async fn to_put_away(
        &self,
        warehouse: &str,
        after: &str,
        limit: i64,
    ) -> Result<Vec<Stored<Order>>, StoreError> {
        let params = vec![warehouse.into(), after.into(), Value::Int(limit)];
        let rows: Option<Vec<Row<Order>>> =
            self.read("list what is to be put away", TO_PUT_AWAY, params).await?;
        Ok(all(rows.unwrap_or_default()))
    }
}
