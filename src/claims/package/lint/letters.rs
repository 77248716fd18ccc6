//! Characters that show something else than they are.

use super::context::Context;
use crate::config::source::Fault;
use crate::messages::hostile::hidden;

/// Neither control characters nor such that are invisible or turn the reading direction. A tab indents.
pub(super) fn plain(_: &Context<'_>, line: &str) -> Option<Fault> {
    let odd = line.chars().find(|c| (c.is_control() && *c != '\t') || hidden(*c))?;
    let what = format!("holds the character U+{:04X}, which nobody sees", u32::from(odd));
    Some(Fault::new(what, "take it out; where it was copied along, write the line anew"))
}
