//! The short storm, for every run of the tests: 60 registrations, 8 kills.

use std::time::Duration;

use namewarden::sim::sink::{HttpSink, SmtpSink};
use namewarden::sim::{Loader, Options, Order, Sim};

use super::inventory;
use super::letter::{Letter, Ring};
use super::place::{Place, Plan};
use super::storm::{Act, Dice, Fate, Storm};

const FEEDS: &str = "changelog_every = \"500ms\"\nrss_every = \"1s\"";

#[tokio::test(flavor = "multi_thread")]
async fn eight_kills_lose_nothing() {
    let mut dice = Dice::thrown();
    let acts = acts();
    let mut loader = Loader::sample();
    loader.leave_out(acts.iter().map(|act| act.name.as_str()));
    let options = Options { xmlrpc_quota: 1_000_000, ..Options::default() };
    let sim = Sim::start(loader.world(Order::default()), options).await.expect("a free port");
    let (mail, hook) = (SmtpSink::start(0).await.expect("a port"), HttpSink::start(0).await.expect("a port"));
    let place = Place::new(&Plan {
        pypi: sim.base_url(),
        smtp_port: mail.address().port(),
        hook: &hook.base_url(),
        feeds: FEEDS,
        inventory: &inventory::text(),
    });
    let storm = Storm {
        sim: &sim,
        place: &place,
        mails: || mail.mails().iter().map(Letter::of).collect(),
        rings: || hook.posts().iter().map(Ring::of).collect(),
        patience: Duration::from_secs(60),
    };
    storm.rage(&acts, Duration::from_secs(16), 8, &mut dice).await;
}

/// 60 registrations, 12 of them of watched names; of each kind some are aimed and some are not.
fn acts() -> Vec<Act> {
    let fates = [Fate::Stays, Fate::Removed, Fate::Empty, Fate::Quarantined];
    let fate = |number: usize| fates[number % fates.len()];
    let aimed = inventory::names().step_by(3).take(12).enumerate();
    let aimed = aimed.map(|(number, name)| Act { name, fate: fate(number), aimed: true });
    let others = (0..48).map(|number| {
        let fate = if number < 12 { fate(number) } else { Fate::Stays };
        Act { name: format!("passer-by-{:02}x{:02}", number * 7 % 48, number), fate, aimed: false }
    });
    aimed.chain(others).collect()
}
