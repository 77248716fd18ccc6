//! What was seen around a case, with its weight, and what that made of the tier.

use crate::model::notice::Case;
use crate::model::{Context, Why};

use super::hostile::inert;
use super::phrase::listed;
use super::pip;

/// Clauses in a row; the JSON has all.
const CLAUSES: usize = 3;

/// `torchtritn, another look-alike of torchtriton, was registered within the hour; with that from digest to alert`
pub(crate) fn row(case: &Case) -> Option<String> {
    let clauses: Vec<String> = case.finding.context.iter().map(clause).collect();
    let first = case.finding.first().filter(|_| !clauses.is_empty())?;
    let raised = match (first.given(), first.tier) {
        (given, tier) if given < tier => format!("; with that from {given} to {tier}"),
        _ => String::new(),
    };
    Some(format!("{}{raised}", listed(&clauses, CLAUSES)))
}

fn clause(context: &Context) -> String {
    match &context.why {
        Why::Version { version } => format!("its version {} was made to win", pip::version(version)),
        why => inert(&why.to_string(), 250),
    }
}
