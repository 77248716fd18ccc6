//! `namewarden user`: who may sign in on the web.

mod password;

use std::process::ExitCode;

use super::call::Call;
use super::client::Client;
use super::failure::Failure;
use super::format::Format;
use super::output::{say, say_json, show};
use super::pages::{ListPart, pages};
use super::tone::{confirm, hint};
use crate::api::v1::{Account, AccountChange, AccountRole, Command as Ask, SignInLink};
use crate::messages::hostile::line as harmless;
use crate::model::Role;
use password::PasswordSource;

/// Look after the accounts of the web. Root, the daemon's user and admins may.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// List the accounts.
    List(ListArgs),
    /// Add an account. Its password is asked for, or read as a line of standard input.
    Add(AddArgs),
    /// Remove an account, its sessions and its tokens.
    Remove(NameArgs),
    /// Give an account another role. Whoever is signed in by it signs in again.
    Role(RoleArgs),
    /// Give an account another password, which is asked for or read as a line of standard input; its tokens end. Everybody may
    /// for their own.
    Password(PasswordArgs),
    /// Make a link that signs in by this account once, within 15 minutes.
    Link(NameArgs),
}

#[derive(Debug, clap::Args)]
pub struct ListArgs {
    /// How to print it.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

#[derive(Debug, clap::Args)]
pub struct NameArgs {
    /// The account.
    pub name: String,
    /// How to print it.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

#[derive(Debug, clap::Args)]
pub struct AddArgs {
    /// Its name, such as `ada` or `ada@acme.example`.
    pub name: String,
    /// viewer sees, responder answers cases, approver plans claims and agrees to them, admin looks after accounts.
    #[arg(long, value_parser = role)]
    pub role: Role,
    /// The number of the user of this machine who is the same person: two accounts of one human are one person for claims.
    #[arg(long)]
    pub uid: Option<u32>,
    #[command(flatten)]
    pub source: PasswordSource,
    /// How to print it.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

#[derive(Debug, clap::Args)]
pub struct RoleArgs {
    /// The account.
    pub name: String,
    /// viewer, responder, approver or admin.
    #[arg(value_parser = role)]
    pub role: Role,
    /// How to print it.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

#[derive(Debug, clap::Args)]
pub struct PasswordArgs {
    /// The account.
    pub name: String,
    #[command(flatten)]
    pub source: PasswordSource,
    /// How to print it.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

pub(super) fn role(text: &str) -> Result<Role, String> {
    text.parse().map_err(|error: crate::model::access::AccessError| error.to_string())
}

impl Command {
    pub(super) async fn run(self, call: &Call) -> Result<ExitCode, Failure> {
        let client = Client::open(call)?;
        match self {
            Self::List(args) => list(&client, args.format).await,
            Self::Add(args) => add(&client, args).await,
            Self::Remove(NameArgs { name, format }) => {
                told(&client, (name, AccountChange::Remove), (format, None), "is removed, and signed out everywhere")
                    .await
            }
            Self::Role(RoleArgs { name, role, format }) => {
                let words = format!("has the role {role} now");
                told(&client, (name, AccountChange::Role { role: role.into() }), (format, None), &words).await
            }
            Self::Password(args) => password(&client, args).await,
            Self::Link(args) => link(&client, args).await,
        }?;
        Ok(ExitCode::SUCCESS)
    }
}

async fn list(client: &Client, format: Format) -> Result<(), Failure> {
    let ask = |ListPart { limit, after }| Ask::Users { after, limit };
    let shown = pages(client, ListPart::default(), ask, |accounts: Vec<Account>| match format {
        Format::Json => accounts.iter().for_each(say_json),
        Format::Human => accounts.iter().for_each(|account| say(&line(account))),
    })
    .await?;
    if shown.items == 0 && format == Format::Human {
        say("there is no account; `namewarden user add NAME --role admin` adds the first");
    }
    Ok(())
}

fn line(account: &Account) -> String {
    let uid = account.uid.map(|uid| format!("  uid {uid}")).unwrap_or_default();
    let password = if account.password { "" } else { "  no password" };
    let added = account.added.format("%F");
    format!("{:<24}  {:<9}  added {added}{uid}{password}", account.name, Role::from(account.role).as_str())
}

async fn add(client: &Client, args: AddArgs) -> Result<(), Failure> {
    let AddArgs { name, role, uid, source, format } = args;
    let given = source.password()?;
    let change = AccountChange::Add { role: AccountRole::from(role), uid, password: given.hidden() };
    told(client, (name, change), (format, given.generated()), &format!("is added, as {role}")).await
}

async fn password(client: &Client, PasswordArgs { name, source, format }: PasswordArgs) -> Result<(), Failure> {
    let given = source.password()?;
    let change = AccountChange::Password { password: given.hidden() };
    told(client, (name, change), (format, given.generated()), "has another password, and signs in again").await
}

async fn told(
    client: &Client,
    (name, change): (String, AccountChange),
    (format, generated): (Format, Option<String>),
    words: &str,
) -> Result<(), Failure> {
    let account: Account = client.ask(Ask::UserChange { name, change }).await?;
    match format {
        Format::Json => say_json(&Account { generated, ..account }),
        Format::Human => {
            confirm(&format!("{} {words}", account.name));
            if !account.tokens_ended.is_empty() {
                let names: Vec<String> = account.tokens_ended.iter().map(|name| harmless(name)).collect();
                hint(&format!("namewarden: with it ended the tokens {}", names.join(", ")));
            }
            generated.iter().for_each(|password| say(password));
        }
    }
    Ok(())
}

async fn link(client: &Client, NameArgs { name, format }: NameArgs) -> Result<(), Failure> {
    let link: SignInLink = client.ask(Ask::UserLink { name }).await?;
    let base = client.settings.web.listen.map(|listen| format!("http://{listen}")).unwrap_or_default();
    show(format, &link, |link| link.url.clone().unwrap_or_else(|| format!("{base}{}", link.path)));
    hint(&format!(
        "namewarden: it signs in once, by {}; whoever has it until then is {}",
        link.until.format("%F %T UTC"),
        link.name
    ));
    Ok(())
}
