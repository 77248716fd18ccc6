//! What may be installed: one pure function for the page, `.metadata`, HEAD, a range, the bytes and 304.
//!
//! Rules are asked in the order of `Cause`, and the first that objects tells. Those about names, about what the index itself
//! refuses and about what a person rejected are always in force; those about age in the mode of the configuration, and of no file
//! that persons have approved.

mod binding;

use std::sync::Arc;

use chrono::TimeDelta;

use super::exemption::{Approved, Exemptions, Rejected};
use super::page::{PageFile, ProjectPage, Uploaded};
pub use crate::config::GateMode as Mode;
use crate::model::Time;
use crate::registry::pypi::ProjectStatus;
pub use binding::{Binding, Bound};

/// What is asked of a file's age.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgeRules {
    pub mode: Mode,
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
    /// What persons decided.
    pub exemptions: Arc<Exemptions>,
}

/// Why something is not given out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// The name is one of ours: PyPI is not asked.
    Internal(Bound),
    /// The index itself lets nobody install it.
    Quarantined,
    /// A person said no to this version.
    Rejected(Rejected),
    /// Uploaded after the day from which nothing is taken.
    Frozen(Time),
    /// The project has been there for too short a time.
    YoungProject(Time),
    /// The file has.
    YoungFile(Time),
    /// Nobody says when it was uploaded, or what is said is no time or to come.
    Undated,
}

/// What becomes of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ruling {
    Admit,
    /// Persons agreed to what would be held.
    Approved(Approved),
    /// It is admitted, and would not have been.
    Noted(Hold),
    Refuse(Hold),
}

/// Why, and until when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hold {
    pub(super) cause: Cause,
    /// From then on the rule does not object any more; `None`: it does not end by itself.
    pub(super) until: Option<Time>,
}

impl Cause {
    /// Is it a rule of age, from which persons can exempt a file?
    pub(super) fn is_of_age(&self) -> bool {
        match self {
            Self::Internal(_) | Self::Quarantined | Self::Rejected(_) => false,
            Self::Frozen(_) | Self::YoungProject(_) | Self::YoungFile(_) | Self::Undated => true,
        }
    }
}

impl Ruling {
    pub(super) fn is_admitted(&self) -> bool {
        matches!(self, Self::Admit | Self::Approved(_) | Self::Noted(_))
    }

    /// When it may be another one.
    pub(super) fn changes(&self) -> Option<Time> {
        match self {
            Self::Admit => None,
            Self::Approved(approved) => approved.until,
            Self::Noted(held) | Self::Refuse(held) => held.until,
        }
    }
}

impl Policy {
    /// May this file of this page be given out now?
    pub(super) fn ruling(&self, page: &ProjectPage, file: &PageFile, now: Time) -> Ruling {
        self.on(page, now).ruling(file)
    }

    /// The same for each file of a page, of which there may be thousands: what is of the page is asked once.
    pub(super) fn on<'p>(&'p self, page: &'p ProjectPage, now: Time) -> PageRuling<'p> {
        PageRuling { policy: self, page, now, standing: self.standing(page) }
    }

    /// What is decided of the whole project, whatever its files.
    fn standing(&self, page: &ProjectPage) -> Option<Hold> {
        let bound = self.binding.of(&page.name).map(Cause::Internal);
        let quarantined = (page.status == ProjectStatus::Quarantined).then_some(Cause::Quarantined);
        bound.or(quarantined).map(|cause| Hold { cause, until: None })
    }
}

/// A policy in front of one page, at one moment.
#[derive(Debug)]
pub(super) struct PageRuling<'p> {
    policy: &'p Policy,
    page: &'p ProjectPage,
    now: Time,
    /// What is decided of all of its files.
    standing: Option<Hold>,
}

impl PageRuling<'_> {
    /// May this file of the page be given out?
    pub(super) fn ruling(&self, file: &PageFile) -> Ruling {
        let Self { policy, page, now, standing } = self;
        if let Some(held) = standing {
            return Ruling::Refuse(held.clone());
        }
        let rejected = policy.exemptions.rejection(&page.name, file.version.as_deref(), &file.sha256);
        if let Some(rejected) = rejected {
            return Ruling::Refuse(Hold { cause: Cause::Rejected(rejected.clone()), until: None });
        }
        let Some(held) = policy.age.held(page.first_upload, file.uploaded, *now) else { return Ruling::Admit };
        match (policy.exemptions.approval(&page.name, &file.sha256, *now), policy.age.mode) {
            (Some(approved), _) => Ruling::Approved(approved),
            (None, Mode::Observe) => Ruling::Noted(held),
            (None, Mode::Enforce) => Ruling::Refuse(held),
        }
    }
}

impl AgeRules {
    /// Why a file is held for its age. The later end tells: a file that is old enough in a project that is not, waits for the project.
    /// `first`: when the project's first file was uploaded, where all of them say when.
    pub(super) fn held(&self, first: Option<Time>, uploaded: Uploaded, now: Time) -> Option<Hold> {
        let uploaded = match uploaded {
            Uploaded::At(time) if time <= now => time,
            // A time to come is a lie or a wrong clock, and neither makes it older.
            Uploaded::At(_) | Uploaded::Unsaid | Uploaded::Unread => {
                return Some(Hold { cause: Cause::Undated, until: None });
            }
        };
        if self.freeze.is_some_and(|freeze| uploaded > freeze) {
            return Some(Hold { cause: Cause::Frozen(uploaded), until: None });
        }
        let born = first.map_or(uploaded, |first| first.min(uploaded));
        let ends =
            [(born + self.project, Cause::YoungProject(born)), (uploaded + self.file, Cause::YoungFile(uploaded))];
        let (until, cause) = ends.into_iter().max_by_key(|(until, _)| *until)?;
        (until > now).then_some(Hold { cause, until: Some(until) })
    }
}
