//! Is the changelog working, down, or gone for good? A pure state machine for `feeds.changelog = auto|on|off`.
//!
//! XML-RPC is being retired by PyPI. Gone is said once, probed again daily, and hands completeness to the index; down is
//! expected to pass. The caller stores the state, so that a restart neither forgets it nor says it twice.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::changelog::{ChangelogError, GoneSign};
use crate::config::ChangelogMode;
use crate::model::Time;

/// How many answers of 404 or 410 in a row, over how long, mean that the endpoint was removed.
const MISSING_POLLS: u32 = 3;
const MISSING_FOR: TimeDelta = TimeDelta::hours(1);
/// A retired changelog is asked again this often.
const PROBE_EVERY: TimeDelta = TimeDelta::days(1);
/// A probe that met unrelated trouble is repeated sooner.
const PROBE_AGAIN: TimeDelta = TimeDelta::hours(1);

/// The state between two polls.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum ChangelogHealth {
    #[default]
    Working,
    Down {
        since: Time,
        /// Answers of 404 or 410 without any other in between.
        missing: Option<Missing>,
    },
    Gone {
        since: Time,
        next_probe: Time,
    },
}

/// A run of answers that say the endpoint does not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    pub since: Time,
    pub polls: u32,
}

/// A step worth telling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModeChange {
    WentDown,
    /// Retired; `why` names the sign.
    WentGone {
        why: String,
    },
    /// It answers again; it was down or gone since then.
    CameBack {
        since: Time,
    },
}

impl ChangelogHealth {
    /// Is a request due? (The poll interval is the caller's.)
    pub fn may_poll(&self, mode: ChangelogMode, now: Time) -> bool {
        match (mode, self) {
            (ChangelogMode::Off, _) => false,
            (ChangelogMode::Auto, Self::Gone { next_probe, .. }) => now >= *next_probe,
            (ChangelogMode::Auto | ChangelogMode::On, _) => true,
        }
    }

    /// Does the changelog carry completeness? If not, the index does.
    pub fn is_complete(&self, mode: ChangelogMode) -> bool {
        mode != ChangelogMode::Off && !matches!(self, Self::Gone { .. })
    }

    /// The state after a poll that ended with `error` or, without one, with an answer.
    #[must_use]
    pub fn after(&self, mode: ChangelogMode, error: Option<&ChangelogError>, now: Time) -> (Self, Option<ModeChange>) {
        match error {
            None => self.answered(),
            // Told to use it in any case, the operator wants to hear of it as trouble.
            Some(_) if mode == ChangelogMode::On => self.down(None, now),
            Some(ChangelogError::Gone(sign @ GoneSign::Fault { .. })) => self.gone(sign, now),
            Some(ChangelogError::Gone(sign @ GoneSign::Status(_))) => self.missing(sign, now),
            Some(_) => self.down(None, now),
        }
    }

    fn answered(&self) -> (Self, Option<ModeChange>) {
        let change = match self {
            Self::Working => None,
            Self::Down { since, .. } | Self::Gone { since, .. } => Some(ModeChange::CameBack { since: *since }),
        };
        (Self::Working, change)
    }

    fn down(&self, missing: Option<Missing>, now: Time) -> (Self, Option<ModeChange>) {
        match self {
            Self::Working => (Self::Down { since: now, missing }, Some(ModeChange::WentDown)),
            Self::Down { since, .. } => (Self::Down { since: *since, missing }, None),
            Self::Gone { since, .. } => (Self::Gone { since: *since, next_probe: now + PROBE_AGAIN }, None),
        }
    }

    fn missing(&self, sign: &GoneSign, now: Time) -> (Self, Option<ModeChange>) {
        let run = match self {
            Self::Gone { .. } => return self.gone(sign, now),
            Self::Down { missing: Some(run), .. } => Missing { since: run.since, polls: run.polls.saturating_add(1) },
            Self::Working | Self::Down { missing: None, .. } => Missing { since: now, polls: 1 },
        };
        if run.polls >= MISSING_POLLS && now - run.since >= MISSING_FOR {
            return self.gone(sign, now);
        }
        self.down(Some(run), now)
    }

    fn gone(&self, sign: &GoneSign, now: Time) -> (Self, Option<ModeChange>) {
        let next_probe = now + PROBE_EVERY;
        match self {
            Self::Gone { since, .. } => (Self::Gone { since: *since, next_probe }, None),
            Self::Down { since, .. } => {
                (Self::Gone { since: *since, next_probe }, Some(ModeChange::WentGone { why: sign.to_string() }))
            }
            Self::Working => {
                (Self::Gone { since: now, next_probe }, Some(ModeChange::WentGone { why: sign.to_string() }))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::registry::pypi::changelog::DownCause;
    use crate::upstream::FetchError;

    /// Polls at the given minutes; what each one answered, and the steps that were told.
    struct Content {
        mode: ChangelogMode,
        health: ChangelogHealth,
    }

    impl Content {
        fn new(mode: ChangelogMode) -> Self {
            Self { mode, health: ChangelogHealth::Working }
        }

        fn poll(&mut self, minute: i64, error: Option<&ChangelogError>) -> Option<ModeChange> {
            assert!(self.health.may_poll(self.mode, at(minute)), "not due at minute {minute}");
            // What is stored between polls is what counts.
            let stored = serde_json::to_string(&self.health).expect("written");
            let health: ChangelogHealth = serde_json::from_str(&stored).expect("read");
            let (next, change) = health.after(self.mode, error, at(minute));
            self.health = next;
            change
        }
    }

    fn at(minute: i64) -> Time {
        chrono::DateTime::from_timestamp(minute * 60, 0).expect("a time")
    }

    fn retired() -> ChangelogError {
        ChangelogError::Gone(GoneSign::Fault { code: -32601, text: "requested method not found".to_owned() })
    }

    fn missing() -> ChangelogError {
        ChangelogError::Gone(GoneSign::Status(404))
    }

    fn failing() -> ChangelogError {
        ChangelogError::Down(DownCause::Fetch(FetchError::Failing { status: 503 }))
    }

    #[test]
    fn a_fault_is_believed_at_once_told_once_and_probed_daily() {
        let mut content = Content::new(ChangelogMode::Auto);
        let why = "fault -32601, \"requested method not found\"".to_owned();
        assert_eq!(content.poll(0, Some(&retired())), Some(ModeChange::WentGone { why }));
        assert!(!content.health.is_complete(content.mode));
        assert!(!content.health.may_poll(content.mode, at(24 * 60 - 1)));
        assert_eq!(content.poll(24 * 60, Some(&retired())), None);
        assert!(!content.health.may_poll(content.mode, at(24 * 60 + 60)));
        assert_eq!(content.poll(48 * 60, None), Some(ModeChange::CameBack { since: at(0) }));
        assert_eq!(content.health, ChangelogHealth::Working);
    }

    #[test]
    fn a_missing_page_is_believed_after_three_polls_over_an_hour() {
        let mut content = Content::new(ChangelogMode::Auto);
        assert_eq!(content.poll(0, Some(&missing())), Some(ModeChange::WentDown));
        assert_eq!(content.poll(1, Some(&missing())), None);
        assert_eq!(content.poll(59, Some(&missing())), None, "three polls, not yet an hour");
        assert!(content.health.is_complete(content.mode));
        assert_eq!(content.poll(60, Some(&missing())), Some(ModeChange::WentGone { why: "HTTP 404".to_owned() }));
    }

    #[test]
    fn two_missing_pages_far_apart_are_not_enough() {
        let mut content = Content::new(ChangelogMode::Auto);
        content.poll(0, Some(&missing()));
        assert_eq!(content.poll(120, Some(&missing())), None);
        assert!(matches!(content.health, ChangelogHealth::Down { .. }));
    }

    #[test]
    fn any_other_answer_begins_the_count_anew() {
        let mut content = Content::new(ChangelogMode::Auto);
        content.poll(0, Some(&missing()));
        content.poll(30, Some(&missing()));
        content.poll(31, Some(&failing()));
        assert_eq!(content.poll(60, Some(&missing())), None);
        assert_eq!(content.poll(100, Some(&missing())), None);
        let ChangelogHealth::Down { since, missing: Some(run) } = &content.health else {
            panic!("{:?}", content.health)
        };
        assert_eq!((*since, run.since, run.polls), (at(0), at(60), 2));
    }

    #[test]
    fn trouble_is_down_however_long_it_lasts() {
        let mut content = Content::new(ChangelogMode::Auto);
        let throttled = ChangelogError::Throttled { after: Duration::from_secs(60) };
        assert_eq!(content.poll(0, Some(&throttled)), Some(ModeChange::WentDown));
        for day in 1..30 {
            assert_eq!(content.poll(day * 24 * 60, Some(&failing())), None);
        }
        assert!(matches!(content.health, ChangelogHealth::Down { since, .. } if since == at(0)));
        assert_eq!(content.poll(31 * 24 * 60, None), Some(ModeChange::CameBack { since: at(0) }));
    }

    #[test]
    fn a_probe_that_meets_trouble_is_repeated_within_the_hour() {
        let mut content = Content::new(ChangelogMode::Auto);
        content.poll(0, Some(&retired()));
        assert_eq!(content.poll(24 * 60, Some(&failing())), None);
        assert!(content.health.may_poll(content.mode, at(25 * 60)));
        assert!(matches!(content.health, ChangelogHealth::Gone { since, .. } if since == at(0)));
    }

    #[test]
    fn on_never_gives_up_and_off_never_asks() {
        let mut content = Content::new(ChangelogMode::On);
        assert_eq!(content.poll(0, Some(&retired())), Some(ModeChange::WentDown));
        assert_eq!(content.poll(1, Some(&retired())), None);
        assert!(content.health.is_complete(content.mode));
        assert!(!ChangelogHealth::Working.may_poll(ChangelogMode::Off, at(0)));
        assert!(!ChangelogHealth::Working.is_complete(ChangelogMode::Off));
    }

    #[test]
    fn switched_to_on_a_gone_changelog_is_asked_again() {
        let gone = ChangelogHealth::Gone { since: at(0), next_probe: at(24 * 60) };
        assert!(gone.may_poll(ChangelogMode::On, at(1)));
    }
}
