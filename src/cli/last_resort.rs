//! `namewarden last-resort`: the daemon is dead, and the default owner is told so. Started by
//! `systemd/namewarden-failure@.service`; needs configuration, inventory and channels, and no store.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::call::Call;
use super::client::ask_at;
use super::failure::Failure;
use super::format::Format;
use super::output::show;
use crate::api::v1;
use crate::api::v1::Command;
use crate::cases::notice_key;
use crate::clock::Clock;
use crate::config::{self, ConfigError, Permitted, Settings};
use crate::delivery::channel::{Channels, Delivery, DeliveryError, Left, outcome};
use crate::messages::hostile::line;
use crate::model::health::{HealthCase, HealthIssue};
use crate::model::notice::{Briefing, Content, NoticeEvent};
use crate::model::{Channel, Inventory, Origin, Owner, OwnerId, Tier, Time};
use crate::registry::http_client;
use crate::watchlist;
use crate::watchlist::routes::Routes;

/// For one channel; the others are waiting.
const PATIENCE: Duration = Duration::from_secs(60);

/// Tell the default owner, through every channel, that the daemon is dead. Ends with 1 when nobody could be told.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The unit that failed.
    #[arg(long, value_name = "UNIT", default_value = "namewarden")]
    unit: String,
    /// The machine it failed on.
    #[arg(long, value_name = "NAME", default_value = "this machine")]
    host: String,
    /// How it failed, as systemd calls it.
    #[arg(long, value_name = "RESULT", default_value = "unknown")]
    why: String,
    /// How to print what became of each message. JSON is one object a line.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Args {
    pub(super) async fn run(self, call: &Call) -> Result<ExitCode, Failure> {
        let settings = opened(call)?;
        self.is_needed(&settings).await?;
        let inventory = inventory(&settings)?;
        let routes = Routes::configured(&settings.alert);
        let clients = http_client(&settings).map_err(|e| Failure::failed(&e))?;
        let channels = Channels::build(&settings.alert, clients.posting()).map_err(|e| Failure::failed(&e))?;
        let owner = inventory.owners.get(&routes.default_owner).cloned().unwrap_or_default();
        let briefing = briefing(&self, &settings, &owner, Clock::System.now());
        let mut reached = false;
        for channel in remote(&settings, &inventory) {
            let began = Instant::now();
            let told = tell(&channels, &channel, &owner, &briefing).await;
            reached |= told.is_ok();
            show(self.format, &delivery(&briefing, &channel, told, began.elapsed()), words);
        }
        if reached {
            Ok(ExitCode::SUCCESS)
        } else {
            Err(Failure::new("nobody could be told through a channel".to_owned()))
        }
    }
}

impl Args {
    /// Who tries it by hand is not to call people for a daemon that lives. Of other units nobody answers.
    async fn is_needed(&self, settings: &Settings) -> Result<(), Failure> {
        let of_daemon = matches!(self.unit.as_str(), "namewarden" | "namewarden.service");
        let socket = &settings.control.socket;
        let lives = of_daemon && matches!(ask_at::<Value>(socket, &Command::Cursor).await, Ok(Some(_)));
        match lives {
            true => Err(Failure::new(format!(
                "the daemon lives, and answers at {}: nobody is told that it failed; `namewarden test-alert` tries the channels",
                socket.display()
            ))),
            false => Ok(()),
        }
    }
}

/// With every credential: a message that cannot sign in reaches nobody.
fn opened(call: &Call) -> Result<Settings, Failure> {
    let (path, environment) = (call.path(), &call.environment);
    let Permitted { settings, closed } = match config::load_permitted(&path, environment) {
        // What is broken may be why the daemon is dead. Whoever can be told by the rest is.
        Err(broken @ ConfigError::Invalid { .. }) => {
            config::load_what_stands(&path, environment).map_err(|_| broken)?
        }
        loaded => loaded?,
    };
    match closed.first() {
        None => Ok(settings),
        Some(path) => Err(Failure::new(format!(
            "it speaks through the channels itself, and {} is closed to this user: root reads it, and so may whoever its mode \
             lets; the daemon's user need not, as systemd reads it for the daemon. \
             `systemctl start namewarden-failure@namewarden.service` runs it as root",
            path.display()
        ))),
    }
}

fn words(of: &v1::Delivery) -> String {
    let told = (of.outcome == v1::Outcome::Delivered).then_some("told");
    let said: Vec<&str> = told.into_iter().chain(of.remarks.iter().map(String::as_str)).collect();
    format!("{}: {}", of.notice.channel, line(&said.join("; ")))
}

/// What became of one message that was sent from here.
pub(super) fn delivery(
    briefing: &Briefing,
    channel: &Channel,
    sent: Result<Vec<String>, Untold>,
    took: Duration,
) -> v1::Delivery {
    let notice =
        v1::Notice { key: briefing.key.to_string(), owner: briefing.owner.to_string(), channel: channel.to_string() };
    let took_ms = u64::try_from(took.as_millis()).ok();
    match sent {
        Ok(remarks) => v1::Delivery { notice, outcome: v1::Outcome::Delivered, took_ms, remarks },
        Err(Untold { refused, why }) => {
            let outcome = if refused { v1::Outcome::Refused } else { v1::Outcome::Waits };
            v1::Delivery { notice, outcome, took_ms, remarks: vec![why] }
        }
    }
}

/// Whom it may tell: the inventory, or who stands in one that is broken; and where there is none, who answers for this watch before PyPI.
pub(super) fn inventory(settings: &Settings) -> Result<Inventory, Failure> {
    let loaded = watchlist::load(&settings.inventory, &settings.alert.default_owner);
    loaded.map(|loaded| loaded.inventory).or_else(|broken| {
        let mut owners = watchlist::owners_that_stand(&settings.inventory);
        owners.extend(owners.is_empty().then(|| contact(settings)).flatten());
        match owners.is_empty() {
            true => Err(Failure::failed(&broken)),
            false => Ok(Inventory { owners, ..Inventory::default() }),
        }
    })
}

/// The contact as the default owner, where it is an address of mail.
fn contact(settings: &Settings) -> Option<(OwnerId, Owner)> {
    let is_mail = settings.contact.contains('@') && !settings.contact.contains("://");
    let owner = || Owner { emails: vec![settings.contact.clone()], ..Owner::default() };
    is_mail.then(|| (settings.alert.default_owner.clone(), owner()))
}

/// The default owner's channels that lead off this machine.
pub(super) fn remote(settings: &Settings, inventory: &Inventory) -> Vec<Channel> {
    let routes = Routes::configured(&settings.alert);
    let mut channels = routes.channels(&routes.default_owner, inventory);
    channels.retain(|channel| *channel != Channel::Console);
    channels
}

/// Every recipient of one channel, once: nothing is tried again. Gives who of several did not get it.
///
/// # Errors
/// Why nobody got it, or somebody may still have to.
pub(super) async fn tell(
    channels: &Channels,
    channel: &Channel,
    owner: &Owner,
    briefing: &Briefing,
) -> Result<Vec<String>, Untold> {
    let attempts = async {
        let mut settled = Vec::new();
        loop {
            let delivery = Delivery { channel, owner, briefing, settled: &settled, now: briefing.at };
            let receipt = channels.deliver(&delivery, &CancellationToken::new()).await?;
            settled.extend(receipt.settled);
            match receipt.left {
                Left::Nothing => return Ok(outcome(&settled)?.into_iter().collect()),
                Left::More => {}
                Left::Later(error) => return Err(error.into()),
            }
        }
    };
    let timed = tokio::time::timeout(PATIENCE, attempts).await;
    timed.unwrap_or_else(|_| Err(Untold::silent(PATIENCE)))
}

/// Why a message that was sent from here did not arrive.
pub(super) struct Untold {
    /// For good, by the receiver; else nobody knows whether a later one would pass.
    refused: bool,
    why: String,
}

impl Untold {
    pub(super) fn silent(patience: Duration) -> Self {
        Self { refused: false, why: format!("no answer within {} s", patience.as_secs()) }
    }
}

impl From<DeliveryError> for Untold {
    /// Without what the daemon would do about it: there is none.
    fn from(error: DeliveryError) -> Self {
        Self { refused: matches!(error, DeliveryError::GiveUp { .. }), why: error.reason().to_owned() }
    }
}

/// A thread and a key of its own for each failure.
fn briefing(args: &Args, settings: &Settings, owner: &Owner, now: Time) -> Briefing {
    let detail = format!(
        "{} on {} has failed (result: {}); it stays down until somebody runs: systemctl restart {}. Nobody watches \
         PyPI for your names until then; what happens meanwhile is read afterwards from where the watch stood",
        args.unit, args.host, args.why, args.unit
    );
    let issue = HealthIssue::Down;
    let thread = format!("health:{issue}@{}", now.timestamp());
    Briefing {
        key: notice_key(NoticeEvent::Health, &thread),
        thread,
        event: NoticeEvent::Health,
        tier: Tier::Page,
        owner: settings.alert.default_owner.clone(),
        owner_name: owner.name.clone(),
        instead: None,
        at: now,
        origin: Origin { machine: args.host.clone(), ..settings.origin() },
        coverage: "not known: the daemon is down".to_owned(),
        // It is down with the daemon.
        dashboard: None,
        content: Content::Health {
            cases: vec![HealthCase { issue, since: now, until: None, detail }],
            others: Vec::new(),
        },
    }
}
