//! An inventory that is a list of names, in whatever format.

use super::draft::{Draft, DraftWatch};
use crate::config::source::{Fault, Problem};
use crate::lists::{Form, List, Said};
use crate::model::{WatchKind, count};

/// So many lines that are no names are told one by one; of a file in which most are none, only the first.
const FEW: usize = 5;

/// # Errors
/// What keeps the text from being read as its format, or that it is no list of names at all.
pub(super) fn read(list: List) -> Result<Draft, Problem> {
    let (mut entries, mut faults) = (Vec::new(), Vec::new());
    // A cell beside the names of a table is one only where a row is doubted, too.
    let is_table = matches!(list.form, Form::Table(_) | Form::Columns);
    let is_bom = list.is_bom();
    list.read(&mut |said| match said {
        Said::Project { name, version, at } | Said::Conda { name, version, at } => {
            let version = version.map(|version| version.into_owned());
            entries.push(DraftWatch { latest_version: version, ..DraftWatch::new(WatchKind::Name, &name, at) });
        }
        Said::Label { text, at } => entries.push(DraftWatch::from_label(text, at)),
        Said::Beside { text } if !is_table => faults.push((0, rival(&text))),
        Said::Joined { text } if is_bom => faults.push((0, rival(&text))),
        Said::Beside { .. } | Said::Joined { .. } | Said::Foreign { .. } | Said::Title { .. } => {}
        Said::Rival { text, at } => faults.push((at, rival(text))),
        Said::Other { at, fault, .. } | Said::Local { at, fault, .. } | Said::Doubtful { at, fault, .. } => {
            faults.push((at, fault));
        }
    })?;
    let (good, bad) = (entries.len(), faults.len());
    match faults.first() {
        Some((at, first)) if bad > good && bad > FEW => {
            let what = format!(
                "{} of its {} no names, so this is no list of names; here, {}",
                bad,
                count(good + bad, "line is", "lines are"),
                first.what
            );
            Err(list.source.problem(*at, "", Fault::new(what, "name another file, or save it with a name a line")))
        }
        _ => Ok(Draft { entries, faults, ..Draft::new(list.source) }),
    }
}

fn rival(text: &str) -> Fault {
    Fault::new(format!("{text:?} may be the name as well"), "leave one of the two out")
}
