//! Sums of rulings, and the rule as it is proposed.

use chrono::TimeDelta;

use super::*;
use crate::gate::exemption::Approved;
use crate::gate::policy::Binding;
use crate::gate::prior::{PriorUse, ProjectUse};
use crate::gate::ruling::Cause;

fn noon() -> Time {
    "2026-11-27T12:00:00Z".parse().expect("a time")
}

fn held(days: Option<i64>) -> Ruling {
    let until = days.map(|days| noon() + TimeDelta::days(days));
    let cause = if days.is_some() { Cause::YoungFile(noon()) } else { Cause::Undated };
    Ruling::Refuse(Hold { cause, until, then: None })
}

fn kind(rulings: &[Ruling]) -> &'static str {
    summed(rulings.to_vec()).kind()
}

#[test]
fn a_release_is_held_where_all_of_its_files_are() {
    let quarantined = Ruling::Refuse(Hold::for_good(Cause::Quarantined));
    let approved = Ruling::Approved(Approved { review: 1, until: None });
    assert_eq!(kind(&[Ruling::Admit, Ruling::Admit]), "given");
    assert_eq!(kind(&[Ruling::Admit, approved.clone()]), "approved");
    assert_eq!(kind(&[held(Some(1)), Ruling::Admit]), "partly");
    assert_eq!(kind(&[held(Some(1)), approved]), "partly");
    assert_eq!(kind(&[held(None), quarantined, Ruling::Admit]), "refused");
    let Foreseen::Held { until, why } = summed(vec![held(None), held(Some(3)), held(Some(1))]) else { panic!("held") };
    assert_eq!(until, Some(noon() + TimeDelta::days(1)), "the first that is given out");
    assert!(why.starts_with("held until 2026-11-28 12:00 UTC: uploaded "), "{why}");
    assert!(matches!(summed(vec![held(None)]), Foreseen::Held { until: None, .. }));
}

fn gadgets() -> ProjectPage {
    let file = serde_json::json!({"filename": "gadgets-1.0.tar.gz", "url": "w", "hashes": {"sha256": "ab".repeat(32)}, "upload-time": "2026-08-01T00:00:00Z"});
    let page = serde_json::json!({"name": "gadgets", "meta": {"api-version": "1.4"}, "files": [file]}).to_string();
    let (name, base) =
        (ProjectName::parse("gadgets").expect("valid"), url::Url::parse("https://index.example/").expect("an address"));
    ProjectPage::read(&name, &base, page.as_bytes()).expect("a page")
}

#[test]
fn evidence_is_that_of_now_and_asked_as_if_it_were_in_force() {
    let page = gadgets();
    let prior = PriorUse { clients: 1, used_for: TimeDelta::days(7), persons: 1, of: Arc::default() };
    let consensus = Consensus { needs: 1, mode: Mode::Observe, prior, ..Consensus::default() };
    let ages = ProposedAges { file: 7 * 86_400, project: 30 * 86_400, freeze: None };
    let (binding, malware, exemptions) = (Binding::default(), Arc::default(), Arc::default());
    let mut of =
        Policy { binding, age: AgeRules::from(ages), consensus, malware, exemptions, suspects: Arc::default() };
    let at = noon() - TimeDelta::days(40);
    let release =
        PreviewedRelease { project: page.name.clone(), version: "1.0".to_owned(), filename: None, at: Some(at) };
    let foreseen = |of: &Policy, ages| judged(&proposed(of, ages), &page, Origin::Pypi, &release, noon().into());
    assert!(
        foreseen(&of, ages).why().is_some_and(|why| why.starts_with("old enough, and new here")),
        "though observed"
    );
    // First used after it was received, as whoever received it did.
    let used = ProjectUse { firsts: vec![at], last: noon() };
    of.consensus.prior.of = Arc::new(std::collections::HashMap::from([(page.name.clone(), used)]));
    assert_eq!(foreseen(&of, ages), Foreseen::Given);
    let older = ProposedAges { project: 100 * 86_400, ..ages };
    assert!(foreseen(&of, older).is_held(), "but its age is that of then");
    assert!(!matches!(policy_now(&of, &page), Ruling::Refuse(_)));
}

fn policy_now(of: &Policy, page: &ProjectPage) -> Ruling {
    of.ruling(page, &page.files[0], noon())
}
