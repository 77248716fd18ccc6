//! What is to be said of the inventory file, kept as long as it is of that text and those settings: to read fifty thousand names
//! anew takes longer than a page may.

use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest as _, Sha256};

use super::v1::Severity;
use crate::config::Settings;
use crate::config::source::Source;
use crate::watchlist::Lint;

/// What decides about them.
pub(super) struct Basis {
    /// Of the text.
    digest: [u8; 32],
    /// The same ones: a reload has others.
    settings: Arc<Settings>,
}

/// All that there is to say, in the order of the file.
pub(super) struct Remarks {
    basis: Basis,
    pub(super) lints: Vec<Lint>,
}

/// The newest, shared by all who ask.
#[derive(Clone, Default)]
pub(super) struct KeptRemarks(Arc<Mutex<Option<Arc<Remarks>>>>);

impl Basis {
    pub(super) fn new(source: &Source, settings: Arc<Settings>) -> Self {
        Self { digest: Sha256::digest(source.text().as_bytes()).into(), settings }
    }

    fn is(&self, other: &Self) -> bool {
        self.digest == other.digest && Arc::ptr_eq(&self.settings, &other.settings)
    }
}

impl Remarks {
    pub(super) fn new(basis: Basis, lints: Vec<Lint>) -> Self {
        Self { basis, lints }
    }

    /// Which text they are of, for a cursor: eight bytes, as nobody gains by two that are alike.
    pub(super) fn edition(&self) -> String {
        self.basis.digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }

    /// How many there are of this severity.
    pub(super) fn count(&self, severity: Severity) -> usize {
        self.lints.iter().filter(|lint| Severity::from(lint.severity()) == severity).count()
    }
}

impl KeptRemarks {
    /// Those that are kept, if they are of this text and these settings; else `make` makes them. Whoever asks meanwhile waits for them.
    pub(super) fn of(&self, basis: Basis, make: impl FnOnce() -> Vec<Lint>) -> Arc<Remarks> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &*kept {
            Some(remarks) if remarks.basis.is(&basis) => Arc::clone(remarks),
            _ => {
                let made = Arc::new(Remarks::new(basis, make()));
                *kept = Some(Arc::clone(&made));
                made
            }
        }
    }
}
