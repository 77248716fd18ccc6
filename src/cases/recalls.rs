//! Owners are told what turned out to be bad after the gate gave it out: who received which files when, and what to do now. The gate keeps
//! that in its own log, and finds it again whenever it is asked; here stands up to where it was told, written in the transaction that queues the
//! messages.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::notify::throttle::notice_key;
use crate::model::notice::{Lane, NoticeEvent};
use crate::model::recall::{RecallMark, Recalls};
use crate::model::{Channel, Finding, FindingState, OwnerId, ProjectName, Tier, Time};
use crate::store::{NewNotice, NoticeBody, RECALLS, StoreError, Tx};
use crate::watchlist::Watchlist;

/// More receivers of files of which was told gather for so long: whoever has to act on them acts already.
const GATHER: TimeDelta = TimeDelta::minutes(15);

/// Projects that a message is about.
const MOST_PROJECTS: usize = 20;

/// What the gate has that is news.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecallNews {
    pub recalls: Recalls,
    /// What covers all of it.
    pub last: RecallMark,
}

/// What was told of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct RecallsTold {
    mark: RecallMark,
    /// When.
    at: Time,
}

/// Up to where was told; from the first on, where nothing was.
pub fn recalls_told(tx: &Tx<'_>) -> Result<RecallMark, StoreError> {
    Ok(tx.cursors().get::<RecallsTold>(RECALLS)?.map(|told| told.mark).unwrap_or_default())
}

/// Queues a message for everybody who has to know, on each of their channels, where one is due; gives whether it was. The platform's are
/// `reviewers`, and nobody in particular is the default owner; whose name a project threatens is told of that project.
pub fn tell_recalls(
    tx: &Tx<'_>,
    watchlist: &Watchlist,
    reviewers: &BTreeSet<OwnerId>,
    news: &RecallNews,
    now: Time,
) -> Result<bool, StoreError> {
    let before: Option<RecallsTold> = tx.cursors().get(RECALLS)?;
    if !is_due(before.map(|told| told.at), &news.recalls, now) {
        return Ok(false);
    }
    let mut queued = false;
    for (owner, recalls) in addressed(tx, watchlist, reviewers, &news.recalls)? {
        for channel in watchlist.routes.channels(&owner, &watchlist.inventory) {
            tx.notices().add(&notice(&owner, channel, (&recalls, news.last), now), now)?;
            queued = true;
        }
    }
    // What had nothing to tell, since it was over before, is not told as a message that came long after.
    let at = if queued { now } else { before.map_or(Time::default(), |told| told.at) };
    tx.cursors().set(RECALLS, &RecallsTold { mark: news.last, at })?;
    Ok(queued)
}

/// To whom which of them.
fn addressed(
    tx: &Tx<'_>,
    watchlist: &Watchlist,
    reviewers: &BTreeSet<OwnerId>,
    all: &Recalls,
) -> Result<BTreeMap<OwnerId, Recalls>, StoreError> {
    let mut to: BTreeMap<OwnerId, Recalls> = BTreeMap::new();
    for recall in &all.recalls {
        for owner in threatened_by(tx, &recall.project)? {
            to.entry(owner).or_default().recalls.push(recall.clone());
        }
    }
    let usual = Some(&watchlist.routes.default_owner).filter(|_| reviewers.is_empty());
    let whole = reviewers.iter().chain(usual).filter(|_| !all.recalls.is_empty());
    to.extend(whole.map(|owner| (owner.clone(), all.clone())));
    // After it is known whose they are: whoever makes many of theirs bad at once hides none of another's.
    for recalls in to.values_mut() {
        recalls.omitted += recalls.recalls.len().saturating_sub(MOST_PROJECTS);
        recalls.recalls.truncate(MOST_PROJECTS);
    }
    Ok(to)
}

/// Whose watches the project threatens, or threatened: it may be gone since, and what was settled is told as over to whoever was told of it.
pub fn threatened_by(tx: &Tx<'_>, project: &str) -> Result<BTreeSet<OwnerId>, StoreError> {
    // A name that nobody can register threatens nobody.
    let Ok(project) = ProjectName::parse(project) else { return Ok(BTreeSet::new()) };
    let mut cases = tx.findings().of_project(&project)?;
    cases.retain(|case| case.state.is_open() || matches!(case.state, FindingState::Resolved | FindingState::Removed));
    Ok(cases.iter().flat_map(Finding::owners).cloned().collect())
}

fn notice(owner: &OwnerId, channel: Channel, (recalls, last): (&Recalls, RecallMark), now: Time) -> NewNotice {
    let calls = recalls.recalls.iter().any(|recall| !recall.is_over && recall.cause.is_page());
    let (lane, tier) = if calls { (Lane::Page, Tier::Page) } else { (Lane::Alert, Tier::Alert) };
    NewNotice {
        key: notice_key(NoticeEvent::Recall, &format!("{owner} {} {}", last.number, last.at.timestamp_micros())),
        owner: owner.clone(),
        channel,
        event: NoticeEvent::Recall,
        lane,
        tier,
        due: now,
        body: NoticeBody::Recalls(recalls.clone()),
    }
}

/// Files of which nobody was told are told at once, whatever was told a moment ago. A clock that was set back makes nobody wait.
fn is_due(told: Option<Time>, recalls: &Recalls, now: Time) -> bool {
    let is_news = recalls.omitted > 0 || recalls.recalls.iter().any(|recall| recall.is_new && !recall.is_over);
    let is_silent = recalls.recalls.is_empty();
    is_news || is_silent || told.is_none_or(|told| now < told || now - told >= GATHER)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::cases::transition::effect::tests::case;
    use crate::config::source::Source;
    use crate::model::recall::{Recall, RecallCause};
    use crate::store::Store;
    use crate::watchlist::from_source;
    use crate::watchlist::routes::Routes;

    fn recall(project: &str, is_new: bool, is_over: bool) -> Recall {
        let cause = RecallCause::Malware { record: "MAL-2026-1".to_owned() };
        let (files, project) = (Vec::new(), project.to_owned());
        Recall { project, cause, is_over, is_new, is_settled: is_over, files, more_files: 0 }
    }

    fn at(seconds: i64) -> Time {
        Time::UNIX_EPOCH + TimeDelta::seconds(1_000_000 + seconds)
    }

    #[test]
    fn what_is_new_is_told_at_once_and_who_is_new_gathers() {
        let of = |is_new, is_over| Recalls { recalls: vec![recall("leftpad", is_new, is_over)], omitted: 0 };
        for (told, recalls, now, due) in [
            (None, of(false, false), 0, true),
            (Some(0), of(true, false), 1, true),
            (Some(0), of(false, false), 899, false),
            (Some(0), of(false, false), 900, true),
            (Some(0), of(false, true), 899, false),
            (Some(0), Recalls { recalls: Vec::new(), omitted: 0 }, 1, true),
            // More than is said may be anything.
            (Some(0), Recalls { omitted: 1, ..of(false, false) }, 1, true),
            // Set back by a day.
            (Some(86_400), of(false, false), 60, true),
        ] {
            assert_eq!(is_due(told.map(at), &recalls, at(now)), due, "{told:?} {recalls:?} {now}");
        }
    }

    /// Whoever makes many of theirs bad at once hides none of another's, and what was settled ends for whoever was told of it.
    #[tokio::test]
    async fn each_owner_hears_of_what_threatens_them_whatever_else_is_bad_and_of_its_end() {
        for state in [FindingState::Open, FindingState::Removed, FindingState::Resolved] {
            let dir = tempfile::tempdir().expect("a directory");
            let store = Store::open(dir.path()).expect("opens");
            store.write(move |tx| tx.findings().insert(&case(state))).await.expect("written");
            let is_over = state != FindingState::Open;
            let mut recalls: Vec<Recall> = (0..40).map(|n| recall(&format!("aaa-{n}"), true, is_over)).collect();
            recalls.push(recall("acme-billing", true, is_over));
            let (watchlist, all) = (watchlist(), Recalls { recalls, omitted: 3 });
            let platform = [OwnerId("platform".into())].into();
            let to = store.read(move |tx| addressed(tx, &watchlist, &platform, &all)).await.expect("reads");
            let of = |owner: &str| to.get(&OwnerId(owner.into())).map(|all| (all.recalls.len(), all.omitted));
            assert_eq!((of("payments"), of("platform")), (Some((1, 0)), Some((20, 24))), "{state:?}");
        }
    }

    fn watchlist() -> Watchlist {
        let text = "[owners.sec]\nemail = [\"sec@acme.example\"]\nnames = [\"acme-billing\"]\n\
                    [owners.platform]\nemail = [\"platform@acme.example\"]\nnames = []\n";
        let source = Source::new(Path::new("inventory.toml"), text.to_owned());
        let inventory = from_source(source, &OwnerId("sec".into())).expect("a good inventory");
        Watchlist::new(inventory, Routes { default_owner: OwnerId("sec".into()), channels: [Channel::Email].into() })
    }

    /// A daemon that is killed before it wrote asks again; one that wrote has queued the message.
    #[tokio::test]
    async fn the_mark_moves_with_the_message_and_never_without_it() {
        let dir = tempfile::tempdir().expect("a directory");
        let store = Store::open(dir.path()).expect("opens");
        let tell = async |recalls: Vec<Recall>, number: i64, now: Time| {
            let (watchlist, last) = (watchlist(), RecallMark { number, at: at(number) });
            let news = RecallNews { recalls: Recalls { recalls, omitted: 0 }, last };
            let platform = [OwnerId("platform".into())].into();
            let told =
                store.write(move |tx| tell_recalls(tx, &watchlist, &platform, &news, now)).await.expect("written");
            (told, store.read(recalls_told).await.expect("reads").number)
        };
        assert_eq!(tell(vec![recall("leftpad", true, false)], 3, at(10)).await, (true, 3));
        assert_eq!(tell(vec![recall("leftpad", false, false)], 4, at(20)).await, (false, 3), "it gathers");
        assert_eq!(tell(vec![recall("widgets", true, false)], 5, at(30)).await, (true, 5));
        assert_eq!(tell(Vec::new(), 6, at(31)).await, (false, 6), "what was over before it was told is passed over");
        assert_eq!(tell(vec![recall("widgets", false, true)], 7, at(940)).await, (true, 7));
        let waiting = store.read(|tx| tx.notices().waiting(at(1000))).await.expect("reads");
        let mut whom: Vec<(String, Tier)> = waiting.into_iter().map(|of| (of.owner.0, of.tier)).collect();
        whom.sort();
        let to = |tier| ("platform".to_owned(), tier);
        assert_eq!(whom, [to(Tier::Alert), to(Tier::Page), to(Tier::Page)], "the end wakes nobody");
    }
}
