//! Every fault, on the wire: what it does while it is on, and that it is gone when it is stopped.

use std::time::Duration;

use namewarden::sim::{Fault, Options, Sim};
use tokio::net::TcpStream;

use super::wire::{call, get, get_with};
use super::{JSON, at, world};

async fn sim() -> Sim {
    Sim::start(world(), Options::default()).await.expect("a free port")
}

async fn index_serial(sim: &Sim) -> u64 {
    get_with(sim.base_url(), "/simple/", &[JSON]).await.json()["meta"]["_last-serial"].as_u64().expect("a serial")
}

fn grow(sim: &Sim, count: i64) {
    for number in 0..count {
        sim.world().upload(&format!("grown-{number}x"), "1", "", "u", at(1_787_340_000 + number)).expect("free");
    }
}

#[tokio::test]
async fn services_go_down_and_come_back() {
    let sim = sim().await;
    for (fault, path, status) in [
        (Fault::RssDown, "/rss/packages.xml", 503),
        (Fault::IndexError, "/simple/", 500),
        (Fault::JsonError, "/pypi/acme-billing-client/json", 500),
        (Fault::JsonNotFound, "/pypi/acme-billing-client/json", 404),
    ] {
        sim.faults().start(fault);
        assert_eq!(get(sim.base_url(), path).await.status, status, "{fault:?}");
        sim.faults().stop(fault);
        assert_eq!(get(sim.base_url(), path).await.status, 200, "{fault:?} stopped");
    }
}

#[tokio::test]
async fn xmlrpc_fails_in_each_of_its_ways() {
    let sim = sim().await;
    for (fault, status, text) in [
        (Fault::XmlrpcDown, 503, "Backend is unhealthy"),
        (Fault::XmlrpcThrottled, 200, "HTTPTooManyRequests: The action could not be performed"),
        (Fault::XmlrpcGone, 200, "-32601"),
        (Fault::XmlrpcDeprecated, 200, "deprecated"),
        (Fault::XmlrpcNotFound, 404, ""),
        (Fault::XmlrpcHttpGone, 410, ""),
    ] {
        sim.faults().start(fault);
        let answer = call(sim.base_url(), "changelog_last_serial", "").await;
        assert!(answer.status == status && answer.text().contains(text), "{fault:?}: {}", answer.text());
        sim.faults().stop(fault);
        assert!(
            call(sim.base_url(), "changelog_last_serial", "").await.text().contains("<params>"),
            "{fault:?} stopped"
        );
    }
}

#[tokio::test]
async fn the_changelog_can_go_back() {
    let sim = sim().await;
    grow(&sim, 10);
    let last = sim.world().last_serial();
    sim.faults().start(Fault::XmlrpcBackwards);
    let text = call(sim.base_url(), "changelog_last_serial", "").await.text();
    assert!(!text.contains(&last.to_string()), "{text}");
    let since = format!("<param><value><int>{}</int></value></param>", last.0 - 1);
    assert!(!call(sim.base_url(), "changelog_since_serial", &since).await.text().contains("<string>"));
}

#[tokio::test]
async fn a_stale_feed_stands_still() {
    let sim = sim().await;
    let before = get(sim.base_url(), "/rss/packages.xml").await.body;
    let serial = index_serial(&sim).await;
    sim.faults().start(Fault::RssStale);
    sim.faults().start(Fault::IndexStale);
    grow(&sim, 3);
    assert_eq!(get(sim.base_url(), "/rss/packages.xml").await.body, before);
    assert_eq!(index_serial(&sim).await, serial);
    sim.faults().clear();
    assert_ne!(get(sim.base_url(), "/rss/packages.xml").await.body, before);
    assert_eq!(index_serial(&sim).await, sim.world().last_serial().0);
}

#[tokio::test]
async fn the_index_may_lag() {
    let options = Options { index_lag: Duration::from_secs(3600), ..Options::default() };
    let sim = Sim::start(world(), options).await.expect("a free port");
    let serial = index_serial(&sim).await;
    grow(&sim, 1);
    assert_eq!(index_serial(&sim).await, serial);
}

#[tokio::test]
async fn caches_go_back_and_alternate() {
    let sim = sim().await;
    let first = get(sim.base_url(), "/rss/packages.xml").await.body;
    grow(&sim, 10);
    let second = get(sim.base_url(), "/rss/packages.xml").await.body;
    sim.faults().start(Fault::RssBackwards);
    assert_eq!(get(sim.base_url(), "/rss/packages.xml").await.body, first);
    assert_eq!(get(sim.base_url(), "/rss/packages.xml").await.body, second);
    let last = sim.world().last_serial().0;
    sim.faults().start(Fault::IndexBackwards);
    assert!(index_serial(&sim).await < last);
    sim.faults().stop(Fault::IndexBackwards);
    sim.faults().start(Fault::IndexAlternating);
    let turns = [index_serial(&sim).await, index_serial(&sim).await, index_serial(&sim).await];
    assert!(turns[0] == turns[2] && turns.contains(&last) && turns.iter().any(|serial| *serial < last), "{turns:?}");
}

#[tokio::test]
async fn bodies_are_cut_halved_and_spoiled() {
    let sim = sim().await;
    grow(&sim, 10);
    sim.faults().start(Fault::IndexTruncated);
    let cut = get_with(sim.base_url(), "/simple/", &[JSON]).await.body;
    assert!(serde_json::from_slice::<serde_json::Value>(&cut).is_err());
    sim.faults().clear();
    sim.faults().start(Fault::IndexHalved);
    let halved = get_with(sim.base_url(), "/simple/", &[JSON]).await.json();
    assert_eq!(halved["projects"].as_array().map(Vec::len), Some(6), "of twelve");
    assert_eq!(halved["meta"]["_last-serial"].as_u64(), Some(sim.world().last_serial().0));
    sim.faults().start(Fault::RssTruncated);
    assert!(!get(sim.base_url(), "/rss/packages.xml").await.text().contains("</rss>"));
    sim.faults().clear();
    sim.faults().start(Fault::RssIllegal);
    assert!(get(sim.base_url(), "/rss/packages.xml").await.text().contains('\u{8}'));
    sim.faults().clear();
    assert!(!get(sim.base_url(), "/rss/packages.xml").await.text().contains('\u{8}'));
}

#[tokio::test]
async fn rss_can_be_reordered() {
    let sim = sim().await;
    let titles = |text: String| {
        text.lines().filter(|line| line.contains("added to PyPI")).map(str::to_owned).collect::<Vec<_>>()
    };
    let mut usual = titles(get(sim.base_url(), "/rss/packages.xml").await.text());
    sim.faults().start(Fault::RssReordered);
    usual.reverse();
    assert_eq!(titles(get(sim.base_url(), "/rss/packages.xml").await.text()), usual);
}

#[tokio::test]
async fn an_endless_feed_is_two_hundred_megabytes() {
    let sim = sim().await;
    sim.faults().start(Fault::RssEndless);
    let body = get(sim.base_url(), "/rss/packages.xml").await.body;
    assert!(body.len() >= 200 << 20, "{} bytes", body.len());
}

#[tokio::test]
async fn refused_connections_are_refused_until_the_fault_ends() {
    let sim = sim().await;
    let host = sim.base_url().strip_prefix("http://").expect("plain").to_owned();
    sim.faults().start(Fault::Refused);
    until(|| async { TcpStream::connect(&host).await.is_err() }).await;
    sim.faults().stop(Fault::Refused);
    until(|| async { TcpStream::connect(&host).await.is_ok() }).await;
    assert_eq!(get(sim.base_url(), "/").await.status, 200);
}

#[tokio::test]
async fn a_hanging_call_is_held_until_the_fault_ends() {
    let sim = sim().await;
    sim.faults().start(Fault::XmlrpcHang);
    let hanging = call(sim.base_url(), "changelog_last_serial", "");
    tokio::pin!(hanging);
    let early = tokio::time::timeout(Duration::from_millis(200), &mut hanging).await;
    assert!(early.is_err(), "it answered");
    assert_eq!(sim.log().requests().last().map(|request| request.status), Some(None), "it is logged as it arrives");
    sim.faults().stop(Fault::XmlrpcHang);
    assert_eq!(hanging.await.status, 200);
}

#[tokio::test]
async fn slow_answers_come_late() {
    let wait = Duration::from_millis(150);
    let options = Options { latency: wait, slowness: wait, ..Options::default() };
    let sim = Sim::start(world(), options).await.expect("a free port");
    for fault in [Fault::Latency, Fault::XmlrpcSlow] {
        sim.faults().start(fault);
        let started = tokio::time::Instant::now();
        call(sim.base_url(), "changelog_last_serial", "").await;
        assert!(started.elapsed() >= wait, "{fault:?}");
        sim.faults().clear();
    }
    sim.faults().start(Fault::JsonSlow);
    let started = tokio::time::Instant::now();
    get(sim.base_url(), "/pypi/empty/json").await;
    assert!(started.elapsed() >= wait);
}

async fn until<F: Future<Output = bool>>(mut condition: impl FnMut() -> F) {
    for _ in 0..250 {
        if condition().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("it did not happen in five seconds");
}
