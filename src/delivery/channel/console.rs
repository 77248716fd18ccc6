//! The console: the message on standard output, for `demo`, for foreground runs and for the journal.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use super::DeliveryError;
use crate::logging;
use crate::messages;
use crate::model::notice::Briefing;

/// A reader that takes longer has stopped reading.
const PATIENCE: Duration = Duration::from_secs(10);

/// Standard output, one message at a time.
pub(super) struct Console {
    turn: Arc<Semaphore>,
}

impl Default for Console {
    fn default() -> Self {
        Self { turn: Arc::new(Semaphore::new(1)) }
    }
}

impl Console {
    /// # Errors
    /// `Retry` when standard output cannot be written, or nobody reads it. Then this message may still appear, and
    /// again when it is repeated.
    pub(super) async fn deliver(&self, briefing: &Briefing) -> Result<(), DeliveryError> {
        let out = std::io::stdout();
        let text = messages::console(briefing, logging::colours().output);
        self.print(PATIENCE, move || write(&mut out.lock(), &text)).await
    }

    /// Writes on a thread of its own, which may stay there: a reader that stopped reading (`| less`) must hold up
    /// neither the runtime nor this channel's worker, and no second thread waits behind the first.
    async fn print(
        &self,
        patience: Duration,
        write: impl FnOnce() -> std::io::Result<()> + Send + 'static,
    ) -> Result<(), DeliveryError> {
        let nobody = || DeliveryError::retry("console: nobody reads standard output");
        let turn = Arc::clone(&self.turn).try_acquire_owned().map_err(|_| nobody())?;
        let written = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            write()
        });
        match tokio::time::timeout(patience, written).await {
            Ok(Ok(Ok(()))) => Ok(()),
            Ok(Ok(Err(error))) => Err(DeliveryError::retry(format!("console: {error}"))),
            Ok(Err(error)) => Err(DeliveryError::retry(format!("console: {error}"))),
            Err(_) => Err(nobody()),
        }
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

    #[tokio::test]
    async fn a_reader_that_stopped_reading_holds_up_nobody() {
        let console = Console::default();
        let (let_go, gate) = std::sync::mpsc::channel::<()>();
        let stuck = move || gate.recv().map_err(std::io::Error::other);
        let soon = Duration::from_millis(20);
        let refused = "console: nobody reads standard output; it will be tried again";
        let said = |outcome: Result<(), DeliveryError>| outcome.expect_err("nobody reads").to_string();
        assert_eq!(said(console.print(soon, stuck).await), refused);
        assert_eq!(said(console.print(soon, || panic!("it is not its turn")).await), refused);
        let_go.send(()).expect("the writer waits");
        while console.turn.available_permits() == 0 {
            tokio::time::sleep(soon).await;
        }
        console.print(PATIENCE, || Ok(())).await.expect("somebody reads again");
    }
}
