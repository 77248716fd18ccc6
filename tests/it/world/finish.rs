//! The end of every test: nothing may be left over that it did not speak of.

use namewarden::model::notice::NoticeEvent;
use namewarden::store::NoticeRow;

use super::{Told, World};

impl World {
    /// Takes what has arrived out of the sinks. A repeat of what was read must be allowed, and is then no news.
    pub(super) fn collect(&mut self) {
        let mut arrived: Vec<Told> = self.mail.take().into_iter().map(Told::from).collect();
        arrived.extend(self.slack.take().iter().map(Told::slack));
        arrived.extend(self.hook.take().iter().map(Told::hook));
        for told in arrived {
            let known = |other: &Told| !told.key.is_empty() && other.key == told.key && other.to == told.to;
            if self.repeats_allowed && self.read.iter().chain(&self.unread).any(known) {
                self.repeats.push(told);
            } else {
                self.unread.push(told);
            }
        }
    }

    /// Deliveries are broken off in this test: repeats with the same key may come.
    pub(crate) fn allow_repeats(&mut self) {
        self.repeats_allowed = true;
    }

    /// Messages that came again with the key of an earlier one.
    pub(crate) fn repeats(&mut self) -> &[Told] {
        self.collect();
        &self.repeats
    }

    /// The case may be open at the end.
    pub(crate) fn allow_ailment(&mut self, issue: &str) {
        self.issues.push(issue.to_owned());
    }

    /// Stops the daemon and proves that nothing is left: no message unread, no notice due, no issue unspoken of.
    pub(crate) async fn finish(mut self) {
        self.until("every notice is delivered", async |world| world.nothing_waits().await).await;
        let unwell: Vec<String> =
            self.unwell().await.into_iter().filter(|issue| !self.issues.contains(issue)).collect();
        assert!(unwell.is_empty(), "the watch is unwell and the test did not say so: {unwell:?}");
        self.stop().await;
        self.collect();
        assert!(self.unread.is_empty(), "unread: {:#?}", self.subjects());
    }

    /// Is nothing left that is to go out within a minute, neither a notice nor what no notice carries yet?
    pub(crate) async fn nothing_waits(&self) -> bool {
        let soon = self.clock.now() + chrono::TimeDelta::minutes(1);
        let mut due = Vec::new();
        for channel in self.engine().watchlist().routes.every() {
            let store = &self.engine().store;
            due.extend(store.read(move |tx| tx.tellings().next_due(&channel)).await.expect("the store works"));
        }
        self.due().await.is_empty() && due.into_iter().all(|due| due > soon)
    }

    /// Notices that wait to be sent, except summaries and what is due later than a minute from now.
    pub(crate) async fn due(&self) -> Vec<NoticeRow> {
        let all = self.engine().store.read(|tx| tx.notices().recent(chrono::DateTime::UNIX_EPOCH)).await;
        let soon = self.clock.now() + chrono::TimeDelta::minutes(1);
        let due = all.expect("the store works").into_iter().filter(|(_, state)| state == "due").map(|(row, _)| row);
        due.filter(|row| row.event != NoticeEvent::Summary || row.due_at <= soon).collect()
    }
}
