//! What the demo prints, on a thread of its own: whoever does not read it must not hold up the daemon, nor its end.

use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::time::Duration;

use super::super::output::say;

/// Texts that may wait for a reader; what comes beyond them is not shown.
const ROOM: usize = 1024;
/// At the end a reader who is slow gets this long.
const MOMENT: Duration = Duration::from_secs(1);

pub(super) struct Screen {
    texts: SyncSender<String>,
    written: Receiver<()>,
}

impl Screen {
    pub(super) fn start() -> Self {
        let (texts, waiting) = sync_channel::<String>(ROOM);
        let (all, written) = channel();
        let write = move || {
            waiting.iter().for_each(|text| say(&text));
            // Whoever waits for the end hears of it, if anybody does.
            let _ = all.send(());
        };
        // Without that thread nothing is shown, and the rest goes on.
        let _ = std::thread::Builder::new().name("screen".to_owned()).spawn(write);
        Self { texts, written }
    }

    pub(super) fn say(&self, text: &str) {
        // Nobody reads: there is nobody to tell so.
        let _ = self.texts.try_send(text.to_owned());
    }

    /// Waits until all is written, for a moment.
    pub(super) fn close(self) {
        let Self { texts, written } = self;
        drop(texts);
        // A reader who does not read is not waited for.
        let _ = written.recv_timeout(MOMENT);
    }
}
