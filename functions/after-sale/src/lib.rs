//! after-sale.
