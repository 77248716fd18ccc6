//! The dashboard as messages speak of it: the addresses of its pages. None of them grants anything, so that a message may
//! carry them wherever it goes: whoever follows one signs in first.

use chrono::SecondsFormat;
use url::form_urlencoded::Serializer;

use super::{CaseId, OwnerId, ProjectName, Time};

/// Where people reach the dashboard, as the configuration says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dashboard {
    /// `https://watch.acme.example`, without a slash at its end.
    base: String,
}

impl Dashboard {
    /// `base`: an origin, `https://watch.acme.example`.
    pub fn new(base: &str) -> Self {
        Self { base: base.trim_end_matches('/').to_owned() }
    }

    /// Its first page: how the whole watch stands.
    pub fn overview(&self) -> String {
        format!("{}/", self.base)
    }

    /// The page of one case.
    pub fn case(&self, id: CaseId) -> String {
        format!("{}/findings/{id}", self.base)
    }

    /// The cases of an owner that are not closed.
    pub fn cases(&self, owner: &OwnerId) -> String {
        self.asked("/findings", &[("owner", &owner.0)])
    }

    /// How the names of an owner stand.
    pub fn names(&self, owner: &OwnerId) -> String {
        self.asked("/inventory", &[("owner", &owner.0)])
    }

    /// The claims of a name.
    pub fn claim(&self, name: &ProjectName) -> String {
        format!("{}/claims/of/{name}", self.base)
    }

    /// What is wrong with the watch itself.
    pub fn health(&self) -> String {
        format!("{}/health", self.base)
    }

    /// The report from this moment until the page is opened; `None`: of all owners.
    pub fn report(&self, owner: Option<&OwnerId>, since: Time) -> String {
        let since = since.to_rfc3339_opts(SecondsFormat::Secs, true);
        let owner = owner.map(|owner| ("owner", owner.0.as_str()));
        let fields: Vec<(&str, &str)> = owner.into_iter().chain([("since", since.as_str()), ("show", "yes")]).collect();
        self.asked("/reports", &fields)
    }

    fn asked(&self, path: &str, fields: &[(&str, &str)]) -> String {
        let fields = Serializer::new(String::new()).extend_pairs(fields).finish();
        format!("{}{path}?{fields}", self.base)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_stands_in_an_address_as_it_is_spelled() {
        let dashboard = Dashboard::new("https://watch.acme.example/");
        assert_eq!(dashboard.overview(), "https://watch.acme.example/");
        assert_eq!(dashboard.case(CaseId(417)), "https://watch.acme.example/findings/nw-417");
        let odd = OwnerId("r&d =x".into());
        assert_eq!(dashboard.cases(&odd), "https://watch.acme.example/findings?owner=r%26d+%3Dx");
        let since = Time::UNIX_EPOCH;
        assert_eq!(
            dashboard.report(Some(&odd), since),
            "https://watch.acme.example/reports?owner=r%26d+%3Dx&since=1970-01-01T00%3A00%3A00Z&show=yes"
        );
        assert!(!dashboard.report(None, since).contains("owner"));
    }
}
