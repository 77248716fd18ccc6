//! When the log is asked what of it turned out to be bad: as soon as anything says something new, and of what was just received.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use crate::gate::exemption::Exemptions;
use crate::gate::malware::MalwareRecords;
use crate::gate::policy::Policy;
use crate::gate::recall::Judge;
use crate::gate::records::{DeliveryBook, Receipts, RecordsError};
use crate::gate::suspects::Suspects;
use crate::model::{ProjectName, Time};

/// What the log was last asked by.
#[derive(Debug, Default)]
pub(super) struct Recaller {
    asked: Option<Words>,
    /// Received since.
    fresh: BTreeSet<ProjectName>,
    quarantined: Arc<Quarantined>,
}

/// Projects that PyPI had in quarantine when it was last asked; `None`: not read yet. Every answer of the gate looks.
#[derive(Debug, Default)]
pub(super) struct Quarantined {
    known: RwLock<Option<BTreeSet<ProjectName>>>,
    /// There are some: nearly always there is none, and an answer that is in none waits for nobody then.
    are_some: AtomicBool,
}

impl Quarantined {
    /// Is this something else than what is written down?
    pub(super) fn is_news(&self, project: &ProjectName, is_so: bool) -> bool {
        if !is_so && !self.are_some.load(Ordering::Relaxed) {
            return false;
        }
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.as_ref().map_or(is_so, |known| known.contains(project) != is_so)
    }

    fn set(&self, known: BTreeSet<ProjectName>) {
        let mut of = self.known.write().unwrap_or_else(PoisonError::into_inner);
        self.are_some.store(!known.is_empty(), Ordering::Relaxed);
        *of = Some(known);
    }

    fn get(&self) -> Option<BTreeSet<ProjectName>> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// All that can say something of a file which went out.
#[derive(Debug)]
struct Words {
    malware: Arc<MalwareRecords>,
    exemptions: Arc<Exemptions>,
    suspects: Arc<Suspects>,
}

impl Words {
    fn of(policy: &Policy) -> Self {
        let Policy { malware, exemptions, suspects, .. } = policy;
        Self { malware: Arc::clone(malware), exemptions: Arc::clone(exemptions), suspects: Arc::clone(suspects) }
    }

    /// They are replaced as a whole, so that a look at 100,000 records is a look at one address.
    fn are_of(&self, policy: &Policy) -> bool {
        Arc::ptr_eq(&self.malware, &policy.malware)
            && Arc::ptr_eq(&self.exemptions, &policy.exemptions)
            && Arc::ptr_eq(&self.suspects, &policy.suspects)
    }
}

impl Recaller {
    pub(super) fn new(quarantined: Arc<Quarantined>) -> Self {
        Self { quarantined, ..Self::default() }
    }

    /// These were written down.
    pub(super) fn heed(&mut self, receipts: &Receipts) {
        self.fresh.extend(receipts.projects().cloned());
    }

    /// PyPI has a project in quarantine, or no more.
    pub(super) fn quarantine(
        &mut self,
        book: &mut DeliveryBook,
        project: ProjectName,
        is_so: bool,
    ) -> Result<(), RecordsError> {
        book.quarantine(&project, is_so)?;
        self.quarantined.set(book.quarantined()?);
        if is_so {
            self.fresh.insert(project);
        } else {
            // Nothing names it any more, so that all of it is asked what was said.
            self.asked = None;
        }
        Ok(())
    }

    /// PyPI lists these files of a project, and no others.
    pub(super) fn listed(
        &mut self,
        book: &mut DeliveryBook,
        project: ProjectName,
        files: &BTreeSet<String>,
    ) -> Result<(), RecordsError> {
        let turn = book.listed(&project, files)?;
        if turn.some_went {
            self.fresh.insert(project);
        }
        if turn.some_came {
            self.asked = None;
        }
        Ok(())
    }

    /// Asks the log, where there is a reason; gives how many lines somebody has to hear of. What fails is asked again.
    pub(super) fn look(&mut self, policy: &Policy, book: &mut DeliveryBook, now: Time) -> Result<usize, RecordsError> {
        let is_known = self.asked.as_ref().is_some_and(|asked| asked.are_of(policy));
        if is_known && self.fresh.is_empty() {
            return Ok(0);
        }
        let quarantined = match self.quarantined.get() {
            Some(known) => known,
            None => book.quarantined()?,
        };
        self.quarantined.set(quarantined.clone());
        let removed = book.removed()?;
        let judge = Judge { policy, quarantined: &quarantined, removed: &removed };
        let told = match is_known {
            true => {
                let named: BTreeSet<ProjectName> = self.fresh.iter().filter(|of| judge.names(of)).cloned().collect();
                if named.is_empty() { 0 } else { book.recall(Some(&named), &judge, now)? }
            }
            false => book.recall(None, &judge, now)?,
        };
        self.fresh.clear();
        self.asked = Some(Words::of(policy));
        Ok(told)
    }
}
