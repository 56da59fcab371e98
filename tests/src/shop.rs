//! A shop with its partners, its clock and its people. The verbs are in the modules beside it.

use crate::native::{COURIERS, GATEWAY, MERCHANTS, MESSENGERS, TRACKERS};
use crate::{Answer, Ask, Components, Native, Person, Stage};
use domain::{HOUR, Millis};
use ed25519_dalek::SigningKey;
use http::Method;
use manifest::token::{Claims, Role, jwks, mint};
use manifest::{Manifest, Providers, Variables};
use partners::{
    AliyunSms, Carrier, Couriers, Gateway, Handler, JPushPush, Messengers, Receiver, ResendMail,
};
use partners::{Running, Scan, Trackers};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

/// When every story begins: Monday, 2 March 2026, 09:00 in Beijing.
pub const START: Millis = Millis(1_772_413_200_000);
/// The scheduler's own token.
pub const SCHEDULER: &str = "the-scheduler-of-the-stories";
const STRIPE_SECRET: &str = "whsec_b25seSB0aGUgZ2F0ZXdheSBrbm93cyB0aGlz";
const STRIPE_KEY: &str = "sk_test_stories";
const SALT: &str = "only-the-carrier-knows";
/// What merchants' endpoints verify with.
pub(crate) const MERCHANT_SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// A running shop.
pub struct Shop {
    stage: Box<dyn Stage>,
    pub gateway: Gateway,
    pub carrier: Carrier,
    pub receiver: Receiver,
    pub messengers: Messengers,
    pub couriers: Couriers,
    pub trackers: Trackers,
    /// Base of merchants' endpoints.
    pub(crate) merchants_at: String,
    running: Vec<Running>,
    now: Cell<Millis>,
    counted: Cell<u64>,
    repeats: Cell<u32>,
    /// What was set up already: merchants, warehouses, pools of waybills.
    pub(crate) set_up: RefCell<BTreeSet<String>>,
    pub(crate) traces: RefCell<BTreeMap<String, Vec<Scan>>>,
    tokens: RefCell<BTreeMap<String, String>>,
}

/// One thread, as an instance has.
pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

/// The key that signs the stories' tokens.
pub fn signing_key() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

/// All of a shop's partners but its carriers' scans.
pub(crate) type Partners = (Gateway, Receiver, Messengers, Couriers, Trackers);

fn partners() -> Partners {
    let receiver = Receiver::new(&[MERCHANT_SECRET]);
    receiver.set_clock(START.0 / 1_000);
    let messengers = Messengers {
        sms: AliyunSms::new("aliyun-key", "aliyun-secret"),
        mail: ResendMail::new("re_stories"),
        push: JPushPush::new("app", "master"),
    };
    messengers.set_clock(START.0 / 1_000);
    let gateway = Gateway::new(STRIPE_SECRET, STRIPE_KEY);
    (gateway, receiver, messengers, Couriers::new(), Trackers::new(SALT))
}

/// A template of Aliyun's for each milestone and language, but none for lapsed cases in English.
fn sms_templates() -> String {
    let code = |word: &str, tag: &str| format!("SMS_{word}_{tag}");
    let both = |word: &str| serde_json::json!({"zh-CN": code(word, "zh"), "en": code(word, "en")});
    let all = domain::Milestone::WORDS.map(|word| (word.to_owned(), both(word)));
    let mut templates = serde_json::Map::from_iter(all);
    templates["case_lapsed"] = serde_json::json!({"zh-CN": code("case_lapsed", "zh")});
    serde_json::Value::Object(templates).to_string()
}

/// The application's variables, with the partners at these addresses.
fn variables(
    (banks, couriers, trackers): (&Gateway, &Couriers, &Trackers),
    (gateway, couriers_at, trackers_at): (&str, &str, &str),
    merchants: &str,
    messengers: &str,
) -> Vec<(&'static str, String)> {
    let mut all = vec![
        ("payment_gateways", "stripe,wechatpay,alipay".to_owned()),
        ("auth_jwks", jwks(&signing_key())),
        ("scheduler_token", SCHEDULER.to_owned()),
        ("stripe_webhook_secrets", STRIPE_SECRET.to_owned()),
        ("stripe_api_key", STRIPE_KEY.to_owned()),
        ("stripe_api_base", gateway.to_owned()),
        ("kuaidi100_salt", SALT.to_owned()),
        ("merchant_webhook_hosts", merchants.to_owned()),
        ("private_webhook_hosts", merchants.to_owned()),
        ("aliyun_sms_key_id", "aliyun-key".to_owned()),
        ("aliyun_sms_key_secret", "aliyun-secret".to_owned()),
        ("aliyun_sms_sign_name", "好店".to_owned()),
        ("aliyun_sms_templates", sms_templates()),
        ("aliyun_sms_base", messengers.to_owned()),
        ("email_from", "Shop <no-reply@shop.example>".to_owned()),
        ("resend_api_key", "re_stories".to_owned()),
        ("resend_base", messengers.to_owned()),
        ("jpush_app_key", "app".to_owned()),
        ("jpush_master_secret", "master".to_owned()),
        ("jpush_base", messengers.to_owned()),
    ];
    all.extend(banks.wechatpay.settings(gateway));
    all.extend(banks.alipay.settings(gateway));
    all.extend(couriers.settings(couriers_at));
    all.extend(trackers.settings(trackers_at));
    all
}

impl Shop {
    /// A shop whose functions run in this process.
    pub fn natively() -> Self {
        let manifest = Manifest::read(&crate::components::workspace().join("spin.toml"));
        let manifest = manifest.unwrap_or_else(|error| panic!("{error}"));
        let partners = partners();
        let ours = (&partners.0, &partners.3, &partners.4);
        let at = (GATEWAY, COURIERS, TRACKERS);
        let flags = variables(ours, at, MERCHANTS, MESSENGERS);
        let flags = flags.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let providers = Providers { flags, ..Providers::default() };
        let variables = Variables::resolve(&manifest, &providers);
        let variables = variables.unwrap_or_else(|error| panic!("{error}"));
        let native = Native::open(&manifest, &variables, START, partners.clone());
        let native = native.unwrap_or_else(|error| panic!("{error:#}"));
        Self::new(Box::new(native), partners, MERCHANTS.to_owned(), Vec::new())
    }

    /// A shop whose components run in the host.
    pub async fn of_components() -> Self {
        let (gateway, receiver, messengers, couriers, trackers) = partners();
        let any = "127.0.0.1:0".parse().expect("an address");
        let banks = gateway.clone().serve(any).await.unwrap_or_else(|error| panic!("{error:#}"));
        let shops = receiver.clone().serve(any).await.unwrap_or_else(|error| panic!("{error:#}"));
        let posts = messengers.clone().serve(any).await.unwrap_or_else(|error| panic!("{error:#}"));
        // What is asked of SF and of EasyPost comes to one address, waybills and scans alike.
        let (vans, eyes) = (couriers.clone(), trackers.clone());
        let asked = Handler::new(move |request| {
            if eyes.is_asked(&request) { eyes.answer(&request) } else { vans.answer(&request) }
        });
        let vans = partners::serve(any, asked).await;
        let vans = vans.unwrap_or_else(|error| panic!("{error:#}"));
        let vans_at = vans.base_url();
        let eyes = trackers.clone().serve(any).await.unwrap_or_else(|error| panic!("{error:#}"));
        let eyes_at = eyes.base_url();
        let (banks_at, shops_at, posts_at) = (banks.base_url(), shops.base_url(), posts.base_url());
        let at = (banks_at.as_str(), vans_at.as_str(), eyes_at.as_str());
        let variables = variables((&gateway, &couriers, &trackers), at, &shops_at, &posts_at);
        let components = Components::start(&variables, START).await;
        let components = components.unwrap_or_else(|error| panic!("{error:#}"));
        let merchants = shops.base_url();
        let partners = (gateway, receiver, messengers, couriers, trackers);
        let running = vec![banks, shops, posts, vans, eyes];
        Self::new(Box::new(components), partners, merchants, running)
    }

    fn new(
        stage: Box<dyn Stage>,
        (gateway, receiver, messengers, couriers, trackers): Partners,
        merchants_at: String,
        running: Vec<Running>,
    ) -> Self {
        Self {
            stage,
            gateway,
            carrier: Carrier::new(SALT),
            receiver,
            messengers,
            couriers,
            trackers,
            merchants_at,
            running,
            now: Cell::new(START),
            counted: Cell::new(0),
            repeats: Cell::new(0),
            set_up: RefCell::default(),
            traces: RefCell::default(),
            tokens: RefCell::default(),
        }
    }

    pub fn stage(&self) -> &dyn Stage {
        self.stage.as_ref()
    }

    /// Whether the partners are at real addresses.
    pub fn is_deployed(&self) -> bool {
        !self.running.is_empty()
    }

    pub fn now(&self) -> Millis {
        self.now.get()
    }

    pub fn now_s(&self) -> i64 {
        self.now().0.div_euclid(1_000)
    }

    /// From now on every request that is answered 5xx is sent again, up to so many times.
    pub fn is_stubborn(&self, repeats: u32) {
        self.repeats.set(repeats);
    }

    pub(crate) fn repeats(&self) -> u32 {
        self.repeats.get()
    }

    /// A number that was not used before.
    pub fn next(&self) -> u64 {
        self.counted.set(self.counted.get() + 1);
        self.counted.get()
    }

    pub fn buyer(&self, name: &str) -> Person<'_> {
        Person::new(self, Role::Buyer, name)
    }

    pub fn merchant(&self, id: &str) -> Person<'_> {
        Person { merchant: Some(id.to_owned()), ..Person::new(self, Role::Merchant, id) }
    }

    pub fn warehouse(&self, code: &str) -> Person<'_> {
        Person { warehouse: Some(code.to_owned()), ..Person::new(self, Role::Warehouse, code) }
    }

    pub fn support(&self) -> Person<'_> {
        Person::new(self, Role::Support, "agent-7")
    }

    pub fn finance(&self) -> Person<'_> {
        Person::new(self, Role::Finance, "accountant")
    }

    pub fn operator(&self) -> Person<'_> {
        Person::new(self, Role::Operator, "operator")
    }

    /// A request without a token.
    pub fn nobody(&self, method: Method, path: &str) -> Ask<'_> {
        Ask::new(self, method, path)
    }

    /// A token with these claims, good from `from` on for a day.
    pub fn token(&self, person: &Person<'_>, from: Millis) -> String {
        let mut claims = Claims::new(person.role, &person.sub, from.0.div_euclid(1_000), 1);
        (claims.merchant, claims.warehouse) = (person.merchant.clone(), person.warehouse.clone());
        mint(&signing_key(), &claims).expect("a token")
    }

    /// Their token since midnight or noon; signing takes longer than all the rest.
    pub(crate) fn token_of_today(&self, person: &Person<'_>) -> String {
        let from = Millis(self.now().0 - self.now().0.rem_euclid(12 * HOUR));
        let Person { role, sub, merchant, warehouse, .. } = person;
        let key = format!("{role} {sub} {merchant:?} {warehouse:?} {}", from.0);
        let known = self.tokens.borrow().get(&key).cloned();
        known.unwrap_or_else(|| {
            let token = self.token(person, from);
            self.tokens.borrow_mut().insert(key, token.clone());
            token
        })
    }

    /// Moves the clock, then lets the scheduler work until nothing is due.
    pub async fn time_passes(&self, ms: i64) {
        self.is_later(ms).await;
        for _ in 0..200 {
            let (ticked, sent) = (self.ticks().await, self.dispatches().await);
            if ticked.at("/due") == 0 && sent.at("/due") == 0 {
                return;
            }
        }
        panic!("there is still something due: {} {}", self.ticks().await, self.dispatches().await);
    }

    /// Moves the clock, and nothing else happens.
    pub async fn is_later(&self, ms: i64) {
        self.now.set(self.now().plus(ms));
        self.receiver.set_clock(self.now_s());
        self.messengers.set_clock(self.now_s());
        let moved = self.stage.set_clock(self.now()).await;
        moved.unwrap_or_else(|error| panic!("could not move the clock: {error:#}"));
    }

    pub async fn ticks(&self) -> Answer {
        self.scheduler("/v1/internal/tick").await.must(&[200])
    }

    pub async fn dispatches(&self) -> Answer {
        self.scheduler("/v1/internal/dispatch").await.must(&[200])
    }

    fn scheduler(&self, path: &str) -> Ask<'_> {
        self.nobody(Method::POST, path).token(SCHEDULER)
    }

    /// The answer to the next change is lost on the way, although the change is stored.
    pub async fn loses_its_next_answer(&self) {
        let armed = self.stage.lose_next_answer().await;
        armed.unwrap_or_else(|error| panic!("could not inject a fault: {error:#}"));
    }
}
