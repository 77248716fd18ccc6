//! What is said of a claim that goes on by itself.

use super::*;
use crate::model::claim::ClaimKey;
use crate::model::notice::Announced;

fn announced(minutes: Option<u64>, turn: Option<i64>) -> Briefing {
    let claim = ClaimKey { name: ProjectName::parse("acme-billing").expect("valid"), number: 2 };
    let announced = Announced { claim, minutes, turn: turn.map(at) };
    briefing(NoticeEvent::Claim, Tier::Page, Content::Claim { announced })
}

#[test]
fn what_comes_back_at_once() {
    let mail = mail(&announced(None, None));
    assert_eq!(mail.subject, "[page] acme-billing is free again and claimed back at once");
    let text = words(&mail.text);
    for wanted in ["is published now.", "namewarden claim reject acme-billing", "Nothing is to be done where it should"]
    {
        assert!(text.contains(wanted) && !text.contains("its turn comes"), "{wanted}: {text}");
    }
}

/// Nobody is told that a name is held which anybody can take until tomorrow.
#[test]
fn what_comes_back_when_its_turn_comes() {
    let briefing = announced(None, Some(80_000));
    let mail = mail(&briefing);
    assert_eq!(mail.subject, "[page] acme-billing is free again and claimed back at 2022-12-26 20:18 UTC");
    let text = words(&mail.text);
    for wanted in [
        "is published without asking again.",
        "its turn comes at 2022-12-26 20:18 UTC. Until then anybody can take it.",
        "To hold it sooner, create the project by hand",
    ] {
        assert!(text.contains(wanted) && !text.contains("published now"), "{wanted}: {text}");
    }
    assert_eq!(webhook(&briefing)["data"]["claim"]["turn"], "2022-12-26T20:18:31Z");
}

#[test]
fn what_the_configuration_publishes_after_a_window() {
    let text = words(&mail(&announced(Some(24 * 60), None)).text);
    for wanted in ["Published in 24 h unless you stop it", "Nothing is to be done where it should be published"] {
        assert!(text.contains(wanted) && !text.contains("its turn comes"), "{wanted}: {text}");
    }
    let text = words(&mail(&announced(Some(24 * 60), Some(400_000))).text);
    assert!(text.contains("as it stands, its turn comes at"), "{text}");
}
