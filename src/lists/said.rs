//! `Said`: one thing that a list says, whatever its format.

use std::borrow::Cow;

use crate::config::source::Fault;

/// One thing that a list says. Offsets point into the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said<'t> {
    /// A valid name, and the version beside it if that can only be one.
    Project { name: Cow<'t, str>, version: Option<Cow<'t, str>>, at: usize },
    /// `acme-*` or `brand:acme`, which only inventories have.
    Label { text: &'t str, at: usize },
    /// Another file, which has to be read too.
    Other { path: &'t str, at: usize, fault: Fault },
    /// A folder with a project of one's own, which the list does not name: `-e .`.
    Local { path: &'t str, at: usize, fault: Fault },
    /// What may be a name, and stands where most likely none is: judged, and not counted.
    Beside { text: Cow<'t, str> },
    /// Two halves of what may be a name, as other languages have group and name: it is one where somebody looks for it.
    Joined { text: String },
    /// What may be the name instead of the one before: judged, and too much for an inventory.
    Rival { text: &'t str, at: usize },
    /// A package of conda's, which may be called as one of Python's.
    Conda { name: Cow<'t, str>, version: Option<Cow<'t, str>>, at: usize },
    /// A package of another language or of the system, which is no matter here.
    Foreign { name: &'t str },
    /// How the list calls itself, or where a foreign package stands.
    Title { name: &'t str },
    /// What stands in the place of a name and is none.
    Doubtful { text: Cow<'t, str>, at: usize, fault: Fault },
}

impl<'t> Said<'t> {
    /// The same, of a text that begins at this offset.
    pub(super) fn moved(mut self, by: usize) -> Self {
        match &mut self {
            Self::Project { at, .. } | Self::Label { at, .. } | Self::Other { at, .. } => *at += by,
            Self::Conda { at, .. } | Self::Local { at, .. } | Self::Doubtful { at, .. } | Self::Rival { at, .. } => {
                *at += by;
            }
            Self::Beside { .. } | Self::Joined { .. } | Self::Foreign { .. } | Self::Title { .. } => {}
        }
        self
    }

    pub(super) fn name(name: impl Into<Cow<'t, str>>, at: usize) -> Self {
        Self::Project { name: name.into(), version: None, at }
    }

    pub(super) fn doubtful(text: impl Into<Cow<'t, str>>, at: usize, fault: Fault) -> Self {
        Self::Doubtful { text: text.into(), at, fault }
    }
}

/// Takes what a list says, one after the other.
pub(super) type Each<'a> = &'a mut dyn FnMut(Said<'_>);
