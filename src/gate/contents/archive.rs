//! What an archive of a release has in it: a wheel (PEP 427), or a source distribution (PEP 625, and what came before).

use std::collections::{BTreeMap, BTreeSet};

use super::difference::NotableKind;
use super::form::{Digest, Form, Unreadable};
use super::gathered::{Entry, Gathered};
use super::metadata::{self, Build, Metadata};
use super::notable::{notable, path_of_backend};
use super::{tar, zip};

/// All that a comparison asks of an archive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Contents {
    /// By paths that do not differ between versions.
    pub(super) entries: BTreeMap<String, Digest>,
    /// What has to be seen, and what tells whether it changed; of some nothing does.
    pub(super) notable: BTreeMap<(NotableKind, String), Digest>,
    /// `None`: that is said once it is built.
    pub(super) requirements: Option<BTreeSet<String>>,
    pub(super) entry_points: BTreeSet<String>,
}

impl Contents {
    /// Reads an archive by the name of its file. `is_over`: it has taken too long.
    ///
    /// # Errors
    /// See [`Unreadable`].
    pub(super) fn read(filename: &str, bytes: &[u8], is_over: &dyn Fn() -> bool) -> Result<Self, Unreadable> {
        let mut gathered = Gathered::new(is_over);
        let form = if filename.ends_with(".whl") { Form::Wheel } else { Form::Source };
        match filename {
            name if name.ends_with(".whl") || name.ends_with(".zip") => zip::read(bytes, &mut gathered)?,
            name if name.ends_with(".tar.gz") || name.ends_with(".tgz") => tar::read(bytes, &mut gathered)?,
            _ => return Err(Unreadable::Form),
        }
        Ok(Self::of(form, gathered.placed(form, filename)))
    }

    fn of(form: Form, of: Gathered<'_>) -> Self {
        let Metadata { requirements, entry_points, build } = metadata::of(form, &of.texts);
        let mut seen: BTreeMap<(NotableKind, String), Digest> = BTreeMap::new();
        for (path, entry) in &of.entries {
            let all = notable(form, path, entry).into_iter();
            seen.extend(
                all.map(|(kind, what, tells)| ((kind, what), if tells { entry.digest } else { Digest::default() })),
            );
        }
        seen.extend(of.twice.into_iter().map(|path| ((NotableKind::Twice, path), Digest::default())));
        seen.extend(built(build, &of.entries));
        let entries = of.entries.into_iter().map(|(path, entry)| (path, entry.digest)).collect();
        Self { entries, notable: seen, requirements, entry_points }
    }
}

/// What builds it. A backend that lies in the archive is as good as a script of it.
fn built(build: Build, entries: &BTreeMap<String, Entry>) -> Vec<((NotableKind, String), Digest)> {
    let Build { backend, places, requires } = build;
    let said = backend.into_iter().map(|of| (NotableKind::BuildBackend, of));
    let required = requires.into_iter().map(|of| (NotableKind::BuildRequirement, of));
    let mut all: Vec<_> = said.chain(required).map(|key| (key, Digest::default())).collect();
    let own = entries.iter().filter(|(path, _)| places.iter().any(|place| path_of_backend(path, place)));
    all.extend(own.map(|(path, entry)| ((NotableKind::BuildBackend, path.clone()), entry.digest)));
    all
}
