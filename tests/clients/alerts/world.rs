//! What the tests of all channels share: settings, an owner, a briefing.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::TimeZone;
use namewarden::config::channels::{ChannelSettings, slack, webhook};
use namewarden::config::{AlertSettings, EmailSettings, MailTls, Secret};
use namewarden::delivery::channel::{Channels, Delivery, DeliveryError, Left, Receipt, outcome};
use namewarden::model::finding::{FindingState, WouldPipTake};
use namewarden::model::notice::{Briefing, Case, Content, NoticeEvent, NoticeKey};
use namewarden::model::{
    Channel, Facts, Finding, FindingKey, Match, Origin, Owner, OwnerId, ProjectName, Registration, RegistrationId,
    Releases, Rule, Standing, Subject, Threat, Tier, Time, Watch, WatchId,
};
use tokio_util::sync::CancellationToken;

pub(crate) const SIGNING: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

pub(crate) fn now() -> Time {
    chrono::Utc.timestamp_opt(1_672_005_931, 0).single().expect("a valid second")
}

pub(crate) fn settings() -> AlertSettings {
    AlertSettings {
        default_owner: OwnerId("ml".to_owned()),
        escalate_after: None,
        undelivered_after: Duration::from_secs(3_600),
        daily_at_hour: 8,
        canary: true,
        channels: BTreeMap::new(),
    }
}

/// One channel and no other.
pub(crate) fn with_channel(channel: Channel, of: ChannelSettings) -> AlertSettings {
    AlertSettings { channels: [(channel, of)].into(), ..settings() }
}

pub(crate) fn mail_settings(port: u16) -> EmailSettings {
    EmailSettings {
        host: "localhost".to_owned(),
        port,
        tls: MailTls::None,
        ca_file: None,
        from: "Name Warden <namewarden@acme.example>".to_owned(),
        helo_name: None,
        username: None,
        password: None,
    }
}

pub(crate) fn with_email(email: EmailSettings) -> Channels {
    channels(with_channel(Channel::Email, ChannelSettings::Email(email)))
}

pub(crate) fn with_hooks(url: &str) -> Channels {
    with_url(url, &client())
}

pub(crate) fn with_url(url: &str, client: &reqwest::Client) -> Channels {
    let url = Secret::new(url);
    let slack = slack::Settings { url: url.clone(), mention: "<!here>".parse().ok() };
    let webhook = webhook::Settings { url, signing: Secret::new(SIGNING) };
    let mut settings = with_channel(Channel::Slack("ops".to_owned()), ChannelSettings::Slack(slack));
    settings.channels.insert(Channel::Webhook("soc".to_owned()), ChannelSettings::Webhook(webhook));
    settings.channels.insert(Channel::Console, ChannelSettings::Console);
    Channels::build(&settings, client).expect("settings that work")
}

pub(crate) fn channels(settings: AlertSettings) -> Channels {
    Channels::build(&settings, &client()).expect("settings that work")
}

/// One attempt, for a notice of which nothing is known yet.
pub(crate) async fn attempt(
    channels: &Channels,
    channel: &Channel,
    owner: &Owner,
    briefing: &Briefing,
    now: Time,
) -> Result<Receipt, DeliveryError> {
    let delivery = Delivery { channel, owner, briefing, settled: &[], now };
    channels.deliver(&delivery, &CancellationToken::new()).await
}

/// What the receipt of a single attempt means for its notice.
pub(crate) fn fate(result: Result<Receipt, DeliveryError>) -> Result<Option<String>, DeliveryError> {
    let receipt = result?;
    match receipt.left {
        Left::Nothing => outcome(&receipt.settled),
        Left::Later(error) => Err(error),
        Left::More => panic!("recipients are left over: {:?}", receipt.settled),
    }
}

#[expect(clippy::disallowed_methods, reason = "a test's own client; the program's come from upstream")]
pub(crate) fn client() -> reqwest::Client {
    // Another test of this process may have been first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client")
}

pub(crate) fn owner(emails: &[&str]) -> Owner {
    Owner {
        name: "ML platform".to_owned(),
        emails: emails.iter().map(|&email| email.to_owned()).collect(),
        channels: vec![Channel::Slack("ops".to_owned()), Channel::Webhook("soc".to_owned())],
    }
}

pub(crate) fn briefing(key: &str) -> Briefing {
    Briefing {
        key: NoticeKey(key.to_owned()),
        thread: "torchtriton@1672005911".to_owned(),
        event: NoticeEvent::Registered,
        tier: Tier::Page,
        owner: OwnerId("ml".to_owned()),
        owner_name: "ML platform".to_owned(),
        instead: None,
        at: now(),
        origin: Origin { machine: "watch-1".to_owned(), instance: Some("production".to_owned()), config: None },
        coverage: "every event to serial 16282410, 14 s ago".to_owned(),
        dashboard: None,
        content: Content::Cases { cases: vec![case()], omitted: 0, change: None },
    }
}

fn case() -> Case {
    let name = ProjectName::parse("torchtriton").expect("a valid name");
    let registration = Registration { name: name.clone(), registration_id: RegistrationId::Second(1_672_005_911) };
    let id = WatchId::name(&name);
    let explanation = "torchtriton is your name torchtriton, letter by letter".to_owned();
    let watch = Watch {
        id: id.clone(),
        display: "torchtriton".to_owned(),
        owner: OwnerId("ml".to_owned()),
        exclusive: false,
        latest_version: Some("2.0.0".to_owned()),
        first_use: None,
        index: None,
    };
    let finding = Finding {
        id: None,
        key: FindingKey::new(&registration),
        subject: Subject::Registration(registration),
        display: "torchtriton".to_owned(),
        threats: vec![Threat {
            watch: id.clone(),
            owner: watch.owner.clone(),
            matches: vec![Match {
                watch: id,
                rule: Rule::Exact,
                tier: Tier::Page,
                score: 100,
                lacks: 0,
                distance: None,
                explanation,
            }],
            tier: Tier::Page,
            standing: Standing::Live,
        }],
        more: Vec::new(),
        context: Vec::new(),
        tier: Tier::Page,
        state: FindingState::Open,
        facts: Facts {
            users: vec!["mallory".to_owned()],
            releases: Releases::told(["3.0.0"]),
            summary: Some("ünïcode\r\nBcc: victim@evil.example\r\n\r\n.\r\n<script>alert(1)</script>".to_owned()),
            would_pip_take: WouldPipTake::Yes,
            ..Facts::default()
        },
        registered_at: Some(now()),
        seen_at: now(),
        note: None,
        settled_with: std::collections::BTreeSet::new(),
        edition: 0,
        snoozed_until: None,
    };
    shown(finding, watch)
}

/// As a message has it.
fn shown(finding: Finding, watch: Watch) -> Case {
    Case {
        stands: false,
        finding,
        watches: vec![watch],
        address: "https://pypi.example/project/torchtriton/".to_owned(),
        again: false,
        next: None,
        dashboard: None,
        gate: None,
        named: Vec::new(),
        quarantined: false,
        unlisted: false,
        gone: false,
        told: None,
        link: None,
        answered: false,
    }
}
