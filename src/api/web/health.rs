//! The one page for everybody: it says that a daemon answers, and nothing of what it knows.

/// For load balancers and their kind.
pub(super) const PATH: &str = "/healthz";

pub(super) async fn healthz() -> &'static str {
    "ok\n"
}
