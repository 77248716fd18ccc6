//! What the gate of this machine knows of the project of a case: who waits for it, and who has it.

use serde::{Deserialize, Serialize};

use super::Time;

/// What it says of one project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum GateWord {
    /// Nothing in time.
    Silent,
    Says(ProjectAtGate),
}

/// As of the moment at which it was asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProjectAtGate {
    /// The newest open review; `None`: there is none.
    pub held: Option<HeldAtGate>,
    /// Who has bytes of it that are a stranger's; `None`: nobody can tell, since the log cannot be read.
    pub received: Option<ReceivedAtGate>,
}

/// A review that is open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldAtGate {
    pub review: i64,
    /// Users at hosts that asked for it.
    pub clients: u64,
    /// More than those did.
    pub more_clients: bool,
    /// It goes out all the same: the rules that object to it are none that hold.
    pub given_out: bool,
    /// Open reviews of other versions.
    pub more: u64,
}

/// What went out of a project, as far as the log reaches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceivedAtGate {
    /// 0: nobody has it, as far as is known.
    pub clients: u64,
    /// When the first of them received any; `None`: nobody did.
    pub since: Option<Time>,
}
