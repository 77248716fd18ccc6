//! Names as PyPI's feeds spell them: salvaged as far as they can be judged.

use crate::model::unread::shown;
use crate::model::{Event, Feed, ProjectName, Sighting};

/// A sighting of `display`, to be completed with feed, serial and time. A text that is no name is salvaged, and its
/// beginning kept beside it; `None` when nothing of it can be a name.
pub(super) fn sighting(display: &str, event: Event) -> Option<Sighting> {
    let parsed = ProjectName::parse(display).ok();
    let unreadable = parsed.is_none().then(|| shown(display));
    let name = parsed.or_else(|| ProjectName::salvage(display))?;
    let display = unreadable.clone().unwrap_or_else(|| display.to_owned());
    Some(Sighting { name, display, event, feed: Feed::Index, serial: None, at: None, summary: None, unreadable })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_is_no_name_is_judged_as_what_it_looks_like() {
        let seen = sighting(&format!("acme-billing{}", "\0x".repeat(30_000)), Event::Listed).expect("salvaged");
        assert!(seen.name.as_str().starts_with("acme-billingxxx"));
        assert!(seen.display.len() < 250 && seen.unreadable.is_some_and(|text| text.contains("60012 characters")));
    }
}
