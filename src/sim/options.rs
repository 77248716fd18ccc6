//! How the simulator serves its world: what PyPI does, and what tests ask for instead.

use std::time::Duration;

/// How the simulator serves its world.
#[derive(Clone, Debug)]
pub struct Options {
    /// The port on loopback; 0 takes a free one.
    pub port: u16,
    /// Events in one changelog page. PyPI: 50,000.
    pub page_cap: usize,
    /// XML-RPC calls per hour and simulator; refused calls count too. PyPI: 3600.
    pub xmlrpc_quota: u32,
    /// How long a rendered index is served before it is rendered again. PyPI: up to 35 minutes; here none, unless asked.
    pub index_lag: Duration,
    /// How late an answer is under the fault `Latency`.
    pub latency: Duration,
    /// How late an answer is under the faults `XmlrpcSlow` and `JsonSlow`.
    pub slowness: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            port: 0,
            page_cap: 50_000,
            xmlrpc_quota: 3600,
            index_lag: Duration::ZERO,
            latency: Duration::from_millis(300),
            slowness: Duration::from_secs(8),
        }
    }
}
