//! Standard output, and whether it took what was said.

use std::io::{self, ErrorKind, Write as _};
use std::sync::OnceLock;

use serde::Serialize;

use super::failure::Failure;
use super::format::Format;

/// The first write that failed, for the end: what a verb has done is done, and who reads its output has not read it.
static UNWRITTEN: OnceLock<io::Error> = OnceLock::new();

/// To standard output. Whether it was written is known at the end.
pub(super) fn say(text: &str) {
    note(writeln!(io::stdout(), "{}", text.trim_end()));
}

/// A reply: to programs as it is, to people in words, where there are any.
pub(super) fn show<T: Serialize>(format: Format, reply: &T, words: impl FnOnce(&T) -> String) {
    match format {
        Format::Json => say_json(reply),
        Format::Human => {
            let words = words(reply);
            if !words.is_empty() {
                say(&words);
            }
        }
    }
}

/// One object a line.
pub(super) fn say_json(value: &impl Serialize) {
    say(&serde_json::to_string(value).unwrap_or_default());
}

/// Remembers that something could not be written. A reader that has gone, such as `head`, is no failure.
pub(super) fn note(written: io::Result<()>) {
    if let Err(error) = written
        && error.kind() != ErrorKind::BrokenPipe
    {
        // The first is the cause of the others.
        let _ = UNWRITTEN.set(error);
    }
}

/// Why not everything was written.
pub(super) fn unwritten() -> Option<Failure> {
    UNWRITTEN.get().map(|error| Failure::new(format!("standard output cannot be written: {error}")))
}
