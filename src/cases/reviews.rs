//! Reviewers are told what the gate holds and nobody was told of yet: who asked for what, why it is held, and how to decide. The gate
//! keeps reviews in its own file; here stands up to where they were told, written in the transaction that queues the message.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::notify::throttle::notice_key;
use crate::model::held::{HeldRelease, HeldReleases, ReviewMark};
use crate::model::notice::{Lane, NoticeEvent};
use crate::model::{Channel, OwnerId, Tier, Time};
use crate::store::{NewNotice, NoticeBody, REVIEWS, StoreError, Tx};
use crate::watchlist::Watchlist;

/// A resolver asks for several things at once: so long after the first they are one message.
const SETTLE: TimeDelta = TimeDelta::seconds(15);
/// So long after a message the next gathers.
const GATHER: TimeDelta = TimeDelta::minutes(15);

/// What the gate has that is news, as it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewNews {
    /// Some of it, the newest first.
    pub held: Vec<HeldRelease>,
    /// How many more there are.
    pub omitted: i64,
    /// When the oldest of all was asked for.
    pub oldest: Time,
    /// What covers all of it.
    pub last: ReviewMark,
}

/// What was told of the gate's reviews.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct ReviewsTold {
    mark: ReviewMark,
    /// When.
    at: Time,
}

/// Up to which review was told; from the first on, where none was.
pub fn reviews_told(tx: &Tx<'_>) -> Result<ReviewMark, StoreError> {
    Ok(tx.cursors().get::<ReviewsTold>(REVIEWS)?.map(|told| told.mark).unwrap_or_default())
}

/// Queues a message for every reviewer, on each of their channels, where one is due; gives whether it was. Nobody in particular
/// reviews: the default owner does.
pub fn tell_reviews(
    tx: &Tx<'_>,
    watchlist: &Watchlist,
    reviewers: &BTreeSet<OwnerId>,
    news: &ReviewNews,
    now: Time,
) -> Result<bool, StoreError> {
    let before: Option<ReviewsTold> = tx.cursors().get(REVIEWS)?;
    if !is_due(before.map(|told| told.at), news.oldest, now) {
        return Ok(false);
    }
    let usual = Some(&watchlist.routes.default_owner).filter(|_| reviewers.is_empty());
    for owner in reviewers.iter().chain(usual) {
        for channel in watchlist.routes.channels(owner, &watchlist.inventory) {
            tx.notices().add(&notice(owner, channel, news, now), now)?;
        }
    }
    tx.cursors().set(REVIEWS, &ReviewsTold { mark: news.last, at: now })?;
    Ok(true)
}

fn notice(owner: &OwnerId, channel: Channel, news: &ReviewNews, now: Time) -> NewNotice {
    let ReviewMark { review, asked } = news.last;
    NewNotice {
        key: notice_key(NoticeEvent::Review, &format!("{review} {}", asked.timestamp_micros())),
        owner: owner.clone(),
        channel,
        event: NoticeEvent::Review,
        lane: Lane::Alert,
        tier: Tier::Alert,
        due: now,
        body: NoticeBody::Reviews(HeldReleases { held: news.held.clone(), omitted: news.omitted }),
    }
}

/// The first at once, and then gathered. A clock that was set back makes nobody wait for the old time.
fn is_due(told: Option<Time>, oldest: Time, now: Time) -> bool {
    let is_over = |since: Time, length: TimeDelta| now < since || now - since >= length;
    is_over(oldest, SETTLE) && told.is_none_or(|told| is_over(told, GATHER))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use proptest::prelude::*;

    use super::*;
    use crate::config::source::Source;
    use crate::store::Store;
    use crate::watchlist::from_source;
    use crate::watchlist::routes::Routes;

    #[test]
    fn the_first_is_told_at_once_and_the_next_gathers() {
        let at = |seconds: i64| Time::UNIX_EPOCH + TimeDelta::seconds(1_000_000 + seconds);
        for (told, oldest, now, due) in [
            (None, 0, 14, false),
            (None, 0, 15, true),
            (Some(0), 10, 60, false),
            (Some(0), 10, 899, false),
            (Some(0), 10, 900, true),
            (Some(0), 899, 900, false),
            // Set back by a day.
            (Some(86_400), 86_400, 60, true),
        ] {
            assert_eq!(is_due(told.map(at), at(oldest), at(now)), due, "{told:?} {oldest} {now}");
        }
    }

    /// Is it no news to whoever has this mark, as the gate asks it of its file?
    fn covers(mark: ReviewMark, review: i64, asked: Time) -> bool {
        review <= mark.review && asked <= mark.asked
    }

    #[test]
    fn what_was_told_is_known_and_what_a_new_file_begins_with_is_not() {
        let at = |seconds: i64| Time::UNIX_EPOCH + TimeDelta::seconds(seconds);
        let mark = ReviewMark { review: 500, asked: at(1000) };
        assert!(covers(mark, 500, at(1000)) && covers(mark, 3, at(10)));
        assert!(!covers(mark, 501, at(900)), "noted later than one that was asked for later");
        assert!(!covers(mark, 1, at(1001)), "the file was lost, and numbers begin anew");
        assert!(!covers(ReviewMark::default(), 1, at(1)));
    }

    /// What may happen to the gate, to the daemon and to time.
    #[derive(Clone, Debug)]
    enum Step {
        Ask,
        Pass(i64),
        /// The daemon looks; a kill in between comes to the same as a look that is not made.
        Look,
        /// The gate's file was lost, and its numbers begin anew.
        Lost,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            4 => Just(Step::Ask),
            4 => (1_i64..1200).prop_map(Step::Pass),
            6 => Just(Step::Look),
            1 => Just(Step::Lost),
        ]
    }

    /// What was asked for: its number, when, and how often it was told.
    type Asked = (i64, Time, usize);

    async fn look(store: &Store, watchlist: &Watchlist, asked: &mut [Asked], now: Time) -> bool {
        let mark = store.read(reviews_told).await.expect("reads");
        let new: Vec<usize> = (0..asked.len()).filter(|at| !covers(mark, asked[*at].0, asked[*at].1)).collect();
        let Some(oldest) = new.iter().map(|at| asked[*at].1).min() else { return false };
        let last = new.iter().fold(mark, |last, at| ReviewMark {
            review: last.review.max(asked[*at].0),
            asked: last.asked.max(asked[*at].1),
        });
        let news = ReviewNews { held: Vec::new(), omitted: 0, oldest, last };
        let watchlist = watchlist.clone();
        let told =
            store.write(move |tx| tell_reviews(tx, &watchlist, &BTreeSet::new(), &news, now)).await.expect("written");
        new.into_iter().filter(|_| told).for_each(|at| asked[at].2 += 1);
        told
    }

    async fn play(steps: Vec<Step>) {
        let dir = tempfile::tempdir().expect("a directory");
        let store = Store::open(dir.path()).expect("opens");
        let text = "[owners.sec]\nemail = [\"sec@acme.example\"]\nnames = [\"acme-billing\"]\n".to_owned();
        let inventory = from_source(Source::new(Path::new("inventory.toml"), text), &OwnerId("sec".into()));
        let routes = Routes { default_owner: OwnerId("sec".into()), channels: [Channel::Email].into() };
        let watchlist = Watchlist::new(inventory.expect("a good inventory"), routes);
        let (mut now, mut number): (Time, i64) = ("2026-11-20T12:00:00Z".parse().expect("a time"), 0);
        let (mut asked, mut last) = (Vec::<Asked>::new(), None::<Time>);
        for step in steps.into_iter().chain([Step::Pass(3600), Step::Look]) {
            now += TimeDelta::seconds(1);
            match step {
                Step::Ask => {
                    number += 1;
                    asked.push((number, now, 0));
                }
                Step::Pass(seconds) => now += TimeDelta::seconds(seconds),
                // What was in it is nobody's to decide any more.
                Step::Lost => (number, asked) = (0, asked.into_iter().filter(|(_, _, told)| *told > 0).collect()),
                Step::Look => {
                    if look(&store, &watchlist, &mut asked, now).await {
                        assert!(last.is_none_or(|last| now - last >= GATHER), "it gathers");
                        last = Some(now);
                    }
                }
            }
        }
        assert!(asked.iter().all(|(_, _, told)| *told == 1), "each is told, and once: {asked:?}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn whatever_is_asked_and_lost_each_is_told_once_and_not_too_often(steps in prop::collection::vec(step(), 1..30)) {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(play(steps));
        }
    }

    #[tokio::test]
    async fn reviewers_are_told_each_on_their_channels_and_else_the_default_owner_is() {
        let text = "[owners.sec]\nemail = [\"sec@acme.example\"]\nnames = [\"acme-billing\"]\n\
                    [owners.ann]\nslack = [\"ann\"]\nnames = []\n[owners.bea]\nemail = [\"bea@acme.example\"]\nnames = []\n";
        let inventory = from_source(Source::new(Path::new("inventory.toml"), text.to_owned()), &OwnerId("sec".into()));
        let channels = [Channel::Email, Channel::Slack("ann".into())].into();
        let watchlist =
            Watchlist::new(inventory.expect("good"), Routes { default_owner: OwnerId("sec".into()), channels });
        let told = async |reviewers: &[&str]| {
            let dir = tempfile::tempdir().expect("a directory");
            let (store, watchlist, now) =
                (Store::open(dir.path()).expect("opens"), watchlist.clone(), Time::UNIX_EPOCH + GATHER);
            let reviewers: BTreeSet<OwnerId> = reviewers.iter().map(|id| OwnerId((*id).into())).collect();
            let last = ReviewMark { review: 1, asked: Time::UNIX_EPOCH };
            let news = ReviewNews { held: Vec::new(), omitted: 0, oldest: Time::UNIX_EPOCH, last };
            let tell = move |tx: &Tx<'_>| tell_reviews(tx, &watchlist, &reviewers, &news, now);
            assert!(store.write(tell).await.expect("written"));
            let waiting = store.read(move |tx| tx.notices().waiting(now)).await.expect("reads");
            let mut whom: Vec<String> = waiting.iter().map(|of| format!("{} {}", of.owner.0, of.channel)).collect();
            whom.sort();
            whom
        };
        assert_eq!(told(&[]).await, ["sec email"]);
        assert_eq!(told(&["ann", "bea"]).await, ["ann slack:ann", "bea email"]);
        assert_eq!(told(&["left"]).await, ["left email"], "whoever left is reached through the default owner");
    }
}
