//! What monitoring systems are given: every number is the store's, every name stays, and nothing that a stranger wrote gets out of
//! its quotes.

use std::collections::BTreeMap;
use std::process::Command;

use namewarden::sim::Fault;

use crate::world::{Setup, World};

/// The samples of a scrape, by name and labels as they are written.
fn samples(text: &str) -> BTreeMap<String, f64> {
    assert!(text.trim_end().ends_with("\n# EOF"), "{text}");
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let split = lines.map(|line| line.rsplit_once(' ').unwrap_or_else(|| panic!("no sample: {line}")));
    split
        .map(|(name, number)| (name.to_owned(), number.parse().unwrap_or_else(|_| panic!("{name} {number}"))))
        .collect()
}

async fn scrape(world: &World) -> BTreeMap<String, f64> {
    samples(&text(world).await)
}

async fn text(world: &World) -> String {
    let config = world.dir().join("namewarden.toml");
    let command = move || {
        let mut verb = Command::new(env!("CARGO_BIN_EXE_namewarden"));
        let output = verb.arg("metrics").arg("--config").arg(config).output().expect("runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    };
    tokio::task::spawn_blocking(command).await.expect("ends")
}

#[tokio::test]
async fn the_numbers_are_those_of_the_watch() {
    let mut world = World::new().await;
    world.upload("acme-billing", "99.0", "mallory");
    world.expect_mail("registered", "acme-billing").await;
    world.until("it is told and known", async |world| world.nothing_waits().await).await;
    let found = scrape(&world).await;
    let is = |name: &str| found.get(name).copied();
    assert_eq!(is("namewarden_daemon_running"), Some(1.0));
    assert_eq!(is("namewarden_status"), Some(0.0), "there is time to answer");
    assert_eq!(is("namewarden_open_findings{tier=\"page\"}"), Some(1.0));
    assert_eq!(is("namewarden_findings{tier=\"page\",state=\"open\"}"), Some(1.0));
    assert_eq!(is("namewarden_unacknowledged_findings{tier=\"page\"}"), Some(1.0));
    assert_eq!(is("namewarden_threats{rule=\"exact\",tier=\"page\"}"), Some(1.0));
    assert_eq!(is("namewarden_watches{exposure=\"taken\"}"), Some(1.0));
    assert_eq!(is("namewarden_notices_due{channel=\"email\"}"), Some(0.0));
    assert!(is("namewarden_notices_delivered{channel=\"email\"}") >= Some(2.0), "{found:?}");
    let cursor = world.account().await.every_event.expect("the changelog answered");
    assert!(is("namewarden_covered_serial{grade=\"every-event\"}") >= Some(cursor.serial.0 as f64));
    assert!(is("namewarden_feed_seen_timestamp_seconds{feed=\"changelog\"}") > Some(1_500_000_000.0), "{found:?}");
    assert!(is("namewarden_store_bytes") > Some(4_096.0));
    world.finish().await;
}

#[tokio::test]
async fn a_feed_that_is_down_is_measured() {
    let mut world = Setup { faults: vec![Fault::RssDown], ..Setup::default() }.start().await;
    world.minutes_pass(5);
    world.expect_unwell("feed-blind:rss").await;
    let found = scrape(&world).await;
    assert_eq!(found.get("namewarden_feed_down{feed=\"rss\"}"), Some(&1.0), "{found:?}");
    let issue = "namewarden_health_issue_since_timestamp_seconds{issue=\"feed-blind:rss\"}";
    assert!(found.get(issue) > Some(&1_500_000_000.0), "{found:?}");
    world.end(Fault::RssDown);
    world.expect_well("feed-blind:rss").await;
    assert_eq!(scrape(&world).await.get("namewarden_feed_down{feed=\"rss\"}"), Some(&0.0));
    world.finish().await;
}
