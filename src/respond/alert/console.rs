//! The console: the message on standard output, for `demo`, for foreground runs and for the journal.

use std::io::{IsTerminal, Write};

use super::DeliveryError;
use crate::model::notice::Briefing;
use crate::policy::render;

/// # Errors
/// `Retry` when standard output cannot be written.
pub(super) async fn deliver(briefing: &Briefing) -> Result<(), DeliveryError> {
    let out = std::io::stdout();
    let text = render::console(briefing, out.is_terminal());
    // A reader that stopped reading (`| less`) must not hold up the runtime.
    let written = tokio::task::spawn_blocking(move || write(&mut out.lock(), &text)).await;
    match written {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(DeliveryError::retry(format!("console: {error}"))),
        Err(error) => Err(DeliveryError::retry(format!("console: {error}"))),
    }
}

fn write(out: &mut impl Write, text: &str) -> std::io::Result<()> {
    writeln!(out, "{text}")?;
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_ends_with_an_empty_line() {
        let mut out = Vec::new();
        write(&mut out, "one\n").expect("a vector takes everything");
        write(&mut out, "two\n").expect("a vector takes everything");
        assert_eq!(out, b"one\n\ntwo\n\n");
    }

    #[test]
    fn a_closed_output_is_an_error() {
        let mut full = [0_u8; 2];
        assert!(write(&mut &mut full[..], "too long").is_err());
    }
}
