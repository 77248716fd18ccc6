//! Messages that a receiver takes in parts, an event for each case: what is more urgent goes out between two of them.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::{Json, Router};
use chrono::TimeDelta;
use namewarden::clock::Clock;
use namewarden::config::{Environment, Settings, load};
use namewarden::delivery::channel::Channels;
use namewarden::delivery::{DeliveryWorker, InForce};
use namewarden::model::{Channel, Event, OwnerId};
use namewarden::store::NoticeRow;
use namewarden::watchlist::routes::Routes;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::bench::{Bench, cases, neighbours};

const INVENTORY: &str = r#"
[owners.security]
pagerduty = ["oncall"]
names = ["acme-billing==4.12.0", "corp-search"]
"#;
/// Look-alikes that one message carries.
const MANY: usize = 35;

/// The keys of the incidents that were opened, in order.
type Opened = Arc<Mutex<Vec<String>>>;

async fn enqueue(State(opened): State<Opened>, Json(event): Json<Value>) -> Json<Value> {
    let key = event["dedup_key"].as_str().unwrap_or_default().to_owned();
    opened.lock().expect("a lock").push(key);
    Json(json!({"status": "success"}))
}

/// PagerDuty on loopback, and settings that lead there.
#[expect(clippy::disallowed_methods, reason = "the receiver ends with the test's runtime")]
async fn pagerduty() -> (Opened, Settings) {
    let opened = Opened::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let app = Router::new().fallback(enqueue).with_state(opened.clone());
    tokio::spawn(async move { axum::serve(listener, app).await });
    let dir = tempfile::tempdir().expect("a directory");
    let (file, key) = (dir.path().join("namewarden.toml"), dir.path().join("key"));
    std::fs::write(&key, "R0123456789abcdef0123456789abcde").expect("written");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).expect("ours alone");
    let text = format!(
        "contact = \"ops@acme.example\"\n[pypi]\nbase = \"https://pypi.example\"\n[alert]\n\
         default_owner = \"security\"\n[alert.pagerduty.oncall]\nurl = \"http://{address}/v2/enqueue\"\n\
         routing_key_file = {key:?}\n"
    );
    std::fs::write(&file, text).expect("written");
    (opened, load(&file, &Environment::default()).unwrap_or_else(|error| panic!("{error}")))
}

#[expect(clippy::disallowed_methods, reason = "a test's own client; the program's come from upstream")]
fn client() -> reqwest::Client {
    // Another test of this process may have been first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().build().expect("a client")
}

struct Desk {
    bench: Bench,
    worker: DeliveryWorker,
    opened: Opened,
    _kept: (watch::Sender<InForce>, watch::Sender<Arc<Settings>>),
}

impl Desk {
    async fn new() -> Self {
        let channel = Channel::PagerDuty("oncall".to_owned());
        let routes = Routes { default_owner: OwnerId("security".into()), channels: [channel.clone()].into() };
        let bench = Bench::with(INVENTORY, routes, &[]).await;
        bench.deliver_by(&channel).await;
        let (opened, settings) = pagerduty().await;
        let channels = Channels::build(&settings.alert, &client()).expect("settings that work");
        let in_force = watch::Sender::new(InForce::at_start(channels, vec![channel.clone()]));
        let settings = watch::Sender::new(Arc::new(settings));
        let worker = DeliveryWorker {
            store: bench.store.clone(),
            clock: Clock::manual(bench.now),
            channel,
            edition: 0,
            in_force: in_force.subscribe(),
            settings: settings.subscribe(),
            gate: Arc::new(|_| Box::pin(async { Ok(None) })),
            projects: Arc::new(|_| Box::pin(async { Ok(Vec::new()) })),
        };
        Self { bench, worker, opened, _kept: (in_force, settings) }
    }

    async fn registered(&mut self, names: &[String]) {
        let created = names.iter().map(|name| self.bench.told(name, Event::Created)).collect();
        self.bench.apply(created).await;
        self.bench.pass(TimeDelta::seconds(6));
        self.worker.clock.advance(TimeDelta::seconds(6));
    }

    async fn next(&self) -> NoticeRow {
        let mut taken = self.worker.take().await.expect("takes");
        assert_eq!(taken.len(), 1, "one at a time");
        taken.remove(0)
    }

    async fn deliver(&self, row: &NoticeRow) -> bool {
        self.worker.deliver(&self.bench.watchlist, row, &CancellationToken::new()).await.expect("the store works")
    }

    fn opened(&self) -> Vec<String> {
        self.opened.lock().expect("a lock").clone()
    }
}

#[tokio::test]
async fn a_page_goes_out_between_two_parts_of_an_alert_and_each_part_once() {
    let mut desk = Desk::new().await;
    desk.registered(&neighbours("corp-search")[..MANY]).await;
    let many = desk.next().await;
    assert_eq!(cases(&many), MANY);
    desk.registered(&["acme-billing".to_owned()]).await;
    assert!(!desk.deliver(&many).await, "it gives way");
    let before = desk.opened().len();
    assert!((1..MANY).contains(&before), "{before} of it went out");
    let page = desk.next().await;
    assert!(desk.deliver(&page).await);
    assert!(desk.opened()[before].starts_with("acme-billing@"), "{:?}", desk.opened());
    let rest = desk.next().await;
    assert_eq!((rest.id, rest.last_error.as_deref()), (many.id, None), "it did not fail");
    assert!(desk.deliver(&rest).await, "nothing is more urgent");
    let opened = desk.opened();
    assert_eq!((opened.len(), opened.iter().collect::<BTreeSet<_>>().len()), (MANY + 1, MANY + 1), "each once");
    assert!(desk.worker.take().await.expect("takes").is_empty());
}

/// What is no more urgent waits its turn.
#[tokio::test]
async fn a_message_in_parts_gives_way_to_no_other_of_its_lane() {
    let mut desk = Desk::new().await;
    let names = neighbours("corp-search");
    desk.registered(&names[..MANY]).await;
    let many = desk.next().await;
    desk.registered(&names[MANY..MANY + 1]).await;
    assert!(desk.deliver(&many).await);
    assert_eq!(desk.opened().len(), MANY);
    let other = desk.next().await;
    assert!(desk.deliver(&other).await);
}
