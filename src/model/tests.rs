//! Words of the model in whatever letters they come, and what of them is said to be harmless, secret or ours: never more than was written.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::select;

use super::claim::{ClaimKey, Publicity, Site, Terms};
use super::health::HealthIssue;
use super::inventory::Suppression;
use super::{
    CaseRef, Channel, ChannelKind, Feed, FindingState, Inventory, Match, OwnerId, ProjectName, Registry, Rule, Tier,
    UserName, WatchId, WatchKind,
};

fn name() -> impl Strategy<Value = String> {
    "[A-Za-z0-9]([A-Za-z0-9._-]{0,12}[A-Za-z0-9])?"
}

/// Letters of other alphabets that a reader takes for these, as far as there are any.
fn alike(c: char, which: usize) -> char {
    let of = match c {
        'a' => "\u{430}\u{3b1}\u{ff41}",
        'c' => "\u{441}\u{217d}\u{ff43}",
        'e' => "\u{435}\u{4bd}\u{ff45}",
        'i' => "\u{456}\u{131}\u{2170}",
        'o' => "\u{43e}\u{3bf}\u{ff4f}",
        'p' => "\u{440}\u{3c1}\u{ff50}",
        '-' => "\u{2010}\u{2014}\u{2212}",
        _ => return c,
    };
    of.chars().nth(which % 3).unwrap_or(c)
}

proptest! {
    #[test]
    fn every_spelling_of_a_name_is_one_name_and_its_own_text_is_that(text in name(), separators in prop::collection::vec(0..4_usize, 14)) {
        let one = ProjectName::parse(&text).expect("a name");
        let respelt: String = (text.chars().zip(separators.iter().cycle()))
            .map(|(c, n)| if "._-".contains(c) { ["-", "__", "._.", "-.-"][*n].to_owned() } else if n % 2 == 0 { c.to_ascii_uppercase().to_string() } else { c.to_string() })
            .collect();
        prop_assert_eq!(ProjectName::parse(&respelt), Ok(one.clone()));
        prop_assert_eq!(ProjectName::parse(one.as_str()), Ok(one.clone()));
        prop_assert_eq!(one.to_string().parse::<ProjectName>(), Ok(one.clone()));
        let json = serde_json::to_string(&one).expect("JSON");
        prop_assert_eq!(serde_json::from_str::<ProjectName>(&json).expect("a name"), one.clone());
        prop_assert_eq!(ProjectName::salvage(&text), Some(one.clone()), "what is legal stays");
        prop_assert!(!one.ultranormal().contains(['-', 'l', 'i', 'o']));
    }

    /// What a stranger hides a name of ours in is read as it is meant: else its match would hide with it.
    #[test]
    fn a_name_in_disguise_is_read_as_the_name(
        text in "[acdeiop]{2}[acdeiop-]{0,8}[acdeiop]{2}",
        which in prop::collection::vec(0..9_usize, 14),
        hidden in select(vec!["\u{200b}", "\u{202e}", "\u{0}", "\u{feff}", "\u{1b}", " ", "\u{4e2d}", "/"]),
        at in any::<prop::sample::Index>(),
    ) {
        let disguised: String = text.chars().zip(&which).map(|(c, n)| if *n < 3 { alike(c, *n) } else { c }).collect();
        let at = disguised.char_indices().map(|(at, _)| at).nth(at.index(disguised.chars().count())).unwrap_or_default();
        let disguised = format!("{}{hidden}{}", &disguised[..at], &disguised[at..]);
        prop_assert_eq!(ProjectName::salvage(&disguised), ProjectName::parse(&text).ok(), "{:?}", disguised);
    }

    #[test]
    fn what_can_be_saved_of_any_text_is_a_name(text in "\\PC{0,40}") {
        if let Some(name) = ProjectName::salvage(&text) {
            prop_assert!(ProjectName::is_valid(name.as_str()) && name.as_str().len() <= ProjectName::LONGEST);
            prop_assert_eq!(ProjectName::salvage(name.as_str()), Some(name.clone()));
        }
        prop_assert_eq!(ProjectName::is_valid(&text), ProjectName::parse(&text).is_ok());
    }

    /// Two accounts are never told apart by the size of letters, and none of them is called what another page would run.
    #[test]
    fn a_name_of_an_account_is_one_word_of_small_letters(text in "[A-Za-z0-9._+@ \u{430}<>/\n-]{0,12}") {
        match text.parse::<UserName>() {
            Ok(name) => {
                prop_assert_eq!(name.as_str(), text.to_ascii_lowercase());
                prop_assert_eq!(text.to_ascii_uppercase().parse::<UserName>(), Ok(name.clone()));
                prop_assert!(name.as_str().bytes().all(|b| b.is_ascii_graphic() && !b"<>\"'&/".contains(&b)));
                prop_assert_eq!(serde_json::from_value::<UserName>(serde_json::json!(text)).ok(), Some(name));
            }
            Err(error) => prop_assert!(error.to_string().contains("1 to 64 letters")),
        }
    }

    #[test]
    fn a_case_is_named_by_its_number_or_its_key_in_any_size(number in any::<u64>(), project in name(), second in 0..4_000_000_000_i64) {
        let by = |text: String| CaseRef(text);
        prop_assert_eq!(by(format!("NW-{number}")).id().map(|id| id.to_string()), Some(format!("nw-{number}")));
        let key = by(format!("{}@{second}", project.to_uppercase())).key();
        let one = ProjectName::parse(&project).expect("a name");
        prop_assert_eq!(key.map(|key| key.0), Some(format!("{one}@{second}")));
    }
}

/// Watch and rule of each match, and of each suppression, which may be of all.
type Found = Vec<(usize, usize)>;
type Silenced = Vec<(Option<usize>, Option<usize>)>;

fn suppressed() -> impl Strategy<Value = (Found, Silenced)> {
    let found = prop::collection::vec((0..2_usize, 0..3_usize), 0..5);
    let said = prop::collection::vec((prop::option::of(0..2_usize), prop::option::of(0..3_usize)), 0..4);
    (found, said)
}

const RULES: [Rule; 3] = [Rule::Exact, Rule::Omission, Rule::Affix];

proptest! {
    /// Silence is only for what somebody said it of: one match that they did not mean speaks.
    #[test]
    fn a_suppression_silences_what_it_names_and_no_more((found, said) in suppressed()) {
        let watch = |n: usize| WatchId::new(Registry::Pypi, WatchKind::Name, ["acme-a", "acme-b"][n]);
        let project = ProjectName::parse("acme-x").expect("a name");
        let matches: Vec<Match> = found.iter().map(|(of, rule)| Match {
            watch: watch(*of),
            rule: RULES[*rule],
            tier: Tier::Page,
            score: 90,
            lacks: 0,
            distance: None,
            explanation: String::new(),
        }).collect();
        let suppressions = said.iter().map(|(of, rule)| Suppression {
            project: project.clone(),
            watch: of.map(watch),
            rule: rule.map(|rule| RULES[rule]),
            reason: "fine".to_owned(),
        }).collect();
        let inventory = Inventory { suppressions, ..Inventory::default() };
        for of in 0..2 {
            let own: Vec<usize> = found.iter().filter(|(n, _)| *n == of).map(|(_, rule)| *rule).collect();
            let covers = |rule: usize| said.iter().any(|(w, r)| w.is_none_or(|w| w == of) && r.is_none_or(|r| r == rule));
            let silent = !own.is_empty() && own.into_iter().all(covers);
            prop_assert_eq!(inventory.harmless(&project, &watch(of), &matches).is_some(), silent);
            let other = ProjectName::parse("acme-y").expect("a name");
            prop_assert!(inventory.harmless(&other, &watch(of), &matches).is_none(), "another project");
        }
    }

    /// No stranger is told a name under a prefix that somebody called confidential.
    #[test]
    fn what_is_confidential_covers_all_below_it(said in prop::collection::btree_map(0..6_usize, 0..3_u8, 0..6)) {
        const WATCHES: [(WatchKind, &str); 6] = [
            (WatchKind::Prefix, "acme-"), (WatchKind::Prefix, "acme-pay-"), (WatchKind::Prefix, "acme-pay-x-"),
            (WatchKind::Name, "acme-pay-x-y"), (WatchKind::Name, "acmepay"), (WatchKind::Brand, "acme"),
        ];
        let id = |n: usize| WatchId::new(Registry::Pypi, WATCHES[n].0, WATCHES[n].1);
        let publicity = |word: u8| [Publicity::Confidential, Publicity::Public, Publicity::Unsaid][usize::from(word)];
        let terms = said.iter().map(|(n, word)| (id(*n), Terms { publicity: publicity(*word), auto: false })).collect();
        let inventory = Inventory { terms, ..Inventory::default() };
        let own = |n: usize| said.get(&n).map_or(Publicity::Unsaid, |word| publicity(*word));
        for (n, (kind, text)) in WATCHES.into_iter().enumerate() {
            let above = (0..3).any(|p| kind != WatchKind::Brand && text.starts_with(WATCHES[p].1) && own(p) == Publicity::Confidential);
            let wanted = if own(n) == Publicity::Unsaid && above { Publicity::Confidential } else { own(n) };
            prop_assert_eq!(inventory.publicity(&id(n)), wanted, "{}", text);
        }
    }
}

fn issues() -> Vec<HealthIssue> {
    let (feed, channel) = (Feed::Rss, "slack:ops".to_owned());
    let name = ProjectName::parse("acme").expect("a name");
    vec![
        HealthIssue::FeedBlind { feed },
        HealthIssue::ChangelogGone,
        HealthIssue::SerialWentBack { feed },
        HealthIssue::Implausible { feed },
        HealthIssue::IndexRefused,
        HealthIssue::Missed,
        HealthIssue::Unreadable { feed },
        HealthIssue::Undelivered { channel: channel.clone() },
        HealthIssue::Refused { channel: channel.clone() },
        HealthIssue::RecipientRefused { owner: OwnerId("ml".to_owned()), channel },
        HealthIssue::ConfigurationBroken,
        HealthIssue::InventoryBroken,
        HealthIssue::InventoryHeld,
        HealthIssue::InventoryWaits,
        HealthIssue::CanaryLost,
        HealthIssue::StoreUnusable,
        HealthIssue::Down,
        HealthIssue::ClaimsStopped,
        HealthIssue::UploaderSilent,
        HealthIssue::UploadsFailing { site: Site::Index },
        HealthIssue::ClaimChanged { name: name.clone() },
        HealthIssue::ClaimEnded { name },
        HealthIssue::WebClosed,
        HealthIssue::GateSilent,
        HealthIssue::GateUnwell,
        HealthIssue::ClockStepped,
        HealthIssue::ClockWrong,
        HealthIssue::LookUpsFail,
    ]
}

/// They are keys of cases that are stored and told: another text would be another case, and the old one open for ever.
#[test]
fn the_key_of_an_issue_never_changes_and_is_its_own() {
    let keys: Vec<String> = issues().iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(keys.join(" "), @"feed-blind:rss changelog-gone serial-went-back:rss implausible:rss index-refused missed unreadable:rss undelivered:slack:ops refused:slack:ops recipient-refused:slack:ops:ml configuration-broken inventory-broken inventory-held inventory-waits canary-lost store-unusable down claims-stopped uploader-silent uploads-failing:index claim-changed:acme claim-ended:acme web-closed gate-silent gate-unwell clock-stepped clock-wrong look-ups-fail");
    assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), keys.len());
    for issue in issues() {
        let stored = serde_json::to_string(&issue).expect("JSON");
        assert_eq!(serde_json::from_str::<HealthIssue>(&stored).expect("an issue"), issue);
        assert!(!issue.takes_a_person() || issue.to_string().starts_with("claim-"), "{issue}");
    }
}

#[test]
fn words_that_are_stored_are_read_back_and_no_two_are_alike() {
    for state in FindingState::ALL {
        assert_eq!(serde_json::to_value(state).expect("JSON"), state.as_str());
        assert!(!state.is_open() || state.is_live() && !state.is_over(), "{state:?}");
    }
    let words: BTreeSet<&str> = Rule::ALL.iter().map(|rule| rule.as_str()).collect();
    assert_eq!(words.len(), Rule::ALL.len());
    for kind in ChannelKind::ALL {
        let channel = kind.named("a:b");
        assert_eq!(channel.to_string().parse::<Channel>(), Ok(channel), "the rest is its name");
    }
    let key: ClaimKey = "acme-billing#2".parse().unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(key.to_string(), "acme-billing#2");
}
