//! Where a merchant's own systems are told of events: webhook endpoints (Standard Webhooks).
//!
//! An endpoint that fails for days, or says that it is gone, is disabled, and whoever looks after
//! it is told. Its secret is rolled with a time in which the old one signs too. Whether an address
//! may be called is decided where it is called, not here.

use crate::{
    Action, Change, Document, Effect, EndpointId, Fault, FaultKind, Ids, MerchantId, Message,
    Millis, Policy, Recipient, Refusal, Stored, is_email,
};
use serde::{Deserialize, Serialize};

/// A merchant's webhook endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    pub id: EndpointId,
    pub merchant: MerchantId,
    pub settings: EndpointSettings,
    /// The newest first.
    pub secrets: Vec<EndpointSecret>,
    pub opened_at: Millis,
    pub state: EndpointState,
}

/// What its owner may change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndpointSettings {
    pub url: String,
    /// Kinds of events it wants: `order.paid`, or `order.*`. None: all.
    #[serde(default)]
    pub events: Vec<String>,
    /// The e-mail address that hears when it is disabled; without one, the merchant's contacts.
    #[serde(default)]
    pub contact: Option<String>,
}

/// A secret, and until when it signs; without an end it is the one in use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndpointSecret {
    pub secret: String,
    pub until: Option<Millis>,
}

/// Whether it is called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum EndpointState {
    /// `failing_since`: nothing has arrived since then.
    Enabled {
        failing_since: Option<Millis>,
    },
    Disabled {
        at: Millis,
        why: DisabledWhy,
    },
}

/// Why an endpoint is not called any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisabledWhy {
    /// It answered 410.
    Gone,
    /// Nothing arrived for days.
    Failing,
    ByHand,
}

/// What has happened to an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum EndpointEvent {
    Opened { endpoint: Box<Endpoint> },
    Changed { settings: EndpointSettings },
    Rotated { secret: String, at: Millis, old_until: Millis },
    Failed { since: Millis },
    Recovered,
    Disabled { at: Millis, why: DisabledWhy },
    Enabled { at: Millis },
}

/// How a delivery went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Went {
    Arrived,
    Failed,
    /// 410: nobody is there any more.
    Gone,
}

const ENDPOINTS_AT_MOST: usize = 20;
const EVENTS_AT_MOST: usize = 50;
const URL_AT_MOST: usize = 2_000;

impl Document for Endpoint {
    type Event = EndpointEvent;
    const KIND: &'static str = "endpoints";

    fn read(json: &str) -> serde_json::Result<Self> {
        serde_json::from_str(json)
    }

    fn id(&self) -> &str {
        self.id.as_str()
    }

    fn begin(event: &EndpointEvent) -> Option<Self> {
        if let EndpointEvent::Opened { endpoint } = event {
            Some((**endpoint).clone())
        } else {
            None
        }
    }

    fn evolve(&mut self, event: &EndpointEvent) {
        match event {
            EndpointEvent::Opened { endpoint } => self.clone_from(endpoint),
            EndpointEvent::Changed { settings } => self.settings.clone_from(settings),
            EndpointEvent::Rotated { secret, at, old_until } => {
                self.secrets.retain(|old| old.until.is_none_or(|until| until > *at));
                for old in &mut self.secrets {
                    old.until = Some(old.until.map_or(*old_until, |until| until.min(*old_until)));
                }
                let new = EndpointSecret { secret: secret.clone(), until: None };
                self.secrets.insert(0, new);
            }
            EndpointEvent::Failed { since } => {
                self.state = EndpointState::Enabled { failing_since: Some(*since) };
            }
            EndpointEvent::Recovered | EndpointEvent::Enabled { .. } => {
                self.state = EndpointState::Enabled { failing_since: None };
            }
            EndpointEvent::Disabled { at, why } => {
                self.state = EndpointState::Disabled { at: *at, why: *why };
            }
        }
    }

    fn react(&self, event: &EndpointEvent) -> Vec<Effect> {
        match event {
            EndpointEvent::Disabled { at, why: DisabledWhy::Gone | DisabledWhy::Failing } => {
                let id = format!("{}:disabled:{}", self.id, at.0);
                let (endpoint, merchant) = (self.id.clone(), self.merchant.clone());
                let to = Recipient::Caretaker { endpoint, merchant, at: *at };
                vec![Effect::Send(Message { id, to })]
            }
            EndpointEvent::Disabled { .. }
            | EndpointEvent::Opened { .. }
            | EndpointEvent::Changed { .. }
            | EndpointEvent::Rotated { .. }
            | EndpointEvent::Failed { .. }
            | EndpointEvent::Recovered
            | EndpointEvent::Enabled { .. } => Vec::new(),
        }
    }
}

impl EndpointState {
    /// The name of the state.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Enabled { failing_since: None } => "enabled",
            Self::Enabled { failing_since: Some(_) } => "failing",
            Self::Disabled { .. } => "disabled",
        }
    }

    /// The table of transitions: which steps a state allows.
    pub fn allows(&self) -> &'static [Action] {
        match self {
            Self::Enabled { .. } => &[Action::Ping, Action::Rotate, Action::Disable],
            Self::Disabled { .. } => &[Action::Rotate, Action::Enable],
        }
    }
}

impl EndpointSettings {
    /// What every endpoint must be. Whether the address may be called is not looked at.
    pub fn check(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        if self.url.len() > URL_AT_MOST {
            faults.push(Fault::at("#/url", FaultKind::TooLong { at_most: URL_AT_MOST }));
        }
        if self.events.len() > EVENTS_AT_MOST {
            let what = FaultKind::TooLong { at_most: EVENTS_AT_MOST };
            faults.push(Fault::at("#/events", what));
        }
        for (i, kind) in self.events.iter().enumerate() {
            if !is_event_filter(kind) {
                faults.push(Fault::at(format!("#/events/{i}"), FaultKind::NotAnEvent));
            }
        }
        if self.contact.as_deref().is_some_and(|contact| !is_email(contact)) {
            faults.push(Fault::at("#/contact", FaultKind::NotAnEmail));
        }
        faults
    }
}

/// A name of an event in Standard Webhooks' form, or all below one: `order.paid`, `order.*`.
fn is_event_filter(text: &str) -> bool {
    let name = text.strip_suffix(".*").unwrap_or(text);
    let sign = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let part = |part: &str| !part.is_empty() && part.chars().all(sign);
    text.len() <= 100 && name.split('.').all(part)
}

impl Endpoint {
    /// Whether it wants to hear of events of this kind.
    pub fn listens_to(&self, kind: &str) -> bool {
        let fits = |filter: &String| match filter.strip_suffix(".*") {
            Some(above) => kind.strip_prefix(above).is_some_and(|below| below.starts_with('.')),
            None => filter == kind,
        };
        self.settings.events.is_empty() || self.settings.events.iter().any(fits)
    }

    /// The secrets that sign now, the newest first.
    pub fn secrets_at(&self, now: Millis) -> impl Iterator<Item = &str> {
        let good = move |s: &&EndpointSecret| s.until.is_none_or(|until| now < until);
        self.secrets.iter().filter(good).map(|s| s.secret.as_str())
    }

    fn must_allow(&self, action: Action) -> Result<(), Refusal> {
        let allowed = self.state.allows();
        if allowed.contains(&action) {
            Ok(())
        } else {
            Err(Refusal::IllegalStep { state: self.state.word(), allowed: allowed.to_vec() })
        }
    }
}

/// A merchant has a new endpoint. `known` are those they have.
pub fn open_endpoint(
    change: &mut Change,
    known: &[Stored<Endpoint>],
    endpoint: Endpoint,
) -> Result<Stored<Endpoint>, Refusal> {
    let mut faults = endpoint.settings.check();
    if known.len() >= ENDPOINTS_AT_MOST {
        faults.push(Fault::at("#", FaultKind::TooLong { at_most: ENDPOINTS_AT_MOST }));
    }
    if !faults.is_empty() {
        return Err(Refusal::Faulty(faults));
    }
    let stored = Stored { version: 0, doc: endpoint.clone() };
    change.begin::<Endpoint>(EndpointEvent::Opened { endpoint: Box::new(endpoint) });
    Ok(stored)
}

/// Its owner says what it is now. The same again changes nothing.
pub fn change_endpoint(
    change: &mut Change,
    endpoint: &mut Stored<Endpoint>,
    settings: EndpointSettings,
) -> Result<(), Refusal> {
    let faults = settings.check();
    if !faults.is_empty() {
        return Err(Refusal::Faulty(faults));
    }
    if endpoint.doc.settings != settings {
        change.record(endpoint, EndpointEvent::Changed { settings });
    }
    Ok(())
}

/// A new secret. The old one signs too for a while, so that the merchant's systems can follow.
pub fn rotate_secret(
    change: &mut Change,
    endpoint: &mut Stored<Endpoint>,
    secret: String,
    policy: &Policy,
) -> Result<(), Refusal> {
    endpoint.doc.must_allow(Action::Rotate)?;
    let (at, old_until) = (change.at, change.at.plus(policy.secret_overlap_ms));
    change.record(endpoint, EndpointEvent::Rotated { secret, at, old_until });
    Ok(())
}

/// It is called again. What was missed meanwhile is sent again by hand only.
pub fn enable_endpoint(
    change: &mut Change,
    endpoint: &mut Stored<Endpoint>,
) -> Result<(), Refusal> {
    endpoint.doc.must_allow(Action::Enable)?;
    change.record(endpoint, EndpointEvent::Enabled { at: change.at });
    Ok(())
}

/// Its owner does not want it to be called.
pub fn disable_endpoint(
    change: &mut Change,
    endpoint: &mut Stored<Endpoint>,
) -> Result<(), Refusal> {
    endpoint.doc.must_allow(Action::Disable)?;
    let (at, why) = (change.at, DisabledWhy::ByHand);
    change.record(endpoint, EndpointEvent::Disabled { at, why });
    Ok(())
}

/// An event that means nothing, to see whether the endpoint hears.
pub fn ping_endpoint(
    change: &mut Change,
    endpoint: &Stored<Endpoint>,
    ids: &mut dyn Ids,
) -> Result<String, Refusal> {
    endpoint.doc.must_allow(Action::Ping)?;
    let event = format!("{}:ping:{:032x}", endpoint.doc.id, ids.next());
    let to = Recipient::Endpoint {
        endpoint: endpoint.doc.id.clone(),
        merchant: endpoint.doc.merchant.clone(),
        event: event.clone(),
        kind: "endpoint.ping".to_owned(),
        at: change.at,
        data: serde_json::json!({"endpoint": endpoint.doc.id}),
    };
    change.effect(Effect::Send(Message { id: event.clone(), to }));
    Ok(event)
}

/// Takes over how a delivery went: the first failure starts the clock, an arrival stops it, and
/// after days of nothing but failures the endpoint is disabled.
pub fn endpoint_heard(
    change: &mut Change,
    endpoint: &mut Stored<Endpoint>,
    how: Went,
    policy: &Policy,
) {
    let at = change.at;
    let EndpointState::Enabled { failing_since } = endpoint.doc.state else { return };
    match (how, failing_since) {
        (Went::Gone, _) => {
            change.record(endpoint, EndpointEvent::Disabled { at, why: DisabledWhy::Gone });
        }
        (Went::Arrived, Some(_)) => change.record(endpoint, EndpointEvent::Recovered),
        (Went::Arrived, None) => {}
        (Went::Failed, None) => {
            change.record(endpoint, EndpointEvent::Failed { since: at });
        }
        (Went::Failed, Some(since)) if since.plus(policy.endpoint_failing_ms) <= at => {
            change.record(endpoint, EndpointEvent::Disabled { at, why: DisabledWhy::Failing });
        }
        (Went::Failed, Some(_)) => {}
    }
}
