//! The feeds against the simulator: they agree with the world, and with each of its faults none invents or hides.

use std::collections::BTreeSet;
use std::time::Duration;

use namewarden::clock::Clock;
use namewarden::model::{Event, ProjectName, RegistrationId, Serial, Sighting};
use namewarden::registry::pypi::Pypi;
use namewarden::registry::pypi::changelog;
use namewarden::registry::pypi::changelog::{ChangelogError, ChangelogReply, GoneSign};
use namewarden::registry::pypi::index;
use namewarden::registry::pypi::index::{Comparison, IndexDifference, IndexError, IndexRefusal, Listing};
use namewarden::registry::pypi::rss;
use namewarden::registry::pypi::rss::{RssError, RssNews};
use namewarden::sim::{Fault, Loader, Options, Order, Sim, World};
use namewarden::upstream::{Egress, HttpClient};

async fn start(world: World) -> (Sim, Pypi) {
    start_with(world, Options::default()).await
}

async fn start_with(world: World, options: Options) -> (Sim, Pypi) {
    let sim = Sim::start(world, options).await.expect("a port");
    let egress = Egress { contact: "sec@acme.example", proxy: None, ca_file: None, timeout: Duration::from_secs(2) };
    let client = HttpClient::new(&egress).expect("a client");
    let pypi = Pypi::new(sim.base_url(), client, Clock::System).expect("loopback");
    (sim, pypi)
}

fn name(text: &str) -> ProjectName {
    ProjectName::parse(text).expect("valid")
}

fn words(sightings: &[Sighting], of: &str) -> Vec<&'static str> {
    sightings.iter().filter(|s| s.name == name(of)).map(|s| s.event.as_str()).collect()
}

async fn page(pypi: &Pypi, since: Serial) -> ChangelogReply {
    changelog::after(pypi, since).await.expect("a page")
}

async fn news(pypi: &Pypi) -> RssNews {
    match rss::poll(pypi, None).await.expect("an answer") {
        rss::RssPoll::News(news) => news,
        rss::RssPoll::Unchanged => panic!("no ETag was sent"),
    }
}

async fn listing(pypi: &Pypi) -> Result<Listing, IndexError> {
    let folder = tempfile::tempdir().expect("a folder");
    let spool = folder.path().join("index.json");
    index::fetch(pypi, None, &spool).await?;
    index::read(&spool)
}

#[tokio::test]
async fn the_three_feeds_tell_the_same_registration() {
    let (sim, pypi) = start(Loader::sample().world(Order::default())).await;
    let before = sim.world().last_serial();
    let at = Sim::now();
    sim.world().upload("Acme_Billing.Client", "3.0.0", "helper & stubs", "eve", at).expect("free");
    let page = page(&pypi, before).await;
    assert_eq!(words(&page.sightings, "acme-billing-client"), ["created", "roles-changed", "released", "changed"]);
    assert_eq!(page.last, Some(sim.world().last_serial()));
    let news = news(&pypi).await;
    let seen = news.sightings.iter().find(|s| s.name == name("acme-billing-client")).expect("in the feed");
    assert_eq!((seen.display.as_str(), seen.summary.as_deref()), ("Acme_Billing.Client", Some("helper & stubs")));
    let born = |s: &Sighting| s.at.map(|at| RegistrationId::Second(at.timestamp()));
    assert_eq!(born(seen), born(&page.sightings[0]));
    let listing = listing(&pypi).await.expect("an index");
    assert_eq!(listing.len(), sim.world().len());
    let entry = listing.iter().find(|entry| entry.name == "acme-billing-client").expect("listed");
    assert_eq!((entry.display, Some(entry.serial)), (Some("Acme_Billing.Client"), page.last));
}

/// What the one body says beside all that another said, which was applied.
fn compare(applied: &Listing, body: &Listing) -> Result<IndexDifference, IndexRefusal> {
    let mut comparison = Comparison::new(body, Some(applied.serial))?;
    for entry in applied.iter() {
        comparison.known(entry.name, Some(entry.serial), false)?;
    }
    comparison.finish()
}

#[tokio::test]
async fn every_act_is_sighted() {
    let mut world = World::empty(Order::default(), Serial(40_000_000));
    let (since, at) = (world.last_serial(), Sim::now());
    world.upload("acme", "1.0", "s", "eve", at).expect("done");
    world.yank("acme", "1.0", "oops", at).expect("done");
    world.change_owner("acme", "mallory", at).expect("done");
    world.quarantine("acme", at).expect("done");
    world.clear("acme", at).expect("done");
    world.remove_release("acme", "1.0", at).expect("done");
    world.remove("acme", at).expect("done");
    world.create_for_organization("acme", "acme-inc", at).expect("done");
    let (_sim, pypi) = start(world).await;
    let page = page(&pypi, since).await;
    let told = words(&page.sightings, "acme");
    for word in ["created", "released", "withdrawn", "roles-changed", "quarantined", "quarantine-cleared", "removed"] {
        assert!(told.contains(&word), "{word} is not among {told:?}");
    }
    assert_eq!(told.iter().filter(|word| **word == "created").count(), 2);
    assert_eq!(page.unreadable, namewarden::registry::Unreadable::default());
}

#[tokio::test]
async fn pages_follow_each_other_without_a_hole() {
    let mut world = World::empty(Order::default(), Serial(40_000_000));
    let since = world.last_serial();
    for n in 0..3_000 {
        world.create(&format!("project-{n:04}"), "eve", Sim::now()).expect("free");
    }
    let (sim, pypi) = start_with(world, Options { page_cap: 2_500, ..Options::default() }).await;
    let (mut cursor, mut created) = (since, BTreeSet::new());
    loop {
        let page = page(&pypi, cursor).await;
        created.extend(page.sightings.into_iter().filter(|s| s.event == Event::Created).map(|s| s.name));
        cursor = page.last.unwrap_or(cursor);
        if !page.full {
            break;
        }
    }
    assert_eq!((created.len(), cursor), (3_000, sim.world().last_serial()));
}

#[tokio::test]
async fn the_orders_of_the_index_make_no_difference() {
    let (_sim, pypi) = start(Loader::sample().world(Order::default())).await;
    let first = listing(&pypi).await.expect("an index");
    for order in [Order::Bytewise, Order::Shuffled] {
        let (_other, pypi) = start(Loader::sample().world(order)).await;
        let difference = compare(&first, &listing(&pypi).await.expect("an index")).expect("applied");
        assert_eq!(
            difference,
            IndexDifference { total: first.len(), known: first.len(), serial: first.serial, ..Default::default() }
        );
    }
}

#[tokio::test]
async fn changelog_faults_are_told_apart() {
    for (fault, expected) in [
        (Fault::XmlrpcDown, "down"),
        (Fault::XmlrpcThrottled, "throttled"),
        (Fault::XmlrpcGone, "gone by fault"),
        (Fault::XmlrpcDeprecated, "gone by fault"),
        (Fault::XmlrpcNotFound, "gone by status"),
        (Fault::XmlrpcHttpGone, "gone by status"),
        (Fault::XmlrpcBackwards, "went back"),
        (Fault::XmlrpcSlow, "down"),
        (Fault::XmlrpcHang, "down"),
        (Fault::Refused, "down"),
    ] {
        let (sim, pypi) = start(World::empty(Order::default(), Serial(40_000_000))).await;
        for n in 0..200 {
            sim.world().create(&format!("project-{n:04}"), "eve", Sim::now()).expect("free");
        }
        let last = sim.world().last_serial();
        sim.faults().start(fault);
        let told = match changelog::after(&pypi, last).await {
            Ok(page) => panic!("{fault:?} is hidden: {page:?}"),
            Err(ChangelogError::Down(_)) => "down",
            Err(ChangelogError::Throttled { .. }) => "throttled",
            Err(ChangelogError::Gone(GoneSign::Fault { .. })) => "gone by fault",
            Err(ChangelogError::Gone(GoneSign::Status(_))) => "gone by status",
            Err(ChangelogError::WentBack { .. }) => "went back",
            Err(ChangelogError::Leap { .. }) => "leaps",
            Err(ChangelogError::Unsorted { .. }) => "unsorted",
            Err(ChangelogError::Withheld { .. }) => "withheld",
        };
        assert_eq!(told, expected, "{fault:?}");
    }
}

#[tokio::test]
async fn rss_faults_hide_nothing() {
    let (sim, pypi) = start(Loader::sample().world(Order::default())).await;
    let whole = news(&pypi).await;
    assert!(whole.sightings.len() <= 40 && !whole.sightings.is_empty());
    for fault in [Fault::RssDown, Fault::RssTruncated, Fault::RssEndless] {
        sim.faults().start(fault);
        let error = rss::poll(&pypi, None).await.err();
        assert!(
            matches!(error, Some(RssError::Fetch(_) | RssError::Garbled(_) | RssError::Cut)),
            "{fault:?}: {error:?}"
        );
        sim.faults().stop(fault);
    }
    sim.faults().start(Fault::RssIllegal);
    let illegal = news(&pypi).await;
    assert!(illegal.illegal_characters > 0);
    assert_eq!(illegal.sightings.len(), whole.sightings.len());
    sim.faults().clear();
    sim.faults().start(Fault::RssReordered);
    let mut reordered = news(&pypi).await.sightings;
    reordered.reverse();
    assert_eq!(reordered, whole.sightings);
}

#[tokio::test]
async fn index_faults_are_never_applied() {
    let (sim, pypi) = start(Loader::sample().world(Order::default())).await;
    let first = listing(&pypi).await.expect("an index");
    for fault in [Fault::IndexTruncated, Fault::IndexError] {
        sim.faults().start(fault);
        assert!(listing(&pypi).await.is_err(), "{fault:?}");
        sim.faults().stop(fault);
    }
    sim.faults().start(Fault::IndexHalved);
    let halved = compare(&first, &listing(&pypi).await.expect("valid JSON"));
    assert!(matches!(halved, Err(IndexRefusal::TooManyMissing { .. })), "{halved:?}");
    sim.faults().clear();
    sim.faults().start(Fault::IndexBackwards);
    let older = compare(&first, &listing(&pypi).await.expect("valid JSON"));
    assert!(matches!(older, Err(IndexRefusal::Stale { .. })), "{older:?}");
}
