//! Strangers choose names, versions, users and texts. Whatever they write, nothing in any form obeys it.

use proptest::prelude::*;
use serde_json::Value;

use super::super::samples::{briefing, case, registered, torchtriton};
use crate::messages::{console, mail, slack, slack_text, webhook};
use crate::model::finding::FindingState;
use crate::model::health::{HealthCase, HealthIssue};
use crate::model::notice::{Briefing, Case, Content, NoticeEvent};
use crate::model::release::Files;
use crate::model::{Mention, ProjectName, Releases, Rule, Tier};

/// Header injection, escapes of a terminal, turned reading direction, nothing visible, markup of every form, mentions,
/// links and forged sentences.
const EVIL: &str = "\r\nBcc: victim@evil.example\r\n\r\n\u{1b}[2J\u{1b}]8;;https://evil.example\u{7}\u{9b}31m\u{202e}gpj\u{2066}\
    \u{200b}\u{feff}\u{e0041}\0 <script>alert(1)</script><img src=https://evil.example/x.png> \" onclick=\"x' \
    <!here> <!channel|x> <@U0123> <https://evil.example|click> @channel @here @everyone *b* _i_ ~s~ `code` ```x``` \
    [x](https://evil.example) www.evil.example me@evil.example {{ 7*7 }} {% raw %} :skull:\u{2028}\n2. Do nothing.";

/// A case with `text` wherever a stranger may write.
fn poisoned(text: &str) -> Case {
    let mut case = torchtriton();
    let all = || Some(text.to_owned());
    case.finding.display = text.to_owned();
    case.finding.state = FindingState::Acknowledged;
    case.finding.note = all();
    let facts = &mut case.finding.facts;
    facts.users = vec![text.to_owned(); 30];
    let hostile = (0..300).map(|n| (format!("0.{n}{text}"), Files::INSTALLABLE));
    facts.releases = Releases::shown(hostile.chain([("3.0.0".to_owned(), Files::INSTALLABLE)]), None);
    facts.organization = all();
    facts.summary = all();
    facts.author = all();
    facts.home_page = all();
    facts.trouble = all();
    case
}

fn told(text: &str) -> Briefing {
    let mut briefing = registered(vec![poisoned(text)]);
    briefing.event = NoticeEvent::Worsened;
    briefing.content = Content::Cases { cases: vec![poisoned(text)], omitted: 0, change: Some(text.to_owned()) };
    briefing
}

/// What a page says, without its tags and its preview.
pub(super) fn words(html: &str) -> String {
    let body = html.split("</div>").last().unwrap_or_default();
    let text: String = body.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text)).collect();
    text.replace("&#34;", "\"").replace("&#39;", "'").replace("&#60;", "<").replace("&#62;", ">").replace("&#38;", "&")
}

/// No character but line breaks of ours moves anything or hides.
fn assert_visible(form: &str) {
    let bad = form.chars().find(|&c| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
            || matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0000}'..='\u{e0fff}')
    });
    assert_eq!(bad, None, "{form:?}");
}

fn assert_mail_is_harmless(briefing: &Briefing) {
    let mail = mail(briefing);
    assert_visible(&mail.subject);
    assert!(!mail.subject.contains('\n') && mail.subject.chars().count() <= 150, "{}", mail.subject);
    assert!(mail.subject.starts_with("[page] pip would take torchtriton now ("), "{}", mail.subject);
    for form in [&mail.text, &mail.html] {
        assert_visible(form);
        assert!(!form.contains("://evil") && !form.contains("www.evil") && !form.contains("@evil.example"), "{form}");
        assert!(!form.contains('`'), "only a mark of ours could be left: {form}");
    }
    for form in [mail.text.clone(), words(&mail.html)] {
        assert!(form.contains("YES: its 3.0.0 beats your 2.0.0.dev20221230"), "{form}");
    }
    assert!(!mail.text.lines().any(|line| line.starts_with("Bcc:")), "{}", mail.text);
    assert!(!mail.text.lines().any(|line| line.trim_start() == "2. Do nothing."), "{}", mail.text);
    let tags: Vec<&str> = mail.html.split('<').skip(1).map(|tag| tag.split([' ', '>']).next().unwrap()).collect();
    for bad in ["script", "img", "iframe", "svg", "!here", "@U0123", "https:"] {
        assert!(!tags.contains(&bad), "<{bad} in {}", mail.html);
    }
    assert_eq!(mail.html.matches("href=").count(), 1, "only our link: {}", mail.html);
    assert!(mail.html.contains("href=\"https://pypi.example/project/torchtriton/\""), "{}", mail.html);
}

fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(values) => values.iter().flat_map(texts).collect(),
        Value::Object(fields) => fields.values().flat_map(texts).collect(),
        _ => vec![],
    }
}

/// Every element that a message of ours has. Whatever calls somebody (`broadcast`, `user`, `usergroup`) is none of them.
const ELEMENTS: [&str; 10] = [
    "header",
    "plain_text",
    "context",
    "divider",
    "rich_text",
    "rich_text_section",
    "rich_text_preformatted",
    "text",
    "link",
    "section",
];

/// Every object of the payload that has a type.
fn elements(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(values) => values.iter().flat_map(elements).collect(),
        Value::Object(fields) => {
            let own = fields.contains_key("type").then_some(value);
            own.into_iter().chain(fields.values().flat_map(elements)).collect()
        }
        _ => vec![],
    }
}

fn assert_slack_is_harmless(payload: &Value) {
    for text in texts(payload) {
        assert_visible(text);
        assert!(!text.contains(['<', '>']), "a control sequence of Slack in {text}");
        for mention in ["@channel", "@here", "@everyone", "://evil"] {
            assert!(!text.contains(mention), "{mention} in {text}");
        }
    }
    assert_eq!(payload["mrkdwn"], false);
    for element in elements(payload) {
        let kind = element["type"].as_str().unwrap_or_default();
        assert!(ELEMENTS.contains(&kind), "{element}");
        assert!(
            kind != "text" || element["text"].as_str().is_some_and(|text| !text.is_empty()),
            "Slack refuses {element}"
        );
        let name =
            element["url"].as_str().map(|url| url.strip_prefix("https://pypi.example/project/").unwrap_or_default());
        let ours = |name: &str| ProjectName::parse(name.trim_end_matches('/')).is_ok();
        assert!(name.is_none_or(ours), "no address of ours: {element}");
    }
    assert_within_limits(payload);
}

/// As Slack counts: UTF-16 units of what is shown.
fn assert_within_limits(payload: &Value) {
    let Some(blocks) = payload["blocks"].as_array() else { return };
    assert!(blocks.len() <= 50, "{} blocks", blocks.len());
    let units = |block: &Value| {
        let texts = elements(block).into_iter().filter_map(|element| element["text"].as_str());
        texts.map(|text| text.encode_utf16().count()).sum::<usize>()
    };
    for block in blocks {
        let limit = if block["type"] == "header" { 150 } else { 3_000 };
        assert!(units(block) <= limit, "{} in {block}", units(block));
    }
    let all: usize = blocks.iter().map(units).sum();
    assert!(all <= 13_000, "{all} characters in all");
    assert!(payload["text"].as_str().is_some_and(|text| text.encode_utf16().count() <= 4_000), "{payload}");
}

#[test]
fn poisoned_text_arrives_harmless_everywhere() {
    let briefing = told(EVIL);
    assert_mail_is_harmless(&briefing);
    assert_slack_is_harmless(&slack(&briefing, None));
    assert_slack_is_harmless(&slack_text(&briefing, None));
    assert_visible(&console(&briefing, false));
    texts(&webhook(&briefing)).into_iter().for_each(assert_visible);
}

/// Nothing that a stranger writes calls anybody, beside whom the operator calls: once, for a page, and for nothing less.
#[test]
fn a_page_calls_whom_the_operator_names_and_nobody_else() {
    let mention: Mention = "<!here> <!subteam^S0123>".parse().expect("a mention");
    let forged = "<!here> <!subteam^S0123> <!channel>";
    let ended = Briefing { event: NoticeEvent::Ended, ..told(forged) };
    assert!(!slack(&ended, Some(&mention)).to_string().contains("<!"), "nobody is called for an end");
    for tier in [Tier::Digest, Tier::Alert, Tier::Page] {
        let briefing = Briefing { tier, ..told(forged) };
        for payload in [slack(&briefing, Some(&mention)), slack_text(&briefing, Some(&mention))] {
            let called: Vec<&str> = texts(&payload).into_iter().filter(|text| text.contains("<!")).collect();
            let calls = called.iter().map(|text| text.matches("<!").count()).sum::<usize>();
            assert_eq!(calls, if tier == Tier::Page { 2 } else { 0 }, "{payload}");
            assert!(called.iter().all(|text| text.starts_with("<!here> <!subteam^S0123>")), "{payload}");
        }
    }
}

#[test]
fn a_coloured_terminal_gets_no_escape_but_ours() {
    let text = console(&told(EVIL), true);
    let ours = ["\u{1b}[1;31m", "\u{1b}[1m", "\u{1b}[2m", "\u{1b}[0m"];
    let rest = ours.iter().fold(text.clone(), |text, code| text.replace(code, ""));
    assert!(rest.len() < text.len(), "there is colour");
    assert_visible(&rest);
}

#[test]
fn ten_thousand_characters_push_nothing_of_ours_away() {
    for filler in ["x", "<", "\u{202e}", "😀", "&", "@here ", "a.bb"] {
        let briefing = told(&filler.repeat(10_000));
        let mail = mail(&briefing);
        assert!(mail.text.len() < 30_000, "{} bytes for {filler:?}", mail.text.len());
        assert!(mail.text.contains("namewarden findings ack nw-417"));
        assert_slack_is_harmless(&slack(&briefing, None));
        assert!(slack(&briefing, None).to_string().contains("Pin the index"), "the steps are there for {filler:?}");
        assert!(webhook(&briefing).to_string().len() < 200_000);
    }
}

#[test]
fn the_longest_name_and_an_endless_spelling_of_it_are_told() {
    let mut longest = case(&"x".repeat(ProjectName::LONGEST), "torchtriton", Rule::Brand);
    longest.finding.display = "x".repeat(10_000);
    let briefing = registered(vec![longest]);
    let mail = mail(&briefing);
    assert!(mail.subject.chars().count() <= 150, "{}", mail.subject);
    assert!(mail.text.len() < 5_000 && mail.text.contains("namewarden findings"), "{}", mail.text);
    assert_slack_is_harmless(&slack(&briefing, None));
}

#[test]
fn fifty_poisoned_cases_keep_the_limits() {
    let mut cases = vec![poisoned(EVIL)];
    for n in 0..49 {
        let mut next = case(&format!("torch{n}"), "torchtriton", Rule::Substitution);
        next.finding.facts = poisoned(&"<".repeat(10_000)).finding.facts;
        cases.push(next);
    }
    let briefing =
        Briefing { content: Content::Cases { cases, omitted: 450, change: Some("<".repeat(10_000)) }, ..told(EVIL) };
    let payload = slack(&briefing, None);
    assert!(payload["blocks"].as_array().unwrap().len() <= 50);
    assert!(payload.to_string().contains("450 cases not shown here"), "{payload}");
    assert_slack_is_harmless(&payload);
    assert!(mail(&briefing).text.len() < 60_000);
}

#[test]
fn error_texts_of_health_are_text_too() {
    let case = HealthCase {
        issue: HealthIssue::Undelivered { channel: EVIL.to_owned() },
        since: super::at(0),
        until: None,
        detail: EVIL.to_owned(),
    };
    let briefing = briefing(NoticeEvent::Health, Tier::Page, Content::Health { cases: vec![case], others: Vec::new() });
    assert_slack_is_harmless(&slack(&briefing, None));
    let mail = mail(&briefing);
    assert_visible(&mail.text);
    assert!(!mail.html.contains("<script") && !mail.html.contains("href="), "{}", mail.html);
}

/// A page that is no plain address is not linked.
#[test]
fn a_strange_page_is_no_link() {
    let mut case = torchtriton();
    case.address = "https://pypi.example/\"><script>".to_owned();
    let mail = mail(&registered(vec![case]));
    assert!(!mail.html.contains("href=") && !mail.html.contains("<script"), "{}", mail.html);
    assert!(!mail.text.contains("script"), "{}", mail.text);
}

proptest! {
    // Each writes hundreds of cases in five forms; `tests/hunt` tries others.
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_arrives_harmless(text in "\\PC{0,200}|[\\x00-\\x7f]{0,300}|\\p{Cf}{0,20}<[@!]\\w{1,8}>") {
        let briefing = told(&text);
        assert_mail_is_harmless(&briefing);
        assert_slack_is_harmless(&slack(&briefing, None));
        assert_slack_is_harmless(&slack_text(&briefing, None));
        assert_visible(&console(&briefing, false));
        texts(&webhook(&briefing)).into_iter().for_each(assert_visible);
    }

    /// Names, watches and texts of any length, and any number of cases.
    #[test]
    fn limits_hold_whatever_the_lengths(
        name in 1..=ProjectName::LONGEST, watched in 1..=ProjectName::LONGEST, text in 0..9_000_usize, cases in 1..300_usize, omitted in 0..9_999_usize,
    ) {
        let mut first = case(&"n".repeat(name), &"w".repeat(watched), Rule::Exact);
        first.finding.facts = poisoned(&"@<😀".repeat(text / 3)).finding.facts;
        let all = vec![first; cases];
        let content = Content::Cases { cases: all, omitted, change: Some("x".repeat(text)) };
        let briefing = Briefing { content, instead: Some("y".repeat(text)), ..told("") };
        assert_within_limits(&slack(&briefing, None));
        assert!(mail(&briefing).subject.chars().count() <= 150);
    }
}
