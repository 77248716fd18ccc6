//! Who received what, as verbs ask for it: a list at a time.

use super::desk::DeskError;
use super::ledger::Received;
use super::replies::{GateReceipts, ReceivedFiles};
use super::serve::Gate;
use crate::model::{ProjectName, Time};

impl Gate {
    /// Who received a version of the project, or any.
    pub(super) async fn receipts(
        &self,
        project: ProjectName,
        version: Option<String>,
        most: usize,
    ) -> Result<GateReceipts, DeskError> {
        let received = self.ledger.who(project, version, most + 1).await.ok_or(DeskError::Busy)?;
        let Received { mut receipts, since, unwritten } = received?;
        let more = receipts.len() > most;
        receipts.truncate(most);
        Ok(GateReceipts { receipts, since, unwritten, more })
    }

    /// Files that went out on that day or later, those with a higher number than `after`.
    pub(super) async fn received(&self, since: Time, after: i64, most: usize) -> Result<ReceivedFiles, DeskError> {
        let mut files = self.ledger.files(since, after, most + 1).await.ok_or(DeskError::Busy)??;
        let more = files.len() > most;
        files.truncate(most);
        Ok(ReceivedFiles { files, more })
    }
}
