//! The trail of who did what: written by the command service and by the way in, and read by whoever asks.

use chrono::TimeDelta;

use super::cursor::List;
use super::lists::most;
use super::refusal::Refusal;
use super::reply::{Reply, reply};
use super::service::CommandService;
use super::trail;
use super::v1;
use crate::model::{Actor, Time};

/// Lines of one page.
const LINES: usize = 200;

impl CommandService {
    /// Writes down what somebody did that is no command.
    pub async fn noted(&self, actor: &Actor, action: &str, outcome: &str, detail: &str) {
        trail::note(&self.store, &self.clock, actor, (action, outcome, detail)).await;
    }

    pub(super) async fn audit(
        &self,
        since: Option<Time>,
        after: Option<String>,
        limit: Option<usize>,
    ) -> Result<Reply, Refusal> {
        let place = List::Audit.place(after)?.map(|[id]| id.parse::<i64>()).transpose();
        let after = place.map_err(|_| Refusal::BadCursor("audit"))?.unwrap_or(0);
        let (since, most) = (since.unwrap_or(Time::UNIX_EPOCH - TimeDelta::days(1)), most(limit, LINES));
        let lines = self.store.read(move |tx| tx.audit().since(since, after, most as u32 + 1)).await?;
        reply(List::Audit.page(lines.iter().map(v1::AuditEntry::from), most, |line| vec![line.id.to_string()]))
    }
}
