//! PagerDuty takes a message event by event: each is sent once, and none costs another.

use super::*;
use crate::messages::samples::case;
use crate::model::{Fate, Rule};

/// A message of several cases, and what else has no incident.
fn several(count: usize) -> Briefing {
    let mut cases: Vec<_> =
        (0..count).map(|n| case(&format!("torch-{n:02}"), "torchtriton", Rule::Substitution)).collect();
    cases[0].finding.tier = crate::model::Tier::Digest;
    registered(cases)
}

fn refusals(receipt: &Receipt) -> Vec<&str> {
    let refused = receipt.settled.iter().filter(|of| matches!(of.fate, Fate::Refused { .. }));
    refused.map(|of| of.address.as_str()).collect()
}

#[tokio::test]
async fn an_event_that_pagerduty_never_takes_costs_no_other_event() {
    const TAKEN: &str = "202\n\n{\"status\":\"success\"}";
    let receiver = Receiver::start(|_, path, body| match body {
        _ if path.contains("change") => says("404"),
        _ if body.contains("torch-02") => {
            says("400\n\n{\"status\":\"invalid event\",\"message\":\"Event object is invalid\"}")
        }
        _ => says(TAKEN),
    });
    let receipt = tell(&channels(receiver.port), &duty(), &several(5), &[]).await.expect("most are taken");
    assert_eq!((receipt.settled.len(), &receipt.left), (5, &Left::Nothing));
    let [incident, change] = refusals(&receipt)[..] else { panic!("{receipt:?}") };
    assert!(incident.starts_with("trigger torch-02@") && change.starts_with("change "), "{receipt:?}");
    assert!(receiver.requests().iter().all(|(_, body)| body.contains("\"routing_key\":\"0123456789abcdef")));
    let rows: [(Answer, &str); 6] = [
        (|_, _, _| says("400\n\n{\"message\":\"Invalid routing key\"}"), "hold"),
        (|_, _, _| says("429"), "hold"),
        (|_, _, _| says("202\n\n<html>log in"), "hold"),
        (|_, _, _| says("202\n\n{\"status\":\"throttled\"}"), "hold"),
        (|_, _, _| says("404"), "hold"),
        (|_, _, _| says("500"), "retry"),
    ];
    for (answer, meant) in rows {
        let (told, requests) = told(&duty(), answer).await;
        assert_eq!((meaning(&told).as_str(), requests.len()), (meant, 1), "{told:?}");
        assert_harmless(&told);
    }
}

/// Ten of them go out at once, and none again that was taken: not after the rest failed, nor in another process.
#[tokio::test]
async fn each_event_is_sent_once_however_often_pagerduty_fails_in_between() {
    let receiver =
        Receiver::start(|number, _, _| says(if number % 4 == 0 { "503" } else { "202\n\n{\"status\":\"success\"}" }));
    let (channels, briefing) = (channels(receiver.port), several(27));
    let (mut settled, mut attempts) = (Vec::new(), 0);
    loop {
        attempts += 1;
        assert!(attempts < 30, "{settled:?}");
        match tell(&channels, &duty(), &briefing, &settled).await {
            Ok(receipt) => {
                assert!(receipt.settled.len() <= 10, "what was taken is stored before the rest goes out");
                settled.extend(receipt.settled);
                if receipt.left == Left::Nothing {
                    break;
                }
            }
            Err(error) => assert_eq!(meaning(&Err(error)), "hold"),
        }
    }
    assert_eq!(settled.len(), 27, "26 incidents and what is weak");
    let taken = receiver.requests().len() - receiver.requests().len() / 4;
    assert_eq!(taken, 27, "each once");
    assert_eq!(outcome(&settled), Ok(None));
}
