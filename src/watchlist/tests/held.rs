//! Who is told by which way: what configuration and inventory agree upon reaches everybody, and nothing is ever told to nobody.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::sample::subsequence;

use crate::config::{Environment, Settings, check_routes, load_sealed};
use crate::model::{Channel, Inventory, Owner, OwnerId};
use crate::watchlist::routes::Routes;

const OWNERS: [&str; 4] = ["ml", "ops", "pay", "security"];
const CHANNELS: [&str; 4] = ["email", "slack:a", "slack:b", "webhook:siem"];

/// With all of these channels.
fn settings() -> Settings {
    let dir = tempfile::tempdir().expect("a directory");
    let text = "contact = \"ops@acme.example\"\n[pypi]\nbase = \"https://pypi.example\"\n[alert]\ndefault_owner = \"security\"\n\
                [alert.email]\nhost = \"mail.acme.example\"\nfrom = \"watch@acme.example\"\n[alert.slack.a]\nurl_file = \"a\"\n\
                [alert.slack.b]\nurl_file = \"b\"\n[alert.webhook.siem]\nurl_file = \"u\"\nsecret_file = \"s\"\n";
    let file = dir.path().join("namewarden.toml");
    std::fs::write(&file, text).expect("written");
    load_sealed(&file, &Environment::default()).unwrap_or_else(|error| panic!("{error}"))
}

fn channel(text: &str) -> Channel {
    text.parse().expect("a channel")
}

/// What each owner lists.
type Lists = BTreeMap<&'static str, Vec<&'static str>>;

fn inventory(lists: &Lists) -> Inventory {
    let owner = |(id, listed): (&&'static str, &Vec<&'static str>)| {
        let emails = listed.iter().filter(|name| **name == "email").map(|_| format!("{id}@acme.example")).collect();
        let channels = listed.iter().filter(|name| **name != "email").map(|name| channel(name)).collect();
        (OwnerId((*id).to_owned()), Owner { name: (*id).to_owned(), emails, channels })
    };
    Inventory { owners: lists.iter().map(owner).collect(), ..Inventory::default() }
}

fn lists() -> impl Strategy<Value = Lists> {
    let listed = || subsequence(CHANNELS.to_vec(), 0..4);
    let owners = subsequence(OWNERS.to_vec(), 1..=4);
    (owners, prop::collection::vec(listed(), 4)).prop_map(|(owners, listed)| owners.into_iter().zip(listed).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn what_fits_reaches_everybody_by_their_own_way_and_nothing_goes_nowhere(
        lists in lists(),
        there in subsequence(CHANNELS.to_vec(), 1..=4),
        reviewers in subsequence(OWNERS.to_vec(), 0..2),
    ) {
        static SETTINGS: std::sync::LazyLock<Settings> = std::sync::LazyLock::new(settings);
        let mut settings = SETTINGS.clone();
        settings.alert.channels.retain(|channel, _| there.contains(&channel.to_string().as_str()));
        settings.gate.reviewers = reviewers.iter().map(|id| OwnerId((*id).to_owned())).collect();
        let inventory = inventory(&lists);
        let can_be_told = |owner: &str| lists.get(owner).is_some_and(|listed| !listed.is_empty());
        let fits = can_be_told("security")
            && reviewers.iter().all(|owner| can_be_told(owner))
            && lists.values().all(|listed| !listed.is_empty() && listed.iter().all(|name| there.contains(name)));
        let checked = check_routes(&settings, &inventory);
        prop_assert_eq!(checked.is_ok(), fits, "{:?}", checked);
        let routes = Routes::configured(&settings.alert);
        let anybody = lists.values().any(|listed| listed.iter().any(|name| there.contains(name)));
        for owner in OWNERS.into_iter().chain(["left the company"]) {
            let reach = routes.reach(&OwnerId(owner.to_owned()), &inventory);
            prop_assert_eq!(reach.channels.is_empty(), !anybody, "{} by {:?}", owner, reach);
            prop_assert!(reach.channels.iter().all(|channel| there.contains(&channel.to_string().as_str())));
            let own: BTreeSet<Channel> = lists.get(owner).into_iter().flatten().map(|name| channel(name)).collect();
            prop_assert!(!fits || own.is_empty() || (reach.who.0 == owner && own == reach.channels.into_iter().collect()));
        }
        let each = routes.one_each(&inventory);
        let rung: BTreeSet<&Channel> = each.iter().map(|(_, channel)| channel).collect();
        prop_assert_eq!(rung.len(), each.len(), "each once");
    }
}
