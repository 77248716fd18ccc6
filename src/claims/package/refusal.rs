//! Why there is no package: each reason with its place and its remedy.

use std::fmt;

use crate::config::source::Fault;

/// One reason. The place is a file with a line, a key of the configuration, or a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub place: String,
    pub fault: Fault,
}

impl Refusal {
    pub(super) fn new(place: impl Into<String>, fault: Fault) -> Self {
        Self { place: place.into(), fault }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; {}", self.place, self.fault.what, self.fault.instead)
    }
}

/// At least one reason; one a line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(Refusal::to_string).collect::<Vec<_>>().join("\n"))]
pub struct Refused(pub Vec<Refusal>);

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self(vec![refusal])
    }
}
