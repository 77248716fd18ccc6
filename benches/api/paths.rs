//! What is asked for.

/// Those of whoever runs the watch.
pub(crate) const OF_ADMINS: &[&str] = &["/api/v1/users", "/api/v1/tokens", "/api/v1/audit"];

/// Forms that are sent, by whoever may, and of what.
pub(crate) const FORMS: &[(&str, Posted)] = &[
    ("/inventory/preview", Posted::TenNames),
    ("/inventory/preview", Posted::MostNames),
    ("/claims/apply/preview", Posted::Claims),
];

#[derive(Clone, Copy)]
pub(crate) enum Posted {
    /// That are not watched yet.
    TenNames,
    /// As many of them as may be sent.
    MostNames,
    /// Every one.
    Claims,
}

impl Posted {
    /// Behind the path in the table.
    pub(crate) fn called(self) -> &'static str {
        match self {
            Self::TenNames => ", ten names",
            Self::MostNames => ", 96 KiB",
            Self::Claims => "",
        }
    }
}

/// Pages of the dashboard, and the first pages of lists.
pub(crate) const PAGES: &[&str] = &[
    "/",
    "/findings",
    "/findings?owner=ledger",
    "/findings?search=deploy-",
    "/findings?search=zzzz",
    "/findings?tier=page&state=open",
    "/findings?state=closed&owner=vault&sort=newest",
    "/findings/nw-777",
    "/inventory",
    "/inventory?exposure=exposed&owner=vault",
    "/inventory?search=zzzz",
    "/inventory/lint",
    "/claims",
    "/claims/plan",
    "/claims/request",
    "/claims/of/{claim}",
    "/reports?show=yes",
    "/reports?show=yes&owner=ledger",
    "/reports?show=yes&since=2020-01-01",
    "/reports?show=yes&since=2020-01-01&owner=ledger",
    "/health",
    "/rules",
    "/metrics",
    "/api/v1/status",
    "/api/v1/glance",
    "/api/v1/coverage",
    "/api/v1/check?name=ledger-bububa1",
    "/api/v1/findings",
    "/api/v1/findings?order=urgent",
    "/api/v1/findings?owner=ledger",
    "/api/v1/findings?owner=ledger&states=resolved",
    "/api/v1/findings?search=zzzz",
    "/api/v1/findings?states=open&at_least=page",
    "/api/v1/findings/nw-777",
    "/api/v1/watches",
    "/api/v1/watches?exposure=exposed&owner=vault",
    "/api/v1/watches?exposure=taken",
    "/api/v1/watches?search=zzzz",
    "/api/v1/inventory/lint",
    "/api/v1/projects",
    "/api/v1/health",
    "/api/v1/claims",
    "/api/v1/claims/plan",
    "/api/v1/claims/request",
    "/api/v1/report",
    "/api/v1/report?owner=ledger",
    "/api/v1/report?since=2020-01-01T00:00:00Z",
];

/// To take along: all of it, and of no goal but that of memory.
pub(crate) const FILES: &[&str] = &[
    "/api/v1/report/watches",
    "/api/v1/report/cases",
    "/api/v1/report/json",
    "/api/v1/report/text",
    "/api/v1/report/html",
    "/reports/file?form=html&since=2020-01-01",
];
