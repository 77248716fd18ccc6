//! Where a password comes from: a person at the terminal, a line of standard input, or chance. Never an argument, which every
//! user of the machine can read.

use std::io::{BufRead as _, IsTerminal as _, stdin};

use super::super::failure::Failure;
use crate::access::random::random;
use crate::api::v1::Hidden;

#[derive(Debug, clap::Args)]
pub struct PasswordSource {
    /// Let a password be generated, which is shown once, on a line of its own.
    #[arg(long, conflicts_with = "no_password")]
    generate: bool,
    /// No password: it is opened by a link, or by whoever else vouches for it.
    #[arg(long)]
    no_password: bool,
}

/// What came of it.
pub(super) enum Given {
    None,
    Typed(String),
    Generated(String),
}

impl PasswordSource {
    pub(super) fn password(&self) -> Result<Given, Failure> {
        if self.no_password {
            return Ok(Given::None);
        }
        if self.generate {
            return random().map(Given::Generated).map_err(|e| Failure::new(format!("no random numbers: {e}")));
        }
        let unread = |e: std::io::Error| Failure::new(format!("the password cannot be read: {e}"));
        if !stdin().is_terminal() {
            let line = stdin().lock().lines().next().transpose().map_err(unread)?;
            return line.map(Given::Typed).ok_or_else(|| Failure::new("no password came on standard input".to_owned()));
        }
        let (one, two) = (asked("Password: ").map_err(unread)?, asked("The same again: ").map_err(unread)?);
        if one == two { Ok(Given::Typed(one)) } else { Err(Failure::new("the two passwords differ".to_owned())) }
    }
}

fn asked(prompt: &str) -> std::io::Result<String> {
    rpassword::prompt_password(prompt)
}

impl Given {
    pub(super) fn hidden(&self) -> Option<Hidden> {
        match self {
            Self::None => None,
            Self::Typed(text) | Self::Generated(text) => Some(Hidden(text.clone())),
        }
    }

    /// What nobody has seen yet.
    pub(super) fn generated(&self) -> Option<String> {
        match self {
            Self::Generated(text) => Some(text.clone()),
            Self::None | Self::Typed(_) => None,
        }
    }
}
