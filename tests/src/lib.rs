//! orderflow-tests.
