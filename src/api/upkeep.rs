//! Answers what people ask for upkeep: the cursor of the changelog, the projects known, a copy of the store.

use super::cursor::List;
use super::lists;
use super::refusal::Refusal;
use super::reply::{Reply, reply};
use super::service::CommandService;
use super::v1;
use crate::model::{Registry, Serial};
use crate::store::CHANGELOG;

impl CommandService {
    pub(super) async fn cursor(&self) -> Result<Reply, Refusal> {
        let serial = self.store.read(|tx| tx.cursors_of(Registry::Pypi).get::<Serial>(CHANGELOG)).await?;
        reply(v1::Cursor { serial: serial.map(|serial| serial.0), before: None })
    }

    /// Moving the cursor back repeats what was told (same keys, so nothing is told twice); moving it on leaves a hole
    /// in the ledger that only the index closes. Either way it is written down who did it.
    pub(super) async fn set_cursor(&self, serial: Serial, who: String) -> Result<Reply, Refusal> {
        let before = self.store.write(move |tx| {
            let before: Option<Serial> = tx.cursors_of(Registry::Pypi).get(CHANGELOG)?;
            if before.is_some() {
                tx.cursors_of(Registry::Pypi).set(CHANGELOG, &serial)?;
            }
            // What is to be told again may be other events by now.
            if before.is_some_and(|before| serial < before) {
                tx.coverage().cut(Registry::Pypi, serial)?;
            }
            Ok(before)
        });
        let before = before.await?.ok_or(Refusal::NoBaseline)?;
        tracing::warn!(%before, after = %serial, who, "the changelog cursor was set by hand");
        reply(v1::Cursor { serial: Some(serial.0), before: Some(before.0) })
    }

    pub(super) async fn known(&self, after: Option<String>, limit: Option<usize>) -> Result<Reply, Refusal> {
        let after = List::Known.place(after)?.map(|[name]| name).unwrap_or_default();
        reply(self.store.read(move |tx| lists::known(tx, &after, limit)).await?)
    }

    pub(super) async fn backup(&self, name: Option<String>) -> Result<Reply, Refusal> {
        let of_now = || format!("namewarden-{}.db", self.clock.now().format("%Y%m%dT%H%M%SZ"));
        let backups = self.settings.borrow().backups.clone();
        let path = self.store.backup(backups, name.unwrap_or_else(of_now)).await?;
        reply(v1::Backup { path: path.display().to_string() })
    }
}
