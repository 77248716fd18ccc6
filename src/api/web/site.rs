//! What handlers share.

use std::sync::Arc;

use super::slack_app::SlackApp;
use super::windows::Windows;
use crate::access::oidc::{Hints, Provider, Ways};
use crate::access::session::Validity;
use crate::access::throttle::Throttle;
use crate::api::service::CommandService;
use crate::config::{Settings, WebSettings};
use crate::model::Time;
use crate::store::Store;

/// The state of every handler, shared by all of them.
pub struct Site {
    pub service: CommandService,
    pub(super) throttle: Throttle,
    pub(super) provider: Provider,
    /// Whoever is at the provider now.
    pub(super) ways: Ways,
    /// Whoever came from there.
    pub(super) hints: Hints,
    pub(super) windows: Windows,
    /// What came from Slack, and how it is answered.
    pub(super) slack: Arc<SlackApp>,
}

impl Site {
    pub fn new(service: CommandService) -> Arc<Self> {
        Arc::new(Self {
            service,
            throttle: Throttle::default(),
            provider: Provider::default(),
            ways: Ways::default(),
            hints: Hints::default(),
            windows: Windows::default(),
            slack: Arc::default(),
        })
    }

    /// The configuration in force now.
    pub fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.service.settings.borrow())
    }

    pub fn store(&self) -> &Store {
        &self.service.store
    }

    pub fn now(&self) -> Time {
        self.service.clock.now()
    }

    /// How long a session is good.
    pub fn validity(&self) -> Validity {
        let WebSettings { session_idle, session_length, .. } = self.settings().web;
        Validity { idle: session_idle, length: session_length }
    }
}
