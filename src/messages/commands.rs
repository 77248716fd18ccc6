//! Commands of a message become those of the watch that sends it: whoever copies one must not ask another watch on the
//! same machine, or none.

use super::layout::Layout;
use crate::model::Origin;

/// Of every field in which we write commands, alone or between backticks.
pub(crate) fn fit(layout: &mut Layout, origin: &Origin) {
    if origin.config.is_none() {
        return;
    }
    for command in layout.answer.iter_mut().map(|answer| &mut answer.command) {
        *command = origin.command(command);
    }
    for command in layout.actions.iter_mut().filter_map(|action| action.command.as_mut()) {
        *command = origin.command(command);
    }
    for text in texts(layout) {
        *text = origin.fitted(text);
    }
}

fn texts(layout: &mut Layout) -> impl Iterator<Item = &mut String> {
    let answer = layout.answer.iter_mut().map(|answer| &mut answer.text);
    let steps = layout.actions.iter_mut().map(|action| &mut action.text);
    let rows = layout.cards.iter_mut().flat_map(|card| card.rows.iter_mut().map(|row| &mut row.value));
    let rest = layout.lead.iter_mut().chain(&mut layout.more).chain([&mut layout.overflow]);
    answer.chain(steps).chain(rows).chain(rest)
}
