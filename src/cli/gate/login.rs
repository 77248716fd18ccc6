//! `gate login NAME`: a password for somebody who asks the gate, and the line that lets them in.

use super::super::failure::Failure;
use super::super::output::say;
use super::super::tone::hint;
use crate::access::random::{digest, random};
use crate::gate::is_login;

#[derive(Debug, clap::Args)]
pub struct LoginArgs {
    /// Who it is for, a person, a team or a machine: lower-case letters, digits, `.`, `_` and `-`, a letter first.
    name: String,
}

/// The line goes where it is sent, and the password to whoever looks.
pub(super) fn run(args: &LoginArgs) -> Result<(), Failure> {
    if !is_login(&args.name) {
        let rule = "lower-case letters, digits, `.`, `_` and `-`, a letter first, 64 at most, and not `unknown`";
        return Err(Failure::usage(format!("{:?} cannot name a user: {rule}", args.name)));
    }
    let password = random().map_err(|error| Failure::failed(&error))?;
    say(&format!("{} {}", args.name, digest(&password)));
    hint(&format!(
        "namewarden: the password of {}, which nobody can show again: {password}\nnamewarden: the line above belongs into the file of \
         [gate.clients], in place of one of that name",
        args.name
    ));
    Ok(())
}
