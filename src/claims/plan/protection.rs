//! What can be done for a watch, in PyPI's own order of preference.

/// What is best for a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protection {
    /// Nobody can take it, or we hold it.
    None,
    /// Another watch of the same class stands for it.
    Covered,
    /// Somebody has it, or had: the case says what to do.
    Case,
    /// Reserve the prefix for our organization.
    Namespace,
    /// Ask PyPI to allow the name to nobody.
    Request,
    /// Make the project in our organization, by hand.
    ByHand,
    /// Publish a package.
    Publish,
    /// No way that would not tell the name.
    Secret,
    /// It is no single name, and nothing can be made that would hold it.
    Watched,
    /// Not looked up yet.
    Unknown,
}

impl Protection {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Covered => "covered",
            Self::Case => "case",
            Self::Namespace => "namespace",
            Self::Request => "request",
            Self::ByHand => "by-hand",
            Self::Publish => "publish",
            Self::Secret => "secret",
            Self::Watched => "watched",
            Self::Unknown => "unknown",
        }
    }
}
