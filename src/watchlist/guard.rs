//! May a reload be applied unasked? Pure. A slip of the editor must not end the watch in silence.

use std::fmt;

use super::diff::{Changes, diff};
use crate::model::{Inventory, Watch, WatchId, count};

/// What to do with a new inventory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Admission {
    Apply(Changes),
    /// The old set stays in force until `inventory apply --force`. Reasons are never empty.
    Hold {
        changes: Changes,
        reasons: Vec<HoldReason>,
    },
}

impl Admission {
    pub fn changes(&self) -> &Changes {
        match self {
            Self::Apply(changes) | Self::Hold { changes, .. } => changes,
        }
    }

    /// Why it would be held; empty where it would not.
    pub fn reasons(&self) -> &[HoldReason] {
        match self {
            Self::Apply(_) => &[],
            Self::Hold { reasons, .. } => reasons,
        }
    }
}

/// Why a reload is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HoldReason {
    /// A fifth or more of the watches would go.
    Many { removed: usize, of: usize },
    /// An exclusive prefix, or a watch marked `guard = true`, would go.
    Guarded(WatchId),
    /// An exclusive prefix would stop being exclusive: the same loss in another spelling.
    NoLongerExclusive(WatchId),
}

impl fmt::Display for HoldReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Many { removed, of } => {
                write!(f, "it removes {removed} of {}, a fifth or more", count(*of, "watch", "watches"))
            }
            Self::Guarded(id) => write!(f, "it removes the guarded watch {}", id.label()),
            Self::NoLongerExclusive(id) => write!(f, "it makes the prefix {} no longer exclusive", id.label()),
        }
    }
}

/// Decides over a reload from `old` to `new`. What `old` guards is what counts; taking a guard off is a change of its
/// own, applied like any other, so that a guarded watch can leave in two deliberate steps.
pub fn guard(old: &Inventory, new: &Inventory) -> Admission {
    let changes = diff(old, new);
    let guarded = changes.removed.iter().filter(|watch| old.is_guarded(watch));
    let reasons: Vec<HoldReason> = many(changes.removed.len(), old.watches.len())
        .into_iter()
        .chain(guarded.map(|watch| HoldReason::Guarded(watch.id.clone())))
        .chain(changes.changed.iter().filter_map(no_longer_exclusive))
        .collect();
    if reasons.is_empty() { Admission::Apply(changes) } else { Admission::Hold { changes, reasons } }
}

fn many(removed: usize, of: usize) -> Option<HoldReason> {
    (removed > 0 && removed * 5 >= of).then_some(HoldReason::Many { removed, of })
}

fn no_longer_exclusive((was, is): &(Watch, Watch)) -> Option<HoldReason> {
    (was.exclusive && !is.exclusive).then(|| HoldReason::NoLongerExclusive(was.id.clone()))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use proptest::prelude::*;

    use super::*;
    use crate::config::source::Source;
    use crate::model::OwnerId;
    use crate::watchlist::from_source;

    fn inventory(toml: &str) -> Inventory {
        let source = Source::new(Path::new("inventory.toml"), toml.to_owned());
        from_source(source, &OwnerId("security".to_owned())).unwrap_or_else(|error| panic!("{error}"))
    }

    fn names(numbers: impl Iterator<Item = usize>) -> Inventory {
        inventory(&format!("names = [{}]", numbers.map(|n| format!("\"acme-{n}\",")).collect::<String>()))
    }

    fn reasons(old: &Inventory, new: &Inventory) -> Vec<String> {
        match guard(old, new) {
            Admission::Apply(_) => Vec::new(),
            Admission::Hold { reasons, .. } => reasons.iter().map(ToString::to_string).collect(),
        }
    }

    #[test]
    fn a_fifth_is_too_much_and_less_is_not() {
        assert_eq!(reasons(&names(0..100), &names(20..100)), ["it removes 20 of 100 watches, a fifth or more"]);
        assert_eq!(reasons(&names(0..100), &names(19..100)), [""; 0]);
        assert_eq!(reasons(&names(0..100), &names(0..500)), [""; 0]);
    }

    #[test]
    fn what_replaces_does_not_make_up_for_what_goes() {
        assert_eq!(reasons(&names(0..100), &names(50..150)), ["it removes 50 of 100 watches, a fifth or more"]);
    }

    const MANY: &str = "names = [\"a0\", \"a1\", \"a2\", \"a3\", \"a4\", \"a5\", \"a6\"]\n";

    #[test]
    fn guarded_watches_do_not_leave_unasked() {
        let old = inventory(&format!(
            "{MANY}[[name]]\nname = \"acme-auth\"\nguard = true\n[[prefix]]\ntext = \"acme-\"\nexclusive = true\n\
             [[prefix]]\ntext = \"shop-\"\n"
        ));
        let without = |text: &str| format!("{MANY}[[prefix]]\ntext = \"shop-\"\n{text}");
        let auth = "[[name]]\nname = \"acme-auth\"\n";
        let prefix = "[[prefix]]\ntext = \"acme-\"\nexclusive = true\n";
        assert_eq!(reasons(&old, &inventory(&without(prefix))), ["it removes the guarded watch acme-auth"]);
        assert_eq!(reasons(&old, &inventory(&without(auth))), ["it removes the guarded watch acme-*"]);
        let weaker = without(&format!("{auth}[[prefix]]\ntext = \"acme-\"\n"));
        assert_eq!(reasons(&old, &inventory(&weaker)), ["it makes the prefix acme-* no longer exclusive"]);
        let plain = format!("{MANY}{auth}{prefix}");
        assert_eq!(reasons(&old, &inventory(&plain)), [""; 0], "a prefix that is not exclusive may go");
    }

    #[test]
    fn a_guard_can_be_taken_off() {
        let guarded = inventory(&format!("{MANY}[[name]]\nname = \"acme-auth\"\nguard = true\n"));
        let free = inventory(&format!("{MANY}[[name]]\nname = \"acme-auth\"\n"));
        let gone = inventory(MANY);
        let Admission::Apply(changes) = guard(&guarded, &free) else { panic!("held") };
        assert_eq!(changes.to_string(), "guards changed");
        assert_eq!(reasons(&free, &gone), [""; 0]);
    }

    proptest! {
        /// Whatever is held loses something; whatever loses a guarded watch is held.
        #[test]
        fn holds_only_losses(old in proptest::collection::btree_set(0..40_usize, 1..30), new in proptest::collection::btree_set(0..40_usize, 1..30)) {
            let (from, to) = (names(old.iter().copied()), names(new.iter().copied()));
            let removed = old.difference(&new).count();
            match guard(&from, &to) {
                Admission::Apply(changes) => prop_assert!(changes.removed.len() == removed && removed * 5 < old.len()),
                Admission::Hold { changes, .. } => prop_assert!(changes.removed.len() == removed && removed * 5 >= old.len() && removed > 0),
            }
        }
    }
}
