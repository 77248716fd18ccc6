//! `namewarden rules`: what the matcher knows. `docs/rules.md` is its Markdown, and a test keeps them equal.

use std::fmt::Write;
use std::process::ExitCode;

use super::call::Call;
use super::failure::Failure;
use super::output::{say, say_json};
use crate::api::v1::Rule;
use crate::matcher::{RULES, Spec};

/// Print the rules of the matcher.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// How to print them.
    #[arg(long, value_enum, default_value_t)]
    pub format: RulesFormat,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum RulesFormat {
    #[default]
    Human,
    /// The page `docs/rules.md`.
    Markdown,
    /// One object a line.
    Json,
}

impl Args {
    pub(super) async fn run(self, _: &Call) -> Result<ExitCode, Failure> {
        match self.format {
            RulesFormat::Human => say(&RULES.iter().map(human).collect::<String>()),
            RulesFormat::Markdown => say(&markdown()),
            RulesFormat::Json => RULES.iter().map(Rule::from).for_each(|rule| say_json(&rule)),
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn human(spec: &Spec) -> String {
    format!("{:<15} {}\n{:<15}   {} -> {}\n", spec.rule.as_str(), spec.line, "", spec.example.0, spec.example.1)
}

/// Above the table: how the tier follows from the evidence.
const MODEL: &str = include_str!("rules_model.md");

fn markdown() -> String {
    let mut page = String::from(MODEL);
    page.push_str(
        "\n| rule | holds when the name is … | to an attacker | watch → name | sources |\n|---|---|---|---|---|\n",
    );
    for spec in &RULES {
        let (watch, name) = spec.example;
        let (rule, line, attacker, sources) = (spec.rule.as_str(), spec.line, spec.attacker, spec.sources);
        // Writing to a string cannot fail.
        let _ = writeln!(page, "| `{rule}` | {line} | {attacker} | `{watch}` → `{name}` | {sources} |");
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_what_the_rules_say() {
        let page = include_str!("../../docs/rules.md");
        assert_eq!(page.trim_end(), markdown().trim_end(), "write it with `namewarden rules --format markdown`");
    }

    #[test]
    fn every_rule_is_printed() {
        assert!(RULES.iter().all(|spec| human(spec).contains(spec.rule.as_str())));
        assert!(RULES.iter().all(|spec| Rule::from(spec).rule == spec.rule.as_str()));
    }
}
