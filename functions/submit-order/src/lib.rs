//! submit-order.
