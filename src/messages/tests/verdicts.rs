//! How bad it is, and why.

use super::*;

/// The verdict counts all cases of a message, and never says less than the worst of them.
#[test]
fn the_verdict_of_several_is_that_of_the_worst() {
    let yes = torchtriton();
    let unknown = case("torchtriton", "torchtriton", Rule::Exact);
    let other = case("torch-triton", "torchtriton", Rule::Separators);
    let mut gone = torchtriton();
    gone.finding.state = FindingState::Removed;
    let mut lost = gone.clone();
    lost.finding.facts.ours = Some(true);
    let say = |cases: &[&crate::model::notice::Case], more| {
        crate::messages::verdict::verdict(&cases.iter().map(|case| (*case).clone()).collect::<Vec<_>>(), more)
    };
    let said = [
        say(&[&yes], 0),
        say(&[&unknown], 0),
        say(&[&other], 0),
        say(&[&gone], 0),
        say(&[&lost], 0),
        say(&[&over(FindingState::Removed, true)], 0),
        say(&[&other, &yes, &unknown, &yes], 0),
        say(&[&other, &unknown], 7),
        say(&[&other, &other], 248),
        say(&[&other, &gone], 0),
        say(&[&gone, &gone], 0),
        say(&[&gone, &over(FindingState::Ours, false)], 0),
        say(&[&gone, &lost], 0),
        say(&[&gone, &over(FindingState::Removed, true)], 0),
    ];
    assert_snapshot!(said.join("\n"), @"
    pip would take it
    Not known yet if pip takes it
    pip would not take it for yours
    Gone from PyPI
    Your project is gone from PyPI
    Registered again, which is another case
    pip would take 2 of 4
    Not known yet if pip takes 1 of 9
    250 look-alikes, pip would take none for yours
    2 look-alikes, pip would take none for yours
    2 of 2 gone from PyPI
    1 of 2 gone from PyPI, 1 yours
    1 of 2 were yours and are gone
    1 of 2 over, and registered again
    ");
}

/// What a phone shows beside the subject has the verdict, whatever came before it.
#[test]
fn a_preview_has_the_verdict() {
    let unknown =
        cases(NoticeEvent::Worsened, vec![case("torchtriton", "torchtriton", Rule::Exact)], Some("new owner: eve"));
    let many = registered(vec![case("torch-triton", "torchtriton", Rule::Separators); 20]);
    for (briefing, wanted) in [(unknown, "Not known yet: no release"), (many, "20 look-alikes")] {
        let text = slack(&briefing, None)["text"].to_string();
        assert!(text.contains(wanted), "{text}");
        let html = mail(&briefing).html;
        let preview = html.split("mso-hide:all\">").nth(1).and_then(|rest| rest.split("</div>").next());
        assert!(preview.is_some_and(|preview| preview.contains(wanted)), "{preview:?}");
    }
}

/// It was ours, and its page cannot be read since something happened: neither a threat nor none.
#[test]
fn of_a_project_of_ours_that_cannot_be_read_nobody_says_that_it_is_no_threat() {
    let mut case = torchtriton();
    case.finding.state = FindingState::Ours;
    case.finding.facts.trouble = Some("roles changed (add Owner mallory)".to_owned());
    let said = crate::messages::pip::sentence(&case);
    assert_eq!(
        said,
        "It was yours when its page was last read. Whether it is still is not known: roles changed (add Owner mallory)."
    );
    case.finding.facts.trouble = None;
    assert_eq!(crate::messages::pip::sentence(&case), "No threat: the account that holds it is listed as ours.");
}

#[test]
fn the_verdict_in_a_sentence() {
    let mut case = torchtriton();
    let mut say = |versions: Option<&[&str]>, internal: Option<&str>, trouble: Option<&str>| {
        let page =
            |versions: &[&str]| Releases::shown(versions.iter().map(|v| ((*v).to_owned(), Files::INSTALLABLE)), None);
        case.finding.facts.releases = versions.map(page).unwrap_or_default();
        case.finding.facts.trouble = trouble.map(str::to_owned);
        if let Some(watch) = case.watches.first_mut() {
            watch.latest_version = internal.map(str::to_owned);
        }
        crate::messages::marks::bare(&crate::messages::pip::sentence(&case))
    };
    let said = [
        say(Some(&["0.1", "3.0.0"]), Some("2.0"), None),
        say(Some(&["2.0"]), Some("2.0"), None),
        say(Some(&["1.9"]), Some("2.0.dev1"), None),
        say(Some(&["0.1"]), Some("2.0"), None),
        say(Some(&["3.0rc1"]), Some("2.0"), None),
        say(Some(&["0.1"]), Some("2.0-custom"), None),
        say(Some(&[]), Some("2.0"), None),
        say(Some(&[]), Some("2.0rc1"), None),
        say(Some(&["1.0"]), None, None),
        say(None, Some("2.0"), Some("503")),
        say(None, Some("2.0"), None),
        say(None, None, None),
    ];
    assert_snapshot!(said.join("\n"), @"
    YES: its 3.0.0 beats your 2.0. pip with an extra index takes the highest version, whoever published it.
    Yes, it may: its 2.0 equals your 2.0, and the order of the indexes then decides.
    YES: its 1.9 is final and your 2.0.dev1 is not. pip leaves pre-releases aside while any index has a final one, whatever its number.
    Not now: its highest version 0.1 is below your 2.0. A higher one can be published at any minute.
    Not now: its 3.0rc1 is a pre-release, and pip leaves those aside unless asked. A final one can be published at any minute.
    YES: your 2.0-custom is no version by PEP 440, so pip ignores it and takes 0.1.
    Not now: it has no release that pip would install. Any release at or above your 2.0 would be taken.
    Not now: it has no release that pip would install. Any final release would be taken over your 2.0rc1, a pre-release.
    Unknown: it offers 1.0, and the inventory has no internal version to compare with. Treat it as yes.
    Not known: 503. Treat it as yes until you have looked.
    Not known yet: no release has been seen. Any release at or above your 2.0 would be taken.
    Not known yet: no release has been seen. Treat it as yes once there is one.
    ");
}

#[test]
fn the_other_installers_in_a_line() {
    let mut case = torchtriton();
    assert_snapshot!(crate::messages::pip::others(&case).unwrap(), @"
    Yes: pip --pre, uv unsafe-best-match, Poetry, Poetry (yours supplemental). No: uv, Poetry (yours first).
    ");
    case.finding.facts.releases = Releases::default();
    assert_eq!(crate::messages::pip::others(&case), None, "nothing is known yet");
    let named = crate::messages::samples::case("torchtritom", "torchtriton", Rule::Keyboard);
    assert_eq!(crate::messages::pip::others(&named), None, "nothing of ours asks for that name");
}

/// PyPI names nobody for a project without a file, nor for one that is gone before it was looked up.
#[test]
fn whom_the_changelog_named_is_said_where_no_page_tells() {
    let mut case = case("torchtriton", "torchtriton", Rule::Exact);
    case.named = vec!["mallory\u{1b}[31m".to_owned(), "eve".to_owned()];
    let text = |case: &crate::model::notice::Case| {
        mail(&registered(vec![case.clone()])).text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let said = text(&case);
    assert!(said.contains(", by the changelog") && said.contains("mallory") && !said.contains('\u{1b}'), "{said}");
    case.finding.facts.users = vec!["mallory".to_owned()];
    case.finding.facts.ours = Some(false);
    assert!(text(&case).contains("Published by mallory (not one of ours)"), "a page says more");
}

/// What is being found out when it is sent is said to be so, and whoever has to act is told by what.
#[test]
fn the_alert_of_a_look_alike_says_what_is_under_way_and_one_under_a_prefix_what_to_do() {
    let text = |rule: Rule, explanation: &str, facts: Facts| {
        let mut case = case("torch-nightly", "torch", rule);
        case.finding.facts = facts;
        case.finding.threats[0].matches[0].explanation = explanation.to_owned();
        mail(&registered(vec![case])).text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let scored =
        "torch-nightly adds a word to torch. Alert: chance is a poor explanation; 37.2 bits of evidence (42.2)";
    let fresh = text(Rule::Affix, scored, Facts::default());
    assert!(
        fresh.contains("Published by being looked up as this was sent; namewarden findings show nw-417"),
        "{fresh}"
    );
    assert!(fresh.contains("chance is a poor explanation (rule affix") && !fresh.contains("bits"), "{fresh}");
    let under = text(Rule::Prefix, "", Facts::default());
    assert!(under.contains("anything of yours is called torch-nightly or asks for it"), "{under}");
    assert!(under.contains("grep") && !under.contains("is meant"), "{under}");
    let empty =
        Facts { trouble: Some("PyPI shows no file of it yet".to_owned()), provisional: true, ..Facts::default() };
    let empty = text(Rule::Exact, "", empty);
    assert!(empty.contains("Not known: PyPI shows no file of it yet. Treat it as yes"), "{empty}");
    assert!(empty.contains("Published by not known") && empty.contains("May be old PyPI's page"), "{empty}");
}

/// What was seen around a case, in all forms, and no word of a stranger's passes for ours.
#[test]
fn context_is_told_with_what_it_made_of_the_tier() {
    let name = |text: &str| ProjectName::parse(text).unwrap();
    let mut case = case("torchtrition", "torchtriton", Rule::Insertion);
    let watch = case.finding.threats[0].watch.clone();
    case.finding.threats[0].matches[0].tier = Tier::Digest;
    let why = [
        Why::Together { watch, with: name("torchtritn") },
        Why::Version { version: "99.0+evil.example".to_owned() },
        Why::Registrant { holder: "mal\u{202e}lory".to_owned(), with: name("torch-triton") },
    ];
    case.finding.context = why.into_iter().map(|why| crate::model::Context { why, bits: 8 }).collect();
    let briefing = registered(vec![case]);
    let (mail, hook) = (mail(&briefing), webhook(&briefing));
    let words: Vec<&str> = mail.text.split_whitespace().collect();
    let words = words.join(" ");
    for said in [
        "torchtritn, another look-alike of torchtriton, was registered within the hour",
        "its version 99.0+evil[.]example was made to win",
        "mal\\u{202e}lory, who holds it, holds torch-triton too",
        "; with that from digest to alert",
    ] {
        assert!(words.contains(said), "{said}\n{}", mail.text);
    }
    let context = &hook["data"]["cases"][0]["context"];
    assert_eq!((&context[1]["kind"], &context[1]["bits"]), (&"version".into(), &8.into()));
    assert_eq!(hook["data"]["cases"][0]["watches"][0]["tier_by_name"], "digest");
}

/// One project against many watches is one card, and no case goes untold.
#[test]
fn a_project_against_many_watches_is_one_card() {
    let mut case = torchtriton();
    for name in ["triton-a", "triton-b", "triton-c", "triton-d"] {
        case.finding.threats.push(threat(&watch(name), Rule::Affix, Tier::Alert, String::new()));
    }
    let mail = mail(&registered(vec![case]));
    assert_eq!(mail.text.matches("Would pip take it  YES: its 3.0.0").count(), 1, "{}", mail.text);
    for name in ["triton-a", "triton-b", "triton-c", "triton-d"] {
        let words: Vec<&str> = mail.text.split_whitespace().collect();
        assert!(words.join(" ").contains(&format!("{name} (owner ml)")), "{}", mail.text);
    }
    assert_eq!(mail.subject, "[page] pip would take torchtriton: your internal name and 4 more watches (nw-417)");
}

/// What was registered under our prefix, and the one of the same name that ended before it.
fn anew(state: FindingState) -> (crate::model::notice::Case, crate::model::notice::Case) {
    let mut new = case("zorb-x", "zorb", Rule::Prefix);
    (new.finding.tier, new.told) = (Tier::Page, Some(NoticeEvent::Registered));
    new.finding.id = Some(crate::model::CaseId(8));
    let mut old = case("zorb-x", "zorb", Rule::Prefix);
    (old.finding.state, old.again, old.told) = (state, true, Some(NoticeEvent::Ended));
    old.finding.id = Some(crate::model::CaseId(7));
    (new, old)
}

/// What lives comes first and largest; the end stands apart, below, and says which name it was.
#[test]
fn an_end_beside_what_lives_stands_below_it() {
    let (new, old) = anew(FindingState::Removed);
    let mut briefing = cases(NoticeEvent::Summary, vec![new.clone(), old.clone()], None);
    briefing.tier = Tier::Page;
    let mail = mail(&briefing);
    assert!(mail.subject.starts_with("[page] zorb-x was registered: "), "{}", mail.subject);
    assert!(mail.subject.ends_with("not known yet if pip takes it (nw-8)"), "{}", mail.subject);
    let text = words(&mail.text);
    let order = [
        "PAGE: registered on PyPI",
        "Not known yet if pip takes it zorb-x was registered on PyPI",
        "namewarden findings ack nw-8",
        "zorb-x (nw-8)",
        "Over: zorb-x (nw-7)",
        "This registration of zorb-x is over. The name was registered again",
    ];
    let at: Vec<_> = order.iter().map(|said| text.find(said)).collect();
    assert!(at.iter().all(Option::is_some) && at.is_sorted(), "{at:?}\n{text}");
    assert!(!text.contains("1 of 2") && !text.contains("What changed"), "{text}");
    let body = webhook(&briefing);
    assert_eq!(body["data"]["headline"].as_str().unwrap_or_default(), mail.subject.trim_start_matches("[page] "));
    assert_eq!(body["data"]["cases"].as_array().map(Vec::len), Some(2), "a program gets both");
}

/// Whatever ended, however often, and wherever it stands among them: the head is that of what lives alone.
#[test]
fn no_end_changes_the_head_of_what_lives() {
    let head = |cases: Vec<crate::model::notice::Case>| {
        let layout = crate::messages::compose::compose(&self::cases(NoticeEvent::Summary, cases, None));
        (layout.subject, layout.verdict, layout.about, layout.lead, layout.tone)
    };
    let (new, over) = anew(FindingState::Removed);
    let mut gone = over.clone();
    gone.again = false;
    let (mut kept, mut ours) = (gone.clone(), gone.clone());
    (kept.quarantined, ours.finding.state) = (true, FindingState::Ours);
    let second = case("torch-triton", "torchtriton", Rule::Separators);
    for living in [vec![torchtriton(), new.clone()], vec![new.clone(), second.clone()], vec![torchtriton(), second]] {
        let alone = head(living.clone());
        for ended in [&over, &gone, &kept, &ours] {
            for (before, after) in [(0, 1), (1, 0), (2, 9)] {
                let mut mixed = vec![ended.clone(); before];
                mixed.extend(living.clone());
                mixed.extend(vec![ended.clone(); after]);
                assert_eq!(head(mixed.clone()), alone);
                let text = words(&mail(&cases(NoticeEvent::Summary, mixed, None)).text);
                assert!(text.contains("Over: zorb-x (nw-7)"), "{text}");
            }
        }
    }
}
