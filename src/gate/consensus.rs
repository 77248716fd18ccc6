//! What has to speak for a release beside its age: a fresh attack is as young as an honest first use, and age alone says nothing of
//! what nobody here ever used.
//!
//! One observer has one vote. PyPI has none, however many of its pages say something: it shows every attack, too.

use std::sync::Arc;

use chrono::TimeDelta;

use super::attested::Attested;
use super::binding::Binding;
use super::lack::{Evidence, Lack};
use super::malware::MalwareRecords;
use super::page::{ProjectPage, Uploaded};
use super::popularity::Popularity;
use super::present::Present;
use super::prior::PriorUse;
use super::ruling::{AskedFile, Cause, Hold};
use super::share::SharedLists;
use super::term::{AFTER, Term};
use crate::config::GateMode as Mode;
use crate::model::Time;

/// How many kinds of evidence have to speak, and what they go by.
#[derive(Clone, Debug)]
pub struct Consensus {
    /// 0: none has to.
    pub needs: usize,
    pub mode: Mode,
    pub prior: PriorUse,
    /// What others counted, and how much of it is enough.
    pub popularity: Popularity,
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
        let popularity = Popularity::default();
        Self { needs: 0, mode: Mode::Enforce, prior, popularity, quiet_for: None, attested, shared }
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
        let lack = self.lack(self.votes(file, used, malware, binding, Moment { now, at }));
        // What will speak by itself one day is prior use alone: records and lists come from people.
        let until = used.filter(|since| *since > at && lack.kinds() == 1 && !lack.lacks_file());
        (!lack.is_none()).then_some(Hold { cause: Cause::Unvouched { lack, is_old: true }, until, then: None })
    }

    /// What is missing where these speak.
    pub(super) fn lack(&self, votes: [(bool, Evidence); 5]) -> Lack {
        let kinds = |speaking| votes.into_iter().filter(move |(speaks, _)| *speaks == speaking).map(|(_, kind)| kind);
        Lack::of(self.needs, kinds(true).collect(), kinds(false).filter(|kind| self.may_speak(*kind)).collect())
    }

    /// Is there anything that it goes by?
    fn may_speak(&self, kind: Evidence) -> bool {
        match kind {
            Evidence::PriorUse => true,
            Evidence::Popularity => self.popularity.is_asked(),
            Evidence::Silence => self.quiet_for.is_some(),
            Evidence::Attestation => self.attested.root().is_some(),
            Evidence::Shared => self.shared.is_asked(),
        }
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
            (self.popularity.speaks_for(file), Evidence::Popularity),
            (self.is_quiet(file, malware, moment), Evidence::Silence),
            (self.attested.speaks(file.project, file.sha256, file.uploaded), Evidence::Attestation),
            (self.is_shared(file, binding, moment.now.passed), Evidence::Shared),
        ]
    }

    /// When what speaks for the files of a page is another by itself: prior use begins to, a list is too old, a record is none of a time to come.
    pub(super) fn turns(
        &self,
        page: &ProjectPage,
        vouched: impl Iterator<Item = Time>,
        malware: &MalwareRecords,
        term: &mut Term,
    ) {
        if self.needs == 0 {
            return;
        }
        let used = self.prior.since(&page.name, page.first_upload, vouched);
        used.into_iter().for_each(|since| term.turns_once_reached(since));
        self.shared.ends().for_each(|end| term.turns_once_passed(end + AFTER));
        if self.quiet_for.is_some() {
            malware.turns(term.now().reached).for_each(|at| term.turns_once_reached(at));
        }
    }

    /// When what is foreseen of the silence at a moment to come is another: where no record comes, they will reach less far beyond a file's upload
    /// than was foreseen before.
    pub(super) fn forecast_turns(&self, uploaded: Uploaded, at: Time, malware: &MalwareRecords, term: &mut Term) {
        let now = term.now().reached;
        let asked = self.quiet_for.filter(|_| self.needs > 0 && at > now).zip(uploaded.at());
        if let Some(((quiet_for, uploaded), through)) = asked.zip(malware.through(now)) {
            term.turns_once_reached(through + (at - (uploaded + quiet_for)) + AFTER);
        }
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
