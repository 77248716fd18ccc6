//! Reloads, registrations and troubles of channels in any order: nothing is lost, nothing told twice, and at the end those
//! work whom the configuration asks for.
//!
//! `NAMEWARDEN_SEED=NUMBER` plays another order.

#![expect(clippy::print_stdout, reason = "the order, for whoever reads of a failure")]

use std::collections::BTreeSet;
use std::time::Duration;

use namewarden::daemon::{Configured, Reload};
use namewarden::model::FindingKey;
use namewarden::sim::sink::{HttpMood, SmtpMood};

use crate::chance::Chance;
use crate::world::{Setup, Told, Via, World};

const STEPS: usize = 24;
/// Beside mail, which is always there for who stands in.
const CHANNELS: [&str; 3] = ["slack a", "slack b", "webhook siem"];
const OWNERS: [(&str, &str); 2] = [("security", "sec-internal"), ("payments", "pay-internal")];

/// What the files say.
#[derive(Clone, Debug)]
struct Said {
    channels: BTreeSet<&'static str>,
    /// Another sender is another mail channel.
    sender: u64,
    changelog: bool,
    /// How the second owner is told; not empty.
    routes: BTreeSet<&'static str>,
}

impl Said {
    fn at_random(chance: &mut Chance) -> Self {
        let channels: BTreeSet<_> = CHANNELS.into_iter().filter(|_| chance.one_in(2)).collect();
        let mut routes: BTreeSet<_> = channels.iter().copied().filter(|_| chance.one_in(2)).collect();
        if routes.is_empty() || chance.one_in(2) {
            routes.insert("email");
        }
        Self { channels, sender: chance.below(2), changelog: !chance.one_in(4), routes }
    }

    fn configuration(&self, main: &str) -> String {
        let sender = format!("watch-{}@acme.example", self.sender);
        let mode = if self.changelog { "auto" } else { "off" };
        let main = main.replace("watch@acme.example", &sender).replace("\"auto\"", &format!("{mode:?}"));
        let section = |channel: &&str| match *channel {
            "webhook siem" => {
                "[alert.webhook.siem]\nurl_file = \"hook-url\"\nsecret_file = \"hook-secret\"\n".to_owned()
            }
            slack => {
                let name = &slack["slack ".len()..];
                format!("[alert.slack.{name}]\nurl_file = \"slack-{name}\"\n")
            }
        };
        main + &self.channels.iter().map(section).collect::<String>()
    }

    fn inventory(&self) -> String {
        let named = |kind: &str| {
            let names = self.routes.iter().filter_map(|channel| channel.strip_prefix(kind));
            names.map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ")
        };
        let email = if self.routes.contains("email") { "\"payments@acme.example\"" } else { "" };
        let prefix = |(owner, prefix): (&str, &str)| {
            format!("[[prefix]]\ntext = \"{prefix}-*\"\nowner = {owner:?}\nexclusive = true\n")
        };
        format!(
            "[owners.security]\nemail = [\"security@acme.example\"]\n[owners.payments]\nemail = [{email}]\n\
             slack = [{}]\nwebhook = [{}]\n{}",
            named("slack "),
            named("webhook "),
            OWNERS.map(prefix).concat()
        )
    }

    /// The delivery workers that this asks for.
    fn workers(&self) -> BTreeSet<String> {
        let channels = self.channels.iter().map(|channel| channel.replace(' ', ":"));
        let delivery = channels.chain(["email".to_owned()]).map(|channel| format!("delivery {channel}"));
        delivery.chain(self.changelog.then(|| "changelog".to_owned())).collect()
    }
}

struct Play {
    world: World,
    chance: Chance,
    main: String,
    said: Said,
    registered: usize,
    /// Everything that arrived.
    told: Vec<Told>,
}

impl Play {
    async fn begin(seed: u64) -> Self {
        let mut chance = Chance(seed);
        let first = Said { channels: CHANNELS.into(), sender: 0, changelog: true, routes: ["email"].into() };
        let world = Setup { undelivered_after: "7d", inventory: first.inventory(), ..Setup::default() }.set().await;
        world.write("slack-a", &format!("{}/services/a", world.slack.base_url()));
        world.write("slack-b", &format!("{}/services/b", world.slack.base_url()));
        world.write("hook-url", &format!("{}/hook", world.hook.base_url()));
        world.write("hook-secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let main = world.config();
        let mut play =
            Self { world, said: Said::at_random(&mut chance), chance, main, registered: 0, told: Vec::new() };
        play.write();
        play.world.boot().await.expect("boots");
        play
    }

    fn write(&self) {
        self.world.write("inventory.toml", &self.said.inventory());
        self.world.write("namewarden.toml", &self.said.configuration(&self.main));
    }

    async fn step(&mut self) {
        match self.chance.below(8) {
            0..3 => {
                let (_, prefix) = self.chance.of(&OWNERS);
                self.world.create(&format!("{prefix}-{}", self.registered), "mallory");
                self.registered += 1;
            }
            3 => self.world.mail.set_mood(self.chance.of(&[SmtpMood::Accept, SmtpMood::Down, SmtpMood::Defer])),
            4 => {
                let mood = self.chance.of(&[HttpMood::Accept, HttpMood::Fail(503), HttpMood::Fail(404)]);
                self.world.slack.set_mood(mood);
                self.world.hook.set_mood(self.chance.of(&[HttpMood::Accept, mood]));
            }
            5 => {
                // Half of a file, and then the whole.
                self.world.write("namewarden.toml", &self.main[..self.main.len() / 2]);
                let said = self.world.reload_all().await;
                assert!(matches!(said.configuration, Configured::Broken { .. }), "{said:?}");
                self.write();
                self.reload().await;
            }
            _ => {
                self.said = Said::at_random(&mut self.chance);
                println!("{:?}", self.said);
                self.write();
                self.reload().await;
            }
        }
        self.world.real_time(Duration::from_millis(self.chance.below(120))).await;
        self.told.extend(self.world.take());
    }

    async fn reload(&self) {
        let said = self.world.reload_all().await;
        assert!(matches!(said.configuration, Configured::Applied { .. }), "{said:?}");
        assert!(matches!(said.inventory, Reload::Applied { .. } | Reload::Unchanged), "{said:?}");
    }

    async fn end(mut self) {
        self.world.mail.set_mood(SmtpMood::Accept);
        self.world.slack.set_mood(HttpMood::Accept);
        self.world.hook.set_mood(HttpMood::Accept);
        self.world.hours_pass(2);
        self.reload().await;
        let (all, workers) = (self.registered, self.said.workers());
        self.world.until("all are found", async |world| world.findings().await.len() == all).await;
        self.world.until("nothing waits", async |world| world.nothing_waits().await).await;
        self.world.until("all who were let go are gone", async |world| follows(world) == workers).await;
        self.told.extend(self.world.take());
        self.everything_is_told().await;
        self.nothing_is_told_twice();
        assert_eq!(self.world.unwell().await, [""; 0]);
        self.world.finish().await;
    }

    async fn everything_is_told(&self) {
        for finding in self.world.findings().await {
            let key: FindingKey = finding.key.clone();
            let fates = self.world.engine().store.read(move |tx| tx.tellings().fates(&key)).await.expect("reads");
            let outcomes: BTreeSet<_> = fates.iter().map(|fate| fate.outcome.as_deref()).collect();
            assert!(outcomes.is_subset(&[Some("told"), Some("handed-over")].into()), "{fates:?}");
            let owner = OWNERS.iter().find(|(_, prefix)| finding.project().as_str().starts_with(prefix));
            let is_theirs =
                |owner: &str| fates.iter().any(|f| f.owner.0 == owner && f.outcome.as_deref() == Some("told"));
            assert!(owner.is_some_and(|(owner, _)| is_theirs(owner)), "{}: {fates:?}", finding.key);
        }
    }

    /// Slack has no keys; what it is told is counted like the rest by the store.
    fn nothing_is_told_twice(&self) {
        let mut seen = BTreeSet::new();
        for told in self.told.iter().filter(|told| told.via != Via::Slack) {
            let message = (format!("{:?}", told.via), told.key.clone(), told.to.clone());
            assert!(seen.insert(message), "told twice: {} to {:?}", told.subject, told.to);
        }
    }
}

/// The workers that depend on the configuration, whichever edition they have.
fn follows(world: &World) -> BTreeSet<String> {
    let names = world.workers().into_iter().filter(|name| name.starts_with("delivery") || name == "changelog");
    names.map(|name| name.split(" of reload").next().unwrap_or_default().to_owned()).collect()
}

async fn play(seed: u64) {
    println!("NAMEWARDEN_SEED={seed} plays this again");
    let mut play = Play::begin(seed).await;
    play.world.until("the baseline is there", async |world| *world.engine().baselined.borrow()).await;
    for _ in 0..STEPS {
        play.step().await;
    }
    play.end().await;
}

#[expect(clippy::disallowed_methods, reason = "the one way to ask a test for another order")]
fn seed(default: u64) -> u64 {
    std::env::var("NAMEWARDEN_SEED").ok().map_or(default, |text| text.parse().expect("a number"))
}

#[tokio::test]
async fn nothing_is_lost_and_nothing_told_twice() {
    play(seed(20_221_225)).await;
}

#[tokio::test]
async fn nor_in_another_order() {
    play(seed(7)).await;
}

#[tokio::test]
#[ignore = "long: tests/run --full"]
async fn nor_in_many_orders() {
    for other in 100..140 {
        play(other).await;
    }
}
