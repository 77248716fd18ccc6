//! The past, looked at again: what stands at the first start, and what another inventory means for what is known.

pub(super) mod admit;
pub(super) mod baseline;
pub(super) mod dated;
mod dismiss;
pub(super) mod standing;
