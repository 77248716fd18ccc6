//! Evidence: what a name and a watch have in common, and how much that says.

pub(super) mod affixes;
pub(super) mod columns;
pub(super) mod cost;
pub(super) mod distance;
pub(super) mod edits;
pub(super) mod fold;
pub(super) mod forms;
pub(super) mod grid;
pub(super) mod keyboard;
pub(super) mod letters;
pub(super) mod listed;
pub(super) mod lower_bound;
pub(super) mod name;
pub(super) mod pair;
pub(super) mod score;
pub(super) mod text;
pub(super) mod tokens;
pub(super) mod weigh;
