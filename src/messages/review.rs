//! The message about what the gate holds: who asked for what, since when, why it is held, and the commands that decide.

use crate::model::held::HeldRelease;
use crate::model::notice::Briefing;

use super::held;
use super::hostile::inert;
use super::layout::{Action, Answer, Card, Decide, Layout};
use super::marks::code;
use super::parties::origin;
use super::phrase::{clock, count};

/// Users at hosts that a row names.
const PEERS: usize = 3;
/// A login and an address.
const WHO: usize = 110;

pub(crate) fn fill(layout: &mut Layout, briefing: &Briefing, held: &[HeldRelease], omitted: i64) {
    layout.verdict = if is_given_out(held) { looked_at(all(held, omitted)) } else { waits(all(held, omitted)) };
    layout.about = held.first().map(|first| code(&release(first))).unwrap_or_default();
    let (lead, says_what_ends_it) = lead(held);
    layout.lead = vec![lead];
    layout.cards = held.iter().map(|held| card(held, says_what_ends_it)).collect();
    let first = held.first().map_or(String::new(), |first| format!("namewarden gate show {}", first.review));
    layout.answer = Some(Answer {
        title: "Look at it with",
        command: first,
        text: format!("On {}, where the gate runs. {}", code(&origin(briefing)), decides(held)),
        link: None,
    });
    layout.actions =
        vec![Action::run("See all that wait.", "namewarden gate reviews"), Action::new(held::otherwise(held))];
    if omitted > 0 {
        layout.more = vec![format!("And {omitted} more: {}.", code("namewarden gate reviews"))];
    }
    layout.overflow = "There is more: `namewarden gate reviews`".to_owned();
}

pub(crate) fn headline(held: &[HeldRelease], omitted: i64) -> String {
    let all = all(held, omitted);
    match held.first() {
        Some(first) if is_given_out(held) && all == 1 => {
            format!("{} was given out by the gate, look at it", release(first))
        }
        Some(first) if is_given_out(held) => {
            format!("{all} releases were given out by the gate, look at them: {} and others", release(first))
        }
        Some(first) if all == 1 => format!("{} was asked for and is held by the gate", release(first)),
        Some(first) => format!("{all} releases are held by the gate: {} and others", release(first)),
        None => waits(all),
    }
}

fn decides(held: &[HeldRelease]) -> &'static str {
    if held.iter().any(|held| held.buttons) {
        "In Slack its buttons decide, as whoever has an account here and may approve."
    } else {
        "This message decides nothing."
    }
}

/// Do all of them go out, as far as they are listed?
fn is_given_out(held: &[HeldRelease]) -> bool {
    !held.is_empty() && held.iter().all(|held| held.given_out)
}

/// Why, what ends it, and whether that is said for each of them.
fn lead(held: &[HeldRelease]) -> (String, bool) {
    if is_given_out(held) {
        let advised = "Somebody asked the gate for what its rules object to, and they only advise: it was given out. Whoever has it is listed by \
                       `namewarden gate who`; what is rejected is given out no longer.";
        return (advised.to_owned(), true);
    }
    held::lead(&held.iter().filter(|held| !held.given_out).collect::<Vec<_>>())
}

fn looked_at(all: usize) -> String {
    match all {
        1 => "A release that the gate's rules object to was given out".to_owned(),
        all => format!("{} that the gate's rules object to were given out", count(all, "release", "releases")),
    }
}

fn all(held: &[HeldRelease], omitted: i64) -> usize {
    held.len() + usize::try_from(omitted).unwrap_or_default()
}

fn waits(all: usize) -> String {
    match all {
        1 => "A release is held by the gate, and somebody waits for it".to_owned(),
        all => format!("{} are held by the gate, and somebody waits for them", count(all, "release", "releases")),
    }
}

fn release(held: &HeldRelease) -> String {
    inert(&format!("{}=={}", held.project, held.version), 120)
}

/// `is_said`: what ends it stands before.
fn card(held: &HeldRelease, is_said: bool) -> Card {
    let mut card = Card { title: code(&release(held)), address: held.address.clone(), ..Card::default() };
    card.row(if held.given_out { "Given out" } else { "Held" }, inert(&held.why, 200));
    let ends = held::words(held).filter(|_| !is_said && !held.given_out);
    card.row_if("What ends it", ends.map(|words| words.ends.to_owned()));
    card.row("Asked for", asked(held));
    card.row("Review", format!("{}, with {}", held.review, count(held.files, "file", "files")));
    let (review, key) = (held.review, inert(&held.files_key, 40));
    card.row("Let through", held::let_through(held, &key));
    card.row("Refuse", code(&format!("namewarden gate reject {review} --reason …")));
    card.decide = (held.buttons && held::is_to_decide(held)).then(|| Decide {
        review,
        files_key: held.files_key.clone(),
        release: release(held),
    });
    card
}

fn asked(held: &HeldRelease) -> String {
    let (who, others) = held.asked_by.first(PEERS, |who| code(&inert(who, WHO)));
    let others = if others > 0 || held.more_peers { " and others" } else { "" };
    let times = match held.asked {
        1 => "at".to_owned(),
        times => format!("{times} times since"),
    };
    format!("{times} {}, by {who}{others}", clock(held.since))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::samples::{at, briefing};
    use crate::messages::{mail, pagerduty, slack, webhook};
    use crate::model::held::HeldCause;
    use crate::model::notice::{Content, NoticeEvent};
    use crate::model::{Requester, Requesters, Tier};

    fn held(review: i64, project: &str) -> HeldRelease {
        HeldRelease {
            given_out: false,
            review,
            project: project.to_owned(),
            version: "1.4.0".to_owned(),
            why: "held until 2026-12-04 12:00 UTC: uploaded 2026-11-27 12:00 UTC".to_owned(),
            cause: Some(HeldCause::YoungFile),
            until: Some("2026-12-04T12:00:00Z".parse().expect("a time")),
            asked: 3,
            since: at(0),
            asked_by: Requesters(["10.0.0.7", "10.0.0.8", "10.0.0.9", "10.0.0.10"].map(Requester::of_word).into()),
            more_peers: false,
            files: 2,
            files_key: "0123456789abcdef".to_owned(),
            address: None,
            buttons: false,
        }
    }

    #[test]
    fn buttons_stand_where_somebody_answers_them_and_in_no_other_form() {
        use crate::messages::slack_buttons::{APPROVE, REJECT, meant, reason_block, value};
        let with = |project: &str| told(vec![HeldRelease { buttons: true, ..held(17, project) }], 0);
        let message = slack(&with("leftpad"), None);
        let blocks = message["blocks"].as_array().expect("blocks");
        let actions = blocks.iter().find(|block| block["type"] == "actions").expect("buttons");
        let pressed =
            |at: usize| (actions["elements"][at]["action_id"].as_str(), actions["elements"][at]["value"].as_str());
        assert_eq!(pressed(0), (Some(APPROVE), Some("17 0123456789abcdef")));
        assert_eq!(pressed(1), (Some(REJECT), Some("17 0123456789abcdef")));
        let field = blocks.iter().find(|block| block["type"] == "input").expect("a field");
        assert_eq!(field["block_id"], reason_block(17));
        assert!(flat(&message.to_string()).contains("its buttons decide"), "{message}");
        let hostile = slack(&with("<!here> & *x*"), None).to_string();
        assert!(!hostile.contains("<!here>") && hostile.contains("&lt;!here&gt; &amp;"), "{hostile}");
        let plain = slack(&told(vec![held(17, "leftpad")], 0), None).to_string();
        assert!(!plain.contains("\"actions\"") && plain.contains("This message decides nothing"));
        assert!(!mail(&with("leftpad")).html.contains("Approve these files"));
        assert_eq!(meant(&value(17, "ab12")), Some((17, "ab12")));
        for odd in ["", "17", "17 ", "x ab", "17 a b", "17 <a>"] {
            assert_eq!(meant(odd), None, "{odd}");
        }
    }

    #[test]
    fn what_went_out_is_not_called_held() {
        let given = || HeldRelease { given_out: true, ..held(17, "leftpad") };
        assert_eq!(headline(&[given()], 0), "leftpad==1.4.0 was given out by the gate, look at it");
        assert!(headline(&[given(), given()], 3).starts_with("5 releases were given out by the gate"));
        assert!(lead(&[given()]).0.contains("only advise") && looked_at(1).ends_with("was given out"));
        let (mixed, one) = ([given(), held(18, "rightpad")], card(&given(), false));
        assert!(headline(&mixed, 0).contains("are held by the gate") && lead(&mixed).0.contains("cannot install it"));
        assert_eq!(one.rows[0].label, "Given out");
    }

    /// What is true of each cause: whether it ends by itself, whether anybody can let it through, and words that only it has.
    fn truth(cause: HeldCause, by_itself: bool) -> (bool, bool, &'static str) {
        match (cause, by_itself) {
            (HeldCause::YoungFile, true) => (true, true, "its file is too new. It goes out by itself"),
            (HeldCause::YoungFile, false) => (false, true, "its file is too new. Age alone does not end that"),
            (HeldCause::YoungProject, true) => (true, true, "its project is too new. It goes out by itself"),
            (HeldCause::YoungProject, false) => (false, true, "its project is too new. Age alone does not end that"),
            (HeldCause::Undated, true) => (true, true, "a time which is still to come. It goes out by itself"),
            (HeldCause::Undated, false) => (false, true, "does not say when it was uploaded"),
            (HeldCause::Frozen, _) => (false, true, "or freeze is taken out of [gate]"),
            (HeldCause::Suspected, _) => (false, true, "its project is an open finding"),
            (HeldCause::Altered, _) => (false, true, "it contradicts what its index said before"),
            (HeldCause::Unvouched, true) => (true, true, "once its prior use counts"),
            (HeldCause::Unvouched, false) => (false, true, "what it lacks has to speak for it"),
            (HeldCause::Merged, _) => (false, false, "the private index has to stop merging"),
            (HeldCause::Malware, _) => (false, false, "a record of malware names it"),
            (HeldCause::Quarantined, _) => (false, false, "in quarantine"),
            (HeldCause::Internal, _) => (false, false, "its name is one of ours"),
            (HeldCause::Rejected, _) => (false, false, "a person rejected it"),
        }
    }

    #[test]
    fn of_each_cause_is_said_what_is_true_of_it_and_nothing_else() {
        for (cause, by_itself) in HeldCause::ALL.into_iter().flat_map(|cause| [(cause, true), (cause, false)]) {
            let (ends, may_decide, said) = truth(cause, by_itself);
            let of = held(17, "leftpad");
            let until = of.until.filter(|_| by_itself);
            let one = told(vec![HeldRelease { cause: Some(cause), until, buttons: true, ..of }], 0);
            let (text, slack) = (flat(&mail(&one).text), slack(&one, None).to_string());
            for form in [&text, &flat(&slack)] {
                assert!(form.contains(said), "{cause:?} {by_itself}: {form}");
                assert_eq!(form.contains("whether or not anybody decides"), ends, "{cause:?} {by_itself}: {form}");
                assert_eq!(form.contains("namewarden gate approve"), may_decide, "{cause:?} {by_itself}: {form}");
                assert_eq!(form.contains("Nobody "), !may_decide, "{cause:?} {by_itself}: {form}");
                assert!(form.contains("whoever asked cannot install it"), "{cause:?} {by_itself}: {form}");
            }
            assert_eq!(slack.contains("\"actions\""), may_decide, "{cause:?}: buttons that decide nothing");
            let nothing_to_do = text.contains("Where it is not needed before, nothing is to be done.");
            assert_eq!(nothing_to_do, ends, "{cause:?} {by_itself}: {text}");
        }
    }

    #[test]
    fn what_is_held_for_different_reasons_says_with_each_what_ends_it() {
        let of = |cause| HeldRelease { cause: Some(cause), until: None, ..held(18, "rightpad") };
        let two = flat(&mail(&told(vec![held(17, "leftpad"), of(HeldCause::Altered)], 0)).text);
        for words in
            ["stands with each", "It goes out by itself once it is old enough", "once it is known how that came about"]
        {
            assert!(two.contains(words), "{words}: {two}");
        }
        let same = flat(&mail(&told(vec![of(HeldCause::Altered), of(HeldCause::Altered)], 0)).text);
        assert!(same.contains("of each the same is true") && !same.contains("What ends it"), "{same}");
    }

    #[test]
    fn what_an_earlier_version_wrote_down_is_told_without_a_promise() {
        let mut old = serde_json::to_value(held(17, "leftpad")).expect("JSON");
        for key in ["cause", "until"] {
            assert!(old.as_object_mut().expect("an object").remove(key).is_some(), "{key}");
        }
        let old: HeldRelease = serde_json::from_value(old).expect("it reads");
        assert_eq!((old.cause, old.until), (None, None));
        let text = flat(&mail(&told(vec![old], 0)).text);
        assert!(text.contains("for what its rules hold. Why, and until when, stands with each."), "{text}");
        assert!(!text.contains("whether or not") && text.contains("namewarden gate approve 17"), "{text}");
    }

    fn told(held: Vec<HeldRelease>, omitted: i64) -> Briefing {
        briefing(NoticeEvent::Review, Tier::Alert, Content::Reviews { held, omitted })
    }

    fn flat(text: &str) -> String {
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_message_says_who_asked_for_what_why_it_is_held_and_how_to_decide() {
        let one = told(vec![held(17, "leftpad")], 0);
        let (mail, slack) = (mail(&one), flat(&slack(&one, None).to_string()));
        assert!(mail.subject.contains("leftpad==1.4.0 was asked for and is held by the gate"), "{}", mail.subject);
        for words in [
            "A release is held by the gate, and somebody waits for it",
            "namewarden gate show 17",
            "held until 2026-12-04 12:00 UTC: uploaded 2026-11-27 12:00 UTC",
            "3 times since 2022-12-25 22:05:11 UTC, by 10.0.0.7, 10.0.0.8, 10.0.0.9 and others",
            "17, with 2 files",
            "namewarden gate approve 17 --files 0123456789abcdef --reason",
            "namewarden gate reject 17 --reason",
            "This message decides nothing",
        ] {
            assert!(flat(&mail.text).contains(words), "{words}: {}", mail.text);
        }
        assert!(slack.contains("namewarden gate show 17") && slack.contains("leftpad==1.4.0"), "{slack}");
        let data = &webhook(&one)["data"]["reviews"][0];
        assert_eq!((data["review"].as_i64(), data["files_key"].as_str()), (Some(17), Some("0123456789abcdef")));
        assert!(pagerduty(&one).iter().all(|event| !format!("{event:?}").contains("Trigger")), "it wakes nobody");
    }

    #[test]
    fn an_account_on_several_machines_is_told_with_each_of_them_and_what_was_written_before_is_told_as_it_was() {
        let at = |host: &str| Requester { user: Some("ci-1".to_owned()), host: host.parse().ok() };
        let asked_by = Requesters(["10.0.0.7", "10.0.0.8"].map(at).into());
        let one = told(vec![HeldRelease { asked_by, more_peers: true, ..held(17, "leftpad") }], 0);
        let text = flat(&mail(&one).text);
        assert!(text.contains("by ci-1 at 10.0.0.7, ci-1 at 10.0.0.8 and others"), "{text}");
        assert!(flat(&slack(&one, None).to_string()).contains("ci-1 at 10.0.0.8"));
        let data = &webhook(&one)["data"]["reviews"][0];
        assert_eq!((data["peers"][0].as_str(), data["peers"].as_array().map(Vec::len)), (Some("ci-1"), Some(1)));
        assert_eq!((&data["asked_by"][1]["user"], &data["asked_by"][1]["host"]), (&"ci-1".into(), &"10.0.0.8".into()));
        let mut old = serde_json::to_value(held(17, "leftpad")).expect("JSON");
        assert!(old.as_object_mut().expect("an object").remove("asked_by").is_some());
        let old: HeldRelease = serde_json::from_value(old).expect("it reads");
        assert!(old.asked_by.0.contains(&Requester::of_word("10.0.0.7")) && old.asked_by.0.len() == 4, "{old:?}");
    }

    #[test]
    fn where_there_is_a_dashboard_each_leads_to_its_review() {
        let at = |review: i64| Some(format!("https://watch.acme.example/gate/reviews/{review}"));
        let two = told([17, 18].map(|id| HeldRelease { address: at(id), ..held(id, "leftpad") }).into(), 0);
        let (mail, slack) = (mail(&two), slack(&two, None).to_string());
        for review in [17, 18] {
            let address = at(review).expect("an address");
            assert!(
                mail.text.contains(&address) && mail.html.contains(&format!("href=\"{address}\"")),
                "{}",
                mail.text
            );
            assert!(slack.contains(&address), "{slack}");
        }
        assert_eq!(webhook(&two)["data"]["reviews"][1]["url"], at(18).expect("an address"));
        assert!(webhook(&told(vec![held(17, "leftpad")], 0))["data"]["reviews"][0].get("url").is_none());
    }

    #[test]
    fn several_are_one_message_and_what_strangers_wrote_is_harmless() {
        let evil = held(18, "x](https://evil.example) <!here>\u{202e}");
        let many = told(vec![held(19, "leftpad"), evil], 7);
        let mail = mail(&many);
        assert!(
            mail.subject.contains("9 releases are held by the gate: leftpad==1.4.0 and others"),
            "{}",
            mail.subject
        );
        assert!(flat(&mail.text).contains("And 7 more: namewarden gate reviews"), "{}", mail.text);
        let slack = slack(&many, None).to_string();
        for form in [mail.text, mail.html, slack] {
            assert!(!form.contains("https://evil.example") && !form.contains('\u{202e}'), "{form}");
        }
    }
}
