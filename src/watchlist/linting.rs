//! What is wrong or doubtful in a draft, and what to write instead. Pure.

use super::advice::advice;
use super::assemble::assemble;
use super::draft::Draft;
use super::lint::{Lint, LintKind};
use crate::config::source::Fault;
use crate::model::{Inventory, OwnerId};

/// An inventory without a watch, which is no inventory.
pub(super) fn empty(draft: &Draft, inventory: &Inventory) -> Option<Lint> {
    let what = "it holds no watch, so nothing would be protected";
    let fault = || Fault::new(what, "add the names of your packages");
    let problem = || draft.source.problem(0, "", fault());
    inventory.watches.is_empty().then(|| Lint::new(LintKind::Invalid, problem()))
}

/// Everything there is to say about a draft, in the order of the file.
pub fn lint(draft: &Draft, default_owner: &OwnerId) -> Vec<Lint> {
    let (inventory, errors) = assemble(draft, default_owner);
    remarks(draft, &inventory, errors, default_owner)
}

/// The same for whoever has assembled it already.
pub(super) fn remarks(draft: &Draft, inventory: &Inventory, errors: Vec<Lint>, default_owner: &OwnerId) -> Vec<Lint> {
    let mut lints = errors;
    lints.extend(empty(draft, inventory).filter(|_| lints.is_empty()));
    lints.extend(advice(draft, inventory, default_owner));
    lints.sort_by(|a, b| a.problem.place.cmp(&b.problem.place));
    lints
}
