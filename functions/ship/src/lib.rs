//! ship.
