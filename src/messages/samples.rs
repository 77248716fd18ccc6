//! Briefings that the renderers' tests share.

use chrono::{NaiveDate, TimeZone, Utc};

use crate::model::finding::{FindingState, WouldPipTake};
use crate::model::notice::{Briefing, Case, Content, NoticeEvent, NoticeKey};
use crate::model::{
    CaseId, Facts, Finding, FindingKey, Match, Origin, OwnerId, ProjectName, Registration, RegistrationId, Releases,
    Rule, Standing, Subject, Threat, Tier, Time, Watch, WatchId,
};

pub fn at(seconds: i64) -> Time {
    Utc.timestamp_opt(1_672_005_911 + seconds, 0).single().expect("a valid second")
}

pub fn watch(name: &str) -> Watch {
    Watch {
        id: WatchId::name(&ProjectName::parse(name).expect("a valid name")),
        display: name.to_owned(),
        owner: OwnerId("ml".to_owned()),
        exclusive: false,
        latest_version: Some("2.0.0.dev20221230".to_owned()),
        first_use: NaiveDate::from_ymd_opt(2021, 3, 1),
        index: Some("https://download.acme.example/whl/nightly".to_owned()),
    }
}

/// `project` was registered and `rule` sets it beside `watched`; nothing is known about it yet.
pub fn case(project: &str, watched: &str, rule: Rule) -> Case {
    let registration = Registration {
        name: ProjectName::parse(project).expect("a valid name"),
        registration_id: RegistrationId::Second(at(0).timestamp()),
    };
    let watch = watch(watched);
    let tier = if rule == Rule::Exact { Tier::Page } else { Tier::Alert };
    let explanation = format!("{project} against {watched}: {}", rule.as_str());
    let finding = Finding {
        id: Some(CaseId(417)),
        key: FindingKey::new(&registration),
        display: project.to_owned(),
        threats: vec![threat(&watch, rule, tier, explanation)],
        more: Vec::new(),
        context: Vec::new(),
        tier,
        state: FindingState::Open,
        facts: Facts::default(),
        registered_at: Some(at(0)),
        seen_at: at(19),
        note: None,
        settled_with: std::collections::BTreeSet::new(),
        edition: 0,
        snoozed_until: None,
        subject: Subject::Registration(registration),
    };
    Case {
        stands: false,
        link: None,
        dashboard: None,
        gate: None,
        finding,
        watches: vec![watch],
        address: format!("https://pypi.example/project/{project}/"),
        again: false,
        next: None,
        named: Vec::new(),
        quarantined: false,
        unlisted: false,
        gone: false,
        told: None,
        answered: false,
    }
}

pub fn threat(watch: &Watch, rule: Rule, tier: Tier, explanation: String) -> Threat {
    Threat {
        watch: watch.id.clone(),
        owner: watch.owner.clone(),
        matches: vec![Match { watch: watch.id.clone(), rule, tier, score: 90, lacks: 0, distance: None, explanation }],
        tier,
        standing: Standing::Live,
    }
}

/// The case of December 2022, with all that a look-up learns.
pub fn torchtriton() -> Case {
    let mut case = case("torchtriton", "torchtriton", Rule::Exact);
    case.finding.threats[0].matches[0].explanation =
        "torchtriton is your name torchtriton, letter by letter".to_owned();
    case.finding.threats[0].matches[0].score = 100;
    case.finding.facts = Facts {
        users: vec!["mallory".to_owned()],
        organization: None,
        ours: Some(false),
        releases: Releases::told(["3.0.0"]),
        summary: Some("Triton kernels. Get it at https://evil.example/x".to_owned()),
        author: Some("Some One <some@evil.example>".to_owned()),
        home_page: None,
        first_upload: Some(at(7)),
        would_pip_take: WouldPipTake::Yes,
        trouble: None,
        ..Facts::default()
    };
    case
}

pub fn briefing(event: NoticeEvent, tier: Tier, content: Content) -> Briefing {
    Briefing {
        key: NoticeKey("0123456789abcdef0123456789abcdef".to_owned()),
        thread: "torchtriton@1672005911".to_owned(),
        event,
        tier,
        owner: OwnerId("ml".to_owned()),
        owner_name: "ML platform".to_owned(),
        instead: None,
        at: at(20),
        origin: Origin {
            machine: "watch-1.acme.example".to_owned(),
            instance: Some("production".to_owned()),
            config: None,
        },
        coverage: "every event to serial 16282410, 14 s ago".to_owned(),
        dashboard: None,
        content,
    }
}

pub fn registered(cases: Vec<Case>) -> Briefing {
    let tier = cases.iter().map(|case| case.finding.tier).max().unwrap_or(Tier::Digest);
    briefing(NoticeEvent::Registered, tier, Content::Cases { cases, omitted: 0, change: None })
}
