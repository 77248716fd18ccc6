//! What is wrong with the log, as persons are told, and what it has no room for.

use std::sync::atomic::Ordering;
use std::time::Duration;

use super::writer::{LedgerRules, LogStep, Writer};
use crate::gate::records::{Forgotten, RecordsError};
use crate::gate::troubles::GateTrouble;

/// So long after it had no room it is said to have none.
const SHORT: Duration = Duration::from_hours(7 * 24);

impl Writer {
    pub(super) fn shrink(&mut self) {
        let (present, LedgerRules { age, room }) = (self.clock.present(), self.rules);
        let gone = self.book().and_then(|book| book.shrink(present.reached, age, room));
        if let Ok(Forgotten { last: Some(last), mostly, .. }) = &gone {
            self.cut = Some((self.clock.mono(), *last, mostly.clone()));
        }
        self.cut = self.cut.take().filter(|(at, ..)| self.clock.mono().saturating_sub(*at) < SHORT);
        let told = self.cut.as_ref().map(|(_, last, mostly)| {
            let whose = mostly.as_ref().map(|client| format!(", mostly what {client} did, who has the most"));
            format!(
                "the log of deliveries has no room for log_age, and has forgotten who received what until {}{}: write more log_megabytes",
                last.format("%F"),
                whose.unwrap_or_default()
            )
        });
        self.troubles.note(GateTrouble::LogShort, told);
        if let Ok(Forgotten { rows: rows @ 1.., .. }) = &gone {
            tracing::info!(rows, "the log of deliveries forgets what is too old, or has no room");
        }
        if gone.is_err() {
            // In the next round again, and not in an hour.
            self.shrunk = None;
        }
        self.hear(LogStep::Shrink, &gone);
    }

    /// As long as it lives: nobody can be told of what they received then.
    pub(super) fn tell_of_lost(&self) {
        let lost = self.unwritten.load(Ordering::Relaxed);
        let told = (lost > 0).then(|| {
            "files went out, and who received them could not be written down, so that nobody will be told of what turns out to be bad: see \
             `namewarden gate who`"
                .to_owned()
        });
        self.troubles.note(GateTrouble::ReceiptsLost, told);
    }

    /// What failed stays a trouble until that very thing is done: to have nothing to do is no sign that it would be.
    pub(super) fn hear<T>(&mut self, step: LogStep, done: &Result<T, RecordsError>) {
        match done {
            Ok(_) => drop(self.failing.remove(&step)),
            Err(error) => drop(self.failing.insert(step, error.to_string())),
        }
        let told = self.failing.iter().next().map(|(step, error)| {
            let what = match step {
                LogStep::Mark => "what was received and is bad cannot be read",
                _ => "who receives what cannot be written down, and files go out",
            };
            format!("{what}, so that nobody will be told of what turns out to be bad: {error}")
        });
        self.troubles.note(GateTrouble::ReceiptsUnwritten, told);
    }

    pub(super) fn hear_of_uses(&self, done: Result<(), RecordsError>) {
        let told = done
            .err()
            .map(|error| format!("what is used cannot be written down, and prior use stays as it was: {error}"));
        self.troubles.note(GateTrouble::UsesUnwritten, told);
    }
}
