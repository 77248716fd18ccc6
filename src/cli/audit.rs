//! `namewarden audit`: who did what, in order.

use std::process::ExitCode;

use super::call::Call;
use super::client::Client;
use super::failure::Failure;
use super::format::Format;
use super::output::{say, say_json};
use super::pages::{ListPart, pages};
use super::since::{Since, since};
use crate::api::v1::{AuditEntry, Command as Ask};
use crate::messages::hostile::line as harmless;
use crate::reports::csv;

/// Show who asked for what that changes something, who signed in, and who was refused. Nothing is ever taken from this trail.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only what happened since then: a day, a time, or a length such as 7d. Default: everything.
    #[arg(long, value_name = "WHEN", value_parser = since)]
    pub since: Option<Since>,
    #[command(flatten)]
    pub part: ListPart,
    /// How to print it.
    #[arg(long, value_enum, default_value_t)]
    pub format: AuditFormat,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum AuditFormat {
    #[default]
    Human,
    Json,
    Csv,
}

const HEAD: [&str; 8] = ["id", "at", "who", "uid", "through", "action", "outcome", "detail"];

impl Args {
    pub(super) async fn run(self, call: &Call) -> Result<ExitCode, Failure> {
        let client = Client::open(call)?;
        let (since, format) = (self.since.map(Since::time), self.format);
        if format == AuditFormat::Csv {
            say(&csv::row(HEAD.map(str::to_owned)));
        }
        let ask = |ListPart { limit, after }| Ask::Audit { since, after, limit };
        let shown = pages(&client, self.part, ask, |page: Vec<AuditEntry>| match format {
            AuditFormat::Json => page.iter().for_each(say_json),
            AuditFormat::Csv => page.into_iter().for_each(|entry| say(&csv::row(cells(entry)))),
            AuditFormat::Human => page.iter().for_each(|entry| say(&line(entry))),
        })
        .await?;
        if shown.items == 0 && format == AuditFormat::Human {
            say("nobody has done anything yet");
        }
        shown.end(if format == AuditFormat::Json { Format::Json } else { Format::Human }, "oldest");
        Ok(ExitCode::SUCCESS)
    }
}

fn line(entry: &AuditEntry) -> String {
    let at = entry.at.format("%F %T");
    let of = if entry.detail.is_empty() { String::new() } else { format!(" {}", entry.detail) };
    let said = format!("{at}  {}: {}{of}: {}", entry.who, entry.action, entry.outcome);
    harmless(&said)
}

fn cells(entry: AuditEntry) -> [String; 8] {
    let uid = entry.actor.uid.map(|uid| uid.to_string()).unwrap_or_default();
    let (id, at) = (entry.id.to_string(), entry.at.to_rfc3339());
    [id, at, entry.who, uid, entry.actor.through, entry.action, entry.outcome, entry.detail]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::v1::Actor;

    #[test]
    fn what_had_no_detail_leaves_no_gap_for_one() {
        let said = |action: &str, detail: &str| {
            let actor = Actor { uid: None, user: None, through: "socket".to_owned(), declared: None };
            line(&AuditEntry {
                id: 1,
                at: crate::model::Time::UNIX_EPOCH,
                actor,
                who: "ada".to_owned(),
                action: action.to_owned(),
                outcome: "done".to_owned(),
                detail: detail.to_owned(),
            })
        };
        assert_eq!(said("backup", ""), "1970-01-01 00:00:00 ada: backup: done");
        assert_eq!(said("judge", "nw-1"), "1970-01-01 00:00:00 ada: judge nw-1: done");
    }

    #[test]
    fn no_text_of_others_does_more_than_to_be_read() {
        let ours = [];
        crate::cli::hostile::is_printed_harmlessly("namewarden audit --limit 1 --format json", &ours, line);
    }
}
