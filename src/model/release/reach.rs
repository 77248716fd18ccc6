//! Where the files of a release can be installed.

use serde::{Deserialize, Serialize};

/// On how many installers' Pythons and platforms a file, or any of several, can be installed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reach {
    #[default]
    Nowhere,
    /// Some, and which one the owner's installers are is not known here.
    Somewhere,
    Everywhere,
}

/// The reach of files with each installer: they read `Requires-Python` and the tags of wheels differently.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Reaches {
    pub pip: Reach,
    pub uv: Reach,
    pub poetry: Reach,
}

impl Reaches {
    /// The same with all of them.
    pub const fn all(reach: Reach) -> Self {
        Self { pip: reach, uv: reach, poetry: reach }
    }

    fn join(self, other: Self) -> Self {
        Self { pip: self.pip.max(other.pip), uv: self.uv.max(other.uv), poetry: self.poetry.max(other.poetry) }
    }
}

/// The files of a release by what they reach: installers leave the yanked ones alone (PEP 592), and still count them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Files {
    pub fresh: Reaches,
    pub yanked: Reaches,
}

impl Files {
    /// What is not known to be less.
    pub const INSTALLABLE: Self = Self { fresh: Reaches::all(Reach::Everywhere), yanked: Reaches::all(Reach::Nowhere) };

    pub fn add(&mut self, reaches: Reaches, yanked: bool) {
        let side = if yanked { &mut self.yanked } else { &mut self.fresh };
        *side = reaches.join(*side);
    }
}
