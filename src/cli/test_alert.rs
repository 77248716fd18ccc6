//! `namewarden test-alert`: a test message to every owner by every channel, and what became of each.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;

use super::call::Call;
use super::client::Client;
use super::failure::Failure;
use super::format::Format;
use super::last_resort::{Untold, delivery, tell};
use super::output::{say, show};
use crate::api::v1::{Command, Delivery, Notice, Outcome};
use crate::cases::notice_key;
use crate::clock::Clock;
use crate::config::{self, ConfigError, Settings};
use crate::delivery::channel::Channels;
use crate::messages::hostile::line;
use crate::model::notice::{Briefing, Content, NoticeEvent};
use crate::model::{Inventory, OwnerId, Tier, Time};
use crate::registry::http_client;
use crate::watchlist;
use crate::watchlist::routes::Routes;

/// Time between two looks at what became of them.
const LOOK: Duration = Duration::from_millis(200);

/// Send a test message to every owner by every channel, the way that alerts go, and say what became of each. Ends with 1
/// when one was not delivered. Without a daemon the channels are tried from here.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only this owner's channels.
    #[arg(long, value_name = "ID")]
    pub owner: Option<String>,
    /// How long to wait for deliveries, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    pub wait: u64,
    /// How to print what became of each. JSON is one object a line.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

impl Args {
    pub(super) async fn run(self, call: &Call) -> Result<ExitCode, Failure> {
        let client = Client::open(call)?;
        let Self { owner, wait, format } = self;
        let shown = Shown { format, wait: Duration::from_secs(wait) };
        let made: Option<Vec<Notice>> = client.ask_if_running(Command::TestAlert { owner: owner.clone() }).await?;
        let missed = match made {
            Some(notices) if notices.is_empty() => return Err(nobody()),
            Some(notices) => follow(&client, notices, shown).await?,
            None => from_here(call, owner.map(OwnerId).as_ref(), shown).await?,
        };
        Ok(if missed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

fn nobody() -> Failure {
    Failure::new("nobody has a channel that [alert] has; `namewarden doctor` says more".to_owned())
}

/// How what became of each is printed, and for how long it is waited for.
#[derive(Clone, Copy)]
struct Shown {
    format: Format,
    wait: Duration,
}

impl Shown {
    fn show(self, outcome: &Delivery) {
        show(self.format, outcome, |outcome| told(outcome, self.wait));
    }
}

/// Prints what became of each as soon as it is known; gives how many were not delivered whole.
async fn follow(client: &Client, mut notices: Vec<Notice>, shown: Shown) -> Result<usize, Failure> {
    let (began, mut missed) = (Instant::now(), 0);
    loop {
        let over = began.elapsed() >= shown.wait;
        let outcomes: Vec<Delivery> = client.ask_daemon(Command::Deliveries { notices: notices.clone() }).await?;
        for outcome in outcomes.into_iter().filter(|outcome| over || outcome.outcome != Outcome::Waits) {
            missed += usize::from(!outcome.is_whole());
            notices.retain(|notice| *notice != outcome.notice);
            shown.show(&outcome);
        }
        if notices.is_empty() || over {
            return Ok(missed + notices.len());
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// `payments by email: delivered in 0.2 s`.
fn told(outcome: &Delivery, wait: Duration) -> String {
    let said = match (outcome.outcome, outcome.took_ms) {
        (Outcome::Delivered, Some(took)) if !outcome.remarks.is_empty() => {
            format!("delivered in {}, but not to everybody", seconds(Duration::from_millis(took)))
        }
        (Outcome::Delivered, Some(took)) => format!("delivered in {}", seconds(Duration::from_millis(took))),
        (Outcome::Delivered, None) => "delivered".to_owned(),
        (Outcome::Refused, _) => "refused".to_owned(),
        (Outcome::CalledOff, _) => "called off".to_owned(),
        // From here: nobody tries it on.
        (Outcome::Waits, Some(_)) => "not delivered".to_owned(),
        (Outcome::Waits, None) => format!("not delivered within {} s, and tried on", wait.as_secs()),
    };
    let why: Vec<String> = outcome.remarks.iter().map(|remark| line(remark)).collect();
    let why = if why.is_empty() { String::new() } else { format!(": {}", why.join("; ")) };
    format!("{} by {}: {said}{why}", outcome.notice.owner, outcome.notice.channel)
}

fn seconds(took: Duration) -> String {
    format!("{:.1} s", took.as_secs_f64())
}

/// No daemon runs: the same messages by the same channels, from this process. It proves the channels, and not the queue.
async fn from_here(call: &Call, only: Option<&OwnerId>, shown: Shown) -> Result<usize, Failure> {
    if shown.format == Format::Human {
        say("no daemon is running: the channels are tried from here");
    }
    let cannot = |why: String| Failure::new(format!("it cannot be sent from here either: {why}"));
    let unfit = |why: String| Failure { status: ConfigError::EXIT_STATUS, ..cannot(why) };
    let settings = config::load(&call.path(), &call.environment).map_err(|e| unfit(e.to_string()))?;
    let loaded = watchlist::load(&settings.inventory, &settings.alert.default_owner);
    let inventory = loaded.map_err(|e| unfit(e.to_string()))?.inventory;
    if let Some(owner) = only.filter(|owner| !inventory.owners.contains_key(*owner)) {
        return Err(Failure::new(format!("there is no owner {owner} in the inventory")));
    }
    let clients = http_client(&settings).map_err(|e| cannot(e.to_string()))?;
    let channels = Channels::build(&settings.alert, clients.posting()).map_err(|e| cannot(e.to_string()))?;
    send(&settings, &inventory, &channels, only, shown).await
}

async fn send(
    settings: &Settings,
    inventory: &Inventory,
    channels: &Channels,
    only: Option<&OwnerId>,
    shown: Shown,
) -> Result<usize, Failure> {
    let (routes, now) = (Routes::configured(&settings.alert), Clock::System.now());
    let owners: Vec<&OwnerId> = inventory.owners.keys().filter(|id| only.is_none_or(|only| only == *id)).collect();
    let mut under_way = FuturesUnordered::new();
    for id in owners {
        let reach = routes.reach(id, inventory);
        let owner = inventory.owners.get(&reach.who).cloned().unwrap_or_default();
        for channel in reach.channels {
            let (briefing, owner) = (briefing(settings, inventory, id, now), owner.clone());
            under_way.push(async move {
                let began = Instant::now();
                let sent = tokio::time::timeout(shown.wait, tell(channels, &channel, &owner, &briefing)).await;
                let sent = sent.unwrap_or_else(|_| Err(Untold::silent(shown.wait)));
                delivery(&briefing, &channel, sent, began.elapsed())
            });
        }
    }
    if under_way.is_empty() {
        return Err(nobody());
    }
    let mut missed = 0;
    while let Some(outcome) = under_way.next().await {
        missed += usize::from(!outcome.is_whole());
        shown.show(&outcome);
    }
    Ok(missed)
}

fn briefing(settings: &Settings, inventory: &Inventory, id: &OwnerId, now: Time) -> Briefing {
    let owner_name = inventory.owners.get(id).map(|owner| owner.name.clone()).unwrap_or_default();
    Briefing {
        key: notice_key(NoticeEvent::Test, &format!("here {} {id}", now.timestamp_micros())),
        thread: "test".to_owned(),
        event: NoticeEvent::Test,
        tier: Tier::Digest,
        owner: id.clone(),
        owner_name,
        instead: None,
        at: now,
        origin: settings.origin(),
        coverage: "not known: no daemon is running".to_owned(),
        // No daemon is running, and so no dashboard.
        dashboard: None,
        content: Content::Proof { overview: None },
    }
}
