//! A gate goes by the configuration of its start. Whoever changes it and believes it in force is told: the daemon that reads it again is
//! another process, and a freeze that it takes for good freezes nothing here.

use std::time::Duration;

use super::super::call::Call;
use super::again::Again;
use crate::clock::Clock;
use crate::config::{self, Settings, changed_of_gate};
use crate::gate::{GateTrouble, GateTroubles};

/// Whoever changes it starts the gate again, or reloads, within this time.
const MEANT: Duration = Duration::from_mins(5);

/// How long the configuration is another.
#[derive(Debug, Default)]
struct Outdated {
    /// Since when, on the monotonic clock.
    since: Option<Duration>,
}

impl Outdated {
    /// What is told of these keys, which differ; `None`: none does, or not for long.
    fn told(&mut self, keys: &[&str], now: Duration) -> Option<String> {
        if keys.is_empty() {
            self.since = None;
            return None;
        }
        let since = *self.since.get_or_insert(now);
        (now.saturating_sub(since) >= MEANT).then(|| {
            format!(
                "the gate runs by the configuration of its start, which has changed since ({}): start it again, `systemctl restart \
                 namewarden-gate`, or `namewarden reload` where `namewarden run` starts it",
                keys.join(", ")
            )
        })
    }
}

/// Until it is dropped. One that cannot be read is nobody's wish.
pub(super) async fn follow(call: &Call, now: &Settings, troubles: &GateTroubles, mut again: Again) {
    let mut outdated = Outdated::default();
    loop {
        again.turn().await;
        if let Ok(new) = config::load_sealed(&call.path(), &call.environment) {
            let told = outdated.told(&changed_of_gate(now, &new), Clock::System.mono());
            troubles.note(GateTrouble::Outdated, told);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_that_nobody_puts_in_force_is_told_until_it_is_or_is_taken_back() {
        let (mut outdated, at) = (Outdated::default(), Duration::from_secs);
        assert_eq!(outdated.told(&["gate.freeze"], at(100)), None, "somebody is about to");
        assert_eq!(outdated.told(&["gate.freeze", "gate.public"], at(399)), None);
        let told = outdated.told(&["gate.freeze", "gate.public"], at(400)).expect("five minutes");
        assert!(told.contains("(gate.freeze, gate.public)") && told.contains("restart namewarden-gate"), "{told}");
        assert_eq!(outdated.told(&[], at(430)), None);
        assert_eq!(outdated.told(&["gate.freeze"], at(1000)), None, "of another change");
    }
}
