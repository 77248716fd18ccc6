//! What the gate says of the project of a case, in a row: nothing, where nobody asked for it and nobody has it.

use super::marks::code;
use super::phrase::count;
use crate::model::at_gate::{GateWord, HeldAtGate, ReceivedAtGate};
use crate::model::notice::Case;

/// Who has it comes first: that cannot wait.
pub(super) fn row(case: &Case) -> Option<String> {
    let of = match case.gate.as_ref()? {
        GateWord::Silent => {
            return Some("The gate did not answer: who asked for it, or has it, is not known".to_owned());
        }
        GateWord::Says(of) => of,
    };
    let received = match of.received {
        None => Some("who received it cannot be read in its log".to_owned()),
        Some(ReceivedAtGate { clients: 0, .. }) => None,
        Some(received) => {
            let who = code(&format!("namewarden gate who {}", case.finding.project()));
            Some(format!("{}: {who}", has(received)))
        }
    };
    let said: Vec<String> = received.into_iter().chain(of.held.as_ref().map(held)).collect();
    (!said.is_empty()).then(|| said.join("; "))
}

fn has(ReceivedAtGate { clients, since }: ReceivedAtGate) -> String {
    let since = since.map(|since| format!(" since {}", since.format("%Y-%m-%d %H:%M UTC"))).unwrap_or_default();
    format!("received here by {}{since}", count(clients, "client", "clients"))
}

fn held(of: &HeldAtGate) -> String {
    let does = if of.given_out { "given out, and to be looked at" } else { "held" };
    let least = if of.more_clients { "more than " } else { "" };
    let more = match of.more {
        0 => String::new(),
        more => format!("; {} of other versions", count(more, "review is open", "reviews are open")),
    };
    format!("{does}, review {}, asked for by {least}{}{more}", of.review, count(of.clients, "client", "clients"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::samples::{at, briefing, torchtriton};
    use crate::messages::{mail, slack};
    use crate::model::Tier;
    use crate::model::at_gate::ProjectAtGate;
    use crate::model::notice::{Content, NoticeEvent};

    fn told(gate: Option<GateWord>) -> [String; 2] {
        let cases = vec![Case { gate, ..torchtriton() }];
        let of = briefing(NoticeEvent::Registered, Tier::Page, Content::Cases { cases, omitted: 0, change: None });
        let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        [flat(&mail(&of).text), flat(&slack(&of, None).to_string())]
    }

    fn says(held: Option<HeldAtGate>, received: Option<ReceivedAtGate>) -> Option<GateWord> {
        Some(GateWord::Says(ProjectAtGate { held, received }))
    }

    #[test]
    fn an_alert_says_who_has_it_and_who_waits_for_it_or_that_the_gate_did_not_answer() {
        let held = HeldAtGate { review: 17, clients: 3, more_clients: false, given_out: false, more: 0 };
        let nobody = Some(ReceivedAtGate::default());
        let two = Some(ReceivedAtGate { clients: 2, since: Some(at(0)) });
        for (gate, wanted) in [
            (says(Some(held.clone()), nobody), "held, review 17, asked for by 3 clients"),
            (says(None, two), "received here by 2 clients since 2022-12-25 22:05 UTC:"),
            (says(None, two), "namewarden gate who torchtriton"),
            (
                says(Some(HeldAtGate { given_out: true, more_clients: true, more: 2, ..held.clone() }), nobody),
                "given out, and to be looked at, review 17, asked for by more than 3 clients; 2 reviews are open of other versions",
            ),
            (says(Some(held), None), "who received it cannot be read in its log; held, review 17"),
            (Some(GateWord::Silent), "The gate did not answer"),
        ] {
            for form in told(gate.clone()) {
                assert!(form.contains(wanted), "{wanted}: {form}");
            }
        }
        for gate in [None, says(None, nobody)] {
            assert!(told(gate).iter().all(|form| !form.contains("At the gate")), "there is nothing to say");
        }
    }
}
