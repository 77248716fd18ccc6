//! One reading of an inventory: what it watches, and what is to be said of it.

use std::path::Path;

use crate::config::source::Source;
use crate::config::{Settings, check_routes};
use crate::model::{Inventory, OwnerId};
use crate::watchlist::{self, Draft, Examined, InventoryError, Lint, LintKind};

/// Of a text, which may be of no form that we know. `settings`: as for `examined_draft`.
pub(super) fn examined(source: Source, default_owner: &OwnerId, settings: Option<&Settings>) -> Examined {
    match watchlist::draft(source) {
        Ok(draft) => examined_draft(&draft, default_owner, settings),
        Err(error) => {
            let problems = if let InventoryError::Invalid { problems } = &error { problems.as_slice() } else { &[] };
            let lints = problems.iter().map(|problem| Lint::new(LintKind::Invalid, problem.clone())).collect();
            Examined { inventory: Err(error), lints }
        }
    }
}

/// `settings`: of a whole inventory, which has to name channels that are there.
pub fn examined_draft(draft: &Draft, default_owner: &OwnerId, settings: Option<&Settings>) -> Examined {
    let Examined { inventory, mut lints } = watchlist::examine(draft, default_owner);
    // What is wrong in itself may be why it does not fit.
    if let (Ok(inventory), Some(settings)) = (&inventory, settings) {
        lints.extend(misfits(settings, draft.source.path(), inventory));
    }
    Examined { inventory, lints }
}

/// Owners whom the channels of the configuration do not reach.
fn misfits(settings: &Settings, path: &Path, inventory: &Inventory) -> Vec<Lint> {
    let placed = check_routes(settings, inventory).map_err(|error| error.placed(&settings.files(), path));
    let problems = placed.err().map(|error| error.problems).unwrap_or_default();
    problems.into_iter().map(|problem| Lint::new(LintKind::Route, problem)).collect()
}
