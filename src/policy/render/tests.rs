//! What the owner reads, kind by kind, word by word; `hostile` is what strangers try.

mod hostile;

use insta::assert_snapshot;

use super::samples::*;
use super::{console, mail, slack, webhook};
use crate::model::finding::FindingState;
use crate::model::health::{Ailment, HealthCase};
use crate::model::notice::{Briefing, Channel, NoticeEvent, Story};
use crate::model::release::Files;
use crate::model::{Exposure, Facts, Feed, Releases, Rule, Tier};

fn cases(event: NoticeEvent, cases: Vec<crate::model::notice::Case>, change: Option<&str>) -> Briefing {
    let mut briefing = registered(cases.clone());
    briefing.event = event;
    briefing.story = Story::Cases { cases, omitted: 0, change: change.map(str::to_owned) };
    briefing
}

/// The case is over in this way; the name may be registered again.
fn over(state: FindingState, again: bool) -> crate::model::notice::Case {
    let mut case = torchtriton();
    case.finding.state = state;
    case.again = again;
    case
}

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
    let again = mail(&cases(NoticeEvent::Ended, vec![over(FindingState::Removed, true)], None)).text;
    assert!(again.contains("registered again"), "{again}");
}

fn startup() -> Briefing {
    let exposures = [
        ("torchtriton", Some(Exposure::Taken)),
        ("acme-billing", Some(Exposure::Exposed)),
        ("acme-ledger", Some(Exposure::Exposed)),
        ("acme-core", Some(Exposure::Ours)),
        ("acme-utils", Some(Exposure::Shielded { sibling: "acmeutils".to_owned() })),
        ("acme-new", None),
    ];
    let mut standing = torchtriton();
    standing.finding.state = FindingState::PreExisting;
    let mut ours = case("acme-core", "acme-core", Rule::Exact);
    ours.finding.state = FindingState::Ours;
    let story = Story::Startup {
        watched: exposures.into_iter().map(|(name, exposure)| (watch(name), exposure)).collect(),
        pre_existing: vec![standing, ours],
        omitted: 0,
        recorded: 17,
        channels: vec![Channel::Email, Channel::Slack("ml".to_owned())],
    };
    briefing(NoticeEvent::Startup, Tier::Digest, story)
}

fn health(until: Option<i64>) -> Briefing {
    let case = HealthCase {
        ailment: Ailment::FeedBlind { feed: Feed::Rss },
        since: at(0),
        until: until.map(at),
        detail: "rss has not answered for 11 min (connection refused); the changelog still sees every event".to_owned(),
    };
    briefing(NoticeEvent::Health, Tier::Alert, Story::Health { cases: vec![case] })
}

fn unwatched() -> Briefing {
    let watches = vec![watch("acme-billing"), watch("acme-ledger")];
    briefing(NoticeEvent::Unwatched, Tier::Alert, Story::Unwatched { watches, closed: 1 })
}

#[test]
fn a_registration_as_mail_text() {
    assert_snapshot!(mail(&registered(vec![torchtriton()])).text, @r#"
    Somebody registered torchtriton on PyPI. It is your internal name. This
    concerns ML platform.

    torchtriton
      Would pip take it  YES: its 3.0.0 beats your 2.0.0.dev20221230. pip with an
                         extra index takes the highest version, whoever published
                         it.
      Other installers   Yes: pip --pre, uv unsafe-best-match, Poetry, Poetry
                         (yours supplemental). No: uv, Poetry (yours first).
      Your name          torchtriton (owner ml, internal version
                         2.0.0.dev20221230, resolved from
                         https://download.acme.example/whl/nightly, in use since
                         2021-03-01)
      Why                torchtriton is your name torchtriton, letter by letter
                         (rule exact, score 100)
      Registered         2022-12-25 22:05:11 UTC, seen 19 s later
      Published by       mallory (not one of ours)
      Versions           3.0.0, first upload 2022-12-25 22:05:18 UTC
      Summary            "Triton kernels. Get it at https[:]//evil[.]example/x"
      Author             "Some One <some@evil[.]example>"
      Page               https://pypi.example/project/torchtriton/

    What to do now
      1. Pin the index: install torchtriton from
         https://download.acme.example/whl/nightly only. pip: --index-url, never
         --extra-index-url; uv: explicit = true on the index and [tool.uv.sources]
         for torchtriton.
      2. Block torchtriton from PyPI in the proxy or mirror, pull its files from
         caches, and search the download logs for it since 2022-12-25 22:05:11
         UTC. A machine that installed it is compromised: rotate what it could
         read.
      3. Report it to PyPI ("Report project as malware" on its page) as
         is_dependency_confusion, or as malware if its files do harm. If
         torchtriton is harmless, say so instead: namewarden findings suppress
         nw-417.
      4. Say that you are on it, and the reminders stop; a worsening still alerts.
           namewarden findings ack nw-417

    -- 
    Seen so far: every event to serial 16282410, 14 s ago.
    From watch-1.acme.example (production) to ML platform at 2022-12-25 22:05:31
    UTC; notice 0123456789abcdef0123456789abcdef.
    "#);
}

#[test]
fn a_registration_as_html() {
    assert_snapshot!(mail(&registered(vec![torchtriton()])).html, @r#"
    <!DOCTYPE html>
    <html lang="en">
    <head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="format-detection" content="telephone=no,address=no,email=no,url=no"><title>[page] torchtriton was registered on PyPI: your internal name (nw-417)</title></head>
    <body style="margin:0;padding:16px;background:#f4f4f2;color:#1c1c1a;font:15px/1.45 -apple-system,'Segoe UI',Helvetica,Arial,sans-serif">
    <div style="max-width:680px;margin:0 auto;background:#ffffff;border:1px solid #d8d8d4;border-top:6px solid #b3261e;padding:20px 24px">
    <p style="margin:0;color:#b3261e;font-size:12px;font-weight:bold;letter-spacing:1px;text-transform:uppercase">page</p>
    <h1 style="margin:4px 0 12px;font-size:20px;line-height:1.3">torchtriton was registered on PyPI: your internal name (nw-417)</h1>
    <p style="margin:0 0 12px">Somebody registered torchtriton on PyPI. It is your internal name. This concerns ML platform.</p>
    <h2 style="margin:20px 0 6px;font-size:16px"><a href="https://pypi.example/project/torchtriton/" rel="noreferrer" style="color:#1c4e80">torchtriton</a></h2>
    <table role="presentation" cellspacing="0" cellpadding="0" style="border-collapse:collapse;width:100%">
    <tr><th scope="row" style="padding:4px 12px 4px 0;width:130px;text-align:left;vertical-align:top;font-weight:normal;color:#666660">Would pip take it</th><td style="padding:4px 0;vertical-align:top;word-break:break-word">YES: its 3.0.0 beats your 2.0.0.dev20221230. pip with an extra index takes the highest version, whoever published it.</td></tr>
    <tr><th scope="row" style="padding:4px 12px 4px 0;width:130px;text-align:left;vertical-align:top;font-weight:normal;color:#666660">Other installers</th><td style="padding:4px 0;vertical-align:top;word-break:break-word">Yes: pip --pre, uv unsafe-best-match, Poetry, Poetry (yours supplemental). No: uv, Poetry (yours first).</td></tr>
    <tr><th scope="row" style="padding:4px 12px 4px 0;width:130px;text-align:left;vertical-align:top;font-weight:normal;color:#666660">Your name</th><td style="padding:4px 0;vertical-align:top;word-break:break-word">torchtriton (owner ml, internal version 2.0.0.dev20221230, resolved from https://download.acme.example/whl/nightly, in use since 2021-03-01)</td></tr>
    <tr><th scope="row" style="padding:4px 12px 4px 0;width:130px;text-align:left;vertical-align:top;font-weight:normal;color:#666660">Why</th><td style="padding:4px 0;vertical-align:top;word-break:break-word">torchtriton is your name torchtriton, letter by letter (rule exact, score 100)</td></tr>
    <tr><th scope="row" style="padding:4px 12px 4px 0;width:130px;text-align:left;vertical-align:top;font-weight:normal;color:#666660">Registered</th><td style="padding:4px 0;vertical-align:top;word-break:break-word">2022-12-25 22:05:11 UTC, seen 19 s later</td></tr>
    <tr><th scope="row" style="padding:4px 12px 4px 0;width:130px;text-align:left;vertical-align:top;font-weight:normal;color:#666660">Published by</th><td style="padding:4px 0;vertical-align:top;word-break:break-word">mallory (not one of ours)</td></tr>
    <tr><th scope="row" style="padding:4px 12px 4px 0;width:130px;text-align:left;vertical-align:top;font-weight:normal;color:#666660">Versions</th><td style="padding:4px 0;vertical-align:top;word-break:break-word">3.0.0, first upload 2022-12-25 22:05:18 UTC</td></tr>
    <tr><th scope="row" style="padding:4px 12px 4px 0;width:130px;text-align:left;vertical-align:top;font-weight:normal;color:#666660">Summary</th><td style="padding:4px 0;vertical-align:top;word-break:break-word">&#34;Triton kernels. Get it at https[:]//evil[.]example/x&#34;</td></tr>
    <tr><th scope="row" style="padding:4px 12px 4px 0;width:130px;text-align:left;vertical-align:top;font-weight:normal;color:#666660">Author</th><td style="padding:4px 0;vertical-align:top;word-break:break-word">&#34;Some One &#60;some@evil[.]example&#62;&#34;</td></tr>
    </table>
    <h2 style="margin:20px 0 6px;font-size:16px">What to do now</h2>
    <ol style="margin:0;padding-left:20px">
    <li style="margin:0 0 6px">Pin the index: install torchtriton from https://download.acme.example/whl/nightly only. pip: --index-url, never --extra-index-url; uv: explicit = true on the index and [tool.uv.sources] for torchtriton.</li>
    <li style="margin:0 0 6px">Block torchtriton from PyPI in the proxy or mirror, pull its files from caches, and search the download logs for it since 2022-12-25 22:05:11 UTC. A machine that installed it is compromised: rotate what it could read.</li>
    <li style="margin:0 0 6px">Report it to PyPI (&#34;Report project as malware&#34; on its page) as is_dependency_confusion, or as malware if its files do harm. If torchtriton is harmless, say so instead: namewarden findings suppress nw-417.</li>
    <li style="margin:0 0 6px">Say that you are on it, and the reminders stop; a worsening still alerts.<br><code style="background:#f0f0ec;padding:2px 4px;word-break:break-all">namewarden findings ack nw-417</code></li>
    </ol>
    <p style="margin:24px 0 0;border-top:1px solid #d8d8d4;padding-top:8px;color:#666660;font-size:12px">Seen so far: every event to serial 16282410, 14 s ago.<br>From watch-1.acme.example (production) to ML platform at 2022-12-25 22:05:31 UTC; notice 0123456789abcdef0123456789abcdef.</p>
    </div>
    </body>
    </html>
    "#);
}

#[test]
#[expect(clippy::too_many_lines, reason = "the snapshot is the test")]
fn a_registration_in_slack() {
    let payload = slack(&registered(vec![torchtriton()]), None);
    assert_snapshot!(serde_json::to_string_pretty(&payload).unwrap(), @r#"
    {
      "blocks": [
        {
          "text": {
            "emoji": false,
            "text": "[page] torchtriton was registered on PyPI: your internal name (nw-417)",
            "type": "plain_text"
          },
          "type": "header"
        },
        {
          "text": {
            "emoji": false,
            "text": "Somebody registered torchtriton on PyPI. It is your internal name. This concerns ML platform.",
            "type": "plain_text"
          },
          "type": "section"
        },
        {
          "type": "divider"
        },
        {
          "text": {
            "emoji": false,
            "text": "torchtriton\nWould pip take it: YES: its 3.0.0 beats your 2.0.0.dev20221230. pip with an extra index takes the highest version, whoever published it.\nOther installers: Yes: pip --pre, uv unsafe-best-match, Poetry, Poetry (yours supplemental). No: uv, Poetry (yours first).\nYour name: torchtriton (owner ml, internal version 2.0.0.dev20221230, resolved from https://download.acme.example/whl/nightly, in use since 2021-03-01)\nWhy: torchtriton is your name torchtriton, letter by letter (rule exact, score 100)\nRegistered: 2022-12-25 22:05:11 UTC, seen 19 s later\nPublished by: mallory (not one of ours)\nVersions: 3.0.0, first upload 2022-12-25 22:05:18 UTC\nSummary: \"Triton kernels. Get it at https[:]//evil[.]example/x\"\nAuthor: \"Some One &lt;some@evil[.]example&gt;\"",
            "type": "plain_text"
          },
          "type": "section"
        },
        {
          "elements": [
            {
              "text": "<https://pypi.example/project/torchtriton/|Open its page on PyPI>",
              "type": "mrkdwn",
              "verbatim": true
            }
          ],
          "type": "context"
        },
        {
          "type": "divider"
        },
        {
          "text": {
            "emoji": false,
            "text": "1. Pin the index: install torchtriton from https://download.acme.example/whl/nightly only. pip: --index-url, never --extra-index-url; uv: explicit = true on the index and [tool.uv.sources] for torchtriton.\n2. Block torchtriton from PyPI in the proxy or mirror, pull its files from caches, and search the download logs for it since 2022-12-25 22:05:11 UTC. A machine that installed it is compromised: rotate what it could read.\n3. Report it to PyPI (\"Report project as malware\" on its page) as is_dependency_confusion, or as malware if its files do harm. If torchtriton is harmless, say so instead: namewarden findings suppress nw-417.\n4. Say that you are on it, and the reminders stop; a worsening still alerts.\n    namewarden findings ack nw-417",
            "type": "plain_text"
          },
          "type": "section"
        },
        {
          "elements": [
            {
              "emoji": false,
              "text": "Seen so far: every event to serial 16282410, 14 s ago. From watch-1.acme.example (production) to ML platform at 2022-12-25 22:05:31 UTC; notice 0123456789abcdef0123456789abcdef.",
              "type": "plain_text"
            }
          ],
          "type": "context"
        }
      ],
      "link_names": false,
      "mrkdwn": false,
      "text": "[page] torchtriton was registered on PyPI: your internal name (nw-417)\nWould pip take it: YES: its 3.0.0 beats your 2.0.0.dev20221230. pip with an extra index takes the highest version, whoever published it.",
      "unfurl_links": false,
      "unfurl_media": false
    }
    "#);
}

/// The same project, and a second watch that it threatens.
fn two_watches() -> crate::model::notice::Case {
    let mut case = torchtriton();
    let other = watch("triton");
    case.finding.threats.push(threat(&other, Rule::Affix, Tier::Alert, "triton with a word more".to_owned()));
    case.watches.push(other);
    case
}

#[test]
fn several_cases_on_a_terminal() {
    let look_alike = case("torch-triton", "torchtriton", Rule::Separators);
    let text = console(&registered(vec![two_watches(), look_alike]), true);
    assert_snapshot!(text.replace('\u{1b}', "␛"), @r#"
    ␛[1;31m[page] 2 names registered on PyPI, most urgent torchtriton: your internal name (nw-417)␛[0m

    Several names were registered on PyPI that threaten those of ML platform.

    ␛[1mtorchtriton␛[0m
      ␛[2mWould pip take it  ␛[0mYES: its 3.0.0 beats your 2.0.0.dev20221230. pip with an
                         extra index takes the highest version, whoever published
                         it.
      ␛[2mOther installers   ␛[0mYes: pip --pre, uv unsafe-best-match, Poetry, Poetry
                         (yours supplemental). No: uv, Poetry (yours first).
      ␛[2mYour name          ␛[0mtorchtriton (owner ml, internal version
                         2.0.0.dev20221230, resolved from
                         https://download.acme.example/whl/nightly, in use since
                         2021-03-01)
      ␛[2mAlso concerns      ␛[0mtriton (owner ml)
      ␛[2mWhy                ␛[0mtorchtriton is your name torchtriton, letter by letter
                         (rule exact, score 100)
      ␛[2mRegistered         ␛[0m2022-12-25 22:05:11 UTC, seen 19 s later
      ␛[2mPublished by       ␛[0mmallory (not one of ours)
      ␛[2mVersions           ␛[0m3.0.0, first upload 2022-12-25 22:05:18 UTC
      ␛[2mSummary            ␛[0m"Triton kernels. Get it at https[:]//evil[.]example/x"
      ␛[2mAuthor             ␛[0m"Some One <some@evil[.]example>"
      ␛[2mAcknowledge        ␛[0mnamewarden findings ack nw-417
      ␛[2mPage               ␛[0mhttps://pypi.example/project/torchtriton/

    ␛[1mtorch-triton␛[0m
      ␛[2mWould pip take it  ␛[0mOnly where somebody writes torch-triton by mistake or is
                         lured to it; no release is known yet.
      ␛[2mYour name          ␛[0mtorchtriton (owner ml, internal version
                         2.0.0.dev20221230, resolved from
                         https://download.acme.example/whl/nightly, in use since
                         2021-03-01)
      ␛[2mWhy                ␛[0mtorch-triton against torchtriton: separators (rule
                         separators, score 90)
      ␛[2mRegistered         ␛[0m2022-12-25 22:05:11 UTC, seen 19 s later
      ␛[2mPublished by       ␛[0mnot looked up
      ␛[2mVersions           ␛[0mnone seen yet
      ␛[2mAcknowledge        ␛[0mnamewarden findings ack nw-417
      ␛[2mPage               ␛[0mhttps://pypi.example/project/torch-triton/

    ␛[1mWhat to do now␛[0m
      1. Pin the index: install torchtriton from
         https://download.acme.example/whl/nightly only. pip: --index-url, never
         --extra-index-url; uv: explicit = true on the index and [tool.uv.sources]
         for torchtriton.
      2. Block torchtriton from PyPI in the proxy or mirror, pull its files from
         caches, and search the download logs for it since 2022-12-25 22:05:11
         UTC. A machine that installed it is compromised: rotate what it could
         read.
      3. Report it to PyPI ("Report project as malware" on its page) as
         is_dependency_confusion, or as malware if its files do harm. If
         torchtriton is harmless, say so instead: namewarden findings suppress
         nw-417.
      4. Say that you are on it, and the reminders stop; a worsening still alerts.
         The other cases have names of their own above.
           namewarden findings ack nw-417

    -- 
    Seen so far: every event to serial 16282410, 14 s ago.
    From watch-1.acme.example (production) to ML platform at 2022-12-25 22:05:31
    UTC; notice 0123456789abcdef0123456789abcdef.
    "#);
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
    [page] torchtriton got worse (back from removal): your internal name (nw-417)

    A case of ML platform got worse.

    What changed: back from removal.

    torchtriton
      Would pip take it  Unknown: its releases could not be looked up. Treat it as
                         yes until you have looked.
      Your name          torchtriton (owner ml, internal version
                         2.0.0.dev20221230, resolved from
                         https://download.acme.example/whl/nightly, in use since
                         2021-03-01)
      Why                torchtriton is your name torchtriton, letter by letter
                         (rule exact, score 100)
      Registered         2022-12-25 22:05:11 UTC, seen 19 s later
      Published by       could not be looked up
      Versions           could not be looked up
      Not looked up      the registry answered 503 (will be asked again)
      State              acknowledged: anna: looking
      Page               https://pypi.example/project/torchtriton/

    What to do now
      1. Pin the index: install torchtriton from
         https://download.acme.example/whl/nightly only. pip: --index-url, never
         --extra-index-url; uv: explicit = true on the index and [tool.uv.sources]
         for torchtriton.
      2. Block torchtriton from PyPI in the proxy or mirror, pull its files from
         caches, and search the download logs for it since 2022-12-25 22:05:11
         UTC. A machine that installed it is compromised: rotate what it could
         read.
      3. Report it to PyPI ("Report project as malware" on its page) as
         is_dependency_confusion, or as malware if its files do harm. If
         torchtriton is harmless, say so instead: namewarden findings suppress
         nw-417.
      4. Say that you are on it, and the reminders stop; a worsening still alerts.
           namewarden findings ack nw-417

    -- 
    Seen so far: every event to serial 16282410, 14 s ago.
    From watch-1.acme.example (production) to ML platform at 2022-12-25 22:05:31
    UTC; notice 0123456789abcdef0123456789abcdef.
    "#);
}

#[test]
fn the_first_message() {
    let mail = mail(&startup());
    assert_snapshot!(format!("{}\n\n{}", mail.subject, mail.text), @r#"
    [digest] namewarden watches 6 names for ML platform: 1 name already on PyPI, 2 free for anyone

    namewarden now watches PyPI for 6 names of ML platform. You are told within a
    minute when a stranger registers one of them, or a name that reads like one.
    Channels: email, slack:ml.

    1 project with such a name already stood on PyPI before the watch began. 17
    weaker matches were recorded and will not be sent.

    Your names on PyPI
      Taken by others    1: torchtriton
      Free for anyone    2: acme-billing, acme-ledger
      Ours on PyPI       1: acme-core
      Shielded           1: acme-utils (by acmeutils)
      Not judged         1: acme-new

    torchtriton
      Would pip take it  YES: its 3.0.0 beats your 2.0.0.dev20221230. pip with an
                         extra index takes the highest version, whoever published
                         it.
      Other installers   Yes: pip --pre, uv unsafe-best-match, Poetry, Poetry
                         (yours supplemental). No: uv, Poetry (yours first).
      Your name          torchtriton (owner ml, internal version
                         2.0.0.dev20221230, resolved from
                         https://download.acme.example/whl/nightly, in use since
                         2021-03-01)
      Why                torchtriton is your name torchtriton, letter by letter
                         (rule exact, score 100)
      Registered         2022-12-25 22:05:11 UTC, seen 19 s later
      Published by       mallory (not one of ours)
      Versions           3.0.0, first upload 2022-12-25 22:05:18 UTC
      Summary            "Triton kernels. Get it at https[:]//evil[.]example/x"
      Author             "Some One <some@evil[.]example>"
      State              pre-existing
      Acknowledge        namewarden findings ack nw-417
      Page               https://pypi.example/project/torchtriton/

    What to do now
      1. Look at each project above: if it is yours, add its account to
         [registrants] in the inventory; if it is harmless, suppress it; if it is
         neither, act on it as on an alert.
      2. Free names can be registered by anyone today: install them from your own
         index only (pip: --index-url, never --extra-index-url; uv: explicit =
         true).
      3. Read everything that was recorded.
           namewarden findings list --all --owner ml

    -- 
    Seen so far: every event to serial 16282410, 14 s ago.
    From watch-1.acme.example (production) to ML platform at 2022-12-25 22:05:31
    UTC; notice 0123456789abcdef0123456789abcdef.
    "#);
}

#[test]
fn trouble_of_the_watch_itself() {
    let mail = mail(&health(None));
    assert_snapshot!(format!("{}\n\n{}", mail.subject, mail.text), @"
    [alert] namewarden is unwell: feed-blind:rss

    The watch itself is unwell. Until it is well, silence does not mean that
    nothing happened.

    The rss feed has not answered for too long
      What happened      rss has not answered for 11 min (connection refused); the
                         changelog still sees every event
      Since              2022-12-25 22:05:11 UTC
      Key                feed-blind:rss

    What to do now
      1. See what is covered and what waits.
           namewarden status
      2. Find the cause.
           namewarden doctor

    -- 
    Seen so far: every event to serial 16282410, 14 s ago.
    From watch-1.acme.example (production) to ML platform at 2022-12-25 22:05:31
    UTC; notice 0123456789abcdef0123456789abcdef.
    ");
}

#[test]
fn watches_that_left() {
    let mail = mail(&unwatched());
    assert_snapshot!(format!("{}\n\n{}", mail.subject, mail.text), @"
    [alert] 2 watches left the inventory: acme-billing, acme-ledger

    2 watches are no longer in the inventory, so nothing is told about them any
    more. 1 open finding was closed for that reason.

    No longer watched
      Watches            acme-billing, acme-ledger

    What to do now
      1. If this was not meant, put them back into the inventory; they are checked
         at once against all of PyPI.
           namewarden inventory apply

    -- 
    Seen so far: every event to serial 16282410, 14 s ago.
    From watch-1.acme.example (production) to ML platform at 2022-12-25 22:05:31
    UTC; notice 0123456789abcdef0123456789abcdef.
    ");
}

#[test]
fn the_daily_proof() {
    let mail = mail(&briefing(NoticeEvent::Canary, Tier::Digest, Story::Proof));
    assert_snapshot!(format!("{}\n\n{}", mail.subject, mail.text), @"
    [digest] namewarden canary: this channel works

    This is the daily proof that an alert reaches you: it went through the same
    matcher, store and channel as a real one. If it stops coming, the watch is
    broken. Nothing is wrong with the names of ML platform.

    -- 
    Seen so far: every event to serial 16282410, 14 s ago.
    From watch-1.acme.example (production) to ML platform at 2022-12-25 22:05:31
    UTC; notice 0123456789abcdef0123456789abcdef.
    ");
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
    [ended] 3 names are no threat any more, most urgent torchtriton: your internal name (nw-417)
    [page] torchtriton was registered on PyPI and is gone since: your internal name (nw-417)
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
        briefing(NoticeEvent::Canary, Tier::Digest, Story::Proof),
        briefing(NoticeEvent::Test, Tier::Digest, Story::Proof),
    ];
    let subjects: Vec<String> = look_alikes.iter().chain(&briefings).map(|briefing| mail(briefing).subject).collect();
    assert_snapshot!(subjects.join("\n"), @"
    [page] torch-triton was registered on PyPI: your internal name (nw-417)
    [alert] torch-triton was registered on PyPI: a twin of your torchtriton (nw-417)
    [alert] torch-triton was registered on PyPI: under your prefix torchtriton (nw-417)
    [alert] torch-triton was registered on PyPI: on your list of names like torchtriton (nw-417)
    [alert] torch-triton was registered on PyPI: your torchtriton with other separators (nw-417)
    [alert] torch-triton was registered on PyPI: your torchtriton in look-alike letters (nw-417)
    [alert] torch-triton was registered on PyPI: your torchtriton with two letters swapped (nw-417)
    [alert] torch-triton was registered on PyPI: your torchtriton with a letter doubled (nw-417)
    [alert] torch-triton was registered on PyPI: your torchtriton with a letter left out (nw-417)
    [alert] torch-triton was registered on PyPI: your torchtriton with a neighbouring key (nw-417)
    [alert] torch-triton was registered on PyPI: your torchtriton with a letter added (nw-417)
    [alert] torch-triton was registered on PyPI: your torchtriton with a letter changed (nw-417)
    [alert] torch-triton was registered on PyPI: your torchtriton in another order (nw-417)
    [alert] torch-triton was registered on PyPI: your torchtriton with a word exchanged (nw-417)
    [alert] torch-triton was registered on PyPI: two edits from your torchtriton (nw-417)
    [alert] torch-triton was registered on PyPI: three edits from your torchtriton (nw-417)
    [alert] torch-triton was registered on PyPI: your torchtriton with a word more or less (nw-417)
    [alert] torch-triton was registered on PyPI: the plural or singular of your torchtriton (nw-417)
    [alert] torch-triton was registered on PyPI: your torchtriton with another number (nw-417)
    [alert] torch-triton was registered on PyPI: your torchtriton with a word and a letter changed (nw-417)
    [alert] torch-triton was registered on PyPI: a part of your torchtriton (nw-417)
    [alert] torch-triton was registered on PyPI: a name that contains your torchtriton (nw-417)
    [alert] torch-triton was registered on PyPI: a name with your brand torchtriton (nw-417)
    [page] torchtriton was registered on PyPI: your internal name (nw-417)
    [page] 4 names registered on PyPI, most urgent torchtriton: your internal name (nw-417)
    [page] 50 names registered on PyPI, most urgent torchtriton: your internal name (nw-417)
    [page] torchtriton got worse (first release 3.0.0): your internal name (nw-417)
    [page] torchtriton is still unacknowledged: your internal name (nw-417)
    [page] 4 names new or worse on PyPI, most urgent torchtriton: your internal name (nw-417)
    [digest] namewarden watches 6 names for ML platform: 1 name already on PyPI, 2 free for anyone
    [alert] 2 watches left the inventory: acme-billing, acme-ledger
    [alert] namewarden is unwell: feed-blind:rss
    [alert] namewarden is well again: feed-blind:rss
    [digest] namewarden canary: this channel works
    [digest] namewarden test alert: this channel works
    ");
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
        super::verdict::sentence(&case)
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
    Unknown: its releases could not be looked up. Treat it as yes until you have looked.
    Not known yet: no release has been seen. Any release at or above your 2.0 would be taken.
    Not known yet: no release has been seen. Treat it as yes once there is one.
    ");
}

#[test]
fn the_other_installers_in_a_line() {
    let mut case = torchtriton();
    assert_snapshot!(super::verdict::others(&case).unwrap(), @"
    Yes: pip --pre, uv unsafe-best-match, Poetry, Poetry (yours supplemental). No: uv, Poetry (yours first).
    ");
    case.finding.facts.releases = Releases::default();
    assert_eq!(super::verdict::others(&case), None, "nothing is known yet");
    let named = super::samples::case("torchtritom", "torchtriton", Rule::Keyboard);
    assert_eq!(super::verdict::others(&named), None, "nothing of ours asks for that name");
}

/// The schema that receivers rely on: this file may gain fields, and nothing else may change in it.
#[test]
fn the_webhook_body_is_frozen() {
    let expected: serde_json::Value =
        serde_json::from_str(include_str!("../../../tests/fixtures/alert-webhook-v1.json")).unwrap();
    assert_eq!(webhook(&registered(vec![torchtriton()])), expected);
}

#[test]
fn the_webhook_tells_every_kind() {
    let startup = webhook(&startup());
    assert_eq!(startup["type"], "watch.startup");
    assert_eq!(startup["data"]["startup"]["watched"][1]["exposure"], "exposed");
    assert_eq!(startup["data"]["cases"][0]["state"], "pre-existing");
    let health = webhook(&health(None));
    assert_eq!(health["data"]["health"][0]["ailment"], "feed-blind:rss");
    assert_eq!(health["data"]["health"][0]["until"], serde_json::Value::Null);
    assert_eq!(webhook(&unwatched())["data"]["unwatched"]["closed_findings"], 1);
}

/// An index address may carry a token; the owner's mailbox is no place for it.
#[test]
fn credentials_in_an_index_address_stay_home() {
    let mut case = torchtriton();
    if let Some(watch) = case.watches.first_mut() {
        watch.index = Some("https://user:hunter2@index.acme.example/simple?token=hunter2#hunter2".to_owned());
    }
    let briefing = registered(vec![case]);
    let mail = mail(&briefing);
    for form in [mail.text, mail.html, slack(&briefing, None).to_string(), webhook(&briefing).to_string()] {
        assert!(form.contains("https://index.acme.example/simple"), "{form}");
        assert!(!form.contains("hunter2"), "{form}");
    }
}

/// More cases than a message lists are counted, whatever they belong to.
#[test]
fn what_is_omitted_is_counted_in_the_subject() {
    let of = |cases: Vec<crate::model::notice::Case>| {
        let briefing = registered(cases.clone());
        mail(&Briefing { story: Story::Cases { cases, omitted: 10, change: None }, ..briefing }).subject
    };
    let look_alike = case("torch-triton", "torchtriton", Rule::Separators);
    assert_eq!(
        of(vec![torchtriton(), look_alike]),
        "[page] 12 names registered on PyPI, most urgent torchtriton: your internal name (nw-417)"
    );
}

/// One project against many watches is one card, and no case goes untold.
#[test]
fn a_project_against_many_watches_is_one_card() {
    let mut case = torchtriton();
    for name in ["triton-a", "triton-b", "triton-c", "triton-d"] {
        case.finding.threats.push(threat(&watch(name), Rule::Affix, Tier::Alert, String::new()));
    }
    let mail = mail(&registered(vec![case]));
    assert_eq!(mail.text.matches("Would pip take it").count(), 1, "{}", mail.text);
    for name in ["triton-a", "triton-b", "triton-c", "triton-d"] {
        let words: Vec<&str> = mail.text.split_whitespace().collect();
        assert!(words.join(" ").contains(&format!("{name} (owner ml)")), "{}", mail.text);
    }
    assert_eq!(
        mail.subject,
        "[page] torchtriton was registered on PyPI: your internal name and 4 more watches (nw-417)"
    );
}
