//! Subject lines.

use super::*;
use crate::model::notice::{EndedCase, PassedOn};
use crate::model::{CaseId, OwnerId};

/// What a phone shows of a subject has the tier, the name, and that pip would take it.
#[test]
fn the_first_fifty_characters_say_what_matters() {
    for name in ["torchtriton", "acme-internal-billing-client", &"x".repeat(28)] {
        let mut case = case(name, name, Rule::Exact);
        let known = torchtriton().finding.facts;
        let begin = |briefing: &Briefing| mail(briefing).subject.chars().take(50).collect::<String>();
        assert!(begin(&registered(vec![case.clone()])).starts_with(&format!("[page] {name} was")), "{name}");
        case.finding.facts = known;
        for event in [NoticeEvent::Registered, NoticeEvent::Worsened, NoticeEvent::Escalated] {
            let begin = begin(&cases(event, vec![case.clone()], None));
            assert!(begin.starts_with(&format!("[page] pip would take {name}")), "{begin}");
        }
    }
}

/// One is not said as several.
#[test]
fn one_watch_is_one() {
    let one = Content::Unwatched {
        watches: vec![watch("acme-billing")],
        closed: 0,
        ended: Vec::new(),
        passed: 0,
        on: Vec::new(),
    };
    let text = words(&mail(&briefing(NoticeEvent::Unwatched, Tier::Alert, one)).text);
    assert!(text.contains("nothing is told about it any more. It had no open case."), "{text}");
    assert!(text.contains("put it back into the inventory; it is checked"), "{text}");
    let project = ProjectName::parse("acme-billing").expect("valid");
    let was = EndedCase { tier: Tier::Page, project, id: Some(CaseId(1)) };
    let on = vec![PassedOn { was, tier: Tier::Alert, of: vec![OwnerId("platform".into())] }];
    let watches = vec![watch("acme-billing")];
    let one = Content::Unwatched { watches, closed: 0, ended: Vec::new(), passed: 1, on };
    let told = mail(&briefing(NoticeEvent::Unwatched, Tier::Alert, one));
    let text = words(&told.text);
    assert!(text.contains("any more. 1 page was open (nw-1); it goes on as an alert of platform."), "{text}");
    assert!(text.contains("Still open acme-billing (nw-1), page, now an alert of platform"), "{text}");
    assert!(!text.contains("no open case") && told.subject.ends_with("; 1 case was open"), "{}", told.subject);
    let mut first = startup();
    first.content = Content::Startup {
        watched: vec![(watch("acme-billing"), Some(Exposure::Exposed))],
        pre_existing: vec![],
        omitted: 0,
        open: 0,
        first: false,
        recorded: 0,
        channels: vec![Channel::Email],
    };
    let text = words(&mail(&first).text);
    assert!(text.contains("registers it, or") && text.contains("Neither it nor a name"), "{text}");
    assert!(!text.contains("them,") && text.contains("of 1 name, watched from now on"), "{text}");
}

/// A search that finds nothing is taken for an all-clear: it looks for every spelling, in every file, of the whole name.
#[test]
fn the_search_finds_every_spelling_of_the_whole_name() {
    let command = |name: &str| mail(&registered(vec![case(name, "torchtriton", Rule::Affix)])).text;
    let text = command("torch-triton");
    assert!(text.contains("grep -rniIE --exclude-dir=.git 'torch[-_.]+triton' ."), "{text}");
    let long = "a".repeat(214);
    let text = command(&long);
    assert!(text.contains(&format!("--exclude-dir=.git {long} .")), "{text}");
}

/// Every end has one, too.
#[test]
fn subjects_of_ends() {
    let gone = over(FindingState::Removed, false);
    let briefings = [
        cases(NoticeEvent::Ended, vec![gone.clone()], None),
        cases(NoticeEvent::Ended, vec![over(FindingState::Removed, true)], None),
        cases(NoticeEvent::Ended, vec![over(FindingState::Ours, false)], None),
        cases(NoticeEvent::Ended, vec![gone.clone(); 3], None),
        cases(NoticeEvent::Registered, vec![gone], None),
    ];
    let subjects: Vec<String> = briefings.iter().map(|briefing| mail(briefing).subject).collect();
    assert_snapshot!(subjects.join("\n"), @"
    [ended] torchtriton is gone from PyPI: your internal name (nw-417)
    [ended] torchtriton was registered again, which is another case; this one is over: your internal name (nw-417)
    [ended] torchtriton is ours after all: your internal name (nw-417)
    [ended] 3 names are no threat any more, first torchtriton: your internal name (nw-417)
    [page] torchtriton was registered and is gone since: your internal name (nw-417)
    ");
}

/// Every kind has a subject of its own, tier first.
#[test]
fn subjects() {
    let look_alike = |rule| case("torch-triton", "torchtriton", rule);
    let mut many = vec![torchtriton()];
    many.extend(["a1", "a2", "a3"].map(|name| case(name, "torchtriton", Rule::Substitution)));
    let fifty = vec![torchtriton(); 50];
    let look_alikes = Rule::ALL.map(|rule| registered(vec![look_alike(rule)]));
    let briefings = [
        registered(vec![torchtriton()]),
        registered(many.clone()),
        registered(fifty),
        cases(NoticeEvent::Worsened, vec![torchtriton()], Some("first release 3.0.0")),
        cases(NoticeEvent::Escalated, vec![torchtriton()], None),
        cases(NoticeEvent::Summary, many, None),
        startup(),
        unwatched(),
        health(None),
        health(Some(700)),
        canary(Overview::default()),
        briefing(NoticeEvent::Test, Tier::Digest, Content::Proof { overview: None }),
    ];
    let subjects: Vec<String> = look_alikes.iter().chain(&briefings).map(|briefing| mail(briefing).subject).collect();
    assert_snapshot!(subjects.join("\n"), @"
    [page] torch-triton was registered: your internal name; not known yet if pip takes it (nw-417)
    [alert] torch-triton was registered: a twin of your torchtriton (nw-417)
    [alert] torch-triton was registered: under your prefix torchtriton; not known yet if pip takes it (nw-417)
    [alert] torch-triton was registered: on your list of names like torchtriton (nw-417)
    [alert] torch-triton was registered: your torchtriton with other separators (nw-417)
    [alert] torch-triton was registered: your torchtriton in look-alike letters (nw-417)
    [alert] torch-triton was registered: your torchtriton with two letters swapped (nw-417)
    [alert] torch-triton was registered: your torchtriton with a part doubled (nw-417)
    [alert] torch-triton was registered: your torchtriton with a letter left out (nw-417)
    [alert] torch-triton was registered: your torchtriton with a neighbouring key (nw-417)
    [alert] torch-triton was registered: your torchtriton with a letter added (nw-417)
    [alert] torch-triton was registered: your torchtriton with a letter changed (nw-417)
    [alert] torch-triton was registered: your torchtriton in another order (nw-417)
    [alert] torch-triton was registered: your torchtriton with a word exchanged (nw-417)
    [alert] torch-triton was registered: two edits from your torchtriton (nw-417)
    [alert] torch-triton was registered: three edits from your torchtriton (nw-417)
    [alert] torch-triton was registered: your torchtriton with its letters scrambled (nw-417)
    [alert] torch-triton was registered: the beginning of your torchtriton (nw-417)
    [alert] torch-triton was registered: your torchtriton with a word more or less (nw-417)
    [alert] torch-triton was registered: the plural or singular of your torchtriton (nw-417)
    [alert] torch-triton was registered: your torchtriton with another number (nw-417)
    [alert] torch-triton was registered: your torchtriton with a word and a letter changed (nw-417)
    [alert] torch-triton was registered: a part of your torchtriton (nw-417)
    [alert] torch-triton was registered: a name that contains your torchtriton (nw-417)
    [alert] torch-triton was registered: a name with your brand torchtriton (nw-417)
    [page] pip would take torchtriton: your internal name (nw-417)
    [page] pip would take 1 of 4 names registered on PyPI, first torchtriton: your internal name (nw-417)
    [page] pip would take 50 of 50 names registered on PyPI, first torchtriton: your internal name (nw-417)
    [page] pip would take torchtriton now (first release 3.0.0): your internal name (nw-417)
    [page] pip would take torchtriton, still unacknowledged: your internal name (nw-417)
    [page] pip would take 1 of 4 names new or changed on PyPI, first torchtriton: your internal name (nw-417)
    [digest] namewarden watches 6 names: 1 project already on PyPI, 2 free for anyone, for ML platform
    [alert] 2 watches left the inventory: acme-billing, acme-ledger
    [alert] namewarden is unwell: feed-blind:rss (the rss feed has not answered for too long)
    [ended] namewarden is well again: feed-blind:rss
    [digest] namewarden canary: this channel works; nothing is open
    [digest] namewarden test alert: this channel works
    ");
}

/// More cases than a message lists are counted, whatever they belong to.
#[test]
fn what_is_omitted_is_counted_in_the_subject() {
    let of = |cases: Vec<crate::model::notice::Case>| {
        let briefing = registered(cases.clone());
        mail(&Briefing { content: Content::Cases { cases, omitted: 10, change: None }, ..briefing }).subject
    };
    let look_alike = case("torch-triton", "torchtriton", Rule::Separators);
    assert_eq!(
        of(vec![torchtriton(), look_alike]),
        "[page] pip would take 1 of 12 names registered on PyPI, first torchtriton: your internal name (nw-417)"
    );
}

#[test]
fn subjects_of_what_stood() {
    let subject = |cases| mail(&self::cases(NoticeEvent::Stood, cases, None)).subject;
    assert_eq!(
        subject(vec![torchtriton()]),
        "[page] pip would take torchtriton, already on PyPI: your internal name (nw-417)"
    );
    assert_eq!(
        subject(vec![torchtriton(); 4]),
        "[page] pip would take 4 of 4 names already on PyPI, first torchtriton: your internal name (nw-417)"
    );
}

/// Of what somebody put off nobody says that nobody has answered.
#[test]
fn subjects_of_what_was_put_off() {
    let mut put_off = torchtriton();
    put_off.finding.snoozed_until = Some(put_off.finding.seen_at);
    let message = mail(&cases(NoticeEvent::Escalated, vec![put_off], Some("it was put off until now")));
    assert_eq!(
        message.subject,
        "[page] pip would take torchtriton, open, and put off until now: your internal name (nw-417)"
    );
    assert!(
        message.text.contains("Somebody put it off") && !message.text.contains("acknowledged it"),
        "{}",
        message.text
    );
}

#[test]
fn what_is_cut_in_a_subject_is_cut_between_words() {
    let change =
        "held by acme-release-bot, which the inventory lists as ours; what is not known to be ours stands there";
    let subject = mail(&cases(NoticeEvent::Worsened, vec![torchtriton()], Some(change))).subject;
    let shown = "(held by acme-release-bot, which the inventory…)";
    assert!(subject.contains(shown), "{subject}");
}
