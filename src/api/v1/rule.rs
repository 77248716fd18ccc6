//! The rules of the matcher: the lines of `rules`.

use serde::{Deserialize, Serialize};

use crate::matcher::Spec;

/// One rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Rule {
    /// Its id, never to change. Rules are added.
    pub rule: String,
    /// Of the name, beside the watch: "… is the watched name".
    pub holds_when: String,
    /// What it means to an attacker.
    pub attacker: String,
    /// Where it is described, or was seen.
    pub sources: String,
    pub example: Example,
}

/// Two names of which it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Example {
    /// As people write it: `acme-billing`, `acme-*`, `brand:acme`.
    pub watch: String,
    pub name: String,
}

impl From<&Spec> for Rule {
    fn from(of: &Spec) -> Self {
        let (watch, name) = of.example;
        Self {
            rule: of.rule.as_str().to_owned(),
            holds_when: of.line.to_owned(),
            attacker: of.attacker.to_owned(),
            sources: of.sources.to_owned(),
            example: Example { watch: watch.to_owned(), name: name.to_owned() },
        }
    }
}
