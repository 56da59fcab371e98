//! The stories: who does what over HTTP, then what buyers, merchants, gateway and ledger see.
#![cfg(test)]

mod address_change;
mod at_the_same_moment;
mod buyers_hear;
mod cancel_units;
mod cash_on_delivery;
mod catalog_described;
mod catalog_files;
mod catalog_import;
mod checkout;
mod every_crash_every_repeat;
mod forged_webhooks;
mod happy_path;
mod held_longer;
mod hot_sku;
mod idempotency;
mod last_piece;
mod merchant_endpoints;
mod messages_go_wrong;
mod openapi;
mod payment_twice;
mod refund_before_shipping;
mod refund_goes_wrong;
mod refused_at_the_door;
mod remittances;
mod return_and_refund;
mod settlement;
mod shipping_rates;
mod shop_policy;
mod silence;
mod stock_adjusted;
mod tracking;
mod two_shelves;
mod unpaid_and_too_late;
mod who_may_see_what;
mod wrong_amounts;
