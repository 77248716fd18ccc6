//! What is to be said of the inventory file, kept as long as it is of that text and those settings: to read fifty thousand names
//! anew takes longer than a page may, and forty megabytes. The daemon, which reads the file whenever it changes, leaves here
//! what is to be said of it, so that whoever looks has nothing to read but the text.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use super::v1::Severity;
use crate::config::Settings;
use crate::config::source::Source;
use crate::watchlist::Lint;

/// So many are kept while nobody goes through all of them: of a hundred thousand, which a list of names under one prefix may have,
/// a person looks at the first.
const FIRST: usize = 1_000;
/// So long after somebody looked at more than those.
const KEPT: Duration = Duration::from_secs(60);

/// What decides about them.
#[derive(Clone)]
pub(super) struct Basis {
    /// Of the text.
    digest: [u8; 32],
    settings: Arc<Settings>,
}

/// All that there is to say, in the order of the file.
pub(super) struct Remarks {
    basis: Basis,
    counts: [(Severity, usize); 3],
    /// Those that are at hand: all, or the first.
    pub(super) lints: Vec<Lint>,
}

/// And when somebody last looked at more than the first, on the monotonic clock.
type LookedAt = (Arc<Remarks>, Duration);

/// The newest, shared by all who ask.
#[derive(Clone, Default)]
pub(super) struct KeptRemarks(Arc<Mutex<Option<LookedAt>>>);

impl Basis {
    pub(super) fn new(source: &Source, settings: Arc<Settings>) -> Self {
        Self { digest: Sha256::digest(source.text().as_bytes()).into(), settings }
    }

    /// A reload that changed nothing of the settings changes nothing here.
    fn is(&self, other: &Self) -> bool {
        let same_settings = Arc::ptr_eq(&self.settings, &other.settings) || self.settings == other.settings;
        self.digest == other.digest && same_settings
    }
}

impl Remarks {
    pub(super) fn new(basis: Basis, lints: Vec<Lint>) -> Self {
        let count = |severity| lints.iter().filter(|lint| Severity::from(lint.severity()) == severity).count();
        let counts = [Severity::Error, Severity::Warning, Severity::Note].map(|severity| (severity, count(severity)));
        Self { basis, counts, lints }
    }

    /// Which text they are of, for a cursor: eight bytes, as nobody gains by two that are alike.
    pub(super) fn edition(&self) -> String {
        self.basis.digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }

    /// How many there are of this severity.
    pub(super) fn count(&self, severity: Severity) -> usize {
        self.counts.iter().filter(|(of, _)| *of == severity).map(|(_, count)| count).sum()
    }

    /// How many there are.
    pub(super) fn total(&self) -> usize {
        self.counts.iter().map(|(_, count)| count).sum()
    }

    /// Are as many at hand as that, if there are so many?
    fn has(&self, many: usize) -> bool {
        self.lints.len() >= many.min(self.total())
    }

    fn first(&self) -> Self {
        let lints = self.lints.iter().take(FIRST).cloned().collect();
        Self { basis: self.basis.clone(), counts: self.counts, lints }
    }
}

impl KeptRemarks {
    /// Those that are kept, if they are of this text and these settings and have so many of those there are; else `make` makes them.
    /// Whoever asks meanwhile waits for them.
    pub(super) fn of(
        &self,
        basis: Basis,
        (many, now): (usize, Duration),
        make: impl FnOnce() -> Vec<Lint>,
    ) -> Arc<Remarks> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (remarks, looked) = match kept.take() {
            Some((remarks, looked)) if remarks.basis.is(&basis) && remarks.has(many) => (remarks, looked),
            _ => (Arc::new(Remarks::new(basis, make())), now),
        };
        *kept = Some((Arc::clone(&remarks), if many > FIRST { now } else { looked }));
        remarks
    }

    /// The file was read, and this is to be said of it.
    pub(super) fn keep(&self, basis: Basis, lints: Vec<Lint>) {
        let remarks = Remarks::new(basis, lints).first();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((Arc::new(remarks), Duration::ZERO));
    }

    /// Lets go what nobody has looked at of late, but for the first.
    pub(super) fn tidy(&self, now: Duration) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((remarks, looked)) = &mut *kept
            && remarks.lints.len() > FIRST
            && now.saturating_sub(*looked) >= KEPT
        {
            *remarks = Arc::new(remarks.first());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::sample::least;
    use crate::config::source::Fault;
    use crate::watchlist::LintKind;

    fn settings(hour: u8) -> Arc<Settings> {
        let mut settings = least();
        (settings.file, settings.alert.daily_at_hour) = ("namewarden.toml".into(), hour);
        (settings.inventory, settings.state_dir) = ("inventory.toml".into(), "state".into());
        Arc::new(settings)
    }

    fn source(text: &str) -> Source {
        Source::new(Path::new("inventory.toml"), text.to_owned())
    }

    /// So many notes, and an error behind them.
    fn lints(notes: usize) -> Vec<Lint> {
        let of = |kind| Lint::new(kind, source("x").problem(0, "", Fault::new("it is so", "write it otherwise")));
        let notes = std::iter::repeat_with(|| of(LintKind::ShortName)).take(notes);
        notes.chain([of(LintKind::Invalid)]).collect()
    }

    fn second(of: u64) -> Duration {
        Duration::from_secs(of)
    }

    /// Kept of a text as the daemon reads it, and then asked for: is it made anew?
    fn is_made_anew(kept: &KeptRemarks, basis: Basis, many: usize, at: u64) -> bool {
        let mut made = false;
        kept.of(basis, (many, second(at)), || {
            made = true;
            lints(FIRST)
        });
        made
    }

    #[test]
    fn what_the_daemon_read_is_not_read_again_until_the_text_or_the_settings_are_others() {
        let (kept, of) = (KeptRemarks::default(), |text: &str, hour| Basis::new(&source(text), settings(hour)));
        assert!(is_made_anew(&kept, of("a", 1), 0, 0), "nobody has read it");
        for (text, hour, again) in [("a", 1, false), ("b", 1, true), ("a", 2, true)] {
            kept.keep(of("a", 1), lints(FIRST));
            assert_eq!(is_made_anew(&kept, of(text, hour), FIRST, 0), again, "{text} {hour}");
        }
    }

    #[test]
    fn whoever_goes_through_all_of_them_has_all_for_a_minute_and_the_rest_are_counted() {
        let (kept, of) = (KeptRemarks::default(), || Basis::new(&source("a"), settings(1)));
        kept.keep(of(), lints(FIRST));
        let first = kept.of(of(), (FIRST, second(1)), || panic!("the first are there"));
        assert_eq!((first.lints.len(), first.total(), first.count(Severity::Error)), (FIRST, FIRST + 1, 1));
        assert!(is_made_anew(&kept, of(), FIRST + 1, 10), "the last of them was let go");
        let all = |at| kept.of(of(), (usize::MAX, second(at)), || panic!("all are there")).lints.len();
        kept.tidy(second(69));
        assert_eq!(all(69), FIRST + 1, "within a minute");
        kept.tidy(second(129));
        assert!(is_made_anew(&kept, of(), usize::MAX, 129), "nobody has looked for a minute");
        let held = Arc::downgrade(&kept.of(of(), (0, second(130)), || panic!("kept")));
        kept.keep(of(), lints(0));
        assert!(held.upgrade().is_none(), "nobody holds what was said of the text before");
    }

    #[test]
    fn few_are_all_at_hand_however_many_are_asked_for() {
        let (kept, of) = (KeptRemarks::default(), || Basis::new(&source("a"), settings(1)));
        kept.keep(of(), lints(3));
        kept.tidy(second(1_000));
        assert!(!is_made_anew(&kept, of(), usize::MAX, 2_000));
    }
}
