//! Where a message comes from.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::commands;

/// Where a message comes from, for owners who hear from several watches. Our own words, from the configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The machine's name; empty when it has none.
    pub machine: String,
    /// What its operators call this watch.
    pub instance: Option<String>,
    /// Its configuration, as a shell takes it; `None` for the one that every verb takes by itself.
    pub config: Option<String>,
}

impl Origin {
    /// A command as it asks this watch.
    pub fn command(&self, text: &str) -> String {
        commands::command(text, |words| self.verb(words))
    }

    /// A text whose commands between backticks ask this watch.
    pub fn fitted(&self, text: &str) -> String {
        commands::fitted(text, |words| self.verb(words))
    }

    fn verb(&self, words: &str) -> String {
        match &self.config {
            Some(config) => format!("namewarden {words} --config {config}"),
            None => format!("namewarden {words}"),
        }
    }
}

impl fmt::Display for Origin {
    /// `watch-1 (production)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.instance {
            Some(instance) if self.machine.is_empty() => f.write_str(instance),
            Some(instance) => write!(f, "{} ({instance})", self.machine),
            None => f.write_str(&self.machine),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_what_there_is() {
        let of = |machine: &str, instance: Option<&str>| {
            Origin { machine: machine.to_owned(), instance: instance.map(str::to_owned), config: None }.to_string()
        };
        assert_eq!(of("watch-1", Some("production")), "watch-1 (production)");
        assert_eq!(of("watch-1", None), "watch-1");
        assert_eq!(of("", Some("production")), "production");
        assert_eq!(of("", None), "");
    }
}
