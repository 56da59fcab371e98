//! How a life ends: nothing breaks any more, everybody finishes what was begun, and time passes
//! until nothing is on its way.

use crate::acts::{self, Intent};
use crate::interleave::Dangers;
use crate::life::Life;
use crate::model::{Cash, Kept, Stage, must};
use orderflow_tests::{DAY, MINUTE, Order as Known, json};

/// Longer than every deadline in a row.
const DAYS_AT_MOST: usize = 120;

impl<'s> Life<'s> {
    fn alone(&mut self, intent: Option<Intent<'s>>) -> Kept {
        match intent {
            Some(intent) => self.perform(vec![intent], &Dangers::default()),
            None => Ok(()),
        }
    }

    /// Everybody finishes, and then the shop must be at rest.
    pub async fn ends(&mut self) -> Kept {
        self.says("from here on nothing goes wrong, and everybody finishes");
        self.focus = None;
        self.shop.gateway.refunds_are("succeeded");
        while let Some(intent) = self.unanswered.pop() {
            self.alone(Some(intent))?;
        }
        for _ in 0..DAYS_AT_MOST {
            let before = self.auditor.extent();
            self.shop.is_later(MINUTE).await;
            self.partners_finish()?;
            self.people_finish()?;
            self.shop.is_later(DAY).await;
            self.clock_works()?;
            let quiet = before == self.auditor.extent();
            let due = self.auditor.books.number("select count(*) from timers");
            let sent = "select count(*) from outbox where state = 'waiting'";
            if quiet && due == 0 && self.auditor.books.number(sent) == 0 {
                break;
            }
        }
        self.money_goes_out()?;
        self.auditor.nothing_is_open(self.shop, &self.till)?;
        self.purse.agrees(&self.auditor.remitted)?;
        if self.plan.is_calm() {
            self.auditor.nobody_heard_twice(self.shop)?;
        }
        self.shop.audit().await;
        Ok(())
    }

    fn partners_finish(&mut self) -> Kept {
        while self.till.ends_refund(self.shop, &mut self.chance, true).is_some() {}
        for number in 0..self.till.mail.len() {
            if !self.till.mail[number].acknowledged {
                let letter = acts::letter(self, number);
                self.alone(letter)?;
            }
        }
        for parcel in self.auditor.model.parcels.clone().into_values() {
            // Some of what was given up turns up.
            let away = match parcel.state {
                "shipped" => true,
                "given_up" => self.chance.percent(10),
                _ => false,
            };
            if let Some(label) = parcel.label.filter(|_| away) {
                let wanted = parcel.cash.is_none() || self.chance.percent(75);
                self.traces.sees_its_end(self.shop, &label, wanted);
            }
        }
        for number in 0..self.purse.files.len() {
            if !self.purse.files[number].acknowledged {
                let file = acts::file(self, number);
                self.alone(file)?;
            }
        }
        for label in self.traces.untold() {
            let push = acts::pushes(self, &label, self.traces.of(&label));
            self.alone(push)?;
        }
        Ok(())
    }

    fn people_finish(&mut self) -> Kept {
        self.orders_are_believed_in()?;
        self.lists_are_worked_off()?;
        self.offers_are_answered()?;
        for (id, order) in self.auditor.model.orders.clone() {
            if order.stage != Stage::Paid || self.auditor.model.waits_for_answer(&id) {
                continue;
            }
            let untouched = order.sum(|line| line.packed) + order.sent() == 0;
            let known = Known { id: id.clone(), merchant: order.merchant, total: order.total };
            if untouched && self.chance.percent(50) {
                let cancel = self.shop.support().cancel(&known);
                let cancel = self.keyed(format!("support cancels {id}"), cancel);
                self.alone(cancel)?;
            }
            while let Some(packing) = acts::packs_all(self, &id) {
                let before = self.auditor.extent();
                self.alone(Some(packing))?;
                let packed = before != self.auditor.extent();
                must(packed, "what is paid can be packed", || id.clone())?;
            }
        }
        for (id, parcel) in self.auditor.model.parcels.clone() {
            if parcel.state == "packed" {
                if parcel.label.is_none() {
                    self.has_numbers()?;
                    let label = acts::labels_surely(self, &id, &parcel.warehouse);
                    self.alone(label)?;
                }
                let ship = acts::ships(self, &id, &parcel.warehouse);
                self.alone(ship)?;
            }
        }
        for (id, case) in self.auditor.model.cases.clone() {
            if case.state == "returning" {
                let receive = acts::receives_all(self, &id);
                self.alone(receive)?;
            }
        }
        self.exceptions_are_looked_at()?;
        self.cash_comes_in()?;
        self.receipts_are_confirmed()
    }

    /// Pickers find what is there, or most of it; and what lies around is put away.
    fn lists_are_worked_off(&mut self) -> Kept {
        for (id, list) in self.auditor.model.lists.clone() {
            for (no, task) in list.tasks.iter().filter(|(_, task)| !list.is_over() && !task.done) {
                let confirm = acts::confirms_task(self, (&id, &list), (*no, task));
                self.alone(confirm)?;
            }
        }
        for id in self.auditor.model.orders.clone().keys() {
            for warehouse in ["wh-sh", "wh-gz", "wh-bj"] {
                let away = acts::puts_away(self, id, warehouse);
                self.alone(away)?;
            }
        }
        Ok(())
    }

    /// Half of them; the others wait for what their silence means.
    fn offers_are_answered(&mut self) -> Kept {
        for (id, order) in self.auditor.model.orders.clone() {
            if self.auditor.model.waits_for_answer(&id) && self.chance.percent(50) {
                let answer = acts::answers_of(self, &id, &order);
                self.alone(answer)?;
            }
        }
        Ok(())
    }

    /// What nothing has explained is not explained by waiting; and carriers answer.
    fn exceptions_are_looked_at(&mut self) -> Kept {
        for (id, trouble) in self.auditor.model.open_troubles() {
            let before = self.auditor.extent();
            let ends = acts::ends_it(self, &id, &trouble);
            self.alone(ends)?;
            // What has come back, or was paid at the door, is not given up any more.
            if before == self.auditor.extent() && !trouble.given_up {
                let closes = acts::closes_it(self, &id, &trouble);
                self.alone(closes)?;
            }
        }
        for (id, trouble) in self.auditor.model.troubles.clone() {
            if trouble.claim.as_ref().is_some_and(|claim| !claim.is_over()) {
                let claim = acts::claims_of(self, &id, &trouble);
                self.alone(claim)?;
            }
        }
        Ok(())
    }

    /// The carrier gives more numbers when few are left.
    fn has_numbers(&mut self) -> Kept {
        let all = self.auditor.model.waybills.iter();
        let free = all.filter(|(id, by)| by.is_none() && id.starts_with("yuantong:"));
        if free.count() > 0 {
            return Ok(());
        }
        let numbers: Vec<String> = (0..40).map(|_| format!("YTX{}", self.number())).collect();
        let body = json!({"carrier": "yuantong", "numbers": numbers});
        let pool = self.shop.operator().post("/v1/shipping/waybills", &body);
        let pool = self.keyed("yuantong gives more numbers".to_owned(), pool);
        self.alone(pool)
    }

    /// A parcel that went back to its sender never arrives: support ends the order.
    fn receipts_are_confirmed(&mut self) -> Kept {
        for (id, order) in self.auditor.model.orders.clone() {
            let sent = order.sent() == order.live() && order.cod.is_none();
            if order.stage == Stage::Paid && sent && !order.all_delivered() {
                let known = Known { id: id.clone(), merchant: order.merchant, total: order.total };
                let confirm = self.shop.support().confirm_receipt(&known);
                let confirm = self.keyed(format!("support confirms {id}"), confirm);
                self.alone(confirm)?;
            }
        }
        Ok(())
    }

    /// In some lives carriers keep all cash until it is missed.
    fn is_late(&self) -> bool {
        self.plan.seed % 3 == 1
    }

    /// Half of them by a person; the others wait for what their silence means.
    fn orders_are_believed_in(&mut self) -> Kept {
        for (id, order) in self.auditor.model.orders.clone() {
            if order.stage == Stage::Unconfirmed && self.chance.percent(50) {
                let known = Known { id, merchant: order.merchant, total: order.total };
                let confirm = acts::confirms(self, &known);
                self.alone(confirm)?;
            }
        }
        Ok(())
    }

    /// What nobody took is in the warehouse again, carriers bring what they have or are not waited
    /// for any more, and finance pays back what cannot go back by itself.
    fn cash_comes_in(&mut self) -> Kept {
        for (id, parcel) in self.auditor.model.parcels.clone() {
            let label = parcel.label.clone().unwrap_or_default();
            if self.traces.gone_back().contains(&label) {
                let back = acts::takes_all_back(self, &id, &parcel);
                self.alone(back)?;
            }
            let owes = |cash: &Cash| cash.owed > 0 && (cash.overdue || !self.is_late());
            if parcel.cash.as_ref().is_some_and(owes) && self.chance.percent(20) {
                let off = acts::writes_off(self, &id);
                self.alone(off)?;
            }
        }
        for carrier in ["yuantong", "zto"] {
            let file = acts::remits_all(self, carrier, self.is_late());
            self.alone(file)?;
        }
        for (id, order) in self.auditor.model.orders.clone() {
            if order.cod.is_some() && order.completes_at().is_some() && self.chance.percent(40) {
                let known = Known { id: id.clone(), merchant: order.merchant, total: order.total };
                let confirm = self.shop.buyer(&order.buyer).confirm_receipt(&known);
                let confirm = self.keyed(format!("{} has {id}", order.buyer), confirm);
                self.alone(confirm)?;
            }
        }
        for refund in acts::unpaid_refunds(self) {
            let paid = acts::pays_offline(self, &refund);
            self.alone(paid)?;
        }
        Ok(())
    }

    fn clock_works(&mut self) -> Kept {
        for _ in 0..3 {
            let (tick, dispatch) = (acts::ticks(self), acts::dispatches(self));
            self.alone(tick)?;
            self.alone(dispatch)?;
        }
        Ok(())
    }

    fn money_goes_out(&mut self) -> Kept {
        for merchant in ["m1", "m2"] {
            let close = acts::closes_period(self, merchant);
            self.alone(close)?;
        }
        for (id, statement) in self.auditor.model.statements.clone() {
            if !statement.paid && statement.net > 0 {
                let pay = acts::pays_out(self, &id);
                self.alone(pay)?;
            }
        }
        Ok(())
    }
}
