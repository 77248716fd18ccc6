//! What the owner reads, kind by kind, word by word; `hostile` is what strangers try.

mod hostile;

use std::collections::BTreeSet;

use insta::assert_snapshot;

use super::samples::*;
use super::{console, mail, slack, webhook};
use crate::model::finding::FindingState;
use crate::model::health::{HealthCase, HealthIssue};
use crate::model::notice::{Briefing, Content, NoticeEvent, SHOWN};
use crate::model::overview::{Blind, Open, Overview, Unacknowledged, Waiting};
use crate::model::release::Files;
use crate::model::{Channel, Exposure, Facts, Feed, ProjectName, Releases, Rule, Tier, Why};

fn cases(event: NoticeEvent, cases: Vec<crate::model::notice::Case>, change: Option<&str>) -> Briefing {
    let mut briefing = registered(cases.clone());
    briefing.event = event;
    briefing.content = Content::Cases { cases, omitted: 0, change: change.map(str::to_owned) };
    briefing
}

/// Our own project went.
fn lost() -> Briefing {
    let mut case = over(FindingState::Removed, false);
    case.finding.facts.ours = Some(true);
    cases(NoticeEvent::Worsened, vec![case], Some("our own project is gone from PyPI"))
}

/// The case is over in this way; the name may be registered again.
fn over(state: FindingState, again: bool) -> crate::model::notice::Case {
    let mut case = torchtriton();
    case.finding.state = state;
    case.again = again;
    case
}

/// A watch that somebody started with a configuration elsewhere: a command copied as it stands asks that one.
#[test]
fn commands_ask_the_watch_that_sent_them() {
    let health = HealthCase { issue: HealthIssue::Missed, since: at(0), until: None, detail: String::new() };
    let contents = [
        Content::Cases { cases: vec![torchtriton()], omitted: 0, change: None },
        startup().content,
        Content::Health { cases: vec![health], others: Vec::new() },
        Content::Proof { overview: Some(Box::new(much())) },
    ];
    for content in contents {
        let mut sent = briefing(NoticeEvent::Registered, Tier::Page, content);
        sent.origin.config = Some("'/srv/it s/nw.toml'".to_owned());
        let forms = [mail(&sent).text, slack(&sent, None).to_string(), console(&sent, false), slack_text(&sent)];
        for form in forms {
            let one_line = form.split_whitespace().collect::<Vec<_>>().join(" ");
            let asked =
                ["findings", "status", "doctor"].map(|verb| one_line.matches(&format!("namewarden {verb} ")).count());
            let named = one_line.matches(" --config '/srv/it s/nw.toml'").count();
            assert!(named > 0 && named >= asked.iter().sum(), "{one_line}");
        }
    }
}

fn slack_text(briefing: &Briefing) -> String {
    super::slack_text(briefing, None).to_string()
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
    let again = cases(NoticeEvent::Ended, vec![over(FindingState::Removed, true)], None);
    assert!(mail(&again).text.contains("registered again"), "{}", mail(&again).text);
    let colour =
        |briefing| slack(briefing, None)["blocks"][0]["text"]["text"].as_str().unwrap_or_default().chars().next();
    assert_eq!((colour(&gone), colour(&again)), (Some('🟢'), Some('🔴')), "what goes on elsewhere is not over");
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
    let content = Content::Startup {
        watched: exposures.into_iter().map(|(name, exposure)| (watch(name), exposure)).collect(),
        pre_existing: vec![standing, ours],
        omitted: 0,
        open: 0,
        first: false,
        recorded: 17,
        channels: vec![Channel::Email, Channel::Slack("ml".to_owned())],
    };
    briefing(NoticeEvent::Startup, Tier::Digest, content)
}

fn health(until: Option<i64>) -> Briefing {
    let case = HealthCase {
        issue: HealthIssue::FeedBlind { feed: Feed::Rss },
        since: at(0),
        until: until.map(at),
        detail: "rss has not answered for 11 min (connection refused); the changelog still sees every event".to_owned(),
    };
    briefing(NoticeEvent::Health, Tier::Alert, Content::Health { cases: vec![case], others: Vec::new() })
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

fn unwatched() -> Briefing {
    let watches = vec![watch("acme-billing"), watch("acme-ledger")];
    briefing(NoticeEvent::Unwatched, Tier::Alert, Content::Unwatched { watches, closed: 1 })
}

#[test]
fn a_registration_as_mail_text() {
    assert_snapshot!(mail(&registered(vec![torchtriton()])).text, @r#"
    PAGE: registered on PyPI, for ML platform

        pip would take it
        torchtriton was registered on PyPI: your internal name

    YES: its 3.0.0 beats your 2.0.0.dev20221230. pip with an extra index
    takes the highest version, whoever published it.

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
         harm. If it is harmless, say so instead:
         namewarden findings suppress nw-417.

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
      Page               https://pypi.example/project/torchtriton/

    -- 
    Seen so far: every event to serial 16282410, 14 s ago.
    From watch-1.acme.example (production) to ML platform at 2022-12-25
    22:05:31 UTC; notice 0123456789abcdef0123456789abcdef.
    "#);
}

#[test]
#[expect(clippy::too_many_lines, reason = "the snapshot is the test")]
fn a_registration_as_html() {
    assert_snapshot!(mail(&registered(vec![torchtriton()])).html, @r##"
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width,initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <meta name="supported-color-schemes" content="light dark">
    <meta name="format-detection" content="telephone=no,date=no,address=no,email=no,url=no">
    <title>[page] pip would take torchtriton: your internal name (nw-417)</title>
    <style>
    :root { color-scheme: light dark; supported-color-schemes: light dark; }
    @media (prefers-color-scheme: dark) {
    .ground { background: #141414 !important; }
    .sheet { background: #212121 !important; border-color: #3d3d3d !important; }
    .text { color: #ececea !important; }
    .dim { color: #b4b4ae !important; }
    .rule { border-color: #3d3d3d !important; }
    .code { background: #363632 !important; color: #ffffff !important; }
    .link { color: #8fc5ff !important; }
    }
    @media (max-width: 480px) {
    .cell { padding-left: 14px !important; padding-right: 14px !important; }
    .label { display: block !important; width: auto !important; padding-bottom: 0 !important; }
    .value { display: block !important; padding-top: 0 !important; }
    }
    </style>
    </head>
    <body class="ground" style="margin:0;padding:0;background:#f4f4f2">
    <div style="display:none;max-height:0;overflow:hidden;font-size:1px;line-height:1px;color:#f4f4f2;mso-hide:all">YES: its 3.0.0 beats your 2.0.0.dev20221230. pip with an extra index takes the highest version, whoever published it. namewarden findings ack nw-417</div>
    <table role="presentation" class="ground" width="100%" border="0" cellspacing="0" cellpadding="0" bgcolor="#f4f4f2" style="background:#f4f4f2">
    <tr><td align="center" style="padding:12px 8px">
    <!--[if mso]><table role="presentation" width="640" border="0" cellspacing="0" cellpadding="0"><tr><td><![endif]-->
    <table role="presentation" class="sheet" width="100%" border="0" cellspacing="0" cellpadding="0" bgcolor="#ffffff" style="max-width:640px;background:#ffffff;border:1px solid #d8d8d4;text-align:left;font-family:-apple-system,'Segoe UI',Helvetica,Arial,sans-serif">
    <tr><td class="cell" bgcolor="#b3261e" style="background:#b3261e;padding:12px 22px 14px;color:#ffffff">
    <p style="margin:0;font-size:13px;line-height:1.4;font-weight:bold;color:#ffffff">PAGE: registered on PyPI, for ML platform</p>
    <h1 style="margin:4px 0 2px;font-size:27px;line-height:1.2;font-weight:bold;color:#ffffff">pip would take it</h1>
    <p style="margin:0;font-size:17px;line-height:1.4;color:#ffffff;overflow-wrap:anywhere;word-break:break-word"><b style="font-family:Menlo,Consolas,monospace">torchtriton</b> was registered on PyPI: your internal name</p>
    </td></tr>
    <tr><td class="cell text" style="padding:12px 22px 0;font-size:15px;line-height:1.45;color:#1c1c1a">
    <p style="margin:0 0 8px;overflow-wrap:anywhere;word-break:break-word">YES: its <code class="code" style="background:#eeeeea;padding:1px 3px;font-family:Menlo,Consolas,monospace;font-size:14px;white-space:nowrap">3.0.0</code> beats your <code class="code" style="background:#eeeeea;padding:1px 3px;font-family:Menlo,Consolas,monospace;font-size:14px;white-space:nowrap">2.0.0.dev20221230</code>. pip with an extra index takes the highest version, whoever published it.</p>
    </td></tr>
    <tr><td class="cell text" style="padding:6px 22px 4px;font-size:15px;line-height:1.45;color:#1c1c1a">
    <p style="margin:0 0 4px;font-weight:bold">Answer with</p>
    <table role="presentation" width="100%" border="0" cellspacing="0" cellpadding="0"><tr><td class="code" bgcolor="#eeeeea" style="background:#eeeeea;padding:9px 12px;font-family:Menlo,Consolas,monospace;font-size:15px;line-height:1.4;color:#1c1c1a;overflow-wrap:anywhere;word-break:break-word;-webkit-user-select:all;user-select:all">namewarden findings ack nw-417</td></tr></table>
    <p class="dim" style="margin:4px 0 0;font-size:13px;color:#62625c">On watch-1.acme.example (production). Reminders stop then, a worsening still alerts.</p>
    </td></tr>
    <tr><td class="cell text" style="padding:12px 22px 0;font-size:15px;line-height:1.45;color:#1c1c1a">
    <p style="margin:0 0 4px;font-weight:bold">What to do now</p>
    <ol style="margin:0;padding:0 0 0 22px">
    <li style="margin:0 0 6px;overflow-wrap:anywhere;word-break:break-word">Pin the index: install <code class="code" style="background:#eeeeea;padding:1px 3px;font-family:Menlo,Consolas,monospace;font-size:14px;white-space:nowrap">torchtriton</code> from <code class="code" style="background:#eeeeea;padding:1px 3px;font-family:Menlo,Consolas,monospace;font-size:14px">https://download.acme.example/whl/nightly</code> only. pip: <code class="code" style="background:#eeeeea;padding:1px 3px;font-family:Menlo,Consolas,monospace;font-size:14px;white-space:nowrap">--index-url</code>, never <code class="code" style="background:#eeeeea;padding:1px 3px;font-family:Menlo,Consolas,monospace;font-size:14px;white-space:nowrap">--extra-index-url</code>; uv: <code class="code" style="background:#eeeeea;padding:1px 3px;font-family:Menlo,Consolas,monospace;font-size:14px;white-space:nowrap">explicit = true</code> on the index and <code class="code" style="background:#eeeeea;padding:1px 3px;font-family:Menlo,Consolas,monospace;font-size:14px;white-space:nowrap">[tool.uv.sources]</code>.</li>
    <li style="margin:0 0 6px;overflow-wrap:anywhere;word-break:break-word">Block it from PyPI in the proxy or mirror, and clear its files from caches. Search the download logs since 2022-12-25 22:05:11 UTC: a machine that installed it is compromised, so rotate what it could read.</li>
    <li style="margin:0 0 6px;overflow-wrap:anywhere;word-break:break-word">Report <code class="code" style="background:#eeeeea;padding:1px 3px;font-family:Menlo,Consolas,monospace;font-size:14px;white-space:nowrap">torchtriton</code> to PyPI (&#34;Report project as malware&#34; on its page) as <code class="code" style="background:#eeeeea;padding:1px 3px;font-family:Menlo,Consolas,monospace;font-size:14px">is_dependency_confusion</code>, or as malware if its files do harm. If it is harmless, say so instead: <code class="code" style="background:#eeeeea;padding:1px 3px;font-family:Menlo,Consolas,monospace;font-size:14px">namewarden findings suppress nw-417</code>.</li>
    </ol>
    </td></tr>
    <tr><td class="cell text" style="padding:14px 22px 0;font-size:15px;line-height:1.45;color:#1c1c1a">
    <p class="rule" style="margin:0 0 4px;padding-top:10px;border-top:1px solid #d8d8d4;font-size:16px;font-weight:bold;overflow-wrap:anywhere;word-break:break-word"><a class="link" href="https://pypi.example/project/torchtriton/" rel="noreferrer" style="color:#1c4e80">torchtriton (nw-417)</a></p>
    <table width="100%" border="0" cellspacing="0" cellpadding="0">
    <tr><th class="label dim" scope="row" width="130" align="left" valign="top" style="width:130px;padding:3px 10px 3px 0;font-size:14px;font-weight:normal;color:#62625c">Would pip take it</th><td class="value text" valign="top" style="padding:3px 0;font-size:14px;color:#1c1c1a;overflow-wrap:anywhere;word-break:break-word">YES: its <code class="code" style="background:#eeeeea;padding:1px 3px;font-family:Menlo,Consolas,monospace;font-size:14px;white-space:nowrap">3.0.0</code> beats your <code class="code" style="background:#eeeeea;padding:1px 3px;font-family:Menlo,Consolas,monospace;font-size:14px;white-space:nowrap">2.0.0.dev20221230</code>. pip with an extra index takes the highest version, whoever published it.</td></tr>
    <tr><th class="label dim" scope="row" width="130" align="left" valign="top" style="width:130px;padding:3px 10px 3px 0;font-size:14px;font-weight:normal;color:#62625c">Other installers</th><td class="value text" valign="top" style="padding:3px 0;font-size:14px;color:#1c1c1a;overflow-wrap:anywhere;word-break:break-word">Yes: pip --pre, uv unsafe-best-match, Poetry, Poetry (yours supplemental). No: uv, Poetry (yours first).</td></tr>
    <tr><th class="label dim" scope="row" width="130" align="left" valign="top" style="width:130px;padding:3px 10px 3px 0;font-size:14px;font-weight:normal;color:#62625c">Your name</th><td class="value text" valign="top" style="padding:3px 0;font-size:14px;color:#1c1c1a;overflow-wrap:anywhere;word-break:break-word"><code class="code" style="background:#eeeeea;padding:1px 3px;font-family:Menlo,Consolas,monospace;font-size:14px;white-space:nowrap">torchtriton</code> (owner ml, internal version <code class="code" style="background:#eeeeea;padding:1px 3px;font-family:Menlo,Consolas,monospace;font-size:14px;white-space:nowrap">2.0.0.dev20221230</code>, resolved from <code class="code" style="background:#eeeeea;padding:1px 3px;font-family:Menlo,Consolas,monospace;font-size:14px">https://download.acme.example/whl/nightly</code>, in use since 2021-03-01)</td></tr>
    <tr><th class="label dim" scope="row" width="130" align="left" valign="top" style="width:130px;padding:3px 10px 3px 0;font-size:14px;font-weight:normal;color:#62625c">Why</th><td class="value text" valign="top" style="padding:3px 0;font-size:14px;color:#1c1c1a;overflow-wrap:anywhere;word-break:break-word">torchtriton is your name torchtriton, letter by letter (rule exact, score 100)</td></tr>
    <tr><th class="label dim" scope="row" width="130" align="left" valign="top" style="width:130px;padding:3px 10px 3px 0;font-size:14px;font-weight:normal;color:#62625c">Registered</th><td class="value text" valign="top" style="padding:3px 0;font-size:14px;color:#1c1c1a;overflow-wrap:anywhere;word-break:break-word">2022-12-25 22:05:11 UTC, seen 19 s later</td></tr>
    <tr><th class="label dim" scope="row" width="130" align="left" valign="top" style="width:130px;padding:3px 10px 3px 0;font-size:14px;font-weight:normal;color:#62625c">Published by</th><td class="value text" valign="top" style="padding:3px 0;font-size:14px;color:#1c1c1a;overflow-wrap:anywhere;word-break:break-word"><code class="code" style="background:#eeeeea;padding:1px 3px;font-family:Menlo,Consolas,monospace;font-size:14px;white-space:nowrap">mallory</code> (not one of ours)</td></tr>
    <tr><th class="label dim" scope="row" width="130" align="left" valign="top" style="width:130px;padding:3px 10px 3px 0;font-size:14px;font-weight:normal;color:#62625c">Versions</th><td class="value text" valign="top" style="padding:3px 0;font-size:14px;color:#1c1c1a;overflow-wrap:anywhere;word-break:break-word"><code class="code" style="background:#eeeeea;padding:1px 3px;font-family:Menlo,Consolas,monospace;font-size:14px;white-space:nowrap">3.0.0</code>, first upload 2022-12-25 22:05:18 UTC</td></tr>
    <tr><th class="label dim" scope="row" width="130" align="left" valign="top" style="width:130px;padding:3px 10px 3px 0;font-size:14px;font-weight:normal;color:#62625c">Summary</th><td class="value text" valign="top" style="padding:3px 0;font-size:14px;color:#1c1c1a;overflow-wrap:anywhere;word-break:break-word">&#34;Triton kernels. Get it at https[:]//evil[.]example/x&#34;</td></tr>
    <tr><th class="label dim" scope="row" width="130" align="left" valign="top" style="width:130px;padding:3px 10px 3px 0;font-size:14px;font-weight:normal;color:#62625c">Author</th><td class="value text" valign="top" style="padding:3px 0;font-size:14px;color:#1c1c1a;overflow-wrap:anywhere;word-break:break-word">&#34;Some One &#60;some@evil[.]example&#62;&#34;</td></tr>
    </table>
    </td></tr>
    <tr><td class="cell dim" style="padding:14px 22px 14px;font-size:12px;line-height:1.45;color:#62625c">
    <p class="rule" style="margin:0;padding-top:8px;border-top:1px solid #d8d8d4;overflow-wrap:anywhere;word-break:break-word">Seen so far: every event to serial 16282410, 14 s ago.<br>From watch-1.acme.example (production) to ML platform at 2022-12-25 22:05:31 UTC; notice 0123456789abcdef0123456789abcdef.</p>
    </td></tr>
    </table>
    <!--[if mso]></td></tr></table><![endif]-->
    </td></tr>
    </table>
    </body>
    </html>
    "##);
}

/// A message as Slack shows it, a line an element: code in backticks, bold in asterisks.
fn drawn(payload: &serde_json::Value) -> String {
    let blocks = payload["blocks"].as_array().expect("blocks");
    let lines = blocks.iter().map(|block| format!("{}: {}", block["type"].as_str().unwrap_or_default(), shown(block)));
    lines.collect::<Vec<_>>().join("\n")
}

fn shown(value: &serde_json::Value) -> String {
    let all = |key: &str| value[key].as_array().map(|values| values.iter().map(shown).collect::<String>());
    if let Some(elements) = all("elements") {
        return if value["type"] == "rich_text_preformatted" { format!("\n[{elements}]") } else { elements };
    }
    let Some(text) = value["text"].as_str() else { return value.get("text").map(shown).unwrap_or_default() };
    let text = if value["style"]["code"] == true { format!("`{text}`") } else { text.to_owned() };
    let text = if value["style"]["bold"] == true { format!("*{text}*") } else { text };
    value["url"].as_str().map_or(text.clone(), |url| format!("{text} -> {url}"))
}

#[test]
fn a_registration_in_slack() {
    let mention = "<!here>".parse().expect("a mention");
    let payload = slack(&registered(vec![torchtriton()]), Some(&mention));
    assert_snapshot!(drawn(&payload), @r#"
    header: 🔴 PAGE: pip would take it
    section: <!here>
    rich_text: *`torchtriton`** was registered on PyPI: your internal name*
    YES: its `3.0.0` beats your `2.0.0.dev20221230`. pip with an extra index takes the highest version, whoever published it.
    rich_text: *Answer with: *On `watch-1.acme.example (production)`. Reminders stop then, a worsening still alerts.
    [namewarden findings ack nw-417]
    rich_text: *What to do now*
    1. Pin the index: install `torchtriton` from `https://download.acme.example/whl/nightly` only. pip: `--index-url`, never `--extra-index-url`; uv: `explicit = true` on the index and `[tool.uv.sources]`.
    2. Block it from PyPI in the proxy or mirror, and clear its files from caches. Search the download logs since 2022-12-25 22:05:11 UTC: a machine that installed it is compromised, so rotate what it could read.
    3. Report `torchtriton` to PyPI ("Report project as malware" on its page) as `is_dependency_confusion`, or as malware if its files do harm. If it is harmless, say so instead: `namewarden findings suppress nw-417`.
    divider: 
    rich_text: *`torchtriton`** (nw-417)*  its page on PyPI -> https://pypi.example/project/torchtriton/
    *Would pip take it: *YES: its `3.0.0` beats your `2.0.0.dev20221230`. pip with an extra index takes the highest version, whoever published it.
    *Other installers: *Yes: pip --pre, uv unsafe-best-match, Poetry, Poetry (yours supplemental). No: uv, Poetry (yours first).
    *Your name: *`torchtriton` (owner ml, internal version `2.0.0.dev20221230`, resolved from `https://download.acme.example/whl/nightly`, in use since 2021-03-01)
    *Why: *torchtriton is your name torchtriton, letter by letter (rule exact, score 100)
    *Registered: *2022-12-25 22:05:11 UTC, seen 19 s later
    *Published by: *`mallory` (not one of ours)
    *Versions: *`3.0.0`, first upload 2022-12-25 22:05:18 UTC
    *Summary: *"Triton kernels. Get it at https[:]//evil[.]example/x"
    *Author: *"Some One ‹some@evil[.]example›"
    context: Seen so far: every event to serial 16282410, 14 s ago. From watch-1.acme.example (production) to ML platform at 2022-12-25 22:05:31 UTC; notice 0123456789abcdef0123456789abcdef.
    "#);
    assert_snapshot!(payload["text"].as_str().unwrap_or_default(), @"
    [page] pip would take torchtriton: your internal name (nw-417)
    YES: its 3.0.0 beats your 2.0.0.dev20221230. pip with an extra index takes the highest version, whoever published it.
    namewarden findings ack nw-417
    ");
}

/// The shape, to the letter.
#[test]
fn the_test_alert_in_slack() {
    let payload = slack(&briefing(NoticeEvent::Test, Tier::Digest, Content::Proof { overview: None }), None);
    assert_snapshot!(serde_json::to_string_pretty(&payload).unwrap(), @r#"
    {
      "blocks": [
        {
          "text": {
            "emoji": false,
            "text": "🔵 DIGEST: This channel works",
            "type": "plain_text"
          },
          "type": "header"
        },
        {
          "elements": [
            {
              "elements": [
                {
                  "style": {
                    "bold": true
                  },
                  "text": "An alert reaches ML platform this way",
                  "type": "text"
                },
                {
                  "text": "\n",
                  "type": "text"
                },
                {
                  "text": "This is a test alert, sent by hand: there is nothing to do. It took the way that a real alert takes, and says nothing about your names.",
                  "type": "text"
                }
              ],
              "type": "rich_text_section"
            }
          ],
          "type": "rich_text"
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
      "text": "[digest] namewarden test alert: this channel works\nThis is a test alert, sent by hand: there is nothing to do. It took the way that a real alert takes, and says nothing about your names.",
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
    ␛[1;31m[page] pip would take 1 of 2 names registered on PyPI, first torchtriton: your internal name (nw-417)␛[0m

    PAGE: registered on PyPI, for ML platform

        ␛[1mpip would take 1 of 2␛[0m
        First torchtriton: your internal name

    YES: its 3.0.0 beats your 2.0.0.dev20221230. pip with an extra index
    takes the highest version, whoever published it.

    ␛[1mAnswer with␛[0m
        namewarden findings ack nw-417 nw-417
      On watch-1.acme.example (production). Reminders stop then, a worsening
      still alerts.

    ␛[1mWhat to do now␛[0m
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
         harm. If it is harmless, say so instead:
         namewarden findings suppress nw-417.

    ␛[1mtorchtriton (nw-417)␛[0m
      ␛[2mWould pip take it  ␛[0mYES: its 3.0.0 beats your 2.0.0.dev20221230. pip
                         with an extra index takes the highest version,
                         whoever published it.
      ␛[2mOther installers   ␛[0mYes: pip --pre, uv unsafe-best-match, Poetry,
                         Poetry (yours supplemental). No: uv, Poetry (yours
                         first).
      ␛[2mYour name          ␛[0mtorchtriton (owner ml, internal version
                         2.0.0.dev20221230, resolved from
                         https://download.acme.example/whl/nightly, in use
                         since 2021-03-01)
      ␛[2mAlso concerns      ␛[0mtriton (owner ml)
      ␛[2mWhy                ␛[0mtorchtriton is your name torchtriton, letter by
                         letter (rule exact, score 100)
      ␛[2mRegistered         ␛[0m2022-12-25 22:05:11 UTC, seen 19 s later
      ␛[2mPublished by       ␛[0mmallory (not one of ours)
      ␛[2mVersions           ␛[0m3.0.0, first upload 2022-12-25 22:05:18 UTC
      ␛[2mSummary            ␛[0m"Triton kernels. Get it at
                         https[:]//evil[.]example/x"
      ␛[2mAuthor             ␛[0m"Some One <some@evil[.]example>"
      ␛[2mPage               ␛[0mhttps://pypi.example/project/torchtriton/

    ␛[1mtorch-triton (nw-417)␛[0m
      ␛[2mIt is              ␛[0myour torchtriton with other separators
      ␛[2mPage               ␛[0mhttps://pypi.example/project/torch-triton/

    -- 
    Seen so far: every event to serial 16282410, 14 s ago.
    From watch-1.acme.example (production) to ML platform at 2022-12-25
    22:05:31 UTC; notice 0123456789abcdef0123456789abcdef.
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

    PAGE: got worse, for ML platform

        Not known yet if pip takes it
        torchtriton: your internal name

    What changed: back from removal.

    Unknown: its releases could not be looked up. Treat it as yes until you
    have looked.

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
         harm. If it is harmless, say so instead:
         namewarden findings suppress nw-417.

    torchtriton (nw-417)
      Would pip take it  Unknown: its releases could not be looked up. Treat
                         it as yes until you have looked.
      Your name          torchtriton (owner ml, internal version
                         2.0.0.dev20221230, resolved from
                         https://download.acme.example/whl/nightly, in use
                         since 2021-03-01)
      Why                torchtriton is your name torchtriton, letter by
                         letter (rule exact, score 100)
      Registered         2022-12-25 22:05:11 UTC, seen 19 s later
      Published by       could not be looked up
      Versions           could not be looked up
      Not looked up      the registry answered 503 (will be asked again)
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
    [digest] namewarden watches 6 names: 1 already on PyPI, 2 free for anyone, for ML platform

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
         [registrants] in the inventory; if it is harmless, suppress it; if
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

fn canary(overview: Overview) -> Briefing {
    let overview = Some(Box::new(overview));
    briefing(NoticeEvent::Canary, Tier::Digest, Content::Proof { overview })
}

/// A day on which a good deal is open.
fn much() -> Overview {
    let project = ProjectName::parse("torchtriton").expect("valid");
    let oldest = Some(Unacknowledged { project, id: None, since: at(-260_000) });
    let issue = HealthIssue::FeedBlind { feed: Feed::Changelog };
    let waiting = Waiting { channel: Channel::Email, messages: 3, since: at(-4_000), last_error: None };
    Overview {
        pages: Open { cases: 2, unacknowledged: 1, oldest },
        weak: 12,
        unanswered: 1,
        waiting: vec![waiting],
        issues: vec![HealthCase { issue, since: at(-700), until: None, detail: "no answer".to_owned() }],
        blind: vec![Blind { what: "feed-blind:rss".to_owned(), from: at(-9_000), to: at(-8_000) }],
        ..Overview::default()
    }
}

#[test]
fn the_daily_proof_is_no_all_clear() {
    let mail = mail(&canary(much()));
    assert_snapshot!(format!("{}\n\n{}", mail.subject, mail.text), @"
    [digest] namewarden canary: this channel works; 1 page overdue, 2 pages open, 1 channel behind, 1 health case

    DIGEST: daily proof, for ML platform

        This channel works
        And how the watch stands: 1 page overdue, 2 pages open, 1 channel
        behind, 1 health case

    This is the daily proof that an alert reaches you: it went through the
    same matcher, store and channel as a real one. If it stops coming, the
    watch is broken.

    It is no all-clear. Below is how the whole watch stands, for all owners.

    See it with
        namewarden status
      On watch-1.acme.example (production). The cases:
      namewarden findings list.

    How the watch stands
      Pages              2 open, 1 of them unacknowledged; the oldest is
                         torchtriton, for 3 days
      Overdue            1 page that nobody acknowledged in time
      Alerts             none open
      Weak               12 open
      Undelivered        3 messages on email, the oldest for 67 min
      Unwell             feed-blind:changelog since 2022-12-25 21:53:31 UTC
      Blind lately       feed-blind:rss from 2022-12-25 19:35:11 UTC to
                         2022-12-25 19:51:51 UTC

    -- 
    Seen so far: every event to serial 16282410, 14 s ago.
    From watch-1.acme.example (production) to ML platform at 2022-12-25
    22:05:31 UTC; notice 0123456789abcdef0123456789abcdef.
    ");
}

/// One of each kind.
fn kinds() -> Vec<Briefing> {
    let mut several = vec![torchtriton()];
    several.extend(["a1", "a2", "a3"].map(|name| case(name, "torchtriton", Rule::Substitution)));
    vec![
        registered(vec![torchtriton()]),
        registered(vec![case("torchtriton", "torchtriton", Rule::Exact)]),
        registered(vec![case("torch-triton", "torchtriton", Rule::Separators)]),
        cases(NoticeEvent::Worsened, vec![two_watches()], Some("first release 3.0.0")),
        cases(NoticeEvent::Escalated, vec![torchtriton()], None),
        cases(NoticeEvent::Summary, several, Some("new owner: eve")),
        registered(vec![torchtriton(); 250]),
        cases(NoticeEvent::Ended, vec![over(FindingState::Removed, false)], Some("removed from PyPI")),
        cases(NoticeEvent::Ended, vec![over(FindingState::Ours, false); 3], None),
        lost(),
        startup(),
        unwatched(),
        health(None),
        health(Some(700)),
        canary(Overview::default()),
        briefing(NoticeEvent::Test, Tier::Digest, Content::Proof { overview: None }),
    ]
}

/// Whoever reads one part of a mail misses nothing of the other. The page numbers its steps by itself, and has the
/// project's page behind its name.
#[test]
fn text_and_page_say_the_same() {
    let words = |text: &str| -> BTreeSet<String> { text.split_whitespace().map(str::to_owned).collect() };
    for briefing in kinds() {
        let mail = mail(&briefing);
        let apart = ["<br>", "</th>", "</td>"].iter().fold(mail.html.clone(), |html, tag| html.replace(tag, " "));
        let (text, page) = (words(&mail.text), words(&hostile::words(&apart)));
        let layout =
            |word: &str| matches!(word, "--" | "Page" | "1." | "2." | "3.") || word.starts_with("https://pypi.");
        let lacking: Vec<&String> = text.difference(&page).filter(|word| !layout(word)).collect();
        assert!(lacking.is_empty(), "the page lacks {lacking:?}: {}", mail.html);
        let lacking: Vec<&String> = page.difference(&text).collect();
        assert!(lacking.is_empty(), "the text lacks {lacking:?}: {}", mail.text);
    }
}

/// A line is longer only where it could not be broken: an address, a command, a name.
#[test]
fn the_text_keeps_to_72_columns() {
    for briefing in kinds() {
        let mail = mail(&briefing);
        let long = |line: &&str| line.chars().count() > 72 && line.trim().contains(' ');
        let long: Vec<&str> = mail.text.lines().filter(long).filter(|line| !line.contains("grep -rniIE")).collect();
        assert!(long.is_empty(), "{long:?}");
    }
}

/// What a message carries is told by it, so it names each: in the longest there is, and within the limits of Slack.
#[test]
fn the_longest_message_names_every_case() {
    let name = |n: usize| format!("acme-billing-client-{n:03}");
    let all = (0..SHOWN).map(|n| case(&name(n), "acme-billing", Rule::Affix)).collect();
    let briefing = registered(all);
    let (mail, payload) = (mail(&briefing), slack(&briefing, None).to_string());
    for n in 0..SHOWN {
        for form in [&mail.text, &mail.html, &payload] {
            assert!(form.contains(&name(n)), "{} is not in {form}", name(n));
        }
    }
    assert!(!payload.contains("There is more"), "{payload}");
}

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
        super::verdict::verdict(&cases.iter().map(|case| (*case).clone()).collect::<Vec<_>>(), more)
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
    Over, and registered again
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

#[test]
fn the_daily_proof() {
    let mail = mail(&canary(Overview::default()));
    assert_snapshot!(format!("{}\n\n{}", mail.subject, mail.text), @"
    [digest] namewarden canary: this channel works; nothing is open

    DIGEST: daily proof, for ML platform

        This channel works
        And how the watch stands: nothing is open

    This is the daily proof that an alert reaches you: it went through the
    same matcher, store and channel as a real one. If it stops coming, the
    watch is broken.

    Nothing is open, nothing waits, and no feed was blind in the last week.

    -- 
    Seen so far: every event to serial 16282410, 14 s ago.
    From watch-1.acme.example (production) to ML platform at 2022-12-25
    22:05:31 UTC; notice 0123456789abcdef0123456789abcdef.
    ");
}

/// Whatever one thing is open, waits or is unwell, nothing says that nothing is.
#[test]
fn nothing_is_said_to_be_well_beside_what_is_not() {
    let much = much();
    let each = [
        Overview { pages: much.pages.clone(), ..Overview::default() },
        Overview { alerts: Open { cases: 1, ..Open::default() }, ..Overview::default() },
        Overview { weak: 1, ..Overview::default() },
        Overview { untold: 1, ..Overview::default() },
        Overview { waiting: much.waiting.clone(), ..Overview::default() },
        Overview { issues: much.issues.clone(), ..Overview::default() },
        Overview { blind: much.blind.clone(), ..Overview::default() },
    ];
    for overview in each {
        let mail = mail(&canary(overview.clone()));
        assert!(mail.text.contains("no all-clear"), "{overview:?}: {}", mail.text);
        assert!(!mail.text.contains("Nothing is") && !mail.subject.contains("nothing is open"), "{}", mail.subject);
    }
    let test = mail(&briefing(NoticeEvent::Test, Tier::Digest, Content::Proof { overview: None }));
    assert!(!test.text.contains("Nothing is") && test.text.contains("says nothing about your names"), "{}", test.text);
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

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
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

/// One is not said as several.
#[test]
fn one_watch_is_one() {
    let one = Content::Unwatched { watches: vec![watch("acme-billing")], closed: 0 };
    let text = words(&mail(&briefing(NoticeEvent::Unwatched, Tier::Alert, one)).text);
    assert!(text.contains("nothing is told about it any more. It had no open case."), "{text}");
    assert!(text.contains("put it back into the inventory; it is checked"), "{text}");
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

/// Gmail cuts a mail off at 102 KB. The longest has as many cases as a message lists, and all names of an inventory.
#[test]
fn no_page_is_cut_off() {
    let name = |n: usize| format!("{n:03}-{}", "a".repeat(210));
    let all = (0..SHOWN).map(|n| case(&name(n), "acme-billing", Rule::Affix)).collect();
    let mut first = startup();
    if let Content::Startup { watched, .. } = &mut first.content {
        *watched = (0..2_000).map(|n| (watch(&name(n)), Some(Exposure::Exposed))).collect();
    }
    for briefing in [registered(all), first] {
        let page = mail(&briefing).html;
        assert!(page.len() < 102 * 1_024, "{} bytes", page.len());
    }
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
    [page] pip would take 1 of 4 names new or worse on PyPI, first torchtriton: your internal name (nw-417)
    [digest] namewarden watches 6 names: 1 already on PyPI, 2 free for anyone, for ML platform
    [alert] 2 watches left the inventory: acme-billing, acme-ledger
    [alert] namewarden is unwell: feed-blind:rss (the rss feed has not answered for too long)
    [ended] namewarden is well again: feed-blind:rss
    [digest] namewarden canary: this channel works; nothing is open
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
        super::marks::bare(&super::pip::sentence(&case))
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
    assert_snapshot!(super::pip::others(&case).unwrap(), @"
    Yes: pip --pre, uv unsafe-best-match, Poetry, Poetry (yours supplemental). No: uv, Poetry (yours first).
    ");
    case.finding.facts.releases = Releases::default();
    assert_eq!(super::pip::others(&case), None, "nothing is known yet");
    let named = super::samples::case("torchtritom", "torchtriton", Rule::Keyboard);
    assert_eq!(super::pip::others(&named), None, "nothing of ours asks for that name");
}

/// The schema that receivers rely on: this file may gain fields, and nothing else may change in it.
#[test]
fn the_webhook_body_is_frozen() {
    let expected: serde_json::Value =
        serde_json::from_str(include_str!("../../tests/fixtures/alert-webhook-v1.json")).unwrap();
    assert_eq!(webhook(&registered(vec![torchtriton()])), expected);
}

#[test]
fn the_webhook_tells_every_kind() {
    let startup = webhook(&startup());
    assert_eq!(startup["type"], "watch.startup");
    assert_eq!(startup["data"]["startup"]["watched"][1]["exposure"], "exposed");
    assert_eq!(startup["data"]["cases"][0]["state"], "pre-existing");
    let health = webhook(&health(None));
    assert_eq!(health["data"]["health"][0]["issue"], "feed-blind:rss");
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
        mail(&Briefing { content: Content::Cases { cases, omitted: 10, change: None }, ..briefing }).subject
    };
    let look_alike = case("torch-triton", "torchtriton", Rule::Separators);
    assert_eq!(
        of(vec![torchtriton(), look_alike]),
        "[page] pip would take 1 of 12 names registered on PyPI, first torchtriton: your internal name (nw-417)"
    );
}

/// What was seen around a case, in all forms, and no word of a stranger's passes for ours.
#[test]
fn context_is_told_with_its_weight_and_what_it_made_of_the_tier() {
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
        "torchtritn, another look-alike of torchtriton, was registered within the hour (8 bits)",
        "its version 99.0+evil[.]example was made to win (8 bits)",
        "mal\\u{202e}lory, who holds it, holds torch-triton too (8 bits)",
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
