//! `namewarden token`: what programs show instead of a password.

use std::process::ExitCode;

use super::call::Call;
use super::client::Client;
use super::failure::Failure;
use super::format::Format;
use super::output::{say, say_json};
use super::pages::{ListPart, pages};
use super::tone::{confirm, hint};
use crate::api::v1::{AccountRole, ApiToken, Command as Ask};
use crate::config::Period;
use crate::messages::hostile::line as harmless;

/// Look after the tokens of programs. A token is an account's, may do no more than that, and ends; it approves no claim.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// List the tokens, without what they are.
    List(ListArgs),
    /// Make a token, and show it once.
    Create(CreateArgs),
    /// End a token at once.
    Revoke(RevokeArgs),
}

#[derive(Debug, clap::Args)]
pub struct ListArgs {
    /// How to print it.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// What a token may do at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum TokenScope {
    /// See everything that is no secret.
    Read,
    /// Answer cases.
    Respond,
    /// Read configuration and inventory again.
    Admin,
}

#[derive(Debug, clap::Args)]
pub struct CreateArgs {
    /// What uses it, for people.
    pub name: String,
    /// What it may do at most.
    #[arg(long, value_enum)]
    pub scope: TokenScope,
    /// How long it is good, in whole days up to 366d.
    #[arg(long, value_name = "LENGTH", default_value = "90d", value_parser = days)]
    pub expires: u32,
    /// The account whose it is. Default: yours.
    #[arg(long)]
    pub user: Option<String>,
    /// How to print it.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

#[derive(Debug, clap::Args)]
pub struct RevokeArgs {
    /// Its number, as the list shows it.
    pub id: i64,
    /// How to print it.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

impl From<TokenScope> for AccountRole {
    fn from(of: TokenScope) -> Self {
        match of {
            TokenScope::Read => Self::Viewer,
            TokenScope::Respond => Self::Responder,
            TokenScope::Admin => Self::Admin,
        }
    }
}

fn days(text: &str) -> Result<u32, String> {
    const DAY: u64 = 86_400;
    let whole = text.parse::<Period>().ok().map(|period| period.0.as_secs()).filter(|seconds| seconds % DAY == 0);
    let days = whole.and_then(|seconds| u32::try_from(seconds / DAY).ok()).filter(|days| (1..=366).contains(days));
    days.ok_or_else(|| "write whole days, 1d to 366d".to_owned())
}

impl Command {
    pub(super) async fn run(self, call: &Call) -> Result<ExitCode, Failure> {
        let client = Client::open(call)?;
        match self {
            Self::List(args) => list(&client, args.format).await,
            Self::Create(args) => create(&client, args).await,
            Self::Revoke(args) => revoke(&client, args).await,
        }?;
        Ok(ExitCode::SUCCESS)
    }
}

async fn list(client: &Client, format: Format) -> Result<(), Failure> {
    let ask = |ListPart { limit, after }| Ask::Tokens { after, limit };
    let shown = pages(client, ListPart::default(), ask, |tokens: Vec<ApiToken>| match format {
        Format::Json => tokens.iter().for_each(say_json),
        Format::Human => tokens.iter().for_each(|token| say(&line(token))),
    })
    .await?;
    if shown.items == 0 && format == Format::Human {
        say("there is no token");
    }
    Ok(())
}

fn line(token: &ApiToken) -> String {
    let used = token.used.map_or_else(|| "never used".to_owned(), |used| format!("used {}", used.format("%F")));
    let (scope, until) = (scope(token.scope), token.expires.format("%F"));
    format!("{:>4}  {:<24}  {}  {scope}  until {until}  {used}", token.id, harmless(&token.name), token.user)
}

/// As `--scope` has it.
fn scope(of: AccountRole) -> &'static str {
    match of {
        AccountRole::Viewer => "read",
        AccountRole::Responder => "respond",
        AccountRole::Approver => "approve",
        AccountRole::Admin => "admin",
    }
}

async fn create(client: &Client, args: CreateArgs) -> Result<(), Failure> {
    let CreateArgs { name, scope, expires, user, format } = args;
    let made: ApiToken = client.ask(Ask::TokenCreate { name, user, scope: scope.into(), days: expires }).await?;
    match format {
        Format::Json => say_json(&made),
        Format::Human => say(made.token.as_deref().unwrap_or_default()),
    }
    hint(&format!("namewarden: it is shown this once, and good until {}", made.expires.format("%F %T UTC")));
    Ok(())
}

async fn revoke(client: &Client, RevokeArgs { id, format }: RevokeArgs) -> Result<(), Failure> {
    let gone: ApiToken = client.ask(Ask::TokenRevoke { id }).await?;
    match format {
        Format::Json => say_json(&gone),
        Format::Human => confirm(&format!("token {id} ({}) is good no longer", harmless(&gone.name))),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum as _;

    use super::*;

    #[test]
    fn a_scope_is_shown_as_it_was_asked_for() {
        for asked in TokenScope::value_variants() {
            let word = asked.to_possible_value().map(|value| value.get_name().to_owned());
            assert_eq!(word.as_deref(), Some(scope((*asked).into())));
        }
    }

    #[test]
    fn no_text_of_others_does_more_than_to_be_read() {
        let ours = ["user"];
        crate::cli::hostile::is_printed_harmlessly(
            "namewarden token create ci --scope read --user ada --format json",
            &ours,
            line,
        );
    }
}
