//! A page in JSON and in HTML, and words of refusal, whatever strangers write into them.

use super::*;
use crate::gate::altered::Altered;
use crate::gate::binding::Bound;
use crate::gate::exemption::Rejected;
use crate::gate::lack::{Evidence, Lack};
use crate::gate::setup::SetupTool;
use crate::model::WatchId;

/// What a stranger writes where a word is wanted: what ends an attribute, a tag or a line, and what turns the direction of reading.
fn words() -> impl Strategy<Value = String> {
    let part = prop::sample::select(vec![
        "\"", "'", "<", ">", "&", "&amp;", "&#x22;", "</a>", "</html>", "-->", "<script>", "]]>", " ", "\t", "\n", "=",
        "#", "%22", "é", "\u{202e}", "\u{2028}", "{{", "held", ">=3.9",
    ]);
    prop::collection::vec(part, 1..6).prop_map(|parts| parts.concat())
}

/// A file with such words in each of its places.
fn hostile() -> impl Strategy<Value = Value> {
    let yanked = prop_oneof![Just(json!(false)), Just(json!(true)), words().prop_map(Value::from)];
    let metadata = prop_oneof![Just(Value::Null), Just(json!({"sha256": "ef".repeat(32)})), Just(json!(true))];
    (words(), words(), yanked, metadata, 0_i64..24 * 60).prop_map(|(python, provenance, yanked, metadata, hours)| {
        let mut file = file("0", hours);
        file["requires-python"] = json!(python);
        file["provenance"] = json!(provenance);
        (file["yanked"], file["core-metadata"]) = (yanked, metadata);
        file
    })
}

/// What an installer goes by of a file.
fn told(file: &crate::gate::page::PageFile) -> Value {
    let said = file.said();
    let yanked = match said.get("yanked") {
        None | Some(Value::Bool(false)) => Value::Null,
        Some(why) => why.clone(),
    };
    json!({"name": file.filename, "at": file.url.as_str(), "sha256": file.sha256, "python": said.get("requires-python"), "yanked": yanked,
           "metadata": file.metadata, "provenance": said.get("provenance")})
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Read as an installer reads it, HTML says of each file what JSON does, and has no file that JSON lacks.
    #[test]
    fn html_says_what_json_says_whatever_strangers_write(
        files in prop::collection::vec(hostile(), 1..5), status in words(), mode in prop::sample::select(vec![Mode::Enforce, Mode::Observe]),
    ) {
        let numbered = files.into_iter().enumerate().map(|(number, mut file)| {
            file["filename"] = json!(format!("widgets-{number}.0.tar.gz"));
            file["hashes"] = json!({"sha256": format!("{number:064x}")});
            file
        });
        let mut page = page_of(numbered.collect());
        page["project-status"] = json!({"status": status});
        let page = read(&page);
        let policy = policy(mode);
        let listing = Listing::new(&page, &policy.on(&page, Origin::Pypi, noon()));
        let at = url::Url::parse("https://gate.example/simple/widgets/").expect("an address");
        let json = ProjectPage::read(&page.name, &at, listing.body(Form::Json, "https://gate.example").as_bytes()).expect("JSON");
        let html = ProjectPage::read_html(&page.name, &at, &listing.body(Form::Html, "https://gate.example")).expect("HTML");
        prop_assert_eq!(html.left_out.len() + json.left_out.len(), 0);
        let all = |of: &ProjectPage| of.files.iter().map(told).collect::<Vec<_>>();
        prop_assert_eq!(all(&html), all(&json));
        prop_assert_eq!(all(&json).len(), page.files.len());
    }
}

fn cause() -> impl Strategy<Value = Cause> {
    let day = (0_i64..4000).prop_map(|days| noon() - TimeDelta::days(days));
    let bound = |respelt| Bound { watch: WatchId::name(&name("acme-billing")), respelt };
    let lack = prop::sample::subsequence(
        vec![Evidence::PriorUse, Evidence::Popularity, Evidence::Silence, Evidence::Shared],
        0..=4,
    );
    prop_oneof![
        any::<bool>().prop_map(move |respelt| Cause::Internal(bound(respelt))),
        Just(Cause::Quarantined),
        Just(Cause::Merged),
        words().prop_map(Cause::Malware),
        (words(), words(), 1_i64..100_000).prop_map(|(by, reason, review)| Cause::Rejected(Rejected {
            review,
            by,
            reason: reason.repeat(9)
        })),
        Just(Cause::Suspected(CaseId(417))),
        prop::sample::select(Altered::ALL.to_vec()).prop_map(Cause::Altered),
        day.clone().prop_map(Cause::Frozen),
        day.clone().prop_map(Cause::YoungProject),
        day.prop_map(Cause::YoungFile),
        Just(Cause::Undated),
        (1_usize..4, lack, any::<bool>()).prop_map(|(needs, spoken, is_old)| {
            let silent = [Evidence::Attestation].into_iter().collect();
            Cause::Unvouched { lack: Lack::of(needs, spoken, silent), is_old }
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    /// A status line is one line of printable ASCII that is short enough, and a problem is one sentence of it; a review is named where one can be
    /// decided, and nothing is asked for again at once that no time and no person frees.
    #[test]
    fn a_refusal_is_one_line_that_names_its_review_whatever_strangers_write(
        cause in cause(), filename in words(), review in prop::option::of(1_i64..1_000_000), until in prop::option::of(0_i64..400),
        dashboard in prop::option::of((0_usize..60).prop_map(|more| format!("https://w{}.example", "a".repeat(more)))),
        tool in prop::option::of(prop::sample::select(SetupTool::ALL.to_vec())),
    ) {
        let until = until.map(|days| noon() + TimeDelta::days(days));
        let held = Hold { cause, until, then: None };
        let is_plain = |text: &str| !text.is_empty() && text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        let refusal = Refusal::of(&name("widgets"), Some(&filename), &held);
        let refusal = refusal.in_review(&filename, &held, review, dashboard.as_deref()).advising(tool, "https://gate.acme.example", &name("widgets"));
        let (phrase, problem) = (refusal.phrase(), serde_json::to_value(refusal.problem()).expect("JSON"));
        prop_assert!(is_plain(&phrase) && phrase.len() <= 100, "{phrase:?}");
        prop_assert!(is_plain(problem["detail"].as_str().expect("said")), "{problem}");
        prop_assert_eq!(&problem["type"], &json!(format!("urn:namewarden:gate:{}", kind(&held.cause).0)));
        prop_assert_eq!((refusal.status, refusal.retry_after), (451, None));
        if let Some(id) = review.filter(|_| held.cause.is_for_review()) {
            let number = format!("review {id}");
            let place = dashboard.as_ref().map(|at| format!("{at}/gate/reviews/{id}"));
            let is_named = |text: &str| text.contains(&number) || place.as_ref().is_some_and(|place| text.contains(place));
            prop_assert!(is_named(&phrase), "{phrase}");
            prop_assert_eq!(problem["instance"].as_str(), place.as_deref());
        }
        let remedy = problem["remedy"].as_str();
        prop_assert_eq!(remedy.is_some(), tool.is_some());
        prop_assert!(remedy.is_none_or(|remedy| remedy.contains("https://gate.acme.example/simple")));
    }
}

/// What is not given out now is told apart from what nobody has, and from what never comes.
#[test]
fn each_refusal_says_by_its_status_whether_to_ask_again() {
    let bound = Bound { watch: WatchId::name(&name("acme-billing")), respelt: true };
    let internal = Refusal::internal(&name("acme-bi11ing"), bound, true);
    let table = [
        (Refusal::not_now("the disk\r\nis full"), 503, true, "the gate cannot decide: the disk??is full"),
        (Refusal::missing("x\u{202e}"), 404, false, "x? is not there"),
        (Refusal::unknown(), 401, false, "a user and a password of the gate are needed; they belong into ~/.netrc"),
        (
            internal,
            451,
            false,
            "another spelling of the internal name acme-billing, and never taken from PyPI; the private index ...",
        ),
    ];
    for (refusal, status, again, phrase) in table {
        assert_eq!((refusal.status, refusal.retry_after.is_some(), refusal.phrase().as_str()), (status, again, phrase));
        assert_eq!(refusal.is_missing(), status == 404);
        let advised = refusal.clone().advising(Some(SetupTool::Uv), "https://gate.acme.example", &name("acme-billing"));
        assert_eq!(advised != refusal, status == 451, "{phrase}: who is refused for good is kept from another index");
        assert_eq!(refusal.clone().advising(Some(SetupTool::Uv), "no address", &name("acme-billing")), refusal);
    }
}
