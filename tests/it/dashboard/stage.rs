//! A watch with a month behind it: owners, cases of every tier, some of them by strangers who mean to break the page, claims that
//! wait for approval, and names that could not be read.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use namewarden::api::v1::Command;
use namewarden::cases::{Addressee, Links};
use namewarden::model::command::FindingFilter;
use namewarden::model::timeline::{Timeline, TimelineEvent};
use namewarden::model::{Actor, Channel, Feed, Finding, OwnerId, Serial, Through};
use namewarden::store::{Grade, Span};

use super::gate::FakeGate;
use crate::world::{Setup, World};

/// Every page, by its name; `one-` are of things that have to be there.
pub(crate) const PAGES: [(&str, &str); 19] = [
    ("overview", "/"),
    ("findings", "/findings"),
    ("findings-all", "/findings?state=all&sort=newest"),
    ("one-finding", "torchtritom"),
    ("one-long", "acmecorp-long"),
    ("inventory", "/inventory"),
    ("lint", "/inventory/lint"),
    ("preview", "/inventory/preview"),
    ("claims", "/claims"),
    ("one-claim", "/claims/of/corp-mail"),
    ("plan", "/claims/plan"),
    ("mail", "/claims/request"),
    ("reviews", "/gate/reviews"),
    ("one-review", "/gate/reviews/17"),
    ("reports", "/reports"),
    ("report", "/reports?show=yes"),
    ("health", "/health"),
    ("rules", "/rules"),
    ("not-there", "/findings?owner=nobody"),
];

const INVENTORY: &str = r#"
[owners.security]
name = "Security"
email = ["security@acme.example"]
names = ["corp-vault==2.1.0", "corp-mail==1.4", "corp-search==3.0.2", "corp-print==0.2.0"]
[owners.payments]
name = "Payments"
email = ["payments@acme.example"]
names = ["acme-billing==4.12.0", "acme-ledger==1.8.3", "acme-invoices==0.9.1"]
[owners.ml]
name = "ML platform"
email = ["ml@acme.example"]
names = ["torchtriton==2.0.0", "acme-features==7.2.0"]

# Of this one PyPI may be told.
[[name]]
name = "corp-chat"
owner = "security"
public_ok = true

[[prefix]]
text = "zeta-internal-*"
owner = "security"
exclusive = true

[[brand]]
word = "acmecorp"
owner = "security"

[registrants]
users = ["acme-release-bot"]
"#;

/// What strangers register, and who.
const STRANGERS: [(&str, &str); 13] = [
    ("torchtritom", "mallory"),
    ("torchtritn", "mallory"),
    ("acme-invoices", "mallory"),
    ("acme-biling", "eve"),
    ("acme-bi1ling", "eve"),
    ("acme-leger", "trudy"),
    ("acme-features-dev", "trudy"),
    ("acmecorp-sdk", "oscar"),
    ("acmecorp-utils", "oscar"),
    ("zeta-internal-auth", "oscar"),
    ("corp-valut", "peggy"),
    ("corp-serach", "peggy"),
    ("acme-feature", "peggy"),
];

pub(crate) struct Stage {
    pub(crate) world: World,
    _gate: FakeGate,
    ids: BTreeMap<String, String>,
}

/// What was written to break a page.
pub(super) const HOSTILE: &str = "torchtritom\u{202e}<img src=x onerror=window.hostile=1>\u{200b}\u{2066}\"'`";

impl Stage {
    pub(crate) async fn set() -> Self {
        let setup =
            Setup { web: true, links: true, inventory: INVENTORY.to_owned(), index_every: "1h", ..Setup::default() };
        let mut world = setup.start().await;
        let pypi = world.sim.base_url().trim_end_matches('/');
        let upload = format!("address = \"{pypi}/legacy/\"\ntoken_credential = \"pypi\"\n");
        let claim =
            "[claim]\nenabled = true\ncompany = \"Acme Corp\"\ncontact = \"python@acme.example\"\n[claim.upload]\n";
        let config = world.config() + claim + &upload + "[gate]\ncontrol_socket = \"gate.sock\"\n";
        let gate = FakeGate::at(&world.dir().join("gate.sock"));
        world.reconfigure(&config).await;
        for (name, user) in STRANGERS {
            world.upload(name, "9.9.9", user);
        }
        let long = format!("acmecorp-long-{}", "x".repeat(180));
        world.upload(&long, "1.0", "mallory");
        world.upload("acme-ledger", "1.8.3", "acme-release-bot");
        let wanted = STRANGERS.len() + 1;
        world.until("every case is there, and the first is looked up", async |w| looked_up(w).await >= wanted).await;
        let mut stage = Self { world, _gate: gate, ids: BTreeMap::new() };
        stage.spoil().await;
        stage.age();
        stage.propose().await;
        let all = stage.findings().await;
        stage.ids =
            all.iter().map(|of| (of.project().to_string(), of.id.map(String::from).expect("a number"))).collect();
        stage
    }

    /// Where the link of a mail about this project leads.
    pub(crate) async fn link(&self, project: &str, owner: &str) -> String {
        let findings = self.findings().await;
        let of = findings.iter().find(|of| of.project().as_str() == project).expect("a case");
        let engine = self.world.engine();
        let links = Links::of(&engine.settings()).expect("asked for");
        let to = Addressee { owner: OwnerId(owner.to_owned()), channel: Channel::Email };
        let link = links.link(of, &to, &engine.watchlist(), self.world.clock.now()).expect("an open case");
        link.expose().strip_prefix("http://localhost:8470").expect("ours").to_owned()
    }

    /// Nobody looks at what is left: this is about pages.
    pub(crate) async fn end(&mut self) {
        self.world.kill().await;
    }

    pub(crate) async fn findings(&self) -> Vec<Finding> {
        let all = self.world.engine().store.read(|tx| tx.findings().list(&FindingFilter::default())).await;
        all.expect("reads")
    }

    pub(crate) async fn cases(&self) -> usize {
        self.findings().await.len()
    }

    pub(crate) fn id(&self, project: &str) -> String {
        let found = self.ids.iter().find(|(name, _)| name.starts_with(project));
        found.expect("a case").1.clone()
    }

    pub(crate) fn case(&self, project: &str) -> String {
        format!("/findings/{}", self.id(project))
    }

    /// Every page with its address.
    pub(crate) fn pages(&self) -> Vec<(&'static str, String)> {
        let address = |path: &str| if path.starts_with('/') { path.to_owned() } else { self.case(path) };
        PAGES.iter().map(|(name, path)| (*name, address(path))).collect()
    }

    /// Strangers wrote what no page should obey.
    async fn spoil(&self) {
        let now = self.world.clock.now();
        let all = self.findings().await;
        let spoilt = all.into_iter().find(|of| of.project().as_str() == "torchtritom").expect("there");
        let mut of = Finding { display: HOSTILE.to_owned(), note: Some("<b>mallory</b>\u{feff}".to_owned()), ..spoilt };
        of.facts.summary = Some("</title><svg onload=window.hostile=1>\u{7}".to_owned());
        of.facts.home_page = Some("javascript:window.hostile=1".to_owned());
        of.facts.author = Some(HOSTILE.to_owned());
        of.facts.users = vec!["<b>mallory</b>\u{202e}".to_owned(), "x".repeat(300)];
        let change = Timeline { at: now, by: None, event: TimelineEvent::Counted };
        self.world.engine().store.write(move |tx| tx.findings().update(&of, &change)).await.expect("stored");
    }

    /// The same cases, spread over a month, and a month of looks.
    fn age(&self) {
        let path = self.world.engine().store.state_dir().join("namewarden.db");
        let store = rusqlite::Connection::open(path).expect("opens");
        let mut text = String::new();
        for (at, (name, _)) in STRANGERS.iter().enumerate().skip(2) {
            let back = at as i64 * 2 * 86_400_000_000;
            let _ = write!(
                text,
                "UPDATE findings SET seen_at = (seen_at - {back}) / 1000000 * 1000000, worsened_at = worsened_at - {back}, body = json_set(body, \
                 '$.seen_at', strftime('%Y-%m-%dT%H:%M:%SZ', (seen_at - {back}) / 1000000, 'unixepoch')) \
                 WHERE project = '{name}';"
            );
        }
        let hour = self.world.clock.now().timestamp() / 3600;
        for back in 1..=720_i64 {
            let count = 30 + (back * 37) % 23 + 14 * ((back % 24) / 8);
            let _ = write!(
                text,
                "INSERT OR REPLACE INTO sighting_counts (hour, feed, event, count) VALUES ({}, 'changelog', 'created', {count});",
                hour - back
            );
        }
        store.execute_batch(&text).expect("aged");
    }

    async fn propose(&self) {
        let now = self.world.clock.now();
        let covered = move |tx: &namewarden::store::Tx<'_>| {
            let serials = Some((Serial(1), Serial(2)));
            let (from, to) = (now - chrono::TimeDelta::days(29), now - chrono::TimeDelta::hours(3));
            tx.coverage().extend(&Span { feed: Feed::Changelog, grade: Grade::EveryEvent, serials, from, to })
        };
        self.world.engine().store.write(covered).await.expect("stored");
        let grace = Actor { uid: Some(4_001), user: Some("grace".to_owned()), through: Through::Socket, token: None };
        let names = ["corp-mail", "corp-search", "corp-print"].map(str::to_owned).to_vec();
        let service = &self.world.site().service;
        let said = service.answer(&grace, Command::ClaimPropose { names }).await.expect("proposed");
        let said = said.into_text();
        assert!(!said.contains("\"refused\":\""), "{said}");
    }

    /// So many cases more, like one another.
    pub(crate) async fn multiply(&self, more: usize) {
        let path = self.world.engine().store.state_dir().join("namewarden.db");
        let store = rusqlite::Connection::open(path).expect("opens");
        store
            .execute(
                "INSERT INTO findings SELECT project || '-' || n || '@1', 100000 + n, subject, registry, project || '-' || n, tier, \
                 state, seen_at, changed_at, worsened_at, reminded_at, snoozed_until, severity, edition, events, stood, answered_at, json_set(body, '$.key', project || '-' || n || '@1') \
                 FROM findings, (WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < ?1) SELECT n FROM c) \
                 WHERE project = 'acme-biling'",
                [more as i64],
            )
            .expect("multiplied");
    }
}

/// How many cases there are, once that which is looked at most has been looked up.
async fn looked_up(world: &World) -> usize {
    let all = world.engine().store.read(|tx| tx.findings().list(&FindingFilter::default())).await.expect("reads");
    let is_first = |of: &&Finding| of.project().as_str() == "torchtritom" && of.facts.taken_at.is_some();
    if all.iter().any(|of| is_first(&of)) { all.len() } else { 0 }
}
