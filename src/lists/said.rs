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
    /// What stands in the place of a name and is none.
    Doubtful { text: Cow<'t, str>, at: usize, fault: Fault },
}

impl<'t> Said<'t> {
    pub(super) fn name(name: impl Into<Cow<'t, str>>, at: usize) -> Self {
        Self::Project { name: name.into(), version: None, at }
    }

    pub(super) fn doubtful(text: impl Into<Cow<'t, str>>, at: usize, fault: Fault) -> Self {
        Self::Doubtful { text: text.into(), at, fault }
    }
}

/// Takes what a list says, one after the other.
pub(super) type Each<'a> = &'a mut dyn FnMut(Said<'_>);
