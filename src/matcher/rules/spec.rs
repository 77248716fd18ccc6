//! `Spec`: what every rule has.

use crate::matcher::evidence::pair::Pair;
use crate::matcher::evidence::weigh::Evidence;
use crate::model::Rule;

/// A rule.
pub struct Spec {
    pub rule: Rule,
    /// What holds, in one line.
    pub line: &'static str,
    /// What it is to an attacker.
    pub attacker: &'static str,
    /// Where it is described, or was seen.
    pub sources: &'static str,
    /// A watch as people write it, and a name that matches it by this rule.
    pub example: (&'static str, &'static str),
    pub(in crate::matcher) find: fn(&Pair<'_>) -> Option<Evidence>,
    /// One sentence without a full stop, made of normalized names only. Asked only where `find` found.
    pub(in crate::matcher) says: fn(&Pair<'_>) -> String,
}
