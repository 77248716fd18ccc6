//! What stands largest, the sentence below it and what a program reads say the same of a case, whatever is known of it.

use proptest::prelude::*;

use super::super::samples::{case, registered};
use crate::messages::marks::bare;
use crate::messages::{mail, pip, verdict, webhook};
use crate::model::finding::FindingState;
use crate::model::notice::Case;
use crate::model::release::Files;
use crate::model::{Releases, Rule};

/// What became of a name whose case is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum After {
    Nothing,
    Again,
    Quarantined,
    Unlisted,
}

/// What is known of a case, each by itself.
#[derive(Clone, Debug)]
struct Known {
    exact: bool,
    state: FindingState,
    internal: Option<&'static str>,
    /// None: nobody has looked.
    releases: Option<Vec<&'static str>>,
    released: bool,
    ours: Option<bool>,
    trouble: bool,
    after: After,
    gone: bool,
}

fn known() -> impl Strategy<Value = Known> {
    use FindingState::{Acknowledged, Open, Ours, PreExisting, Removed, Resolved, Suppressed};
    let state = prop::sample::select(vec![Open, Open, Acknowledged, PreExisting, Removed, Ours, Resolved, Suppressed]);
    let internal = prop::sample::select(vec![None, Some("2.0"), Some("2.0.dev1"), Some("2.0-custom")]);
    let versions = vec!["0.1", "1.9", "2.0", "3.0rc1", "3.0.0"];
    let releases = prop::option::of(prop::sample::subsequence(versions, 0..=5));
    let ours = prop::sample::select(vec![None, Some(true), Some(false)]);
    let after = prop::sample::select(vec![After::Nothing, After::Again, After::Quarantined, After::Unlisted]);
    let rest = (any::<[bool; 4]>(), after);
    (state, internal, releases, ours, rest).prop_map(
        |(state, internal, releases, ours, ([exact, released, trouble, gone], after))| Known {
            exact,
            state,
            internal,
            releases,
            released,
            ours,
            trouble,
            // Only of what is over it is known what came after.
            after: if state == Removed { after } else { After::Nothing },
            gone: gone && !state.is_live(),
        },
    )
}

fn of(known: &Known) -> Case {
    let rule = if known.exact { Rule::Exact } else { Rule::Substitution };
    let mut case = case(if known.exact { "torchtriton" } else { "torchtritom" }, "torchtriton", rule);
    case.finding.state = known.state;
    let facts = &mut case.finding.facts;
    let page = |versions: &Vec<&str>| {
        Releases::shown(versions.iter().map(|version| ((*version).to_owned(), Files::INSTALLABLE)), None)
    };
    facts.releases = known.releases.as_ref().map(page).unwrap_or_default();
    facts.released = known.released || !facts.releases.is_empty();
    facts.ours = known.ours;
    facts.trouble = known.trouble.then(|| "503 from PyPI".to_owned());
    if let Some(watch) = case.watches.first_mut() {
        watch.latest_version = known.internal.map(str::to_owned);
    }
    case.again = known.after == After::Again;
    case.quarantined = known.after == After::Quarantined;
    case.unlisted = known.after == After::Unlisted;
    case.gone = known.gone;
    case
}

/// How sentences may begin below this verdict.
fn beginnings(verdict: &str) -> &'static [&'static str] {
    match verdict {
        "pip would take it" => &["YES: "],
        "pip may take it" => &["Yes, it may: ", "Unknown: "],
        "Not known yet if pip takes it" => &["Not known"],
        "pip would not take it yet" => &["Not now: "],
        "pip would not take it for yours" => &["Only where "],
        "It is yours" => &["No threat: ", "It was yours when "],
        "Gone from PyPI" | "No longer listed by PyPI" => &["Not any more: "],
        "In quarantine at PyPI" => &["Not now: it is in quarantine"],
        "Your project is in quarantine at PyPI" => &["Not now: your own project is in quarantine"],
        // Who has its name by now is said below that it went.
        "Your project is gone from PyPI" => {
            &["Not now: your own project is gone", "Not this registration, which is over"]
        }
        "Registered again, which is another case" => &["Not this registration, which is over"],
        other => panic!("{other}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_verdict_its_sentence_and_the_answer_to_programs_agree(known in known()) {
        let case = of(&known);
        let (large, sentence) = (verdict::verdict(std::slice::from_ref(&case), 0), bare(&pip::sentence(&case)));
        let fits = beginnings(&large).iter().any(|beginning| sentence.starts_with(beginning));
        prop_assert!(fits, "{} beside {}", large, sentence);
        let briefing = registered(vec![case]);
        let body = webhook(&briefing);
        let told = &body["data"]["cases"][0]["would_pip_take"];
        prop_assert_eq!(told["explanation"].as_str(), Some(sentence.as_str()));
        prop_assert_eq!(&told["answer"], &told["installers"]["pip"]);
        let answer = told["answer"].as_str().unwrap_or_default();
        let over = ["It is yours", "Registered again, which is another case"].contains(&large.as_str());
        match answer {
            "yes" => prop_assert!(sentence.to_lowercase().starts_with("yes") || over, "{} beside {}", answer, sentence),
            "unknown" => prop_assert!(!sentence.starts_with("YES: ") && !sentence.starts_with("Only where "), "{} beside {}", answer, sentence),
            _ => prop_assert!(!sentence.starts_with("YES: ") && !sentence.starts_with("Yes, "), "{} beside {}", answer, sentence),
        }
        let text = mail(&briefing).text.split_whitespace().collect::<Vec<_>>().join(" ");
        prop_assert!(text.contains(&large) && text.contains(&sentence), "{}", text);
    }
}
