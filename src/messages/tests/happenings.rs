//! What is said of each thing that may happen.

use super::*;
use crate::model::claim::Site;

/// The verdict comes with the end, and nothing is asked of anybody that would be of no use any more.
#[test]
fn the_end_of_a_threat() {
    let gone = cases(NoticeEvent::Ended, vec![over(FindingState::Removed, false)], Some("removed from PyPI"));
    let text = mail(&gone).text;
    for wanted in
        ["The threat is over: torchtriton is gone", "What changed: removed from PyPI", "Not any more", "download logs"]
    {
        assert!(text.contains(wanted), "{wanted}: {text}");
    }
    for not in ["YES", "findings ack", "Report it"] {
        assert!(!text.contains(not), "{not}: {text}");
    }
    let again = cases(NoticeEvent::Ended, vec![over(FindingState::Removed, true)], None);
    assert!(mail(&again).text.contains("registered again"), "{}", mail(&again).text);
    let colour =
        |briefing| slack(briefing, None)["blocks"][0]["text"]["text"].as_str().unwrap_or_default().chars().next();
    assert_eq!((colour(&gone), colour(&again)), (Some('🟢'), Some('🔴')), "what goes on elsewhere is not over");
}

/// Whatever message of it is late: the one that stands comes first, and nobody takes this for its end.
#[test]
fn what_was_registered_again_says_so_first() {
    let mut case = over(FindingState::Removed, true);
    case.next = Some(crate::model::CaseId(418));
    for event in [NoticeEvent::Registered, NoticeEvent::Worsened, NoticeEvent::Escalated, NoticeEvent::Ended] {
        let mail = mail(&cases(event, vec![case.clone()], Some("removed from PyPI")));
        let subject =
            "torchtriton was registered again, which is nw-418; this one is over: your internal name (nw-417)";
        assert!(mail.subject.ends_with(subject), "{}", mail.subject);
        let text = words(&mail.text);
        let [first, over] = ["Registered again: nw-418, see its own message", "over"].map(|said| text.find(said));
        assert!(first.is_some() && first < over, "{text}");
        assert!(text.contains("namewarden findings show nw-418"), "{text}");
        for not in ["gone from PyPI", "whoever asks next", "opens by itself", "no threat", "findings ack"] {
            assert!(!text.contains(not), "{event:?}: {not}: {text}");
        }
    }
}

#[test]
fn the_end_of_a_trouble_names_those_that_last() {
    let lasting = |issue| HealthCase { issue, since: at(5), until: None, detail: "dark".to_owned() };
    let others =
        [lasting(HealthIssue::ChangelogGone), lasting(HealthIssue::Undelivered { channel: "slack:ml".to_owned() })];
    for (ended, many) in [(Some(700), 1), (Some(700), 2), (None, 1), (None, 2)] {
        let mut briefing = health(ended);
        let Content::Health { others: lasting, .. } = &mut briefing.content else { panic!("it is about health") };
        *lasting = others[..many].to_vec();
        let text = mail(&briefing).text.split_whitespace().collect::<Vec<_>>().join(" ");
        let counted = ["Another trouble lasts: changelog-gone, since", "2 other troubles last: changelog-gone, since"];
        assert!(text.contains(counted[many - 1]), "{text}");
        assert_eq!(text.contains("undelivered:slack:ml"), many == 2, "{text}");
        let until = if many == 1 { "Until that is over, too" } else { "Until they are over, too" };
        assert_eq!(text.contains(until), ended.is_some(), "{text}");
    }
}

#[test]
fn a_worsening_with_trouble() {
    let mut case = torchtriton();
    case.finding.facts =
        Facts { trouble: Some("the registry answered 503 (will be asked again)".to_owned()), ..Facts::default() };
    case.finding.state = FindingState::Acknowledged;
    case.finding.note = Some("anna: looking".to_owned());
    let mail = mail(&cases(NoticeEvent::Worsened, vec![case], Some("back from removal")));
    assert_snapshot!(format!("{}\n\n{}", mail.subject, mail.text), @r#"
    [page] torchtriton changed (back from removal): your internal name (nw-417)

    PAGE: back from removal, for ML platform

        Not known yet if pip takes it
        torchtriton: your internal name

    What changed: back from removal.

    Not known: the registry answered 503 (will be asked again). Treat it as
    yes until you have looked.

    Answer with
        namewarden findings ack nw-417
      On watch-1.acme.example (production). Reminders stop then, a worsening
      still alerts.

    What to do now
      1. Pin the index: install torchtriton from
         https://download.acme.example/whl/nightly only. pip: --index-url,
         never --extra-index-url; uv: explicit = true on the index and
         [tool.uv.sources].
      2. Block it from PyPI in the proxy or mirror, and clear its files from
         caches. Search the download logs since 2022-12-25 22:05:11 UTC: a
         machine that installed it is compromised, so rotate what it could
         read.
      3. Report torchtriton to PyPI ("Report project as malware" on its
         page) as is_dependency_confusion, or as malware if its files do
         harm. If it is harmless, say so instead, and nothing more of this
         project is told but that other people take it over:
         namewarden findings suppress nw-417.

    torchtriton (nw-417)
      Would pip take it  Not known: the registry answered 503 (will be asked
                         again). Treat it as yes until you have looked.
      Your name          torchtriton (owner ml, internal version
                         2.0.0.dev20221230, resolved from
                         https://download.acme.example/whl/nightly, in use
                         since 2021-03-01)
      Why                torchtriton is your name torchtriton, letter by
                         letter (rule exact, score 100)
      Registered         2022-12-25 22:05:11 UTC, seen 19 s later
      Published by       not known
      Versions           not known
      Why not known      the registry answered 503 (will be asked again)
      State              acknowledged: anna: looking
      Page               https://pypi.example/project/torchtriton/

    -- 
    Seen so far: every event to serial 16282410, 14 s ago.
    From watch-1.acme.example (production) to ML platform at 2022-12-25
    22:05:31 UTC; notice 0123456789abcdef0123456789abcdef.
    "#);
}

#[test]
fn the_first_message() {
    let mail = mail(&startup());
    assert_snapshot!(format!("{}\n\n{}", mail.subject, mail.text), @r#"
    [digest] namewarden watches 6 names: 1 project already on PyPI, 2 free for anyone, for ML platform

    DIGEST: the watch begins, for ML platform

        pip would take 1 already on PyPI
        of 6 names, watched from now on

    namewarden now watches PyPI for 6 names of ML platform. You are told
    within a minute when a stranger registers one of them, or a name that
    reads like one. Channels: email, slack:ml.

    1 project with such a name already stood on PyPI before the watch began.
    17 weaker matches were recorded and will not be sent.

    See them with
        namewarden findings list --all --owner ml
      On watch-1.acme.example (production): everything that was recorded.

    What to do now
      1. Look at each project below: if it is yours, add its account to
         [registrants] in the inventory; if it is harmless, suppress it, and
         nothing more of it is told but that other people take it over; if
         it is neither, act on it as on an alert.
      2. Free names can be registered by anyone today: install them from
         your own index only (pip: --index-url, never --extra-index-url; uv:
         explicit = true).

    Your names on PyPI
      Taken by others    1: torchtriton
      Free for anyone    2: acme-billing, acme-ledger
      Ours on PyPI       1: acme-core
      Shielded           1: acme-utils (by acmeutils)
      Not judged         1: acme-new

    torchtriton (nw-417)
      Would pip take it  YES: its 3.0.0 beats your 2.0.0.dev20221230. pip
                         with an extra index takes the highest version,
                         whoever published it.
      Other installers   Yes: pip --pre, uv unsafe-best-match, Poetry,
                         Poetry (yours supplemental). No: uv, Poetry (yours
                         first).
      Your name          torchtriton (owner ml, internal version
                         2.0.0.dev20221230, resolved from
                         https://download.acme.example/whl/nightly, in use
                         since 2021-03-01)
      Why                torchtriton is your name torchtriton, letter by
                         letter (rule exact, score 100)
      Registered         2022-12-25 22:05:11 UTC, seen 19 s later
      Published by       mallory (not one of ours)
      Versions           3.0.0, first upload 2022-12-25 22:05:18 UTC
      Summary            "Triton kernels. Get it at
                         https[:]//evil[.]example/x"
      Author             "Some One <some@evil[.]example>"
      State              pre-existing
      Page               https://pypi.example/project/torchtriton/

    -- 
    Seen so far: every event to serial 16282410, 14 s ago.
    From watch-1.acme.example (production) to ML platform at 2022-12-25
    22:05:31 UTC; notice 0123456789abcdef0123456789abcdef.
    "#);
}

#[test]
fn trouble_of_the_watch_itself() {
    let mail = mail(&health(None));
    assert_snapshot!(format!("{}\n\n{}", mail.subject, mail.text), @"
    [alert] namewarden is unwell: feed-blind:rss (the rss feed has not answered for too long)

    ALERT: the watch itself, for ML platform

        namewarden is unwell
        The rss feed has not answered for too long

    Until it is well, silence does not mean that nothing happened.

    Find the cause with
        namewarden doctor
      On watch-1.acme.example (production).

    What to do now
      1. See what is covered and what waits.
           namewarden status

    The rss feed has not answered for too long
      What happened      rss has not answered for 11 min (connection
                         refused); the changelog still sees every event
      Since              2022-12-25 22:05:11 UTC
      Key                feed-blind:rss

    -- 
    Seen so far: every event to serial 16282410, 14 s ago.
    From watch-1.acme.example (production) to ML platform at 2022-12-25
    22:05:31 UTC; notice 0123456789abcdef0123456789abcdef.
    ");
}

#[test]
fn watches_that_left() {
    let mail = mail(&unwatched());
    assert_snapshot!(format!("{}\n\n{}", mail.subject, mail.text), @"
    [alert] 2 watches left the inventory: acme-billing, acme-ledger

    ALERT: no longer watched, for ML platform

        2 watches left the inventory
        acme-billing, acme-ledger

    2 watches are no longer in the inventory, so nothing is told about them
    any more. 1 open case was closed with them.

    What to do now
      1. If this was not meant, put them back into the inventory; they are
         checked at once against all of PyPI.
           namewarden inventory apply

    No longer watched
      Watches            acme-billing, acme-ledger

    -- 
    Seen so far: every event to serial 16282410, 14 s ago.
    From watch-1.acme.example (production) to ML platform at 2022-12-25
    22:05:31 UTC; notice 0123456789abcdef0123456789abcdef.
    ");
}

/// Our own project is no stranger's: nothing of it is to be blocked or reported, and its name is to be taken back.
#[test]
fn our_own_project_that_went_is_taken_back() {
    let mail = mail(&lost());
    assert_eq!(mail.subject, "[page] your torchtriton is gone from PyPI: your internal name (nw-417)");
    for wanted in ["register it again from your own account", "Not now: your own project is gone", "--index-url"] {
        assert!(words(&mail.text).contains(wanted), "{wanted}: {}", mail.text);
    }
    for not in ["Report", "compromised", "Block it", "Not any more"] {
        assert!(!mail.text.contains(not), "{not}: {}", mail.text);
    }
}

/// The one who is reminded learns how long it has stood.
#[test]
fn a_reminder_says_for_how_long() {
    let remind = |cases: Vec<_>| mail(&self::cases(NoticeEvent::Escalated, cases, None)).text;
    assert!(remind(vec![torchtriton()]).contains("Nobody has acknowledged this, first seen 1 s ago."));
    assert!(remind(vec![torchtriton(); 2]).contains("Nobody has acknowledged these, first seen 1 s ago."));
}

/// The end of a trouble is marked as an end, calls nobody, and does not say what is wrong as if it still were.
#[test]
fn the_end_of_a_trouble_is_no_alert() {
    let mention = "<!here>".parse().expect("a mention");
    let mut over = health(Some(700));
    over.tier = Tier::Page;
    assert_eq!(mail(&over).subject, "[ended] namewarden is well again: feed-blind:rss");
    assert!(mail(&over).text.contains("Over after 11 min: the rss feed has not answered"), "{}", mail(&over).text);
    let told = slack(&over, Some(&mention)).to_string();
    assert!(told.contains("🟢 ENDED") && !told.contains("<!here>"), "{told}");
    let Content::Health { cases, .. } = over.content.clone() else { unreachable!() };
    let dark = HealthCase { issue: HealthIssue::ChangelogGone, since: at(5), until: None, detail: "gone".to_owned() };
    over.content = Content::Health { cases, others: vec![dark] };
    let mail = mail(&over);
    assert!(mail.subject.starts_with("[page] namewarden is still unwell (changelog-gone)"), "{}", mail.subject);
    assert!(words(&mail.text).contains("over. Another trouble lasts: changelog-gone"), "{}", mail.text);
    assert!(slack(&over, Some(&mention)).to_string().contains("<!here>"));
}

/// In quarantine its name is not to be had: nobody is to be told to register it.
#[test]
fn our_own_project_in_quarantine_is_not_called_gone() {
    let mut briefing = lost();
    let Content::Cases { cases, change, .. } = &mut briefing.content else { panic!("cases") };
    cases[0].quarantined = true;
    *change = Some("our own project was quarantined by PyPI: nobody can install it".to_owned());
    let mail = mail(&briefing);
    assert_eq!(mail.subject, "[page] your torchtriton is in quarantine at PyPI: your internal name (nw-417)");
    for wanted in ["Your project is in quarantine at PyPI", "Answer PyPI's administrators", "which keeps its name"] {
        assert!(words(&mail.text).contains(wanted), "{wanted}: {}", mail.text);
    }
    for not in ["gone from PyPI. Who", "register it again", "Who registers the name next", "is gone"] {
        assert!(!words(&mail.text).contains(not), "{not}: {}", mail.text);
    }
}

#[test]
fn a_strangers_project_in_quarantine_is_over_and_said_to_be_there() {
    let mut case = over(FindingState::Removed, false);
    case.quarantined = true;
    let mail = mail(&cases(NoticeEvent::Ended, vec![case.clone()], None));
    assert!(mail.subject.contains("torchtriton is in quarantine at PyPI"), "{}", mail.subject);
    let text = words(&mail.text);
    assert!(
        text.contains("is in quarantine at PyPI, and nobody can install it") && !text.contains("gone from"),
        "{text}"
    );
    assert!(text.contains("Where it was installed before, it still is"), "{text}");
    let said = crate::messages::verdict::verdict(&[case.clone(), case], 0);
    assert_eq!(said, "2 of 2 in quarantine at PyPI");
}

/// Each in its own words, with its own key, and said to be over in the same: nobody takes one trouble for another, or its end.
#[test]
fn every_trouble_of_the_watch_has_words_and_a_key_of_its_own() {
    use HealthIssue::*;
    let (feed, channel, name) =
        (Feed::Rss, "slack:team".to_owned(), ProjectName::parse("acme-billing").expect("valid"));
    let owner = crate::model::OwnerId("payments".to_owned());
    let sites = [Site::TestIndex, Site::Index, Site::Package].map(|site| UploadsFailing { site });
    let all = [
        FeedBlind { feed },
        ChangelogGone,
        SerialWentBack { feed },
        Implausible { feed },
        IndexRefused,
        Missed,
        Unreadable { feed },
        Undelivered { channel: channel.clone() },
        Refused { channel: channel.clone() },
        RecipientRefused { owner, channel },
        ConfigurationBroken,
        InventoryBroken,
        InventoryHeld,
        InventoryWaits,
        CanaryLost,
        StoreUnusable,
        Down,
        ClaimsStopped,
        UploaderSilent,
        ClaimChanged { name: name.clone() },
        ClaimEnded { name },
        WebClosed,
        GateSilent,
        GateUnwell,
        ClockStepped,
        ClockWrong,
        LookUpsFail,
    ];
    let (mut abouts, mut keys) = (BTreeSet::new(), BTreeSet::new());
    for issue in all.into_iter().chain(sites) {
        let key = issue.to_string();
        let told = |until: Option<i64>| {
            let detail = "what happened".to_owned();
            let case = HealthCase { issue: issue.clone(), since: at(0), until: until.map(at), detail };
            briefing(NoticeEvent::Health, Tier::Alert, Content::Health { cases: vec![case], others: Vec::new() })
        };
        let (unwell, well) = (mail(&told(None)), mail(&told(Some(90))));
        assert!(unwell.subject.starts_with(&format!("[alert] namewarden is unwell: {key} (")), "{}", unwell.subject);
        assert!(well.subject.starts_with("[ended] ") && well.subject.contains(&key), "{}", well.subject);
        for text in [&unwell.text, &well.text] {
            assert!(text.contains("What happened      what happened") && text.contains(&key), "{text}");
        }
        let about = unwell.text.lines().nth(3).unwrap_or_default().trim().to_owned();
        assert!(about.len() > 15 && abouts.insert(about.clone()), "{key}: {about} is said of another");
        assert!(keys.insert(key));
        let [opens, closes] = [None, Some(90)].map(|until| crate::messages::pagerduty(&told(until)).remove(0).body);
        assert_eq!(opens["event_action"], "trigger");
        assert_eq!(closes["event_action"], "resolve");
        assert_eq!(opens["dedup_key"], closes["dedup_key"], "it closes what it opened");
    }
}
