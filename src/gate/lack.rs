//! Kinds of evidence, and what a release lacks of them.
//!
//! Some speak for a project, and some for one file of it. Projects that many use are taken over (ctx in 2022, ultralytics in 2024, num2words in
//! 2025), and the file that follows has all that was ever said for the project. So where several kinds have to speak, one speaks for the file.

/// A kind of evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Evidence {
    /// People here received the project before, or a person learned it from a lock.
    PriorUse,
    /// Many elsewhere download the project, or depend on it.
    Popularity,
    /// Nobody found malware in it for as long as that usually takes.
    Silence,
    /// Its publisher is proven, and is that of a file that was received here before.
    Attestation,
    /// Another organisation installed and trusts it.
    Shared,
}

impl Evidence {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::PriorUse => "prior use",
            Self::Popularity => "popularity",
            Self::Silence => "silence of the records",
            Self::Attestation => "attestation of its publisher",
            Self::Shared => "shared lists",
        }
    }

    /// Does it speak for the very file, or for its project, whoever has that by now?
    pub(super) fn is_of_the_file(self) -> bool {
        match self {
            Self::PriorUse | Self::Popularity => false,
            Self::Silence | Self::Attestation | Self::Shared => true,
        }
    }
}

/// What speaks for a file, and what it needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lack {
    /// So many kinds have to speak.
    pub(super) needs: usize,
    pub(super) spoken: Vec<Evidence>,
    /// Those that may speak by the configuration, do not, and would help.
    pub(super) missing: Vec<Evidence>,
}

impl Lack {
    /// `silent`: kinds that may speak, and do not.
    pub(super) fn of(needs: usize, spoken: Vec<Evidence>, silent: Vec<Evidence>) -> Self {
        let mut lack = Self { needs, spoken, missing: silent };
        let (kinds, lacks_file) = (lack.kinds(), lack.lacks_file());
        match (kinds, lacks_file) {
            (0, false) => lack.missing.clear(),
            // Another of the project would change nothing.
            (0 | 1, true) => lack.missing.retain(|kind| kind.is_of_the_file()),
            _ => {}
        }
        lack
    }

    /// So many kinds more have to speak, whatever they speak for.
    pub(super) fn kinds(&self) -> usize {
        self.needs.saturating_sub(self.spoken.len())
    }

    /// One has to speak for the file, and none does.
    pub(super) fn lacks_file(&self) -> bool {
        self.needs > 1 && !self.spoken.iter().any(|kind| kind.is_of_the_file())
    }

    /// It has what it needs.
    pub(super) fn is_none(&self) -> bool {
        self.kinds() == 0 && !self.lacks_file()
    }

    /// In words, the shortest first: a status line is cut at its end.
    pub(super) fn sentence(&self) -> String {
        if self.spoken.is_empty() && self.needs == 1 {
            return "new here: nothing else speaks for it".to_owned();
        }
        let (by, spoken, needs) = (words(&self.spoken), self.spoken.len(), self.needs);
        let said = match (by.as_str(), self.lacks_file()) {
            ("", _) => format!("0 of {needs} kinds of evidence speak for it"),
            (by, true) => {
                format!(
                    "nothing speaks for this file, and {spoken} of {needs} kinds of evidence for its project ({by})"
                )
            }
            (by, false) => format!("{spoken} of {needs} kinds of evidence speak for it ({by})"),
        };
        match self.missing.as_slice() {
            [] => said,
            missing => format!("{said}; missing: {}", words(missing)),
        }
    }
}

fn words(kinds: &[Evidence]) -> String {
    kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", ")
}
