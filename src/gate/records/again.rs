//! Who asked again for what has a review, between two commits.

use std::collections::BTreeSet;

use crate::gate::asker::{ReviewAsker, gives_way};
use crate::gate::review::RepeatedRequest;
use crate::model::Time;

/// Who asked again for what has a review: how often, and when last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::gate) struct AskedAgain {
    pub(in crate::gate) times: i64,
    pub(in crate::gate) last: Option<Time>,
    pub(in crate::gate) askers: Vec<ReviewAsker>,
    /// For which of its files, by their names.
    pub(in crate::gate) files: BTreeSet<String>,
}

/// Users at hosts who asked again for one, between two commits, and files that they asked for.
const MOST_AGAIN: usize = 32;

impl AskedAgain {
    pub(in crate::gate) fn once_more(&mut self, again: RepeatedRequest) {
        let RepeatedRequest { who, agent, filename, at } = again;
        if self.files.len() < MOST_AGAIN {
            self.files.insert(filename);
        }
        (self.times, self.last) = (self.times + 1, Some(self.last.map_or(at, |last| last.max(at))));
        match self.askers.iter().position(|asker| asker.who == who) {
            Some(known) => self.askers[known].again(agent, at),
            None if self.askers.len() < MOST_AGAIN => self.askers.push(ReviewAsker::once(who, agent, at)),
            None => {
                if let Some(away) = gives_way(&self.askers, &who) {
                    self.askers[away] = ReviewAsker::once(who, agent, at);
                }
            }
        }
    }
}
