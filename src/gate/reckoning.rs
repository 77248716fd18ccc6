//! The clock of this machine beside that of an index, by what its answers said of the time. Pure.
//!
//! An age is the time of an upload, which the index says, held against now, which this machine says. A clock that is ahead would let
//! out what is too young, and nothing else would tell. So now is never later than the index has it, as far as can be known: it is
//! corrected down and never up, and a clock that is behind holds files for longer and is told.
//!
//! **What an answer tells.** It was made at its `Date`, which has whole seconds, and came after that: no earlier than its `Date`, and no later
//! than that and its `Age` (what caches kept it for), the time that it took, and a second ([`ServerTime`]). Both are carried on by the monotonic clock, so
//! that a wall clock which is set between two answers is seen at once. Of the answers of an hour or two the least `latest` is the best bound. A cache that hides its age makes
//! that too early; so whatever `earliest` another answer proved is the least that has come.
//!
//! **Whose answers.** The pages of PyPI's index alone, which says the times of uploads as well: whoever could lie there about the time could
//! lie about those. No age is asked of what the private index has, and storage behind an index says nothing of uploads.
//!
//! **Before its first answer** after a start, as while it is down, what it said before the start counts as if no time had passed since the gate
//! ended: a machine that comes up with a wrong clock gives out no page of its disk that was too young when it went down.
//!
//! **An index that lies** lets nothing out that this machine's own clock would not: the earlier of both tells. One that is behind holds what
//! it says is too young, and is told as a clock that is ahead, with both times, since nobody here can know which of them is wrong.

use std::time::Duration;

use chrono::TimeDelta;

use super::present::Present;
use crate::model::Time;
use crate::upstream::bearing::{ALLOWED, Offset, ServerTime};

/// What was told is gone by until so much later something else is told, and once more.
const SPAN: Duration = Duration::from_hours(1);

/// What an index said of the time.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Reckoning {
    /// Since when, on the monotonic clock, the newer of the two is gathered.
    began: Duration,
    newer: Option<Bounds>,
    older: Option<Bounds>,
    /// What had come when an earlier run ended, as the time that it was when the monotonic clock began. Until anything is heard.
    before: Option<Time>,
}

/// Of some answers, each as the time that it was when the monotonic clock began.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    /// All of them say that it was no earlier.
    least: Time,
    /// One of them does.
    earliest: Time,
    /// One of them says that it was no later.
    latest: Time,
}

impl Reckoning {
    /// Of a gate that starts at that moment of the monotonic clock, and knew `reached` to have come ([`Self::reached`]).
    pub(super) fn after(reached: Option<Time>, at: Duration) -> Self {
        Self { before: reached.map(|time| time - at), ..Self::default() }
    }

    /// An answer that came at that moment of the monotonic clock.
    pub(super) fn hear(&mut self, told: ServerTime, at: Duration) {
        if self.newer.is_none() || at.saturating_sub(self.began) >= SPAN {
            (self.began, self.older, self.newer) = (at, self.newer, None);
        }
        let (earliest, latest) = (told.earliest - at, told.latest - at);
        self.newer = Bounds::both(self.newer, Some(Bounds { least: earliest, earliest, latest }));
    }

    /// Now: `shown` by the wall clock of this machine, `at` by its monotonic one. Where an index never said anything nobody knows better than
    /// the wall clock.
    pub(super) fn present(&self, shown: Time, at: Duration) -> Present {
        let at_most = self.by_index(at).or(self.before(at)).filter(|known| shown - *known > ALLOWED);
        let at_least = self.at_least(at).filter(|known| *known - shown > ALLOWED);
        Present { reached: at_most.unwrap_or(shown), shown, passed: at_least.unwrap_or(shown) }
    }

    /// What has come at the least: by all that the index said, or else by an earlier run.
    fn at_least(&self, at: Duration) -> Option<Time> {
        self.bounds().map(|bounds| bounds.least + at).or(self.before(at))
    }

    fn before(&self, at: Duration) -> Option<Time> {
        self.before.map(|before| before + at)
    }

    /// What has come by the index and this machine, for the next start; `None`: the index has said nothing yet.
    pub(super) fn reached(&self, shown: Time, at: Duration) -> Option<Time> {
        self.bounds().map(|_| self.present(shown, at).reached)
    }

    /// What the index says that it is now, at the latest; `None`: it has said nothing.
    pub(super) fn by_index(&self, at: Duration) -> Option<Time> {
        self.bounds().map(|bounds| bounds.latest.max(bounds.earliest) + at)
    }

    /// How the wall clock stands beside it: by more than [`ALLOWED`], which is far above what answers leave open (a second, and what the clocks of
    /// its servers differ by) and far below any age that is asked for. `None`: the index has said nothing.
    pub(super) fn offset(&self, shown: Time, at: Duration) -> Option<Offset> {
        self.bounds()?;
        let present = self.present(shown, at);
        Some(match (present.lead(), present.lag()) {
            (lead, _) if lead > TimeDelta::zero() => Offset::Ahead(lead),
            (_, lag) if lag > TimeDelta::zero() => Offset::Behind(lag),
            _ => Offset::Right,
        })
    }

    fn bounds(&self) -> Option<Bounds> {
        Bounds::both(self.newer, self.older)
    }
}

impl Bounds {
    fn both(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        let (Some(a), Some(b)) = (one, other) else { return one.or(other) };
        let (least, earliest, latest) = (a.least.min(b.least), a.earliest.max(b.earliest), a.latest.min(b.latest));
        Some(Self { least, earliest, latest })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn noon() -> Time {
        "2026-11-27T12:00:00Z".parse().expect("a time")
    }

    fn minutes(of: i64) -> TimeDelta {
        TimeDelta::minutes(of)
    }

    fn mono(minutes: u64) -> Duration {
        Duration::from_mins(minutes)
    }

    /// Made then, and no cache had it.
    fn fresh(made: Time) -> ServerTime {
        ServerTime { earliest: made, latest: made + TimeDelta::seconds(1) }
    }

    fn heard(answers: &[(ServerTime, u64)]) -> Reckoning {
        let mut reckoning = Reckoning::default();
        answers.iter().for_each(|(told, at)| reckoning.hear(*told, mono(*at)));
        reckoning
    }

    #[test]
    fn a_clock_ahead_is_corrected_by_more_than_matters_and_one_behind_never() {
        let reckoning = heard(&[(fresh(noon()), 0)]);
        let reached = |shown| reckoning.present(shown, Duration::ZERO).reached;
        let told = noon() + TimeDelta::seconds(1);
        for (shown, expected) in [
            (noon() + minutes(5), noon() + minutes(5)),
            (noon() + minutes(6), told),
            (noon() + TimeDelta::days(400), told),
            (noon() - TimeDelta::days(400), noon() - TimeDelta::days(400)),
        ] {
            assert_eq!(reached(shown), expected, "{shown}");
        }
        let offset = |shown| reckoning.offset(shown, Duration::ZERO);
        assert_eq!(offset(noon() + minutes(5)), Some(Offset::Right));
        assert_eq!(offset(noon() - minutes(6)), Some(Offset::Behind(minutes(6))));
        assert_eq!(offset(told + minutes(6)), Some(Offset::Ahead(minutes(6))));
        assert_eq!(Reckoning::default().offset(noon(), Duration::ZERO), None);
        assert_eq!(Reckoning::default().present(noon(), mono(9)), Present::from(noon()), "nobody has said anything");
    }

    #[test]
    fn between_answers_it_goes_on_by_the_monotonic_clock_and_a_step_is_seen_at_once() {
        let reckoning = heard(&[(fresh(noon()), 10)]);
        let later = mono(10 + 48 * 60);
        let true_now = noon() + TimeDelta::days(2);
        assert_eq!(reckoning.present(true_now, later), Present::from(true_now));
        let set = true_now + TimeDelta::days(7);
        let present = reckoning.present(set, later);
        assert_eq!((present.shown, present.reached), (set, true_now + TimeDelta::seconds(1)));
        assert_eq!(reckoning.offset(true_now - minutes(10), later), Some(Offset::Behind(minutes(10))), "or set back");
    }

    #[test]
    fn a_cache_that_hides_its_age_counts_no_more_once_another_answer_proved_that_it_is_later() {
        let stale = fresh(noon() - TimeDelta::days(3));
        let shown = noon() + minutes(1);
        let stale_alone = heard(&[(stale, 0)]).present(shown, mono(1));
        assert_eq!(stale_alone.reached, noon() - TimeDelta::days(3) + minutes(1) + TimeDelta::seconds(1));
        for answers in [[(stale, 0), (fresh(noon()), 0)], [(fresh(noon()), 0), (stale, 0)]] {
            assert_eq!(heard(&answers).present(shown, mono(1)), Present::from(shown), "{answers:?}");
        }
        // One that says its age is right by itself.
        let aged = ServerTime { earliest: noon() - TimeDelta::days(3), latest: noon() };
        assert_eq!(heard(&[(aged, 0)]).offset(shown, mono(1)), Some(Offset::Right));
    }

    #[test]
    fn what_was_known_before_a_start_holds_until_the_index_answers_and_is_told_to_nobody() {
        let earlier = heard(&[(fresh(noon()), 0)]).reached(noon() + minutes(2), mono(2));
        assert_eq!((earlier, Reckoning::default().reached(noon(), mono(2))), (Some(noon() + minutes(2)), None));
        let mut restarted = Reckoning::after(earlier, mono(1));
        let ahead = noon() + TimeDelta::days(9);
        assert_eq!(restarted.present(ahead, mono(4)).reached, noon() + minutes(5), "as if the gate had not been away");
        assert_eq!(
            restarted.present(noon() + minutes(9), mono(4)),
            Present::from(noon() + minutes(9)),
            "a short while"
        );
        let behind = restarted.present(noon() - minutes(9), mono(4));
        assert_eq!((behind.reached, behind.passed), (noon() - minutes(9), noon() + minutes(5)));
        assert_eq!(
            (restarted.offset(ahead, mono(4)), restarted.reached(ahead, mono(4))),
            (None, None),
            "nobody said so"
        );
        restarted.hear(fresh(noon() + TimeDelta::days(8)), mono(5));
        let present = restarted.present(ahead, mono(5));
        assert_eq!(
            present.reached,
            noon() + TimeDelta::days(8) + TimeDelta::seconds(1),
            "the gate was away for a week"
        );
    }

    #[test]
    fn one_answer_of_a_time_to_come_opens_nothing_for_good_and_tells_of_no_clock_that_is_behind() {
        let (odd, ahead) = (fresh(noon() + TimeDelta::days(30)), noon() + TimeDelta::days(9));
        let at_once = heard(&[(fresh(noon()), 0), (odd, 0)]);
        assert_eq!(at_once.offset(noon(), mono(0)), Some(Offset::Right), "others say otherwise");
        assert_eq!(at_once.present(ahead, mono(0)), Present::from(ahead), "as without any answer");
        let later = |at: u64| (fresh(noon() + TimeDelta::minutes(i64::try_from(at).expect("few"))), at);
        let over = heard(&[(fresh(noon()), 0), (odd, 0), later(60), later(120)]);
        assert!(over.present(ahead, mono(120)).lead() > TimeDelta::days(8), "it is forgotten");
    }

    proptest! {
        /// Whatever an index says, nothing is let out that the clock of this machine would not let out; and by an honest one, whatever
        /// its caches do, nothing before its time.
        #[test]
        fn now_is_never_later_than_shown_and_never_early_by_an_honest_index(
            answers in proptest::collection::vec((0_i64..10_000, 0_u64..500), 1..20),
            is_honest in any::<bool>(),
            error in -100_000_i64..100_000,
            after in 0_u64..5000,
        ) {
            let (mut reckoning, mut at) = (Reckoning::default(), Duration::ZERO);
            let kept_most = answers.iter().map(|(kept, _)| *kept).max().unwrap_or_default();
            for (kept, pause) in answers {
                at += Duration::from_secs(pause);
                let made = if is_honest { noon() + at - TimeDelta::seconds(kept) } else { noon() + TimeDelta::seconds(kept * 1000) };
                reckoning.hear(ServerTime { earliest: made, latest: made + TimeDelta::seconds(kept + 1) }, at);
            }
            at += Duration::from_secs(after);
            let (now, shown) = (noon() + at, noon() + at + TimeDelta::seconds(error));
            let present = reckoning.present(shown, at);
            prop_assert!(present.reached <= shown && shown <= present.passed);
            if is_honest {
                prop_assert!(present.passed >= now - ALLOWED - TimeDelta::seconds(kept_most));
                prop_assert!(present.passed <= shown.max(now), "and nothing ends before its time");
                prop_assert!(present.reached <= (now + TimeDelta::seconds(1)).max(shown.min(now + ALLOWED + TimeDelta::seconds(1))));
                prop_assert!(present.reached >= shown.min(now), "and nothing is held for longer than it has to be");
            }
        }
    }
}
