//! What a feed sends in the place of names: kept as it stands, and counted. The same for every registry.

use crate::model::ProjectName;
use crate::model::unread::Unread;

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
    pub(in crate::registry) fn add(&mut self, text: &str) {
        self.keep(Unread::of(text, None));
    }

    /// A text that was judged as another name, in its place.
    pub(in crate::registry) fn add_judged(&mut self, text: &str, judged: &ProjectName) {
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
}
