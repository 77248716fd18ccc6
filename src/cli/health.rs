//! `namewarden health`: what keeps the watch from seeing or telling, and what waits for a person there.

use std::fmt::Write;
use std::process::ExitCode;

use super::call::Call;
use super::client::Client;
use super::failure::Failure;
use super::format::Format;
use super::instance::fitted;
use super::output::{say, say_json};
use super::pages::{ListPart, pages};
use super::tone::confirm;
use crate::api::v1::{Command as Ask, Unwell};
use crate::messages::hostile::line as harmless;

/// See what the watch suffers from, and close what a person closes.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// List open health cases, with every name that could not be read.
    List(ListArgs),
    /// Say that you have looked at what only a person can judge, names that could not be read or a project of ours that changed: the
    /// case is closed, and the same opens none again.
    Ack(AckArgs),
}

#[derive(Debug, clap::Args)]
pub struct ListArgs {
    #[command(flatten)]
    pub part: ListPart,
    /// How to print it.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

#[derive(Debug, clap::Args)]
pub struct AckArgs {
    /// The key of the case, such as `unreadable:changelog`.
    pub case: String,
    /// What the next reader should know.
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// Who decided; recorded beside your user. Default: the user of this shell.
    #[arg(long, value_name = "NAME")]
    pub who: Option<String>,
    /// How to print it.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

impl Command {
    pub(super) async fn run(self, call: &Call) -> Result<ExitCode, Failure> {
        let client = Client::open(call)?;
        match self {
            Self::List(args) => list(&client, args).await,
            Self::Ack(args) => acknowledge(&client, args).await,
        }?;
        Ok(ExitCode::SUCCESS)
    }
}

async fn list(client: &Client, ListArgs { part, format }: ListArgs) -> Result<(), Failure> {
    let ask = |ListPart { limit, after }| Ask::Health { after, limit };
    let shown = pages(client, part, ask, |page: Vec<Unwell>| match format {
        Format::Json => page.iter().for_each(say_json),
        Format::Human => page.iter().for_each(|unwell| say(&case(unwell))),
    })
    .await?;
    if shown.items == 0 && format == Format::Human {
        say(&fitted("no health case is open; `namewarden status` says how the watch stands"));
    }
    shown.end(format, "oldest");
    Ok(())
}

async fn acknowledge(client: &Client, AckArgs { case, note, who, format }: AckArgs) -> Result<(), Failure> {
    let who = who.unwrap_or_else(|| client.who.clone());
    let closed: Unwell = client.ask(Ask::AcknowledgeHealth { case, who, note }).await?;
    match format {
        Format::Json => say_json(&closed),
        Format::Human => confirm(&format!("{} is closed", closed.issue.key)),
    }
    Ok(())
}

fn case(unwell: &Unwell) -> String {
    let issue = &unwell.issue;
    let mut out = format!("{} since {}\n", issue.key, issue.since.format("%F %T UTC"));
    // A String takes any text.
    let _ = writeln!(out, "  {}", fitted(&harmless(&issue.detail)));
    for name in &unwell.names {
        let judged = name.judged.as_ref().map(|name| format!(", judged as {name}")).unwrap_or_default();
        let seen = name.first_seen.format("%F %T");
        let _ = writeln!(out, "    {seen}  {}{judged}", harmless(&format!("{:?}", name.text)));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_of_others_does_more_than_to_be_read() {
        let ours = ["key"];
        crate::cli::hostile::is_printed_harmlessly("namewarden health list --format json", &ours, case);
    }
}
