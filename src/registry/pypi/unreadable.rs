//! What a feed sends in the place of names: salvaged as far as it can be judged, kept as it stands, counted.

use crate::model::unread::{Unread, shown};
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

/// What a feed sent in the place of names: each text once, as far as they are kept, and how many more there were.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unreadable {
    pub names: Vec<Unread>,
    pub more: usize,
}

impl Unreadable {
    /// Of one answer.
    const KEPT: usize = 100;

    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// A text nothing could be made of.
    pub(super) fn add(&mut self, text: &str) {
        self.keep(Unread::of(text, None));
    }

    /// A text that was judged as another name, in its place.
    pub(super) fn add_judged(&mut self, text: &str, judged: &ProjectName) {
        self.keep(Unread::of(text, Some(judged.clone())));
    }

    fn keep(&mut self, name: Unread) {
        if self.names.iter().any(|kept| kept.digest == name.digest) {
            return;
        }
        if self.names.len() < Self::KEPT {
            self.names.push(name);
        } else {
            self.more += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_kept_once_and_few_are_kept() {
        let mut unreadable = Unreadable::default();
        (0..250).for_each(|n| unreadable.add(&format!("{} {}", "x".repeat(10_000), n % 150)));
        assert_eq!((unreadable.names.len(), unreadable.more), (Unreadable::KEPT, 50));
        assert!(unreadable.names.iter().all(|name| name.text.len() < 250));
    }

    #[test]
    fn a_text_that_is_no_name_is_judged_as_what_it_looks_like() {
        let seen = sighting(&format!("acme-billing{}", "\0x".repeat(30_000)), Event::Listed).expect("salvaged");
        assert!(seen.name.as_str().starts_with("acme-billingxxx"));
        assert!(seen.display.len() < 250 && seen.unreadable.is_some_and(|text| text.contains("60012 characters")));
    }
}
