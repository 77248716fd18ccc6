//! What the gate of this machine knows of the projects that a message is about. No message waits for a gate that does not answer.

use std::time::Duration;

use super::ask_gate::{GLANCE, asked};
use super::gate_part::is_there;
use crate::config::GateSettings;
use crate::gate::GateQuestion;
use crate::model::at_gate::{GateWord, ProjectAtGate};
use crate::model::{ProjectName, Time};
use crate::store::{Store, StoreError};

/// As long as any page waits that shows something else.
const PATIENCE: Duration = if cfg!(test) { Duration::from_millis(50) } else { GLANCE };

/// A word for each of them, in their order; none where there is no gate on this machine. It takes half a second at most.
///
/// # Errors
/// Where the store cannot be read.
pub async fn at_gate(
    store: &Store,
    gate: &GateSettings,
    projects: Vec<ProjectName>,
    now: Time,
) -> Result<Vec<GateWord>, StoreError> {
    if !is_there(store, gate, now).await? {
        return Ok(Vec::new());
    }
    let asks = projects.len();
    let said = asked::<Vec<ProjectAtGate>>(&gate.socket, &GateQuestion::Known { projects }, PATIENCE).await;
    Ok(match said {
        Ok(said) if said.len() == asks => said.into_iter().map(GateWord::Says).collect(),
        // It is silent, or of another version.
        Ok(_) | Err(_) => vec![GateWord::Silent; asks],
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener;
    use std::time::Instant;

    use super::*;

    #[tokio::test]
    async fn where_there_is_no_gate_nothing_is_said_and_one_that_hangs_is_left_alone() {
        let dir = tempfile::tempdir().expect("a directory");
        let store = Store::open(dir.path()).expect("opens");
        let now = Time::UNIX_EPOCH + chrono::TimeDelta::days(20_000);
        let gate = GateSettings { socket: dir.path().join("gate.sock"), ..GateSettings::default() };
        let two = ["acme-biling", "leftpad"].map(|name| ProjectName::parse(name).expect("valid"));
        let said = async || at_gate(&store, &gate, two.to_vec(), now).await.expect("reads");
        assert_eq!(said().await, []);
        let listener = UnixListener::bind(&gate.socket).expect("bound");
        let began = Instant::now();
        assert_eq!(said().await, [GateWord::Silent, GateWord::Silent], "it takes what is asked, and does not answer");
        assert!(began.elapsed() >= PATIENCE && began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
        drop(listener);
        assert_eq!(said().await, [GateWord::Silent, GateWord::Silent], "it was killed, and left its socket");
    }
}
