//! Whether a rule of the gate holds, or says what it would have held.

use super::file;

/// How a rule is in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GateMode {
    /// What it would have held is written down.
    Observe,
    /// What it holds is not given out.
    Enforce,
}

impl From<file::GateMode> for GateMode {
    fn from(mode: file::GateMode) -> Self {
        match mode {
            file::GateMode::Observe => Self::Observe,
            file::GateMode::Enforce => Self::Enforce,
        }
    }
}
