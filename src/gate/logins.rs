//! Who may ask the gate: users, each known by a password that nobody can guess, of which the gate has the digest alone.
//!
//! Basic authentication (RFC 7617), since installers know nothing else: pip, uv, Poetry, PDM and Pipenv read it from `~/.netrc`.

use std::collections::BTreeMap;

use axum::http::HeaderValue;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

/// The users, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Logins(BTreeMap<String, [u8; 32]>);

/// Why a list of users is none. What stands in a line is not repeated.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoginsError {
    #[error("line {0} is no user; write NAME DIGEST, as `namewarden gate login NAME` prints it")]
    Line(usize),
    #[error("line {0} names a user that a line above names")]
    Twice(usize),
    #[error("it names nobody, so that nobody could ask; `namewarden gate login NAME` prints a line for it")]
    Nobody,
}

impl Logins {
    /// A user a line: a name, a blank, and the SHA-256 of the password in base64url. Comments begin with `#`.
    ///
    /// # Errors
    /// The first line that is none.
    pub fn read(text: &str) -> Result<Self, LoginsError> {
        let mut users = BTreeMap::new();
        let lines = text.lines().enumerate().map(|(at, line)| (at + 1, line.trim()));
        for (at, line) in lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#')) {
            let (name, digest) = user(line).ok_or(LoginsError::Line(at))?;
            if users.insert(name, digest).is_some() {
                return Err(LoginsError::Twice(at));
            }
        }
        if users.is_empty() { Err(LoginsError::Nobody) } else { Ok(Self(users)) }
    }

    /// Nobody may ask: the last user was taken out.
    pub fn nobody() -> Self {
        Self(BTreeMap::new())
    }

    /// The user that this header is of. `None`: of nobody.
    pub(super) fn user(&self, authorization: Option<&HeaderValue>) -> Option<&str> {
        let (scheme, encoded) = authorization?.to_str().ok()?.split_once(' ')?;
        let decoded = scheme.eq_ignore_ascii_case("basic").then(|| STANDARD.decode(encoded.trim()))?.ok()?;
        let (name, password) = str::from_utf8(&decoded).ok()?.split_once(':')?;
        let (name, digest) = self.0.get_key_value(name)?;
        // Of digests nothing is learned by how soon they differ.
        (Sha256::digest(password)[..] == *digest).then_some(name)
    }
}

fn user(line: &str) -> Option<(String, [u8; 32])> {
    let (name, digest) = line.split_once(char::is_whitespace)?;
    let digest = BASE64_URL_SAFE_NO_PAD.decode(digest.trim()).ok()?;
    Some((name.to_owned(), digest.try_into().ok()?)).filter(|(name, _)| is_login(name))
}

/// Can it name a user? It begins with a letter and has no colon, so that none is an address, and it is not `unknown`, which is what the
/// log says of whoever nobody knows.
pub fn is_login(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c);
    name.len() <= 64
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(fits)
        && name != "unknown"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(name: &str, password: &str) -> String {
        format!("{name} {}", BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(password)))
    }

    fn header(text: &str) -> HeaderValue {
        format!("Basic {}", STANDARD.encode(text)).parse().expect("a value")
    }

    #[test]
    fn only_who_has_the_password_of_a_name_is_its_user() {
        let text = format!("# builds\n{}\n\n  {}\n", line("ci-1", "s3cret"), line("ada", "hunter2:more"));
        let logins = Logins::read(&text).expect("reads");
        assert_eq!(logins.user(Some(&header("ci-1:s3cret"))), Some("ci-1"));
        assert_eq!(logins.user(Some(&header("ada:hunter2:more"))), Some("ada"), "a password may have colons");
        for wrong in ["ci-1:", "ci-1:s3cret ", "ada:s3cret", ":s3cret", "ci-1", "", "CI-1:s3cret", "eve:s3cret"] {
            assert_eq!(logins.user(Some(&header(wrong))), None, "{wrong:?}");
        }
        let bearer = format!("Bearer {}", STANDARD.encode("ci-1:s3cret")).parse().expect("a value");
        for other in [
            Some(&bearer),
            Some(&HeaderValue::from_static("Basic ???")),
            Some(&HeaderValue::from_static("Basic")),
            None,
        ] {
            assert_eq!(logins.user(other), None);
        }
    }

    #[test]
    fn a_list_that_is_none_is_said_by_its_line_and_not_repeated() {
        let (good, other) = (line("ada", "hunter2"), line("bob", "hunter2"));
        assert_eq!(Logins::read(&format!("{good}\n\n{good}\n")), Err(LoginsError::Twice(3)));
        assert_eq!(Logins::read("# nobody\n"), Err(LoginsError::Nobody));
        for wrong in [
            "ada",
            "ada hunter2",
            "unknown:x",
            &line("10.0.0.7", "a"),
            &line("fe80::1", "a"),
            &line("unknown", "a"),
            &line("Ada", "a"),
        ] {
            let said = Logins::read(&format!("{other}\n{wrong}\n")).expect_err("is none");
            assert_eq!(said, LoginsError::Line(2), "{wrong}");
            assert!(!said.to_string().contains("hunter2"));
        }
    }
}
