//! How often a feed is looked at, how long after a failure, and how long it may fail. Pure.

use std::time::Duration;

use crate::config::FeedSettings;
use crate::registry::pypi::mode::ChangelogHealth;
use crate::upstream::backoff;

/// However short its rhythm, a feed may fail for this long.
const LEAST_PATIENCE: Duration = Duration::from_secs(120);
/// After a failure the changelog is asked again within five polls, and never within five of less than this.
const LEAST_POLL: Duration = Duration::from_secs(1);

/// How often a feed is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rhythm {
    pub every: Duration,
    /// The longest pause after a failure, whatever anybody asks for.
    pub longest: Duration,
}

impl Rhythm {
    pub fn rss(feeds: &FeedSettings) -> Self {
        Self { every: feeds.rss_every, longest: feeds.rss_every * 4 }
    }

    pub fn changelog(feeds: &FeedSettings) -> Self {
        let every = feeds.changelog_every;
        Self { every, longest: every.max(LEAST_POLL) * 5 }
    }

    /// Often while the index carries completeness, else as a check: it does when the changelog is off or gone, and stands
    /// in for one that is `blind`, until it is back.
    pub fn index(feeds: &FeedSettings, changelog: &ChangelogHealth, blind: bool) -> Self {
        let complete = changelog.is_complete(feeds.changelog) && !blind;
        let every = if complete { feeds.reconcile_every } else { feeds.index_every };
        Self { every, longest: every }
    }

    /// The index before there is a baseline: until then nobody else looks, and the watch has not begun.
    pub fn first(feeds: &FeedSettings) -> Self {
        Self { every: feeds.rss_every, longest: feeds.index_every }
    }

    /// How long the feed may fail before it counts as blind.
    pub fn patience(self) -> Duration {
        (self.every * 3).max(LEAST_PATIENCE)
    }

    /// The pause after so many failures in a row. `asked` is what the server asked for, and no time at all is none: whoever throttles
    /// and says "now" would be asked as fast as it answers. `jitter` is in 0..1.
    pub fn pause(self, failures: u32, asked: Option<Duration>, jitter: f64) -> Duration {
        asked.filter(|asked| !asked.is_zero()).unwrap_or_else(|| backoff(failures, jitter)).min(self.longest)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::config::ChangelogMode;

    fn seconds(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    fn feeds(changelog: ChangelogMode) -> FeedSettings {
        FeedSettings {
            changelog,
            changelog_every: seconds(60),
            rss_every: seconds(30),
            index_every: seconds(300),
            reconcile_every: seconds(86_400),
        }
    }

    #[test]
    fn a_feed_may_fail_for_three_polls_and_two_minutes() {
        assert_eq!(Rhythm::rss(&feeds(ChangelogMode::Auto)).patience(), seconds(120));
        assert_eq!(Rhythm::changelog(&feeds(ChangelogMode::Auto)).patience(), seconds(180));
        assert_eq!(Rhythm::first(&feeds(ChangelogMode::Auto)).patience(), seconds(120), "it is the only one");
    }

    #[test]
    fn the_pause_grows_up_to_some_polls_and_a_server_that_asks_is_heard_as_far() {
        let rss = Rhythm::rss(&feeds(ChangelogMode::Auto));
        let pauses: Vec<u64> = (1..=9).map(|failures| rss.pause(failures, None, 1.0).as_secs()).collect();
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 64, 120, 120]);
        let changelog = Rhythm::changelog(&feeds(ChangelogMode::Auto));
        assert_eq!(changelog.pause(1, Some(seconds(42)), 1.0), seconds(42));
        assert_eq!(changelog.pause(1, Some(seconds(3600)), 1.0), seconds(300));
        let hasty = FeedSettings { changelog_every: Duration::from_millis(20), ..feeds(ChangelogMode::Auto) };
        assert_eq!(Rhythm::changelog(&hasty).longest, seconds(5));
    }

    #[test]
    fn the_index_is_looked_at_often_while_nothing_else_is_complete() {
        let every = |mode, blind| Rhythm::index(&feeds(mode), &ChangelogHealth::Working, blind).every;
        assert_eq!(every(ChangelogMode::Auto, false), seconds(86_400));
        assert_eq!(every(ChangelogMode::Auto, true), seconds(300));
        assert_eq!(every(ChangelogMode::Off, false), seconds(300));
        let at = chrono::DateTime::UNIX_EPOCH;
        let gone = ChangelogHealth::Gone { since: at, next_probe: at };
        assert_eq!(Rhythm::index(&feeds(ChangelogMode::Auto), &gone, false).every, seconds(300));
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

        /// Whatever a server asks for and however often it failed: a registry is neither asked without a pause nor forgotten for longer
        /// than the feed may be silent about it.
        #[test]
        fn a_feed_that_fails_is_asked_again_after_a_pause_and_before_it_is_too_late(
            (rss, changelog, index) in (1..7_200_u64, 1..7_200_u64, 1..86_400_u64), failures in 0..100_u32,
            asked in prop::option::of(prop_oneof![Just(0), 0..5_000_u64]), jitter in 0.0..1.0_f64,
        ) {
            let set = FeedSettings { rss_every: seconds(rss), changelog_every: seconds(changelog), index_every: seconds(index), ..feeds(ChangelogMode::Auto) };
            for rhythm in [Rhythm::rss(&set), Rhythm::changelog(&set), Rhythm::first(&set)] {
                let pause = rhythm.pause(failures, asked.map(seconds), jitter);
                prop_assert!(pause >= Duration::from_millis(500).min(rhythm.longest) && pause <= rhythm.longest, "{pause:?} of {rhythm:?}");
                if let Some(asked) = asked.filter(|asked| *asked > 0) {
                    prop_assert_eq!(pause, seconds(asked).min(rhythm.longest), "who asks for a time has it, as far as one can wait");
                }
                prop_assert!(rhythm.patience() >= LEAST_PATIENCE && rhythm.patience() >= rhythm.every * 3);
            }
        }
    }
}
