//! RSS, changelog and index: polls that give sightings and say what they cover.
//!
//! A feed holds no cursor and no ETag: callers pass them in and get the next ones out, and store both with what they
//! made of the sightings. "Nothing new" is a value; "could not look" is an error.

pub mod changelog;
mod clean;
pub mod gap;
pub mod index;
pub mod mode;
pub mod rss;
pub mod xmlrpc;

use crate::model::{Event, Feed, ProjectName, Sighting};

/// A sighting of `display`, to be completed with feed, serial and time. A text that is no name is salvaged and kept
/// beside it; `None` when nothing of it can be a name.
fn sighting(display: &str, event: Event) -> Option<Sighting> {
    let parsed = ProjectName::parse(display).ok();
    let unreadable = parsed.is_none().then(|| display.to_owned());
    let name = parsed.or_else(|| ProjectName::salvage(display))?;
    let display = display.to_owned();
    Some(Sighting { name, display, event, feed: Feed::Index, serial: None, at: None, summary: None, unreadable })
}

/// What a feed sent and nobody could read: how many, and the first few texts, for the health finding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unreadable {
    pub count: usize,
    /// Hostile text, each at most [`Self::SAMPLE_CHARS`] characters.
    pub samples: Vec<String>,
}

impl Unreadable {
    pub const SAMPLES: usize = 20;
    pub const SAMPLE_CHARS: usize = 200;

    fn add(&mut self, text: &str) {
        self.count += 1;
        if self.samples.len() < Self::SAMPLES {
            self.samples.push(text.chars().take(Self::SAMPLE_CHARS).collect());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_are_counted_and_few_are_kept() {
        let mut unreadable = Unreadable::default();
        (0..100).for_each(|_| unreadable.add(&"x".repeat(10_000)));
        assert_eq!((unreadable.count, unreadable.samples.len()), (100, Unreadable::SAMPLES));
        assert!(unreadable.samples.iter().all(|sample| sample.len() == Unreadable::SAMPLE_CHARS));
    }
}
