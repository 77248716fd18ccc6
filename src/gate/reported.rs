//! What a report says of the gate, as the daemon asks for it.

use super::desk::DeskError;
use super::serve::Gate;
use crate::model::Time;
use crate::model::gate_report::GateReport;

/// Projects that were received and are bad.
const MOST_RECALLS: usize = 500;

impl Gate {
    /// Of what was after the first time and until the second, and as things stand now.
    pub(super) async fn report(&self, period: (Time, Time)) -> Result<GateReport, DeskError> {
        let reviews = self.desk.of_period(period).await?;
        // A log that cannot be read hides nothing else.
        let recalls = self.ledger.standing_recalls(MOST_RECALLS).await.and_then(Result::ok);
        Ok(GateReport { recalls, troubles: self.troubles.told(), ..reviews })
    }
}
