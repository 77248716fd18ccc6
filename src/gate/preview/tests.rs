//! Sums of rulings, and the rule as it is proposed.

use super::*;
use crate::gate::exemption::Approved;
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

#[test]
fn a_rule_that_makes_no_sense_is_one_of_a_hundred_years() {
    for (seconds, days) in [(i64::MAX, 36_500), (i64::MIN, 0), (86_400, 1)] {
        let rules = AgeRules::from(ProposedAges { file: seconds, project: seconds, freeze: None });
        assert_eq!((rules.file, rules.project), (TimeDelta::days(days), TimeDelta::days(days)));
        assert!(Time::MAX_UTC.checked_sub_signed(rules.file).is_some());
    }
}
