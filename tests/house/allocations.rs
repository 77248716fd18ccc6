//! A name that matches nothing is judged on the stack alone: nearly every name is one. Also beside a family of thousands,
//! as long as the first look refuses its members. Names that pass it and weigh too little after all are few; they may take
//! the heap, where there is room for whatever number of them.

use namewarden::matcher::Matcher;
use namewarden::model::{Inventory, OwnerId, ProjectName, Registry, Watch, WatchId, WatchKind};

const NAMES: &str = include_str!("../fixtures/matcher-names.txt");

fn watch(text: &str) -> (WatchId, Watch) {
    let id = WatchId::new(Registry::Pypi, WatchKind::Name, text);
    let watch = Watch {
        id: id.clone(),
        display: text.to_owned(),
        owner: OwnerId("team".to_owned()),
        exclusive: false,
        latest_version: None,
        first_use: None,
        index: None,
    };
    (id, watch)
}

#[test]
fn a_name_that_matches_nothing_allocates_nothing() {
    let (watched, sighted): (Vec<_>, Vec<_>) =
        NAMES.lines().filter(|line| !line.starts_with('#')).zip(0..).partition(|(_, at)| at % 10 == 0);
    // These resemble one another and are too common to be told: every rule looks at them.
    let (common, close) = (["neo3j", "data-app"], ["neo4j", "app-data", "data-apps"]);
    let watches = watched.into_iter().map(|(name, _)| name).chain(common).map(watch).collect();
    let matcher = Matcher::build(&Inventory { watches, ..Inventory::default() });
    let names = sighted.into_iter().map(|(name, _)| name).chain(close);
    let mut quiet = 0;
    for name in names.map(|text| ProjectName::parse(text).expect("a valid name")) {
        if matcher.judge(&name).is_empty() {
            let heap = allocation_counter::measure(|| assert!(matcher.judge(&name).is_empty()));
            assert_eq!(heap.count_total, 0, "{name}");
            quiet += 1;
        }
    }
    assert!(quiet > 1000, "{quiet}");
}

#[test]
fn a_name_beside_a_family_allocates_nothing() {
    let texts: Vec<String> = (1..=2000).map(|n| format!("acme-service-{n:05}")).collect();
    let watches = texts.iter().map(|text| watch(text)).collect();
    let matcher = Matcher::build(&Inventory { watches, ..Inventory::default() });
    for text in ["acme-gateway-00017", "zeta-service-00017", "acme-settings-1", "zeta-servise-00017", "acm-gateway-17"]
    {
        let name = ProjectName::parse(text).expect("a valid name");
        let heap = allocation_counter::measure(|| assert!(matcher.judge(&name).is_empty(), "{name}"));
        assert_eq!(heap.count_total, 0, "{name}");
    }
}
