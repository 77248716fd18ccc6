//! What has to speak for a release beside its age: a fresh attack is as young as an honest first use, and age alone says nothing of
//! what nobody here ever used.
//!
//! One observer has one vote. PyPI has none, however many of its pages say something: it shows every attack, too.

use std::sync::Arc;

use chrono::TimeDelta;

use super::attested::Attested;
use super::binding::Binding;
use super::downloads::Downloads;
use super::malware::MalwareRecords;
use super::present::Present;
use super::prior::PriorUse;
use super::ruling::{AskedFile, Cause, Evidence, Hold};
use super::share::SharedLists;
use crate::config::GateMode as Mode;
use crate::model::Time;

/// How many kinds of evidence have to speak, and what they go by.
#[derive(Clone, Debug)]
pub struct Consensus {
    /// 0: none has to.
    pub needs: usize,
    pub mode: Mode,
    pub prior: PriorUse,
    /// Downloads that others counted, and how many are enough.
    pub downloads: Option<(Arc<Downloads>, u64)>,
    /// So far beyond a file's upload the records of malware have to reach.
    pub quiet_for: Option<TimeDelta>,
    /// Who is proven to have published what.
    pub attested: Arc<Attested>,
    /// What other organisations trust.
    pub shared: SharedLists,
}

/// What is known now, of a moment that may be to come.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    pub(super) now: Present,
    pub(super) at: Time,
}

impl Default for Consensus {
    /// Age is enough.
    fn default() -> Self {
        let (prior, attested, shared) = (PriorUse::default(), Arc::default(), SharedLists::default());
        Self { needs: 0, mode: Mode::Enforce, prior, downloads: None, quiet_for: None, attested, shared }
    }
}

impl Consensus {
    /// Why a file is held at that moment, which may be to come, though it is old enough. `vouched`: when each person vouched for its project.
    pub(super) fn held(
        &self,
        file: &AskedFile<'_>,
        vouched: impl Iterator<Item = Time>,
        malware: &MalwareRecords,
        binding: &Binding,
        Moment { now, at }: Moment,
    ) -> Option<Hold> {
        if self.needs == 0 {
            return None;
        }
        let used = self.prior.since(file.project, file.first_upload, vouched);
        let spoken = self.votes(file, used, malware, binding, Moment { now, at });
        let spoken: Vec<Evidence> = spoken.into_iter().filter_map(|(speaks, kind)| speaks.then_some(kind)).collect();
        let missing = self.needs.saturating_sub(spoken.len());
        // What will speak by itself one day is prior use alone: records and lists come from people.
        let until = used.filter(|since| *since > at && missing == 1);
        let cause = Cause::Unvouched { spoken, needs: self.needs, is_old: true };
        (missing > 0).then_some(Hold { cause, until, then: None })
    }

    /// Which kinds speak for it at that moment. `used`: since when prior use does.
    pub(super) fn votes(
        &self,
        file: &AskedFile<'_>,
        used: Option<Time>,
        malware: &MalwareRecords,
        binding: &Binding,
        moment: Moment,
    ) -> [(bool, Evidence); 5] {
        [
            (used.is_some_and(|since| since <= moment.at), Evidence::PriorUse),
            (self.is_downloaded(file), Evidence::Downloads),
            (self.is_quiet(file, malware, moment), Evidence::Silence),
            (self.attested.speaks(file.project, file.sha256, file.uploaded), Evidence::Attestation),
            (self.is_shared(file, binding, moment.now.shown), Evidence::Shared),
        ]
    }

    /// The project has to be older than all that was counted: a name that was free once may be another's now.
    fn is_downloaded(&self, file: &AskedFile<'_>) -> bool {
        let Some((downloads, least)) = &self.downloads else { return false };
        let was_there = file.first_upload.is_some_and(|first| first < downloads.since());
        was_there && downloads.of(file.project) >= *least
    }

    /// Of a moment to come: where lists come on as they did until now. What others have under a name of ours is a stranger's.
    fn is_shared(&self, file: &AskedFile<'_>, binding: &Binding, now: Time) -> bool {
        binding.of(file.project).is_none() && self.shared.speak_for(file.project, file.sha256, now)
    }

    /// Of a moment to come: where records come on as they did until now.
    fn is_quiet(&self, file: &AskedFile<'_>, malware: &MalwareRecords, Moment { now, at }: Moment) -> bool {
        let (Some(quiet_for), Some(uploaded)) = (self.quiet_for, file.uploaded.at()) else { return false };
        malware.through(now.reached).is_some_and(|through| through + (at - now.reached) >= uploaded + quiet_for)
    }
}

#[cfg(test)]
pub(super) mod tests;
