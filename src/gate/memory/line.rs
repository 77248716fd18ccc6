//! One thing that is ours, as a line: `name acme-billing`, `prefix acme-int-`, `had acme-unlisted`.

use std::fmt;

use crate::model::{ProjectName, WatchKind};

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Line {
    /// By the inventory.
    Watch(WatchKind, String),
    /// The private index had it.
    Had(ProjectName),
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Watch(kind, text) => write!(f, "{} {text}", kind.as_str()),
            Self::Had(name) => write!(f, "had {name}"),
        }
    }
}

impl Line {
    /// People write lines, too, and spell a name as they like: it binds as what it is to an index (PEP 503).
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (word, rest) = text.split_once(' ')?;
        let name = ProjectName::parse(rest.trim_end());
        match word {
            "name" => name.ok().map(|name| Self::Watch(WatchKind::Name, name.to_string())),
            "prefix" => {
                let name = ProjectName::parse(rest.trim_end().strip_suffix('-')?).ok()?;
                Some(Self::Watch(WatchKind::Prefix, format!("{name}-")))
            }
            "had" => name.ok().map(Self::Had),
            _ => None,
        }
    }
}
