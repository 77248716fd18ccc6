//! Which page of the dashboard a message speaks of: addresses alone, put in before anything is rendered.

use crate::model::health::HealthIssue;
use crate::model::notice::{Case, Content};
use crate::model::report::{Audience, Report};
use crate::model::{Dashboard, OwnerId};

/// The page of the whole message, for its owner; each case gets its own. `None` where the dashboard has none, or cannot be opened.
pub(super) fn spoken_of(content: &mut Content, owner: &OwnerId, dashboard: &Dashboard) -> Option<String> {
    match content {
        Content::Cases { cases, omitted, .. } => {
            mark(cases, dashboard);
            match &cases[..] {
                [one] if *omitted == 0 => one.dashboard.clone(),
                _ => Some(dashboard.cases(owner)),
            }
        }
        Content::Startup { pre_existing, .. } => {
            mark(pre_existing, dashboard);
            Some(dashboard.names(owner))
        }
        Content::Health { cases, .. } if cases.iter().any(|case| case.issue == HealthIssue::WebClosed) => None,
        Content::Health { .. } => Some(dashboard.health()),
        Content::Claim { announced } => Some(dashboard.claim(&announced.claim.name)),
        Content::Unwatched { .. } => Some(dashboard.names(owner)),
        Content::Report { report } => Some(of_report(report, dashboard)),
        Content::Proof { .. } => Some(dashboard.overview()),
        // Each review has an address of its own there, and what was received has no page.
        Content::Reviews { .. } | Content::Recalls(_) => None,
    }
}

fn mark(cases: &mut [Case], dashboard: &Dashboard) {
    for case in cases {
        case.dashboard = case.finding.id.map(|id| dashboard.case(id));
    }
}

fn of_report(report: &Report, dashboard: &Dashboard) -> String {
    let owner = match &report.audience {
        Audience::Platform => None,
        Audience::Owner { id, .. } => Some(id),
    };
    dashboard.report(owner, report.since)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::samples::{at, case, torchtriton};
    use crate::model::Rule;
    use crate::model::health::HealthCase;

    fn page(content: &mut Content) -> Option<String> {
        spoken_of(content, &OwnerId("ml".into()), &Dashboard::new("https://watch.acme.example"))
    }

    #[test]
    fn one_case_leads_to_its_page_and_several_to_their_list() {
        let of = |cases, omitted| Content::Cases { cases, omitted, change: None };
        let own = Some("https://watch.acme.example/findings/nw-417".to_owned());
        let mut one = of(vec![torchtriton()], 0);
        assert_eq!(page(&mut one), own);
        let mut more = of(vec![torchtriton(), case("a1", "torchtriton", Rule::Substitution)], 0);
        assert_eq!(page(&mut more).as_deref(), Some("https://watch.acme.example/findings?owner=ml"));
        let Content::Cases { cases, .. } = &more else { panic!("cases") };
        assert!(cases.iter().all(|case| case.dashboard == own));
        assert_ne!(page(&mut of(vec![torchtriton()], 1)), own, "it speaks of more than is shown");
        let mut unnumbered = torchtriton();
        unnumbered.finding.id = None;
        assert_eq!(page(&mut of(vec![unnumbered], 0)), None);
    }

    #[test]
    fn what_keeps_the_dashboard_closed_leads_nowhere() {
        let of = |issue| {
            let case = HealthCase { issue, since: at(0), until: None, detail: String::new() };
            Content::Health { cases: vec![case], others: Vec::new() }
        };
        assert_eq!(page(&mut of(HealthIssue::WebClosed)), None);
        assert_eq!(page(&mut of(HealthIssue::Missed)).as_deref(), Some("https://watch.acme.example/health"));
    }

    /// Of whatever else is told: what has a page leads there, and to nothing of another owner's.
    #[test]
    fn each_kind_of_message_leads_to_what_it_speaks_of() {
        let site = |path: &str| Some(format!("https://watch.acme.example{path}"));
        let unwatched = Content::Unwatched { watches: vec![], closed: 0, ended: vec![], passed: 0, on: vec![] };
        let reviews = Content::Reviews { held: vec![], omitted: 0 };
        let recalls = Content::Recalls(crate::model::recall::Recalls { recalls: vec![], omitted: 0 });
        let rows = [
            (unwatched, site("/inventory?owner=ml")),
            (Content::Proof { overview: None }, site("/")),
            (Content::Proof { overview: Some(Box::default()) }, site("/")),
            (reviews, None),
            (recalls, None),
        ];
        for (mut content, expected) in rows {
            assert_eq!(page(&mut content), expected, "{content:?}");
        }
    }
}
