//! The canonical form of what people write: by it two entries are one watch.

use super::draft::DraftWatch;
use crate::config::source::Fault;
use crate::lists::no_name;
use crate::model::{ProjectName, Registry, WatchId, WatchKind};

/// The canonical form of an entry.
pub(super) fn id(entry: &DraftWatch) -> Result<WatchId, Fault> {
    let text = match entry.kind {
        WatchKind::Name => {
            ProjectName::at(entry.registry, &entry.text).map_err(|_| no_name(&entry.text))?.as_str().to_owned()
        }
        WatchKind::Prefix => prefix(entry.registry, &entry.text)?,
        WatchKind::Brand => brand(&entry.text)?,
    };
    Ok(WatchId { registry: entry.registry, kind: entry.kind, text })
}

/// `acme-*`, `acme-` and `Acme_*` are all `acme-`.
fn prefix(registry: Registry, text: &str) -> Result<String, Fault> {
    let stem = text.strip_suffix('*').unwrap_or(text);
    let bare = stem.trim_end_matches(['-', '_', '.']);
    let name = ProjectName::at(registry, bare).map_err(|error| {
        Fault::new(
            format!("{text:?} is no prefix: {error}"),
            "write the beginning of your names and a separator, \"acme-*\"",
        )
    })?;
    if bare.len() == stem.len() {
        let what = format!("the prefix {text:?} does not end at a separator");
        return Err(Fault::new(
            what,
            format!("write {:?}; names that only begin with it are other names", format!("{bare}-*")),
        ));
    }
    Ok(format!("{}-", name.as_str()))
}

/// One word between separators, compared in lower case.
fn brand(text: &str) -> Result<String, Fault> {
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Ok(text.to_ascii_lowercase());
    }
    let what = format!("the brand word {text:?} can match nothing: it is not one word of ASCII letters and digits");
    Err(Fault::new(what, "write a single word without separators, like \"acmecorp\""))
}
