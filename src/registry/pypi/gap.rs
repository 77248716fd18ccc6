//! Did two polls of the RSS feed overlap, or was its window of 40 overrun in between? Pure.
//!
//! The server sorts by time of creation and shows the newest 40, fewer when some of these have no release; a stale
//! cache shows an older window (`pypi-interfaces` 1.3, 1.4: pypi/warehouse#16220).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::model::{ProjectName, Sighting, Time};

/// How many projects the server picks, before it drops those without a release (`warehouse` `rss/views.py`).
const SLOTS: usize = 40;

/// The identities one poll showed. Stored between polls, so that a restart does not hide a gap.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Window(BTreeSet<(Time, ProjectName)>);

impl Window {
    /// Items without a date have no place in the order and are left out.
    pub fn of(sightings: &[Sighting]) -> Self {
        Self(sightings.iter().filter_map(|s| Some((s.at?, s.name.clone()))).collect())
    }

    fn newest(&self) -> Option<Time> {
        self.0.last().map(|(at, _)| *at)
    }

    fn oldest(&self) -> Option<Time> {
        self.0.first().map(|(at, _)| *at)
    }
}

/// How a poll follows the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overlap {
    /// Everything listed in between was shown. The new window is the one to compare with next.
    Contiguous,
    /// Registrations after `since` and before `until` may not have been shown. The new window counts next.
    Gap { since: Time, until: Time },
    /// An older state was shown (a stale cache, or the newest project was removed). Keep the previous window.
    WentBackwards { from: Time, to: Option<Time> },
}

/// Compares a poll with the furthest one before it.
pub fn overlap(previous: &Window, current: &Window) -> Overlap {
    let Some(reached) = previous.newest() else { return after_nothing(current) };
    match (current.oldest(), current.newest()) {
        (Some(oldest), Some(newest)) if newest >= reached => {
            let shared = previous.0.intersection(&current.0).next().is_some();
            // A window that reaches back beyond `reached` shows all that came after it, even when every project of
            // the previous window has been removed since.
            if shared || oldest < reached {
                Overlap::Contiguous
            } else {
                Overlap::Gap { since: reached, until: oldest }
            }
        }
        (_, to) => Overlap::WentBackwards { from: reached, to },
    }
}

/// After an empty feed, a window with room left shows all there is.
fn after_nothing(current: &Window) -> Overlap {
    match current.oldest() {
        Some(until) if current.0.len() >= SLOTS => Overlap::Gap { since: Time::UNIX_EPOCH, until },
        _ => Overlap::Contiguous,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn second(second: i64) -> Time {
        chrono::DateTime::from_timestamp(second, 0).expect("a time")
    }

    fn window(items: &[(&str, i64)]) -> Window {
        Window(items.iter().map(|(name, at)| (second(*at), ProjectName::parse(name).expect("valid"))).collect())
    }

    #[test]
    fn a_shared_item_makes_polls_contiguous_whatever_the_order() {
        let previous = window(&[("a", 100), ("b", 110)]);
        assert_eq!(overlap(&previous, &window(&[("b", 110), ("c", 120)])), Overlap::Contiguous);
        assert_eq!(overlap(&previous, &window(&[("c", 120), ("a", 100)])), Overlap::Contiguous);
        assert_eq!(overlap(&previous, &previous), Overlap::Contiguous);
    }

    #[test]
    fn an_overrun_window_is_a_gap() {
        let previous = window(&[("a", 100), ("b", 110)]);
        let gap = Overlap::Gap { since: second(110), until: second(115) };
        assert_eq!(overlap(&previous, &window(&[("c", 115), ("d", 130)])), gap);
    }

    #[test]
    fn the_same_name_registered_again_is_another_item() {
        let previous = window(&[("a", 100)]);
        let gap = Overlap::Gap { since: second(100), until: second(200) };
        assert_eq!(overlap(&previous, &window(&[("a", 200)])), gap);
    }

    #[test]
    fn two_projects_of_one_second_do_not_prove_an_overlap() {
        let gap = Overlap::Gap { since: second(100), until: second(100) };
        assert_eq!(overlap(&window(&[("a", 100)]), &window(&[("b", 100)])), gap);
    }

    #[test]
    fn a_removed_item_is_no_gap_while_the_window_reaches_back() {
        let previous = window(&[("a", 100), ("evil", 110)]);
        assert_eq!(overlap(&previous, &window(&[("older", 90), ("c", 120)])), Overlap::Contiguous);
    }

    #[test]
    fn a_stale_or_emptied_feed_goes_backwards() {
        let previous = window(&[("a", 100), ("b", 110)]);
        let back = |to| Overlap::WentBackwards { from: second(110), to };
        assert_eq!(overlap(&previous, &window(&[("z", 50), ("a", 100)])), back(Some(second(100))));
        assert_eq!(overlap(&previous, &window(&[("z", 50)])), back(Some(second(50))));
        assert_eq!(overlap(&previous, &window(&[])), back(None));
    }

    #[test]
    fn after_an_empty_feed_only_a_full_window_can_hide_something() {
        let many: Vec<(String, i64)> = (0..40).map(|n| (format!("p{n}"), 100 + n)).collect();
        let many: Vec<(&str, i64)> = many.iter().map(|(name, at)| (name.as_str(), *at)).collect();
        assert_eq!(overlap(&window(&[]), &window(&many[..39])), Overlap::Contiguous);
        let gap = Overlap::Gap { since: Time::UNIX_EPOCH, until: second(100) };
        assert_eq!(overlap(&window(&[]), &window(&many)), gap);
        assert_eq!(overlap(&window(&[]), &window(&[])), Overlap::Contiguous);
    }

    #[test]
    fn a_window_survives_storage() {
        let window = window(&[("a", 100), ("b", 110)]);
        let json = serde_json::to_string(&window).expect("written");
        assert_eq!(json, r#"[["1970-01-01T00:01:40Z","a"],["1970-01-01T00:01:50Z","b"]]"#);
        assert_eq!(serde_json::from_str::<Window>(&json).expect("read"), window);
    }

    proptest! {
        /// A server that appends `new` projects to a history and shows the newest 40: contiguous means nothing missed.
        #[test]
        fn contiguous_is_never_said_of_an_overrun_window(before in 1..60_usize, new in 0..90_usize) {
            let history: Vec<(String, i64)> = (0..before + new).map(|n| (format!("p{n}"), n as i64)).collect();
            let shown = |until: usize| {
                let items: Vec<(&str, i64)> = history[until.saturating_sub(SLOTS)..until].iter().map(|(n, at)| (n.as_str(), *at)).collect();
                window(&items)
            };
            let missed = new.saturating_sub(SLOTS);
            let verdict = overlap(&shown(before), &shown(before + new));
            if missed > 0 {
                prop_assert!(matches!(verdict, Overlap::Gap { .. }), "missed {missed}: {verdict:?}");
            } else if new < SLOTS {
                prop_assert_eq!(verdict, Overlap::Contiguous);
            }
        }
    }
}
