//! The installers that are known.

/// An installer, or what resolves for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SetupTool {
    Pip,
    Uv,
    Poetry,
    Pdm,
    Pipenv,
    PipTools,
}

impl SetupTool {
    pub const ALL: [Self; 6] = [Self::Pip, Self::Uv, Self::Poetry, Self::Pdm, Self::Pipenv, Self::PipTools];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pip => "pip",
            Self::Uv => "uv",
            Self::Poetry => "poetry",
            Self::Pdm => "pdm",
            Self::Pipenv => "pipenv",
            Self::PipTools => "pip-tools",
        }
    }

    /// By the word that is its own.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tool| tool.as_str() == word)
    }

    /// In which file it reads of its index, in a project or else of a user.
    pub fn usual_file(self) -> &'static str {
        match self {
            Self::Pip => "pip.conf",
            Self::Uv | Self::Poetry | Self::Pdm | Self::PipTools => "pyproject.toml",
            Self::Pipenv => "Pipfile",
        }
    }

    /// What makes its lock anew: one from before says where its files were then.
    pub fn relock(self) -> Option<&'static str> {
        match self {
            Self::Pip => None,
            Self::Uv => Some("uv lock"),
            Self::Poetry => Some("poetry lock --regenerate"),
            Self::Pdm => Some("pdm lock"),
            Self::Pipenv => Some("pipenv lock"),
            Self::PipTools => Some("pip-compile"),
        }
    }

    /// Can a package be kept to one of several indexes by its name?
    pub fn pins(self) -> bool {
        !matches!(self, Self::Pip | Self::PipTools)
    }

    /// Who asks, as far as it says: Pipenv and pip-tools ask with the code of pip, and as pip.
    pub(in crate::gate) fn of_agent(agent: &str) -> Option<Self> {
        let (product, _) = agent.split_once('/')?;
        let known = [("pip", Self::Pip), ("uv", Self::Uv), ("poetry", Self::Poetry), ("pdm", Self::Pdm)];
        known.into_iter().find(|(name, _)| product.eq_ignore_ascii_case(name)).map(|(_, tool)| tool)
    }
}
