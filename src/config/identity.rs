//! Where a CI system leaves the identity token that is exchanged for an upload token. It is read anew for each exchange,
//! since each is good for one.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::secret::Secret;
use super::source::open_regular;

/// Longest identity token, bytes; GitHub's have some 2,000.
const MOST: u64 = 16 << 10;

/// A file, or a variable of the environment, as the configuration names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdentityToken {
    /// Such as a projected service account token, which every process of its pod may read.
    File(PathBuf),
    Variable(String),
}

/// Why there is no identity token. Its text holds nothing of it.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    #[error("the file of the identity token {} cannot be read; check that the job writes it there", .0.display())]
    File(PathBuf, #[source] std::io::Error),
    #[error("the variable {0} of the identity token is not set; check that the job may ask for identity tokens")]
    Variable(String),
    #[error("{0} holds no identity token: one is three parts of base64 with dots between them, and nothing else")]
    Form(String),
}

impl IdentityToken {
    /// # Errors
    /// When there is none, or what is there is no JSON Web Token (RFC 7519).
    pub fn read(&self) -> Result<Secret, IdentityError> {
        match self {
            Self::File(path) => token(&path.display().to_string(), &of_file(path)?),
            Self::Variable(name) => token(name, &of_variable(name)?),
        }
    }
}

fn of_file(path: &Path) -> Result<String, IdentityError> {
    let mut text = String::new();
    let read = open_regular(path).and_then(|file| file.take(MOST).read_to_string(&mut text));
    read.map(|_| text).map_err(|source| IdentityError::File(path.to_owned(), source))
}

#[expect(clippy::disallowed_methods, reason = "the environment is read in config only")]
fn of_variable(name: &str) -> Result<String, IdentityError> {
    std::env::var(name).map_err(|_| IdentityError::Variable(name.to_owned()))
}

fn token(place: &str, text: &str) -> Result<Secret, IdentityError> {
    let parts: Vec<&str> = text.trim().split('.').collect();
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    let good = parts.len() == 3 && parts.iter().all(|part| !part.is_empty() && part.bytes().all(is_letter));
    if good { Ok(Secret::new(text)) } else { Err(IdentityError::Form(place.to_owned())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_anew_and_what_is_none_is_not_shown() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("identity");
        let identity = IdentityToken::File(path.clone());
        assert!(identity.read().expect_err("missing").to_string().contains("cannot be read"));
        for token in ["eyJh.eyJp.c2ln\n", "eyJh.eyJp.b3Ro"] {
            std::fs::write(&path, token).expect("written");
            assert_eq!(identity.read().expect("a token").expose(), token.trim());
        }
        for wrong in ["hunter2", "", "a.b", "a.b.c d", "a..c"] {
            std::fs::write(&path, wrong).expect("written");
            let said = identity.read().expect_err("none").to_string();
            assert!(said.contains("holds no identity token") && !said.contains("hunter2"), "{said}");
        }
    }

    #[test]
    fn a_variable_that_is_not_set_is_named() {
        let said = IdentityToken::Variable("NAMEWARDEN_NO_SUCH".to_owned()).read().expect_err("unset").to_string();
        assert!(said.contains("NAMEWARDEN_NO_SUCH is not set") || said.contains("NAMEWARDEN_NO_SUCH of"), "{said}");
    }
}
