//! Files of PyPI's that contradict what its pages said before, as persons are told of them: nobody has to ask for one first.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use super::exemption::Exemptions;
use super::pages::KnownPage;
use super::present::Present;
use super::troubles::{GateTrouble, GateTroubles};
use crate::model::ProjectName;
use crate::model::unread::shown;

/// So many are named.
const NAMED: usize = 5;

/// Those of which nobody has decided.
#[derive(Debug)]
pub(super) struct Alterations {
    of: Mutex<BTreeMap<ProjectName, Vec<String>>>,
    /// There are some: nearly always there is none, and an answer without any waits for nobody then.
    are_some: AtomicBool,
    troubles: GateTroubles,
}

impl Alterations {
    pub(super) fn new(troubles: GateTroubles) -> Self {
        Self { of: Mutex::default(), are_some: AtomicBool::new(false), troubles }
    }

    /// What PyPI says of this project by now. What persons approved or rejected is settled.
    /// `now` is asked where there is something to settle: each answer comes through here.
    pub(super) fn note(
        &self,
        name: &ProjectName,
        known: &KnownPage,
        exemptions: &Exemptions,
        now: impl Fn() -> Present,
    ) {
        let is_settled = |digest: &str| {
            exemptions.approval(name, digest, now().passed).is_some()
                || exemptions.rejection(name, None, digest).is_some()
        };
        let files = known.contradictions().filter(|(_, digest)| !is_settled(digest));
        let files: Vec<String> = files.map(|(filename, _)| shown(filename)).collect();
        if files.is_empty() && !self.are_some.load(Ordering::Relaxed) {
            return;
        }
        let mut all = self.of.lock().unwrap_or_else(PoisonError::into_inner);
        if all.get(name).map_or(&[][..], Vec::as_slice) == files {
            return;
        }
        match files.is_empty() {
            true => drop(all.remove(name)),
            false => drop(all.insert(name.clone(), files)),
        }
        self.are_some.store(!all.is_empty(), Ordering::Relaxed);
        self.troubles.note(GateTrouble::FilesAltered, told(&all));
    }
}

fn told(all: &BTreeMap<ProjectName, Vec<String>>) -> Option<String> {
    let files: Vec<&str> = all.values().flatten().map(String::as_str).collect();
    let more = files.len().saturating_sub(NAMED);
    let and_more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let named = files.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    (!files.is_empty()).then(|| {
        format!(
            "PyPI's index has other bytes under the name of a file than before, or dates one to before it was there: {named}{and_more}. None is given \
             out; ask for one to begin its review, and look at what is between the gate and PyPI"
        )
    })
}
