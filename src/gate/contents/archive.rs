//! What an archive of a release has in it: a wheel (PEP 427), or a source distribution (PEP 625, and what came before).

use std::collections::{BTreeMap, BTreeSet};

use super::difference::NotableKind;
use super::form::{Digest, Form, Unreadable, compression};
use super::gathered::{Entry, Gathered};
use super::metadata::{self, Build, Metadata};
use super::notable::{notable, path_of_backend};
use super::paths::Placing;
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
            // pip asks first whether it is a zip archive, whatever it is called, and takes that one.
            name if is_tar(name) && zip::is_one(bytes) => {
                return Err(Unreadable::broken("it is a zip archive as well"));
            }
            name if is_tar(name) => tar::read(bytes, &mut gathered)?,
            name => return Err(compression(name).map_or(Unreadable::Form, Unreadable::Compression)),
        }
        let placing = Placing::of(form, filename, gathered.entries.keys());
        Ok(Self::of(form, gathered.placed(&placing), placing.deep))
    }

    /// `deep`: how many parts a path has at most that lies where a build begins.
    fn of(form: Form, of: Gathered<'_>, deep: usize) -> Self {
        let Metadata { requirements, entry_points, build } = metadata::of(form, &of.texts);
        let mut seen: BTreeMap<(NotableKind, String), Digest> = BTreeMap::new();
        for (path, entry) in &of.entries {
            let all = notable(form, deep, path, entry).into_iter();
            seen.extend(
                all.map(|(kind, what, tells)| ((kind, what), if tells { entry.digest } else { Digest::default() })),
            );
        }
        seen.extend(of.twice.into_iter().map(|path| ((NotableKind::Twice, path), Digest::default())));
        seen.extend(built(build, &of.entries, deep));
        let entries = of.entries.into_iter().map(|(path, entry)| (path, entry.digest)).collect();
        Self { entries, notable: seen, requirements, entry_points }
    }
}

fn is_tar(filename: &str) -> bool {
    filename.ends_with(".tar.gz") || filename.ends_with(".tgz")
}

/// What builds it. A backend that lies in the archive is as good as a script of it.
fn built(build: Build, entries: &BTreeMap<String, Entry>, deep: usize) -> Vec<((NotableKind, String), Digest)> {
    let Build { backends, places, requires, runs, unread } = build;
    let said = backends.into_iter().map(|of| (NotableKind::BuildBackend, of));
    let required = requires.into_iter().map(|of| (NotableKind::BuildRequirement, of));
    let mut all: Vec<_> = said.chain(required).map(|key| (key, Digest::default())).collect();
    all.extend(runs.into_iter().map(|(what, digest)| ((NotableKind::BuildScript, what), digest)));
    let own = entries.iter().filter(|(path, _)| places.iter().any(|place| path_of_backend(path, place, deep)));
    all.extend(own.map(|(path, entry)| ((NotableKind::BuildBackend, path.clone()), entry.digest)));
    let digest = |path: &String| entries.get(path).map(|entry| entry.digest).unwrap_or_default();
    all.extend(unread.into_iter().map(|path| {
        let digest = digest(&path);
        ((NotableKind::BuildBackend, format!("{path}, which could not be read")), digest)
    }));
    all
}
