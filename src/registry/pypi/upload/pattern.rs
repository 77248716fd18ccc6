//! `Pattern`: how a text of PyPI's is recognised.

/// What a refusal is known by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pattern {
    /// Its status alone.
    Any,
    /// How the text begins.
    Begins(&'static str),
    /// What stands anywhere in it.
    Holds(&'static str),
    /// `The name '…' ` and this.
    Name(&'static str),
}

impl Pattern {
    pub(super) fn fits(self, text: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Begins(start) => text.starts_with(start),
            Self::Holds(part) => text.contains(part),
            Self::Name(rest) => {
                let name = text.strip_prefix("The name '").and_then(|rest| rest.split_once("' "));
                name.is_some_and(|(_, after)| after.starts_with(rest))
            }
        }
    }
}
