//! What to say of a text that stands in the place of a name and is none.

use crate::config::source::Fault;
use crate::model::ProjectName;

/// Why it is no name, and which one was most likely meant.
pub fn no_name(text: &str) -> Fault {
    let bare = text.split(['[', '<', '>', '=', '~', '!', ';', '@', ',']).next().unwrap_or_default().trim();
    let hyphens = text.split_whitespace().collect::<Vec<_>>().join("-");
    let instead = if text.ends_with('*') && !text.contains('=') {
        format!("write it as a prefix: [[prefix]] text = {text:?}")
    } else if text.strip_suffix('-').is_some_and(ProjectName::is_valid) {
        let prefix = format!("{text}*");
        format!("write it as a prefix, [[prefix]] text = {prefix:?}, or the whole name")
    } else if ProjectName::is_valid(bare) {
        format!("write the name alone, {bare:?}")
    } else if ProjectName::is_valid(&hyphens) && text.split_whitespace().count() == 2 {
        format!("write {hyphens:?}")
    } else {
        "write the name as pip installs it".to_owned()
    };
    let what = ProjectName::parse(text).err().map(|error| error.to_string());
    Fault::new(what.unwrap_or_else(|| format!("{text:?} is no project name")), instead)
}
