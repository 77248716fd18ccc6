//! Two questions of whoever watches the gate from outside, which anybody may ask. Whether it lives: else it is to be started again. And whether
//! it can give anything out: else others are to be asked, and a start changes nothing.

use std::sync::Arc;

use axum::http::StatusCode;

use super::state::Gate;
use crate::gate::standing::PrivateIs;

/// It answers. An index that is down, or a disk that is full, is no reason to start it again.
pub(super) fn alive() -> &'static str {
    "well\n"
}

/// 503 where nothing that the index of everybody has would be given out, with why.
pub(super) fn ready(gate: &Arc<Gate>) -> (StatusCode, String) {
    match unready(gate) {
        None => (StatusCode::OK, "ready\n".to_owned()),
        Some(why) => (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")),
    }
}

impl Gate {
    /// Why nothing but another start helps; `None`: none is needed.
    pub fn needs_a_start(&self) -> Option<&'static str> {
        let told = "nobody takes decisions any more: the log of the gate says why, and a start helps";
        self.desk.has_ended().then_some(told)
    }
}

/// By what is known: nobody is asked for it, since whoever asks need not say who they are. No name of ours is in it.
fn unready(gate: &Arc<Gate>) -> Option<&'static str> {
    if let Some(why) = gate.needs_a_start() {
        return Some(why);
    }
    if gate.policy.borrow().malware.are_awaited {
        return Some("the records of malware cannot be read yet");
    }
    match gate.sources.private_now() {
        None => Some("the private index has not answered since the start"),
        Some(PrivateIs::Silent) => Some("the private index does not answer"),
        Some(PrivateIs::Mirror) => Some("the private index is a copy of PyPI"),
        Some(PrivateIs::Alone) => None,
    }
}
