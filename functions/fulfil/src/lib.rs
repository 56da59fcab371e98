//! fulfil.
