//! The same message as mail, in Slack and on a terminal.

use super::*;
use crate::messages::pagerduty;
use crate::model::AnswerLink;
use crate::model::notice::Case;

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

/// A message about one case has it beside the command, one about several beside each; what others keep has none.
#[test]
fn a_link_stands_where_its_case_is_and_in_no_other_form() {
    let linked = |case: Case, token: &str| {
        let address = format!("https://watch.acme.example/answer/{token}");
        Case { link: Some(AnswerLink::new(address)), ..case }
    };
    let one = registered(vec![linked(torchtriton(), "one")]);
    let text = mail(&one).text;
    let lines = "\n  Answer in the browser:\n    https://watch.acme.example/answer/one\n";
    assert!(text.contains(lines) && text.matches("/answer/").count() == 1, "{text}");
    let button = "<a href=\"https://watch.acme.example/answer/one\" rel=\"noreferrer\"";
    assert!(mail(&one).html.contains(button), "{}", mail(&one).html);
    let link = r#"{"text":"Answer in the browser","type":"link","url":"https://watch.acme.example/answer/one"}"#;
    assert!(slack(&one, None).to_string().contains(link), "{}", slack(&one, None));
    assert!(slack_text(&one).contains("Answer in the browser: https://watch.acme.example/answer/one"));
    let two = registered(vec![linked(torchtriton(), "one"), linked(torchtriton(), "two")]);
    for form in [mail(&two).text, mail(&two).html, slack(&two, None).to_string()] {
        let times = ["/answer/one", "/answer/two"].map(|link| form.matches(link).count());
        assert_eq!(times, [1, 1], "{form}");
    }
    let kept = [
        webhook(&one).to_string(),
        format!("{:?}", pagerduty(&one)),
        format!("{:?}", crate::messages::exec(&one, &Channel::Console)),
        serde_json::to_string(&one).expect("plain"),
        format!("{one:?}"),
    ];
    for form in kept {
        assert!(!form.contains("/answer/"), "{form}");
    }
}

/// Beside the command where the message is about one case, and beside each where it is about several; it grants nothing, so
/// that it may go wherever the message goes.
#[test]
fn a_message_leads_to_its_page_where_that_can_be_reached() {
    let page = "https://watch.acme.example/findings/nw-417";
    let on_page = Case { dashboard: Some(page.to_owned()), ..torchtriton() };
    let one = Briefing { dashboard: Some(page.to_owned()), ..registered(vec![on_page.clone()]) };
    let text = mail(&one).text;
    let lines = format!("\nOn the dashboard, for whoever has an account there:\n    {page}\n");
    assert!(text.contains(&lines) && text.matches(page).count() == 1, "{text}");
    assert!(mail(&one).html.contains(&format!("<a class=\"link\" href=\"{page}\" rel=\"noreferrer\"")));
    let link = format!(r#"{{"text":"open it","type":"link","url":"{page}"}}"#);
    assert!(slack(&one, None).to_string().contains(&link), "{}", slack(&one, None));
    assert!(slack_text(&one).contains(page));
    let [event] = &pagerduty::events(&one)[..] else { panic!("one event") };
    assert_eq!((&event.body["client_url"], &event.body["links"][1]["href"]), (&page.into(), &page.into()));
    let hook = webhook(&one);
    assert_eq!((&hook["data"]["url"], &hook["data"]["cases"][0]["url"]), (&page.into(), &page.into()));
    let facts = crate::messages::exec(&one, &Channel::Console);
    assert!(facts.environment.contains(&("NAMEWARDEN_URL", page.to_owned())));
    let list = "https://watch.acme.example/findings?owner=ml";
    let several = Briefing { dashboard: Some(list.to_owned()), ..registered(vec![on_page.clone(), on_page]) };
    for form in [mail(&several).text, mail(&several).html, slack(&several, None).to_string()] {
        assert_eq!((form.matches(page).count(), form.matches(list).count()), (2, 1), "{form}");
    }
    let ids: Vec<_> = pagerduty::events(&several).into_iter().map(|event| event.body["client_url"].clone()).collect();
    assert_eq!(ids, [page, page], "each incident leads to its own");
}

/// Whoever has no account is told all the same, and nothing that leads nowhere.
#[test]
fn without_its_address_no_message_speaks_of_the_dashboard() {
    for briefing in kinds() {
        let forms = [mail(&briefing).text, mail(&briefing).html, slack(&briefing, None).to_string()];
        for form in forms {
            assert!(!form.contains("On the dashboard"), "{form}");
        }
        assert!(pagerduty::events(&briefing).iter().all(|event| event.body["client_url"].is_null()));
    }
}

fn slack_text(briefing: &Briefing) -> String {
    crate::messages::slack_text(briefing, None).to_string()
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
         harm. If it is harmless, say so instead, and nothing more of this
         project is told but that other people take it over:
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
    <li style="margin:0 0 6px;overflow-wrap:anywhere;word-break:break-word">Report <code class="code" style="background:#eeeeea;padding:1px 3px;font-family:Menlo,Consolas,monospace;font-size:14px;white-space:nowrap">torchtriton</code> to PyPI (&#34;Report project as malware&#34; on its page) as <code class="code" style="background:#eeeeea;padding:1px 3px;font-family:Menlo,Consolas,monospace;font-size:14px">is_dependency_confusion</code>, or as malware if its files do harm. If it is harmless, say so instead, and nothing more of this project is told but that other people take it over: <code class="code" style="background:#eeeeea;padding:1px 3px;font-family:Menlo,Consolas,monospace;font-size:14px">namewarden findings suppress nw-417</code>.</li>
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
    3. Report `torchtriton` to PyPI ("Report project as malware" on its page) as `is_dependency_confusion`, or as malware if its files do harm. If it is harmless, say so instead, and nothing more of this project is told but that other people take it over: `namewarden findings suppress nw-417`.
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
         harm. If it is harmless, say so instead, and nothing more of this
         project is told but that other people take it over:
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
            |word: &str| matches!(word, "--" | "Page" | "1." | "2." | "3." | "4.") || word.starts_with("https://pypi.");
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
