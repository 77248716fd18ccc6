//! What happens to a case: how it opens, worsens, is ruled on and ends, and the tier that it has then.

pub(super) mod answered;
pub(super) mod context;
pub(super) mod effect;
pub(super) mod family;
pub(super) mod life;
pub(super) mod replaced;
pub(super) mod revived;
pub(super) mod ruling;
pub(super) mod severity;
pub(super) mod snooze;
pub(super) mod stood;
pub(super) mod threats;
pub(super) mod tier;
pub(super) mod turn;
