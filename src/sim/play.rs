//! Plays a scenario in real time: its steps, and the replayed names between them.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::serve::Shared;
use super::world::{NameRow, Refusal};
use super::{Scenario, now};

/// A step that PyPI would not have done.
#[derive(Debug)]
pub struct Refused {
    /// Since the scenario began.
    pub at: Duration,
    pub why: Refusal,
}

/// Plays until everything has happened, or the simulator stops; returns what was refused.
pub(super) async fn play(shared: Arc<Shared>, scenario: Scenario, names: Vec<NameRow>) -> Vec<Refused> {
    let start = Instant::now();
    let mut refused = Vec::new();
    for happening in timeline(scenario, names) {
        tokio::select! {
            () = sleep_until(start + happening.at) => {}
            () = shared.stopped() => return refused,
        }
        if let Err(why) = happening.take_place(&shared) {
            tracing::warn!(at_s = happening.at.as_secs_f64(), %why, "a step of the scenario was refused");
            refused.push(Refused { at: happening.at, why });
        }
    }
    refused
}

struct Happening {
    at: Duration,
    what: What,
}

enum What {
    Happening(super::happening::Happening),
    Replay(NameRow),
}

/// Everything in the order in which it happens.
fn timeline(scenario: Scenario, names: Vec<NameRow>) -> Vec<Happening> {
    let mut line: Vec<Happening> =
        scenario.steps.into_iter().map(|step| Happening { at: step.at(), what: What::Happening(step) }).collect();
    if let Some(replay) = scenario.replay {
        let moment = |number: u32| Duration::from_secs_f64(f64::from(number) / replay.per_second);
        let names = names.into_iter().take(replay.count);
        line.extend(
            (1_u32..).zip(names).map(|(number, row)| Happening { at: moment(number), what: What::Replay(row) }),
        );
    }
    line.sort_by_key(|happening| happening.at);
    line
}

impl Happening {
    fn take_place(&self, shared: &Shared) -> Result<(), Refusal> {
        let (mut world, now) = (shared.world(), now::this_second());
        match &self.what {
            What::Happening(step) => step.play(&mut world, &shared.faults, now),
            What::Replay(row) => row.upload(&mut world, now).map(drop),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::{Loader, Options, Order, Sim};

    #[tokio::test]
    async fn steps_and_names_happen_in_their_order() {
        let text = "[replay]\nper_second = 50.0\ncount = 3\n[[step]]\ndo = \"upload\"\nat = 0.03\nname = \"late\"\n\
                    version = \"1\"\nuser = \"u\"\n[[step]]\ndo = \"remove\"\nat = 0\nname = \"ghost\"\n";
        let mut loader = Loader::parse("alpha\nbeta\ngamma\ndelta\n").expect("names");
        let names = loader.withhold(3);
        let sim = Sim::start(loader.world(Order::default()), Options::default()).await.expect("a free port");
        let refused = sim.play(Scenario::parse(text).expect("a scenario"), names).await;
        assert!(matches!(refused[..], [Refused { at: Duration::ZERO, why: Refusal::NoProject(_) }]), "{refused:?}");
        let created: Vec<String> =
            sim.world().journal().iter().filter(|e| e.action == "create").map(|e| e.name.clone()).collect();
        assert_eq!((created.len(), created[1].as_str()), (4, "late"), "{created:?}");
        assert_eq!(sim.world().len(), 5);
    }
}
