//! A message in which something ended beside what lives: it is about what lives, and the ends stand apart, below.

use std::borrow::Cow;

use crate::model::notice::{Briefing, Case, Content};

use super::verdict::is_end;

/// The message without the ends that stand beside what lives, and these. Where all are ends it is about them.
pub(crate) fn apart(briefing: &Briefing) -> (Cow<'_, Briefing>, Vec<Case>) {
    let Content::Cases { cases, omitted, change } = &briefing.content else {
        return (Cow::Borrowed(briefing), Vec::new());
    };
    let (ended, living): (Vec<&Case>, Vec<&Case>) = cases.iter().partition(|case| is_end(case));
    if living.is_empty() || ended.is_empty() {
        return (Cow::Borrowed(briefing), Vec::new());
    }
    // What happened to the only one is said of it, and not that several things did.
    let event = match &living[..] {
        [one] if *omitted == 0 => one.told.unwrap_or(briefing.event),
        _ => briefing.event,
    };
    let living = living.into_iter().cloned().collect();
    let content = Content::Cases { cases: living, omitted: *omitted, change: change.clone() };
    (Cow::Owned(Briefing { event, content, ..briefing.clone() }), ended.into_iter().cloned().collect())
}
