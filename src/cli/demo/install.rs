//! What a developer installs while the stranger's project stands: with two indexes the stranger's, through the gate the team's own. The
//! daemon has started the gate, as a process of its own.

use std::io;
use std::path::Path;
use std::time::Duration;

use chrono::TimeDelta;

use super::super::failure::Failure;
use super::super::gate::{asked, row};
use super::claim::TARGET;
use super::developer::{Developer, Download, command};
use super::screen::Screen;
use crate::daemon::Engine;
use crate::gate::{GateQuestion, GateReviews};
use crate::model::{ProjectName, Serial};
use crate::sim::{Options, Order, Refusal, Sim, World};

/// What the company's own index has: the demo's inventory says the same.
const OWN: [(&str, &str); 2] = [(TARGET, "2.0.0"), ("acme-billing", "4.12.0")];
/// A letter too many: a stranger registered it hours ago.
const SLIP: &str = "acme-billings";
/// Between two looks whether the gate is there.
const TICK: Duration = Duration::from_millis(50);
/// How long the company has had its packages.
const STANDING: TimeDelta = TimeDelta::days(170);

/// The company's own index, on a port of its own.
pub(super) async fn private_index() -> io::Result<Sim> {
    let (mut world, at) = (World::empty(Order::default(), Serial(100)), Sim::now() - STANDING);
    let stocked: Result<Vec<Serial>, Refusal> =
        OWN.iter().map(|(name, version)| world.upload(name, version, "Internal", "compilers-bot", at)).collect();
    stocked.map_err(|why| io::Error::other(format!("the demo's own index: {why}")))?;
    Sim::start(world, Options::default()).await
}

/// Shows what is installed without the gate and with it.
///
/// # Errors
/// When the gate gives out what is a stranger's, or does not give out what is the team's.
pub(super) async fn show(
    engine: &Engine,
    dir: &Path,
    (pypi, private): (&Sim, &Sim),
    screen: &Screen,
) -> Result<(), Failure> {
    let settings = engine.settings();
    let (own, public) = (format!("{}/simple/", private.base_url()), format!("{}/simple/", pypi.base_url()));
    let gate = format!("{}/simple/", settings.gate.address());
    let desk = dir.join("developer");
    std::fs::create_dir(&desk).map_err(|e| Failure::failed(&e))?;
    let developer = Developer::in_dir(&desk, &engine.http).await;
    screen.say(&opening(&developer));
    let work = Workplace { developer, desk: &desk, screen };
    work.ask(TARGET, &[&own, &public], "without-the-gate").await?;
    screen.say("\nThe gate stands in front of both, and is the only index:\n");
    ready(&settings.gate.socket).await;
    let ours = work.ask(TARGET, &[&gate], "through-the-gate").await?;
    only_ours(ours)?;
    screen.say("\nA letter too many, and the project is a stranger's, registered hours ago:\n");
    nothing(work.ask(SLIP, &[&gate], "a-slip").await?)?;
    screen.say(&format!("\nPersons decide of it:\n\n{}", review(&settings.gate.socket).await?));
    Ok(())
}

fn opening(developer: &Developer) -> String {
    let what =
        format!("\nMeanwhile a developer installs {TARGET}, with your own index and PyPI beside it, as it was then");
    match developer {
        Developer::Pip => format!("{what}:\n"),
        Developer::ByHand(_) => {
            format!("{what}. This machine has no pip (python3 -m pip), so the demo asks as pip would:\n")
        }
    }
}

/// A developer, who works in a directory before an audience.
struct Workplace<'a> {
    developer: Developer,
    desk: &'a Path,
    screen: &'a Screen,
}

impl Workplace<'_> {
    /// Shows the command and what it comes to. `into` is made below the developer's directory.
    async fn ask(&self, name: &str, indexes: &[&str], into: &str) -> Result<Download, Failure> {
        let name = ProjectName::parse(name).map_err(|e| Failure::failed(&e))?;
        self.screen.say(&format!("    {}", command(&name, indexes)));
        let download = self.developer.download(&name, indexes, &self.desk.join(into)).await?;
        self.screen.say(&match &download {
            Download::Took(version) => format!("    took {name} {version}: {}", whose(version)),
            Download::Nothing(why) => format!("    took nothing: {why}"),
        });
        Ok(download)
    }
}

/// The versions of the company's own are known, and nobody else has one of them.
fn whose(version: &str) -> &'static str {
    if OWN.iter().any(|(_, own)| *own == version) { "your own" } else { "the stranger's" }
}

/// Until the gate answers at its socket, which it does once it listens.
async fn ready(socket: &Path) {
    while reviews(socket).await.is_err() {
        tokio::time::sleep(TICK).await;
    }
}

async fn reviews(socket: &Path) -> Result<GateReviews, Failure> {
    asked(socket, &GateQuestion::Reviews { state: None, all: false }).await
}

fn only_ours(download: Download) -> Result<(), Failure> {
    match download {
        Download::Took(version) if version == OWN[0].1 => Ok(()),
        Download::Took(version) => {
            Err(Failure::new(format!("the gate gave out {TARGET} {version}, which is a stranger's")))
        }
        Download::Nothing(why) => Err(Failure::new(format!("the gate gave out no {TARGET}, which is yours: {why}"))),
    }
}

fn nothing(download: Download) -> Result<(), Failure> {
    match download {
        Download::Took(version) => Err(Failure::new(format!("the gate gave out {SLIP} {version}, which is hours old"))),
        Download::Nothing(_) => Ok(()),
    }
}

/// What the gate keeps of what was asked for.
async fn review(socket: &Path) -> Result<String, Failure> {
    let found = reviews(socket).await?;
    let review = found.reviews.iter().find(|review| review.project == SLIP);
    review
        .map(row)
        .ok_or_else(|| Failure::new(format!("{SLIP} was asked for at the gate, and there is no review of it")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn took(version: &str) -> Download {
        Download::Took(version.to_owned())
    }

    /// CI runs the demo, and has to see it fail.
    #[test]
    fn a_gate_that_lets_a_stranger_through_fails_the_demo() {
        assert!(only_ours(took("2.0.0")).is_ok());
        let said = |outcome: Result<(), Failure>| outcome.expect_err("fails").problem.detail;
        assert!(said(only_ours(took("3.0.0"))).contains("a stranger's"));
        assert!(said(only_ours(Download::Nothing("451".to_owned()))).contains("which is yours"));
        assert!(said(nothing(took("1.0.0"))).contains(SLIP));
        assert!(nothing(Download::Nothing("451".to_owned())).is_ok());
    }

    #[tokio::test]
    async fn the_companys_own_index_has_what_the_inventory_says() {
        let inventory = include_str!("inventory.toml");
        for (name, version) in OWN {
            let listed = [
                format!("{name}=={version}"),
                format!("name = \"{name}\"\nowner = \"compilers\"\nlatest_version = \"{version}\""),
            ];
            assert!(listed.iter().any(|listed| inventory.contains(listed)), "{name}");
        }
        let index = private_index().await.expect("a free port");
        assert!(index.world().project(&ProjectName::parse(TARGET).expect("valid")).is_some());
    }
}
