//! Facts: what PyPI says of a registration, whether it can be believed yet, and what it changes about the case.

pub(super) mod again;
pub(super) mod apply;
pub(super) mod belief;
pub(super) mod change;
mod doubt;
mod hands;
pub(super) mod learned;
pub mod look_up;
mod take_up;
