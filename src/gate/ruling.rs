//! What is decided of one file, and why: the words between the rules and whoever answers by them.

use super::altered::Altered;
use super::binding::Bound;
use super::exemption::{Approved, Rejected};
use super::lack::Lack;
use super::page::{PageFile, ProjectPage, Uploaded};
use crate::model::held::HeldCause;
use crate::model::{CaseId, ProjectName, Time};

/// What the rules go by of one file of PyPI.
#[derive(Clone, Copy, Debug)]
pub(super) struct AskedFile<'f> {
    pub(super) project: &'f ProjectName,
    /// `None`: its name says none.
    pub(super) version: Option<&'f str>,
    pub(super) sha256: &'f str,
    pub(super) uploaded: Uploaded,
    /// When the project's first file was uploaded, where all of them say when.
    pub(super) first_upload: Option<Time>,
    /// How it contradicts what the index said before.
    pub(super) altered: Option<Altered>,
}

/// Where a page is from, and so which rules are for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// The private index: nothing about age is asked.
    Private,
    Pypi,
}

/// Why something is not given out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// The name is one of ours: PyPI is not asked.
    Internal(Bound),
    /// The index itself lets nobody install it.
    Quarantined,
    /// It is PyPI's, and the private index has it among ours.
    Merged,
    /// A record names it.
    Malware(String),
    /// A person said no to this version.
    Rejected(Rejected),
    /// It is an open finding of the monitor's.
    Suspected(CaseId),
    /// It contradicts what the index said before.
    Altered(Altered),
    /// Uploaded after the day from which nothing is taken.
    Frozen(Time),
    /// The project has been there for too short a time.
    YoungProject(Time),
    /// The file has.
    YoungFile(Time),
    /// Nobody says when it was uploaded, or what is said is no time or to come.
    Undated,
    /// Too little else speaks for it, whether or not it is old enough.
    Unvouched { lack: Lack, is_old: bool },
}

/// What becomes of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ruling {
    Admit,
    /// Persons agreed to what would be held.
    Approved(Approved),
    /// It is admitted, and would not have been.
    Noted(Hold),
    /// The same, and persons look at it.
    Advised(Hold),
    Refuse(Hold),
}

/// Why, and until when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hold {
    pub(super) cause: Cause,
    /// From then on the rule does not object any more; `None`: it does not end by itself.
    pub(super) until: Option<Time>,
    /// What objects then, as far as can be told.
    pub(super) then: Option<Box<Self>>,
}

impl Hold {
    /// It does not end by itself.
    pub(super) fn for_good(cause: Cause) -> Self {
        Self { cause, until: None, then: None }
    }

    /// What it lacks is said of a file that is too young as well.
    pub(super) fn of_young(mut self) -> Self {
        if let Cause::Unvouched { is_old, .. } = &mut self.cause {
            *is_old = false;
        }
        self
    }

    /// From then on nothing objects any more; `None`: that does not come by itself.
    pub(super) fn ends(&self) -> Option<Time> {
        self.then.as_ref().map_or(self.until, |then| then.ends())
    }
}

impl Cause {
    /// Can persons exempt a file from it?
    pub(super) fn is_for_review(&self) -> bool {
        HeldCause::from(self).is_for_review()
    }
}

impl From<&Cause> for HeldCause {
    fn from(cause: &Cause) -> Self {
        match cause {
            Cause::Internal(_) => Self::Internal,
            Cause::Quarantined => Self::Quarantined,
            Cause::Merged => Self::Merged,
            Cause::Malware(_) => Self::Malware,
            Cause::Rejected(_) => Self::Rejected,
            Cause::Suspected(_) => Self::Suspected,
            Cause::Altered(_) => Self::Altered,
            Cause::Frozen(_) => Self::Frozen,
            Cause::YoungProject(_) => Self::YoungProject,
            Cause::YoungFile(_) => Self::YoungFile,
            Cause::Undated => Self::Undated,
            Cause::Unvouched { .. } => Self::Unvouched,
        }
    }
}

impl Ruling {
    pub(super) fn is_admitted(&self) -> bool {
        matches!(self, Self::Admit | Self::Approved(_) | Self::Noted(_) | Self::Advised(_))
    }

    /// Does whoever receives it use what is admitted here?
    pub(super) fn is_use(&self) -> bool {
        matches!(self, Self::Admit | Self::Approved(_))
    }

    /// Did nothing object but that too little speaks for it?
    pub(super) fn is_old_enough(&self) -> bool {
        let (Self::Noted(hold) | Self::Advised(hold)) = self else { return self.is_use() };
        matches!(hold.cause, Cause::Unvouched { is_old: true, .. })
    }
}

impl<'f> AskedFile<'f> {
    pub(super) fn of(page: &'f ProjectPage, file: &'f PageFile) -> Self {
        let PageFile { version, sha256, uploaded, altered, .. } = file;
        Self {
            project: &page.name,
            version: version.as_deref(),
            sha256,
            uploaded: *uploaded,
            first_upload: page.first_upload,
            altered: *altered,
        }
    }
}
