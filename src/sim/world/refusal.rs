//! Why PyPI would not do what an act asks for.

use crate::model::{NameError, ProjectName};

/// An act PyPI refuses, in the order `check_project_name` tests names.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("the name is invalid")]
    Invalid(#[from] NameError),
    #[error("{0} is a module of Python's standard library")]
    Stdlib(ProjectName),
    #[error("{0} exists already")]
    Existing(ProjectName),
    #[error("{0} is prohibited")]
    Prohibited(ProjectName),
    #[error("{0} is too similar to an existing project")]
    Similar(ProjectName),
    #[error("there is no project {0}; create it first")]
    NoProject(ProjectName),
    #[error("{0} has no release {1}")]
    NoRelease(ProjectName, String),
    #[error("the file name {0} has been used before; a file name can never be used again")]
    FileUsed(String),
    #[error("there is no file {0}")]
    NoFile(String),
    #[error("{0} has three pending publishers already")]
    TooManyPublishers(String),
    #[error("there is no token {0}")]
    NoToken(String),
}
