//! What is said of what is in a file. Names in it are a stranger's, shortened, and to be made harmless wherever they are shown.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::model::unread::shown;

/// One file of a version, beside one of the version that was received last of those that were admitted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct ReadContents {
    pub filename: String,
    /// The file of that version; `null`: there is none, and all that is in this one is new, or it could not be read.
    pub beside: Option<String>,
    /// Both are wheels, or both are sources: else what lies where in them is not compared.
    pub is_like: bool,
    /// There is a file of that version, and it could not be read: nothing was compared, and what is said is of the new one alone, new or not.
    #[serde(default)]
    pub old_unread: bool,
    /// What could not be read, and why, a sentence each.
    pub unread: Vec<String>,
    /// It is being fetched or read still: whoever asks again soon is told.
    pub is_awaited: bool,
    /// `null`: it is awaited, or was not read.
    pub difference: Option<ContentsDifference>,
}

/// What of two archives differs, or what is in the one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct ContentsDifference {
    /// Files in the new one.
    pub files: usize,
    /// Their paths, without what every version calls otherwise; none where nothing like it is beside it.
    pub added: FirstOf,
    pub removed: FirstOf,
    pub changed: FirstOf,
    /// What runs by itself, or takes effect elsewhere, and is new or changed, the worst first: some of each kind, however much there is of another.
    pub notable: Vec<NotableFile>,
    /// How many more.
    pub more_notable: usize,
    /// The same by their kinds.
    #[serde(default)]
    pub more_of: Vec<MoreOfKind>,
    /// Both say what they require: sources may leave that to be said when they are built.
    pub requirements_known: bool,
    /// Requirements of projects that were not required before, extras among them, as the metadata writes them.
    pub dependencies_added: FirstOf,
    /// Those that are written otherwise than before, and those that are no more.
    pub requirements_changed: FirstOf,
    pub requirements_removed: FirstOf,
    /// `GROUP: NAME = OBJECT`: commands are of the group `console_scripts`, plugins of others.
    pub entry_points_added: FirstOf,
    pub entry_points_removed: FirstOf,
}

/// The first of many, in order, and how many there are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct FirstOf {
    pub count: usize,
    pub first: Vec<String>,
}

/// Something in an archive that a reviewer has to see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct NotableFile {
    pub kind: NotableKind,
    /// A path, or a name.
    pub what: String,
    /// Else it was there, and is otherwise now.
    pub is_new: bool,
}

/// How many there are of a kind beside those that are named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct MoreOfKind {
    pub kind: NotableKind,
    pub count: usize,
}

/// Why it has to be seen; the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub enum NotableKind {
    /// Its path leads out of where it is unpacked, or shows another than it is.
    LeadsElsewhere,
    /// Two files of one path: which of them is taken, tools do not agree on.
    Twice,
    Link,
    /// `.pth`, and `.start` (PEP 829): each start of Python runs what stands in it.
    PathFile,
    /// `sitecustomize` or `usercustomize`, which each start of Python imports.
    SiteCustomize,
    /// Runs when it is built: `setup.py` and its like, and tables of `pyproject.toml` that name what does.
    BuildScript,
    /// What builds it, by `pyproject.toml`; where that is in the archive itself, its files, too.
    BuildBackend,
    /// What is installed and run to build it.
    BuildRequirement,
    /// Put on the path of commands.
    Command,
    /// Put outside of where packages lie.
    Outside,
    /// Compiled: nobody reads what it does.
    Binary,
    ShellScript,
    /// A name that can be imported, and may be that of another project.
    TopLevel,
}

/// Of each list.
const MOST: usize = 20;
/// Of each kind before more of any.
const OF_EACH: usize = 3;

impl FirstOf {
    pub(super) fn of<T: AsRef<str>>(all: impl IntoIterator<Item = T>) -> Self {
        let mut of = Self::default();
        for one in all {
            of.count += 1;
            if of.count <= MOST {
                of.first.push(shown(one.as_ref()));
            }
        }
        of
    }
}

impl ContentsDifference {
    /// `all`: in the order of their kinds. Many of one kind push out none of another.
    pub(super) fn with_notable(self, all: Vec<NotableFile>) -> Self {
        let mut of_kind: BTreeMap<NotableKind, usize> = BTreeMap::new();
        let mut turns: Vec<(usize, usize)> = Vec::with_capacity(all.len());
        for (place, one) in all.iter().enumerate() {
            let before = of_kind.entry(one.kind).or_default();
            turns.push(((*before).min(OF_EACH), place));
            *before += 1;
        }
        turns.sort_unstable();
        let named: BTreeSet<usize> = turns.into_iter().take(MOST).map(|(_, place)| place).collect();
        let more_notable = all.len() - named.len();
        let (mut notable, mut more): (_, BTreeMap<NotableKind, usize>) = (Vec::new(), BTreeMap::new());
        for (place, one) in all.into_iter().enumerate() {
            match named.contains(&place) {
                true => notable.push(NotableFile { what: shown(&one.what), ..one }),
                false => *more.entry(one.kind).or_default() += 1,
            }
        }
        let more_of = more.into_iter().map(|(kind, count)| MoreOfKind { kind, count }).collect();
        Self { notable, more_notable, more_of, ..self }
    }

    /// What it would have been beside, nobody could read.
    pub(super) fn beside_unread(self) -> Self {
        Self { requirements_known: false, ..self }
    }
}
