//! carrier-webhook.
