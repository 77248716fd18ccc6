//! Who speaks to whom.

use crate::model::notice::Briefing;

use super::hostile::shown;

/// The owner as people call them.
pub(crate) fn owner(briefing: &Briefing) -> String {
    let name = if briefing.owner_name.is_empty() { &briefing.owner.0 } else { &briefing.owner_name };
    shown(name, 80)
}

/// The watch that speaks: `watch-1 (production)`.
pub(crate) fn origin(briefing: &Briefing) -> String {
    let origin = shown(&briefing.origin.to_string(), 150);
    if origin.is_empty() { "namewarden".to_owned() } else { origin }
}
