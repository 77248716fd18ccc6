//! What happens in the world, and when: a TOML file, read strictly.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

use super::happening::Happening;
use super::stage::{StagedAccount, StagedOrganization, StagedPublisher, StagedToken};
use super::world::{Loader, NameRow, Policy, World};
use crate::model::Time;

/// A script for the simulator. Its clock starts when it is played.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Uploads of real names beside the steps.
    pub replay: Option<Replay>,
    /// What PyPI allows of uploads.
    #[serde(default)]
    pub uploads: Policy,
    #[serde(default, rename = "account")]
    pub accounts: Vec<StagedAccount>,
    #[serde(default, rename = "organization")]
    pub organizations: Vec<StagedOrganization>,
    #[serde(default, rename = "token")]
    pub tokens: Vec<StagedToken>,
    #[serde(default, rename = "publisher")]
    pub publishers: Vec<StagedPublisher>,
    /// In any order; those of one moment happen as written.
    #[serde(default, rename = "step")]
    pub steps: Vec<Happening>,
}

/// Names of the list that are kept out of the world and uploaded while it runs.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Replay {
    /// Names per second, above zero.
    pub per_second: f64,
    /// How many in all.
    pub count: usize,
}

/// Why a scenario cannot be played.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    #[error("cannot read the scenario {path}")]
    Read { path: PathBuf, source: std::io::Error },
    #[error("the scenario is not understood; correct the line shown")]
    Parse(#[source] toml::de::Error),
    #[error("the step at line {line} of the scenario is not understood; correct it")]
    Step { line: usize, source: toml::de::Error },
    #[error("replay.per_second is {0}; give a number above zero")]
    Rate(f64),
}

impl Scenario {
    /// The attack that the demo replays.
    pub fn december_2022() -> Self {
        Self::parse(include_str!("december-2022.toml")).expect("a test parses it")
    }

    pub fn read(path: &Path) -> Result<Self, ScenarioError> {
        let text = std::fs::read_to_string(path);
        Self::parse(&text.map_err(|source| ScenarioError::Read { path: path.to_owned(), source })?)
    }

    pub fn parse(text: &str) -> Result<Self, ScenarioError> {
        let scenario: Self = toml::from_str(text).map_err(|error| misread(text, error))?;
        if let Some(replay) = scenario.replay {
            Replay::new(replay.per_second, replay.count)?;
        }
        Ok(scenario)
    }

    /// Takes the names the scenario registers out of the list; returns those that its replay uploads.
    pub fn prepare(&self, loader: &mut Loader) -> Vec<NameRow> {
        loader.leave_out(self.registers());
        self.replay.map_or_else(Vec::new, |replay| loader.withhold(replay.count))
    }

    /// Gives the world what the scenario says of uploads: accounts, tokens, publishers and limits.
    pub fn furnish(&self, world: &mut World, now: Time) {
        world.policy = self.uploads.clone();
        self.accounts.iter().for_each(|account| account.furnish(world));
        self.organizations.iter().for_each(|organization| organization.furnish(world));
        self.tokens.iter().for_each(|token| token.furnish(world, now));
        self.publishers.iter().for_each(|publisher| publisher.furnish(world));
    }

    /// The names that steps register, which the world must not hold before.
    pub fn registers(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().filter_map(|step| match step {
            Happening::Create { name, .. }
            | Happening::CreateForOrganization { name, .. }
            | Happening::Upload { name, .. } => Some(name.as_str()),
            _ => None,
        })
    }
}

impl Replay {
    /// # Errors
    /// When the rate is not a number above zero.
    pub fn new(per_second: f64, count: usize) -> Result<Self, ScenarioError> {
        let sound = per_second.is_finite() && per_second > 0.0;
        if sound { Ok(Self { per_second, count }) } else { Err(ScenarioError::Rate(per_second)) }
    }
}

/// Each step with its place.
#[derive(Deserialize)]
struct Outline {
    #[serde(default)]
    step: Vec<Spanned<toml::Table>>,
}

/// Which step is wrong: a reader that chooses by what a step does points at the first of them all.
fn misread(text: &str, error: toml::de::Error) -> ScenarioError {
    let steps = toml::from_str(text).map_or_else(|_| Vec::new(), |outline: Outline| outline.step);
    let wrong = steps.into_iter().find_map(|step| {
        let line = text[..step.span().start].matches('\n').count() + 1;
        let source = step.into_inner().try_into::<Happening>().err()?;
        Some(ScenarioError::Step { line, source })
    });
    wrong.unwrap_or(ScenarioError::Parse(error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::causes;
    use crate::sim::fault::{Fault, Faults};

    /// What `do` may say.
    fn kinds_of_steps() -> Vec<String> {
        kinds("do = \"nothing\"\nat = 1")
    }

    /// What the reader says it would have understood instead.
    fn kinds(wrong: &str) -> Vec<String> {
        let said = error(&format!("[[step]]\n{wrong}\n"));
        let (_, known) = said.split_once("expected one of ").expect("a closed set");
        let known = known.lines().next().unwrap_or_default();
        known.split('`').skip(1).step_by(2).map(str::to_owned).collect()
    }

    fn error(text: &str) -> String {
        let error = Scenario::parse(text).expect_err("it is wrong");
        std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string)
    }

    #[test]
    fn december_2022_is_a_scenario() {
        let scenario = Scenario::december_2022();
        assert_eq!(scenario.registers().collect::<Vec<_>>(), ["torchtriton"]);
        assert!(scenario.replay.is_some());
    }

    /// The blocks of a page, without the commands.
    fn example(page: &str) -> String {
        let blocks = page.lines().filter_map(|line| line.strip_prefix("    ").or(line.is_empty().then_some("")));
        blocks.filter(|line| !line.starts_with("namewarden ")).collect::<Vec<_>>().join("\n")
    }

    /// `docs/scenarios.md` is what people write scenarios by.
    #[test]
    fn the_example_of_the_page_plays_and_the_page_names_everything() {
        let page = include_str!("../../docs/scenarios.md");
        let scenario = Scenario::parse(&example(page)).expect("as it is read");
        assert_eq!((scenario.steps.len(), scenario.replay.map(|replay| replay.count)), (5, Some(200)));
        assert_eq!(scenario.uploads, Policy::default(), "the page shows the defaults");
        let staged = (scenario.tokens.len(), scenario.accounts.len(), scenario.organizations.len());
        assert_eq!((staged, scenario.publishers.len()), ((1, 1, 1), 1));
        let (mut world, faults) = (World::default(), Faults::default());
        for (at, step) in scenario.steps.iter().enumerate() {
            assert_eq!(step.play(&mut world, &faults, Time::default()), Ok(()), "{step:?}");
            assert_eq!(faults.active(Fault::RssDown), at < 3, "{step:?}");
        }
        assert_eq!(world.len(), 0, "it was removed");
        let known = kinds_of_steps().into_iter().chain(kinds("do = \"start-fault\"\nat = 1\nfault = \"none\""));
        for word in known.chain(["per_second", "count"].map(str::to_owned)) {
            assert!(page.contains(&format!("`{word}`")), "{word} is not on the page");
        }
    }

    #[test]
    fn every_kind_of_step_is_read() {
        let text = r#"
            step = [
                { do = "create", at = 1, name = "a", user = "u" },
                { do = "create-for-organization", at = 1.5, name = "b", organization = "o" },
                { do = "upload", at = 2, name = "c", version = "1", user = "u" },
                { do = "release", at = 2, name = "a", version = "1", summary = "s" },
                { do = "yank", at = 3, name = "a", version = "1" },
                { do = "remove-release", at = 3, name = "a", version = "1" },
                { do = "quarantine", at = 4, name = "a" },
                { do = "clear", at = 5, name = "a" },
                { do = "change-owner", at = 6, name = "a", user = "v" },
                { do = "remove", at = 7, name = "a" },
                { do = "register-again", at = 8, name = "a", user = "w" },
                { do = "prohibit", at = 8, name = "b" },
                { do = "add-role", at = 9, name = "c", user = "v", role = "Maintainer" },
                { do = "archive", at = 9, name = "c" },
                { do = "unarchive", at = 9, name = "c" },
                { do = "attest", at = 9, name = "c", filename = "c-1-py3-none-any.whl", provenance = "{}" },
                { do = "remove-file", at = 9, name = "c", filename = "c-1-py3-none-any.whl" },
                { do = "pending-publisher", at = 9, name = "d", user = "u", subject = "repo:d" },
                { do = "revoke-token", at = 9, token = "pypi-x" },
                { do = "reserve-namespace", at = 9, namespace = "e", organization = "o" },
                { do = "start-fault", at = 9, fault = "rss-down" },
                { do = "stop-fault", at = 10, fault = "rss-down" },
            ]
            [[token]]
            token = "pypi-x"
            user = "u"
            "#;
        let scenario = Scenario::parse(text).expect("all known");
        assert_eq!(kinds_of_steps().len(), scenario.steps.len(), "each kind once");
        let (mut world, faults) = (World::default(), Faults::default());
        scenario.furnish(&mut world, Time::default());
        for step in &scenario.steps {
            assert_eq!(step.play(&mut world, &faults, Time::default()), Ok(()), "{step:?}");
        }
        assert_eq!(world.len(), 2, "a and c");
        assert!(!faults.active(Fault::RssDown));
    }

    #[test]
    fn mistakes_are_named_with_their_line() {
        let second = |step: &str| {
            let text = format!("[[step]]\ndo = \"remove\"\nat = 1\nname = \"a\"\n\n[[step]]\n{step}\n");
            causes::chain(&Scenario::parse(&text).expect_err("it is wrong"))
        };
        insta::assert_snapshot!(second("do = \"remove\"\nat = 1\nnmae = \"a\""), @"the step at line 6 of the scenario is not understood; correct it: unknown field `nmae`, expected `at` or `name`");
        insta::assert_snapshot!(second("do = \"remove\"\nat = -1\nname = \"a\""), @"the step at line 6 of the scenario is not understood; correct it: -1 is no moment; give seconds since the start, zero or more");
        insta::assert_snapshot!(error("[replay]\nper_second = 0\ncount = 1\n"), @"replay.per_second is 0; give a number above zero");
        let unknown = error("[[step]]\ndo = \"explode\"\nat = 1\n");
        assert!(unknown.contains("unknown variant `explode`, expected one of `create`, "), "{unknown}");
        let fault = error("[[step]]\ndo = \"start-fault\"\nat = 1\nfault = \"rss-dwon\"\n");
        assert!(fault.contains("unknown variant `rss-dwon`, expected one of `rss-down`, "), "{fault}");
    }
}
