//! A briefing is made of what the store knows when it is sent: all of it, the most urgent first, and as urgent as that is.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::config::sample::least;
use crate::config::source::Source;
use crate::messages::samples::case;
use crate::model::health::{HealthCase, HealthIssue};
use crate::model::{Channel, Rule};
use crate::store::Store;
use crate::watchlist;
use crate::watchlist::routes::Routes;

/// `ml` answers for the cases of the samples. `none` has a channel that does not exist.
const INVENTORY: &str = r#"
[owners.security]
email = ["security@acme.example"]
[owners.ml]
name = "ML platform"
email = ["ml@acme.example"]
names = ["torchtriton==2.0"]
[owners.none]
name = "Nobody's"
slack = ["gone"]
names = ["acme-tables"]
"#;

fn list() -> Watchlist {
    let source = Source::new(std::path::Path::new("inventory.toml"), INVENTORY.to_owned());
    let inventory = watchlist::from_source(source, &OwnerId("security".into())).expect("a good inventory");
    Watchlist::new(inventory, Routes { default_owner: OwnerId("security".into()), channels: [Channel::Email].into() })
}

/// What these rows become over a store that was filled so.
async fn composed(
    fill: impl Fn(&Tx<'_>) -> Result<(), StoreError> + Send + Sync + 'static,
    rows: Vec<NoticeRow>,
) -> Vec<Option<Briefing>> {
    let dir = tempfile::tempdir().expect("a directory");
    let store = Store::open(dir.path()).expect("opens");
    store.write(move |tx| fill(tx)).await.expect("stored");
    let settings = least();
    let each = move |tx: &Tx<'_>| {
        rows.iter().map(|row| compose(tx, &list(), row, (&settings, None), at(7_200))).collect::<Result<Vec<_>, _>>()
    };
    store.read(each).await.expect("reads")
}

fn finding(number: usize, tier: Tier, state: FindingState) -> Finding {
    let mut finding = case(&format!("torchtri-n{number:03}"), "torchtriton", Rule::Substitution).finding;
    (finding.id, finding.tier, finding.state) = (None, tier, state);
    finding
}

fn told(findings: &[Finding]) -> NoticeBody {
    let event = |finding: &Finding| EventRef { finding: finding.key.clone(), number: 1 };
    NoticeBody::Cases { events: findings.iter().map(event).collect() }
}

fn shown(briefing: &Briefing) -> (Vec<String>, usize) {
    let Content::Cases { cases, omitted, .. } = &briefing.content else { panic!("{:?}", briefing.content) };
    (cases.iter().map(|case| case.finding.key.to_string()).collect(), *omitted)
}

fn findings() -> impl Strategy<Value = Vec<(Tier, FindingState, bool)>> {
    use FindingState::{Acknowledged, Open, Ours, Removed, Resolved};
    let tier = prop::sample::select(vec![Tier::Page, Tier::Alert, Tier::Digest]);
    let state = prop::sample::select(vec![Open, Acknowledged, Removed, Ours, Resolved]);
    prop::collection::vec((tier, state, prop::bool::weighted(0.8)), 0..9)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, failure_persistence: None, ..ProptestConfig::default() })]

    /// Cases that were forgotten meanwhile are none; nothing that is over makes it more urgent, nor what somebody answered.
    #[test]
    fn a_batch_has_every_case_that_is_known_the_most_urgent_first(
        given in findings(), tier in prop::sample::select(vec![Tier::Page, Tier::Alert, Tier::Digest]),
    ) {
        let all: Vec<Finding> = given.iter().enumerate().map(|(n, (tier, state, _))| finding(n, *tier, *state)).collect();
        let known: Vec<Finding> = all.iter().zip(&given).filter(|(_, (.., known))| *known).map(|(of, _)| of.clone()).collect();
        let rows = [NoticeEvent::Summary, NoticeEvent::Answered].map(|event| NoticeRow { tier, ..row(event, told(&all)) });
        let stored = known.clone();
        let fill = move |tx: &Tx<'_>| stored.iter().try_for_each(|finding| tx.findings().insert(finding).map(drop));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let briefings = runtime.block_on(composed(fill, rows.to_vec()));
        if known.is_empty() {
            prop_assert!(briefings.iter().all(Option::is_none), "nothing is left to tell");
            return Ok(());
        }
        let [summary, answered] = [0, 1].map(|at: usize| briefings[at].clone().expect("it is told"));
        let mut sorted = known.clone();
        sorted.sort_by_key(|of| (of.state.is_over(), std::cmp::Reverse(of.tier), of.key.clone()));
        let (keys, omitted) = shown(&summary);
        prop_assert_eq!(&keys, &sorted.iter().map(|of| of.key.to_string()).collect::<Vec<_>>());
        prop_assert_eq!((omitted, &summary.thread), (0, &keys[0]));
        let worst = known.iter().filter(|of| !of.state.is_over()).map(|of| of.tier).max();
        prop_assert_eq!((summary.tier, answered.tier), (worst.unwrap_or(tier).max(tier), tier));
    }
}

#[tokio::test]
async fn what_has_no_room_is_counted_and_is_the_least_urgent() {
    let all: Vec<Finding> = (0..SHOWN + 7)
        .map(|n| finding(n, if n < 7 { Tier::Digest } else { Tier::Alert }, FindingState::Open))
        .collect();
    let (stored, row) = (all.clone(), row(NoticeEvent::Summary, told(&all)));
    let fill = move |tx: &Tx<'_>| stored.iter().try_for_each(|finding| tx.findings().insert(finding).map(drop));
    let briefing = composed(fill, vec![row]).await.remove(0).expect("it is told");
    let (keys, omitted) = shown(&briefing);
    assert_eq!((keys.len(), omitted), (SHOWN, 7));
    assert!(all[..7].iter().all(|weak| !keys.contains(&weak.key.to_string())), "{keys:?}");
}

/// Whoever gets what was not meant for them is told why, and nobody else is.
#[tokio::test]
async fn who_stands_in_is_told_for_whom_and_why() {
    let of = |owner: &str| NoticeRow {
        owner: OwnerId(owner.into()),
        ..row(NoticeEvent::Registered, told(&[finding(0, Tier::Page, FindingState::Open)]))
    };
    let fill = |tx: &Tx<'_>| tx.findings().insert(&finding(0, Tier::Page, FindingState::Open)).map(drop);
    let test = |owner: &str| NoticeRow { owner: OwnerId(owner.into()), ..row(NoticeEvent::Test, NoticeBody::Proof) };
    let rows = vec![of("ml"), of("security"), of("none"), of("left"), test("security"), test("none")];
    let said: Vec<Option<String>> =
        composed(fill, rows).await.into_iter().map(|briefing| briefing.expect("it is told").instead).collect();
    let said: Vec<&str> = said.iter().map(|why| why.as_deref().unwrap_or("")).collect();
    assert_eq!(
        said,
        [
            "",
            "ML platform refused the message or could not get it",
            "Nobody's has no channel that exists now",
            "left has no channel that exists now",
            "",
            "Nobody's has no channel that exists now",
        ]
    );
}

/// A trouble that was over before anybody could be told is told once, as over; what else lasts is said beside it.
#[tokio::test]
async fn a_trouble_is_told_as_it_is_when_the_message_leaves() {
    fn issue(feed: crate::model::Feed) -> HealthIssue {
        HealthIssue::FeedBlind { feed }
    }
    let case = |feed, until: Option<i64>| HealthCase {
        issue: issue(feed),
        since: at(60),
        until: until.map(at),
        detail: "no answer".to_owned(),
    };
    let fill = move |tx: &Tx<'_>| {
        tx.health().put(&case(crate::model::Feed::Rss, Some(90)))?;
        tx.health().put(&case(crate::model::Feed::Changelog, None))
    };
    let body = |feed, since: i64, over| NoticeBody::Health { issue: issue(feed).to_string(), since: at(since), over };
    let rows = [
        (crate::model::Feed::Rss, 60, false),
        (crate::model::Feed::Rss, 60, true),
        (crate::model::Feed::Changelog, 60, false),
        (crate::model::Feed::Changelog, 60, true),
        (crate::model::Feed::Changelog, 61, false),
    ]
    .map(|(feed, since, over)| row(NoticeEvent::Health, body(feed, since, over)));
    let told = composed(fill, rows.to_vec()).await;
    let said = |briefing: &Briefing| match &briefing.content {
        Content::Health { cases, others } => {
            let key = |case: &HealthCase| (case.issue.to_string(), case.until.is_some());
            (cases.iter().map(key).collect::<BTreeMap<_, _>>(), others.iter().map(key).collect::<Vec<_>>())
        }
        other => panic!("{other:?}"),
    };
    let (rss, changelog) = (("feed-blind:rss".to_owned(), true), ("feed-blind:changelog".to_owned(), false));
    assert_eq!(told[0], None, "it was over, and its end tells both");
    assert_eq!(said(told[1].as_ref().expect("told")), ([rss].into(), vec![changelog.clone()]));
    for lasting in &told[2..4] {
        assert_eq!(said(lasting.as_ref().expect("told")), ([changelog.clone()].into(), vec![]));
    }
    assert_eq!(told[4], None, "there is no such case");
    let threads: Vec<String> = told.into_iter().flatten().map(|briefing| briefing.thread).collect();
    assert_eq!(
        threads,
        ["feed-blind:rss", "feed-blind:changelog", "feed-blind:changelog"]
            .map(|key| format!("health:{key}@{}", at(60).timestamp()))
    );
}
