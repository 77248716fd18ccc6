//! What people read where something is not given out.
//!
//! pip, Poetry, PDM and Pipenv print the reason phrase of HTTP/1.1 and nothing of the body; uv prints a problem's title and
//! detail (RFC 9457); where a pin picks a held file, pip and uv print why it is yanked (PEP 592).

use serde::{Serialize, Serializer};
use url::Url;

use super::altered::Altered;
use super::binding::Bound;
use super::exemption::Rejected;
use super::ruling::{Cause, Hold};
use super::setup::{SetupTool, SetupWish, sketch};
use crate::model::{ProjectName, Time};

/// Longest reason phrase; terminals of 80 columns show two lines of it.
const PHRASE: usize = 100;
/// What is longer ends so.
const CUT: &str = "...";
/// In seconds: pip, Pipenv and Poetry ask five times more, and say nothing before the last.
const SOON: u16 = 5;
/// Of whoever rejected something: why they did has to fit beside it.
const NAME: usize = 32;

/// A refusal of one name or file.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Refusal {
    /// Of HTTP. 451 is retried by nobody, ends uv and Poetry with its words, and looks like no trouble with a login.
    pub(super) status: u16,
    kind: &'static str,
    title: &'static str,
    /// What is refused, and why: plain ASCII, without line breaks.
    detail: String,
    /// Why alone, for the status line: whoever prints that prints the address, too.
    why: String,
    /// In seconds, where waiting helps.
    pub(super) retry_after: Option<u16>,
    /// Where the review is looked at (RFC 9457, "instance").
    instance: Option<Box<str>>,
    /// How whoever asked is kept to this index alone, as it stands in the file of their tool.
    remedy: Option<Box<str>>,
}

impl Refusal {
    /// Why this project, or this file of it, is not given out.
    pub(super) fn of(name: &ProjectName, filename: Option<&str>, held: &Hold) -> Self {
        let (kind, title) = kind(&held.cause);
        let what = filename.map_or_else(|| name.to_string(), ascii);
        let why = sentence(held);
        let detail = format!("{what}: {why}");
        Self { status: 451, kind, title, detail, why, retry_after: None, instance: None, remedy: None }
    }

    /// What is ours is looked for at no other index either: uv and Poetry go on to the next after 404, and end after 451.
    pub(super) fn internal(name: &ProjectName, bound: Bound, has_private: bool) -> Self {
        let mut refusal = Self::of(name, None, &Hold::for_good(Cause::Internal(bound)));
        if has_private {
            for said in [&mut refusal.detail, &mut refusal.why] {
                said.push_str("; the private index has no such project");
            }
        }
        refusal
    }

    /// With the number of the review in which it may be decided, and where that is looked at. `dashboard`: its address, without a slash at its
    /// end.
    pub(super) fn in_review(self, filename: &str, held: &Hold, review: Option<i64>, dashboard: Option<&str>) -> Self {
        let Some(id) = review else { return self };
        let at = dashboard.map(|dashboard| format!("{}/gate/reviews/{id}", ascii(dashboard)));
        let Some(at) = at else { return self.of_number(filename, held, id) };
        // An address that is cut leads nowhere: where it does not fit, the number is what a person types.
        let head = head(held, &format!("see {at}"));
        let (why, is_whole) = (said(&head, held), head.len() + CUT.len() <= PHRASE);
        let why = if is_whole || why.len() <= PHRASE { why } else { reviewed(held, id) };
        let detail = format!("{}: {why}; {at} says more, and how it is let through", ascii(filename));
        Self { detail, why, instance: Some(at.into()), ..self }
    }

    fn of_number(self, filename: &str, held: &Hold, id: i64) -> Self {
        // Who said no to it is said already.
        if matches!(held.cause, Cause::Rejected(_)) {
            return self;
        }
        let why = reviewed(held, id);
        // What it lets through stands there, with the key of the files: nobody approves what they have not seen.
        let verbs = format!("`namewarden gate show {id}` says more, and how it is let through");
        Self { detail: format!("{}: {why}; {verbs}", ascii(filename)), why, ..self }
    }

    /// With how the tool that asked is kept to this index alone: a second one has no words, and no rules. `gate`: how clients reach it.
    pub(super) fn advising(self, tool: Option<SetupTool>, gate: &str, name: &ProjectName) -> Self {
        let (Some(tool), Ok(gate)) = (tool.filter(|_| self.is_decided()), Url::parse(gate)) else { return self };
        let (file, wish) = (tool.usual_file(), SetupWish { gate, pins: vec![name.clone()] });
        let word = tool.as_str();
        let detail =
            format!("{}; `namewarden gate setup {word}` says how {word} is kept to this index alone", self.detail);
        let longer = format!("{}; see `gate setup {word}`", self.why);
        let why = if longer.len() <= PHRASE { longer } else { self.why };
        Self { detail, why, remedy: Some(format!("# {file}\n{}", sketch(tool, file, &wish)).into()), ..self }
    }

    /// Nobody can tell at the moment: this alone may be asked again.
    pub(super) fn not_now(why: &str) -> Self {
        let why = format!("the gate cannot decide: {}", ascii(why));
        let (kind, title) = ("undecided", "The gate cannot decide");
        let retry_after = Some(SOON);
        Self { status: 503, kind, title, detail: why.clone(), why, retry_after, instance: None, remedy: None }
    }

    /// Who asks has to say who that is.
    pub(super) fn unknown() -> Self {
        let why = "a user and a password of the gate are needed; they belong into ~/.netrc".to_owned();
        let (kind, title) = ("login", "Who asks is not known");
        Self { status: 401, kind, title, detail: why.clone(), why, retry_after: None, instance: None, remedy: None }
    }

    pub(super) fn missing(what: &str) -> Self {
        let why = format!("{} is not there", ascii(what));
        Self {
            status: 404,
            kind: "missing",
            title: "Not found",
            detail: why.clone(),
            why,
            retry_after: None,
            instance: None,
            remedy: None,
        }
    }

    pub(super) fn why(&self) -> &str {
        &self.why
    }

    /// By what the gate goes by, until that is another.
    pub(super) fn is_decided(&self) -> bool {
        self.status == 451
    }

    /// Does nobody have it?
    pub(super) fn is_missing(&self) -> bool {
        self.status == 404
    }

    /// For the status line: printable ASCII, and short (RFC 9112, section 4).
    pub(super) fn phrase(&self) -> String {
        match self.why.get(..PHRASE - CUT.len()) {
            Some(begins) if self.why.len() > PHRASE => format!("{begins}{CUT}"),
            _ => self.why.clone(),
        }
    }

    /// What goes out as `application/problem+json`.
    pub(super) fn problem(&self) -> GateProblem<'_> {
        GateProblem {
            kind: self.kind,
            title: self.title,
            status: self.status,
            detail: &self.detail,
            instance: self.instance.as_deref(),
            remedy: self.remedy.as_deref(),
        }
    }
}

/// The body of a refusal (RFC 9457), in its order.
#[derive(Debug, Serialize)]
pub(super) struct GateProblem<'r> {
    #[serde(rename = "type", serialize_with = "urn")]
    kind: &'static str,
    title: &'static str,
    status: u16,
    detail: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    instance: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<&'r str>,
}

fn urn<S: Serializer>(kind: &str, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(&format_args!("urn:namewarden:gate:{kind}"))
}

/// In a word and in a title.
pub(super) fn kind(cause: &Cause) -> (&'static str, &'static str) {
    match cause {
        Cause::Internal(_) => ("internal", "This name is internal"),
        Cause::Quarantined => ("quarantined", "The index has this project in quarantine"),
        Cause::Merged => ("merged", "The private index has this file of PyPI's among our own"),
        Cause::Malware(_) => ("malware", "This release is known to be malware"),
        Cause::Rejected(_) => ("rejected", "Somebody looked at this version, and rejected it"),
        Cause::Suspected(_) => ("suspected", "This project looks like one that imitates a name of ours"),
        Cause::Altered(_) => ("altered", "This file contradicts what its index said before"),
        Cause::Frozen(_) => ("frozen", "Nothing that was uploaded after the freeze is given out"),
        Cause::YoungProject(_) => ("young-project", "This project is too new"),
        Cause::YoungFile(_) => ("young-file", "This file is too new"),
        Cause::Undated => ("undated", "Nobody says when this file was uploaded"),
        Cause::Unvouched { .. } => ("unvouched", "Too little speaks for this release"),
    }
}

/// Why, and what ends it.
pub(super) fn sentence(held: &Hold) -> String {
    match until(held) {
        Some(until) => format!("held {until}{}: {}", lack(held), why(&held.cause)),
        None => why(&held.cause),
    }
}

/// The same of what goes out all the same.
pub(super) fn sentence_of_given(held: &Hold) -> String {
    let until = until(held).map(|until| format!(" {until}{}", lack(held))).unwrap_or_default();
    format!("given out, and to be looked at{until}: {}", why(&held.cause))
}

/// The same with the number of its review, which has to stand where a status line is not cut.
fn reviewed(held: &Hold, id: i64) -> String {
    match &held.cause {
        Cause::Rejected(_) => why(&held.cause),
        _ => said(&head(held, &format!("review {id}")), held),
    }
}

/// What has to stand where a status line is not cut.
fn head(held: &Hold, place: &str) -> String {
    match &held.cause {
        Cause::Rejected(rejected) => format!("rejected{}, {place}", by(rejected)),
        _ => {
            let until = until(held).map(|until| format!(" {until}")).unwrap_or_default();
            format!("held{until}, {place}{}", lack(held))
        }
    }
}

fn said(head: &str, held: &Hold) -> String {
    match &held.cause {
        Cause::Rejected(rejected) => format!("{head}: {}", ascii(&rejected.reason)),
        cause => format!("{head}: {}", why(cause)),
    }
}

fn until(held: &Hold) -> Option<String> {
    held.ends().or(held.until).map(|until| format!("until {}", minute(until)))
}

/// A day that ends nothing is not told without what comes then.
fn lack(held: &Hold) -> &'static str {
    if held.until.is_some() && held.ends().is_none() { ", and then for want of evidence" } else { "" }
}

fn why(cause: &Cause) -> String {
    match cause {
        Cause::Internal(bound) => internal(bound),
        Cause::Quarantined => "the index has it in quarantine".to_owned(),
        Cause::Merged => "of PyPI, and merged into the private index, which is never taken for ours".to_owned(),
        Cause::Malware(record) => format!("malware by {}, and never given out", ascii(record)),
        Cause::Rejected(rejected) => {
            format!("rejected{} in review {}: {}", by(rejected), rejected.review, ascii(&rejected.reason))
        }
        Cause::Suspected(finding) => format!("it may imitate a name of ours, see finding {finding}"),
        Cause::Altered(Altered::Replaced) => "its index had other bytes under this name before".to_owned(),
        Cause::Altered(Altered::Backdated) => "its index dates it to before it was there".to_owned(),
        Cause::Frozen(uploaded) => format!("uploaded {}, after the freeze", minute(*uploaded)),
        Cause::YoungProject(born) => format!("a new project, its first file is of {}", minute(*born)),
        Cause::YoungFile(uploaded) => format!("uploaded {}", minute(*uploaded)),
        Cause::Undated => "the index does not say when it was uploaded".to_owned(),
        Cause::Unvouched { lack, is_old } => {
            format!("{}{}", if *is_old { "old enough, and " } else { "" }, lack.sentence())
        }
    }
}

/// Whoever is refused asks somebody who knows why.
fn by(rejected: &Rejected) -> String {
    let name: String = ascii(&rejected.by).chars().take(NAME).collect();
    if name.is_empty() { name } else { format!(" by {name}") }
}

fn internal(bound: &Bound) -> String {
    let how = if bound.respelt { "another spelling of the internal name" } else { "internal by" };
    format!("{how} {}, and never taken from PyPI", ascii(&bound.watch.label()))
}

fn minute(at: Time) -> String {
    at.format("%F %H:%M UTC").to_string()
}

/// A stranger's text in a status line: what is not printable ASCII is a question mark.
fn ascii(text: &str) -> String {
    if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return text.to_owned();
    }
    text.chars().map(|c| if (' '..='~').contains(&c) { c } else { '?' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held() -> Hold {
        let at: Time = "2026-11-27T12:00:00Z".parse().expect("a time");
        Hold { cause: Cause::YoungFile(at), until: Some(at + chrono::TimeDelta::days(7)), then: None }
    }

    fn refusal(held: &Hold, dashboard: Option<&str>) -> Refusal {
        let name = ProjectName::parse("leftpad").expect("valid");
        Refusal::of(&name, Some("leftpad-1.0.tar.gz"), held).in_review("leftpad-1.0.tar.gz", held, Some(17), dashboard)
    }

    fn problem(refusal: &Refusal) -> serde_json::Value {
        serde_json::to_value(refusal.problem()).expect("JSON")
    }

    #[test]
    fn a_status_line_has_the_whole_address_of_the_review_or_its_number() {
        let near = refusal(&held(), Some("https://watch.acme.example"));
        assert_eq!(
            near.phrase(),
            "held until 2026-12-04 12:00 UTC, see https://watch.acme.example/gate/reviews/17: uploaded 2026-11..."
        );
        let told = problem(&near);
        assert_eq!(told["instance"], "https://watch.acme.example/gate/reviews/17");
        assert!(told["detail"].as_str().is_some_and(|said| said.contains("/gate/reviews/17 says more")), "{told}");
        let far = refusal(&held(), Some("https://namewarden.security.internal.europe.acme.example:8470"));
        assert!(far.phrase().starts_with("held until 2026-12-04 12:00 UTC, review 17: uploaded"), "{}", far.phrase());
        assert!(problem(&far)["detail"].as_str().is_some_and(|said| said.contains(":8470/gate/reviews/17")));
        let none = refusal(&held(), None);
        assert!(none.phrase().contains(", review 17: uploaded") && problem(&none).get("instance").is_none());
        for said in [near, far, none] {
            assert!(said.phrase().len() <= PHRASE && said.phrase().bytes().all(|byte| (b' '..=b'~').contains(&byte)));
        }
    }

    #[test]
    fn who_reads_a_rejection_is_led_to_it() {
        let by = |by: &str| {
            let reason = "it calls\r\nhome \u{202e}".to_owned();
            Hold::for_good(Cause::Rejected(Rejected { review: 17, by: by.to_owned(), reason }))
        };
        let held = by("ada");
        let near = refusal(&held, Some("https://watch.acme.example"));
        assert_eq!(near.phrase(), "rejected by ada, see https://watch.acme.example/gate/reviews/17: it calls??home ?");
        assert_eq!(refusal(&held, None).phrase(), "rejected by ada in review 17: it calls??home ?");
        let told = problem(&refusal(&held, None));
        assert_eq!(told["detail"], "leftpad-1.0.tar.gz: rejected by ada in review 17: it calls??home ?", "as it was");
        let hostile = refusal(&by(&"a\r\n\u{202e}".repeat(30)), None).phrase();
        assert!(hostile.len() <= PHRASE && hostile.contains(" in review 17: it calls??home"), "{hostile}");
        assert!(hostile.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{hostile}");
        assert_eq!(refusal(&by(""), None).phrase(), "rejected in review 17: it calls??home ?", "nobody knows who");
    }
}
