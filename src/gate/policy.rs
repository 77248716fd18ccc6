//! What may be installed: one pure function for the page, `.metadata`, HEAD, a range, the bytes and 304.
//!
//! Rules are asked in the order of `Cause`, and the first that objects tells. Those about names, about what the index itself
//! refuses, about malware, about what a person rejected, about what contradicts what its index said before and about a freeze are always in force; those about age and about what else speaks
//! for a release in the mode that each has in the configuration, and of no file that persons have approved. Of a page of the private index nothing is
//! asked but whether a file is PyPI's, and about malware and rejections, and of a name that is bound none of the latter.

use std::sync::Arc;

use chrono::TimeDelta;

pub use super::binding::{Binding, Bound};
use super::consensus::{Consensus, Moment};
use super::exemption::Exemptions;
use super::malware::MalwareRecords;
use super::page::{PageFile, ProjectPage, Uploaded};
use super::present::Present;
use super::ruling::{AskedFile, Cause, Hold, Origin, Ruling};
use super::suspects::Suspects;
use super::term::Term;
pub use crate::config::{GateMode as Mode, GateModes as Modes};
use crate::model::Time;
use crate::registry::pypi::ProjectStatus;

/// What is asked of a file's age.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgeRules {
    /// Of these rules, and of open findings.
    pub modes: Modes,
    /// Of the file.
    pub file: TimeDelta,
    /// Of the project's first file.
    pub project: TimeDelta,
    /// Nothing that was uploaded later.
    pub freeze: Option<Time>,
}

/// Everything that decides, of one moment.
#[derive(Clone, Debug)]
pub struct Policy {
    pub binding: Binding,
    pub age: AgeRules,
    /// What else has to speak for a release.
    pub consensus: Consensus,
    /// What is never given out.
    pub malware: Arc<MalwareRecords>,
    /// What persons decided.
    pub exemptions: Arc<Exemptions>,
    /// What may imitate names of ours.
    pub suspects: Arc<Suspects>,
}

impl Policy {
    /// Would this file of a page of PyPI be given out at that moment? For whoever tries rules on the past.
    pub fn gives(&self, page: &ProjectPage, filename: &str, now: Time) -> bool {
        page.file(filename).is_some_and(|file| self.on(page, Origin::Pypi, now).ruling(file).is_admitted())
    }

    /// May this file of this page of PyPI be given out now?
    #[cfg(test)]
    pub(super) fn ruling(&self, page: &ProjectPage, file: &PageFile, now: Time) -> Ruling {
        self.on(page, Origin::Pypi, now).ruling(file)
    }

    /// May they be given out now? Of each file of a page, of which there may be thousands: what is of the page is asked once.
    pub(super) fn on<'p>(&'p self, page: &'p ProjectPage, origin: Origin, now: impl Into<Present>) -> PageRuling<'p> {
        let now = now.into();
        let standing = match origin {
            Origin::Pypi => self.standing(page),
            Origin::Private => None,
        };
        PageRuling { policy: self, page, origin, now, aged: now, standing }
    }

    /// What is decided of the whole project, whatever its files.
    fn standing(&self, page: &ProjectPage) -> Option<Hold> {
        let bound = self.binding.of(&page.name).map(Cause::Internal);
        let quarantined = (page.status == ProjectStatus::Quarantined).then_some(Cause::Quarantined);
        bound.or(quarantined).map(Hold::for_good)
    }

    /// What a record of malware or a person has against it, whatever its age.
    fn denied(&self, file: &AskedFile<'_>) -> Option<Cause> {
        let record = self.malware.of(file.project, file.version);
        let rejected = || self.exemptions.rejection(file.project, file.version, file.sha256);
        record.map(|id| Cause::Malware(id.to_owned())).or_else(|| rejected().cloned().map(Cause::Rejected))
    }

    /// Why it is held until persons let it through, or it has what it lacks: of the rules that object the strictest tell, and of these what
    /// does not end by itself, then the age that ends last, then what else has to speak for it. `aged`: when its age is asked, as it may have
    /// been asked for before.
    pub(super) fn held(&self, file: &AskedFile<'_>, aged: Time, now: Present) -> Option<(Hold, Mode)> {
        let finding = self.suspects.finding(file.project).map(|finding| Hold::for_good(Cause::Suspected(finding)));
        let young = self.age.holds(file.first_upload, file.uploaded, aged);
        let altered = file.altered.map(|how| Hold::for_good(Cause::Altered(how)));
        // Of those that do not end by themselves the last tells.
        let old = young.chain(finding).chain(altered).map(|hold| (self.age.mode_of(&hold), hold));
        let old: Vec<(Mode, Hold)> = old.collect();
        let unvouched = self.unvouched(file, now.reached, now);
        let evidence = self.consensus.mode;
        let strictest = old.iter().map(|(mode, _)| *mode).chain(unvouched.is_some().then_some(evidence)).max()?;
        let is_young = !old.is_empty();
        let first = old.into_iter().filter(|(mode, _)| *mode == strictest);
        match first.map(|(_, hold)| hold).max_by_key(|hold| (hold.until.is_none(), hold.until)) {
            Some(hold) => {
                let until = hold.until.filter(|_| evidence == strictest);
                let then = until.and_then(|until| self.unvouched(file, until.max(now.reached), now)).map(Box::new);
                Some((Hold { then, ..hold }, strictest))
            }
            None => unvouched.map(|hold| (if is_young { hold.of_young() } else { hold }, strictest)),
        }
    }

    /// Why too little else speaks for it, at a moment that may be to come.
    fn unvouched(&self, file: &AskedFile<'_>, at: Time, now: Present) -> Option<Hold> {
        let vouched = self.exemptions.vouched(file.project);
        self.consensus.held(file, vouched, &self.malware, &self.binding, Moment { now, at })
    }
}

/// A policy in front of one page, at one moment.
#[derive(Debug)]
pub(super) struct PageRuling<'p> {
    policy: &'p Policy,
    page: &'p ProjectPage,
    origin: Origin,
    now: Present,
    /// When ages and approvals are asked.
    aged: Present,
    /// What is decided of all of its files.
    standing: Option<Hold>,
}

impl PageRuling<'_> {
    /// With ages as of another moment: what else is known is of now, since nobody keeps what was known then.
    pub(super) fn aged_at(self, aged: Time) -> Self {
        Self { aged: aged.into(), ..self }
    }

    /// Between which moments all that is decided of the page is what it is now. What the private index has knows no time.
    pub(super) fn term(&self) -> Term {
        let Self { policy, page, origin, now, .. } = self;
        let mut term = Term::of(*now);
        if *origin == Origin::Private {
            return term;
        }
        policy.exemptions.ends(&page.name).for_each(|at| term.turns_once_passed(at));
        policy.consensus.turns(page, policy.exemptions.vouched(&page.name), &policy.malware, &mut term);
        for file in &page.files {
            for at in policy.age.turns(page.first_upload, file.uploaded) {
                term.turns_once_reached(at);
                policy.consensus.forecast_turns(file.uploaded, at, &policy.malware, &mut term);
            }
        }
        term
    }

    /// May this file of the page be given out?
    pub(super) fn ruling(&self, file: &PageFile) -> Ruling {
        let Self { policy, page, origin, now, aged, .. } = self;
        let is_private = *origin == Origin::Private;
        if is_private && file.stray.is_some_and(|how| how.is_held(&page.name, &policy.binding, &policy.suspects)) {
            return Ruling::Refuse(Hold::for_good(Cause::Merged));
        }
        let file = AskedFile::of(page, file);
        // What a record names may be a stranger's under a name of ours, and nobody takes that from PyPI.
        if is_private && policy.binding.of(&page.name).is_some() {
            return Ruling::Admit;
        }
        if let Some(held) = self.denied(&file) {
            return Ruling::Refuse(held);
        }
        if is_private {
            return Ruling::Admit;
        }
        let Some((held, mode)) = policy.held(&file, aged.reached, *now) else { return Ruling::Admit };
        match (policy.exemptions.approval(&page.name, file.sha256, aged.passed), mode) {
            (Some(approved), _) => Ruling::Approved(approved),
            (None, Mode::Observe) => Ruling::Noted(held),
            (None, Mode::Advise) => Ruling::Advised(held),
            (None, Mode::Enforce) => Ruling::Refuse(held),
        }
    }

    /// Why it is given out to nobody, whatever its age and whoever agreed.
    pub(super) fn denied(&self, file: &AskedFile<'_>) -> Option<Hold> {
        let denied = || self.policy.denied(file).map(Hold::for_good);
        self.standing.clone().or_else(denied)
    }
}

impl AgeRules {
    /// A freeze is what somebody writes while a worm is about: it is in force in every mode, and so it is of what does not say
    /// whether it came after.
    fn mode_of(&self, hold: &Hold) -> Mode {
        let Modes { file_age, project_age, findings } = self.modes;
        match hold.cause {
            Cause::Frozen(_) | Cause::Altered(_) => Mode::Enforce,
            Cause::Undated if self.freeze.is_some() => Mode::Enforce,
            Cause::Undated => file_age.max(project_age),
            Cause::YoungProject(_) => project_age,
            Cause::Suspected(_) => findings,
            _ => file_age,
        }
    }

    /// Why a file is held for its age. The later end tells: a file that is old enough in a project that is not, waits for the project.
    /// `first`: when the project's first file was uploaded, where all of them say when.
    pub(super) fn held(&self, first: Option<Time>, uploaded: Uploaded, now: Time) -> Option<Hold> {
        self.holds(first, uploaded, now).max_by_key(|hold| (hold.until.is_none(), hold.until))
    }

    /// What each of the ages has against it.
    fn holds(&self, first: Option<Time>, uploaded: Uploaded, now: Time) -> impl Iterator<Item = Hold> {
        let undated = uploaded.at().is_none().then_some(Cause::Undated).map(Hold::for_good);
        let dated = uploaded.at().map(|uploaded| match self.freeze.is_some_and(|freeze| uploaded > freeze) {
            true => [Some(Hold::for_good(Cause::Frozen(uploaded))), None],
            false => self.young(first, uploaded, now),
        });
        undated.into_iter().chain(dated.into_iter().flatten().flatten())
    }

    /// When what the ages have against it is another: it is no time to come any more, and it is old enough.
    fn turns(&self, first: Option<Time>, uploaded: Uploaded) -> impl Iterator<Item = Time> {
        let ends = move |uploaded| self.ends(first, uploaded).map(|(until, _)| until).into_iter().chain([uploaded]);
        uploaded.at().into_iter().flat_map(ends)
    }

    /// Until when each of the ages objects.
    fn ends(&self, first: Option<Time>, uploaded: Time) -> [(Time, Cause); 2] {
        let born = first.map_or(uploaded, |first| first.min(uploaded));
        [(born + self.project, Cause::YoungProject(born)), (uploaded + self.file, Cause::YoungFile(uploaded))]
    }

    fn young(&self, first: Option<Time>, uploaded: Time, now: Time) -> [Option<Hold>; 2] {
        self.ends(first, uploaded).map(|(until, cause)| {
            // A time to come is a lie or a wrong clock, and neither makes it older.
            let cause = if uploaded > now { Cause::Undated } else { cause };
            (until > now).then_some(Hold { cause, until: Some(until), then: None })
        })
    }
}
