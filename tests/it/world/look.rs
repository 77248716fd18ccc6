//! Looking at what came of an act: messages, findings, coverage, health.

use std::time::Duration;

use namewarden::api::status::Status;
use namewarden::cases::coverage::{Account, account};
use namewarden::config::ChangelogMode;
use namewarden::daemon;
use namewarden::model::command::FindingFilter;
use namewarden::model::{Exposure, Finding, ProjectName, WatchId};
use namewarden::registry::pypi::mode::ChangelogHealth;
use namewarden::sim::Endpoint;
use tokio::time::Instant;

use super::{PATIENCE, Told, Via, World};

/// How often a condition is looked at.
const TICK: Duration = Duration::from_millis(20);

impl World {
    /// Waits for a message that `wanted` accepts, and takes it.
    pub(crate) async fn expect(&mut self, what: &str, wanted: impl Fn(&Told) -> bool) -> Told {
        let deadline = Instant::now() + PATIENCE;
        loop {
            self.collect();
            if let Some(place) = self.unread.iter().position(&wanted) {
                let told = self.unread.remove(place);
                self.read.push(told.clone());
                return told;
            }
            self.assert_alive().await;
            assert!(Instant::now() < deadline, "no message came: {what}\nunread: {:#?}", self.subjects());
            tokio::time::sleep(TICK).await;
        }
    }

    /// A mail of this event about this project.
    pub(crate) async fn expect_mail(&mut self, event: &str, project: &str) -> Told {
        self.expect(&format!("a mail, {event} {project}"), |told| told.via == Via::Mail && told.is(event, project))
            .await
    }

    /// Slack, which shows only its text.
    pub(crate) async fn expect_slack(&mut self, text: &str) -> Told {
        self.expect(&format!("Slack: {text}"), |told| told.via == Via::Slack && told.text.contains(text)).await
    }

    pub(crate) async fn expect_hook(&mut self, event: &str, project: &str) -> Told {
        self.expect(&format!("a webhook, {event} {project}"), |told| told.via == Via::Hook && told.is(event, project))
            .await
    }

    /// A mail that the watch itself is unwell in this way; the case may be open at the end.
    pub(crate) async fn expect_unwell(&mut self, issue: &str) -> Told {
        self.issues.push(issue.to_owned());
        let text = format!("is unwell: {issue}");
        self.expect(&text, |told| told.via == Via::Mail && told.is("health", &text)).await
    }

    pub(crate) async fn expect_well(&mut self, issue: &str) -> Told {
        self.issues.retain(|known| known != issue);
        let (text, among) = (format!("is well again: {issue}"), format!("but this is over: {issue}"));
        let wanted = |told: &Told| told.is("health", &text) || told.is("health", &among);
        self.expect(&text, |told| told.via == Via::Mail && wanted(told)).await
    }

    /// Nothing at all comes of what was done until now. It is waited for as long as anything could come, and at most this
    /// long, which is for feeds that do not answer.
    pub(crate) async fn expect_silence(&mut self, most: Duration) {
        let (before, deadline) = (self.asked(), Instant::now() + most);
        while Instant::now() < deadline && !self.has_settled(before).await {
            self.assert_alive().await;
            tokio::time::sleep(TICK).await;
        }
        self.collect();
        assert!(self.unread.is_empty(), "nothing was to come, and this came: {:#?}", self.unread);
    }

    /// How often each feed has asked.
    fn asked(&self) -> [usize; 3] {
        [Endpoint::RssPackages, Endpoint::Xmlrpc, Endpoint::Index].map(|endpoint| self.sim.log().count(endpoint))
    }

    /// RSS and whichever feed carries completeness have looked twice since: what the first of the two looks saw is stored when
    /// the second begins. A look at the changelog is up to two requests. No look-up is left to make, and no message to send.
    async fn has_settled(&self, before: [usize; 3]) -> bool {
        let asked = self.asked();
        let [rss, changelog, index] = [(0, 2), (1, 4), (2, 2)].map(|(feed, more)| asked[feed] >= before[feed] + more);
        let is_whole = if self.changelog_works().await { changelog } else { index };
        let now = self.clock.now();
        let looks = self.engine().store.read(move |tx| Ok((tx.facts().due(now, 1)?, tx.facts().due_look_alike(now)?)));
        let (look, other) = looks.await.expect("the store works");
        rss && is_whole && look.is_empty() && other.is_none() && self.nothing_waits().await
    }

    async fn changelog_works(&self) -> bool {
        self.engine().settings().feeds.changelog != ChangelogMode::Off && !self.changelog_fails().await
    }

    /// Its last look failed, and that is stored.
    pub(crate) async fn changelog_fails(&self) -> bool {
        self.engine().changelog_health().await.expect("the store works") != ChangelogHealth::Working
    }

    /// Waits until this interface was asked so many times more: the look before the last of them is over.
    pub(crate) async fn until_asked(&mut self, endpoint: Endpoint, more: usize) {
        let asked = self.sim.log().count(endpoint);
        self.until("it is asked", async |world| world.sim.log().count(endpoint) >= asked + more).await;
    }

    /// The start-up message of every owner with a watch, on every channel.
    pub(super) async fn expect_greetings(&mut self) {
        let watchlist = self.engine().watchlist();
        let mut owners: Vec<_> = watchlist.inventory.watches.values().map(|watch| watch.owner.clone()).collect();
        owners.sort();
        owners.dedup();
        let channels: usize =
            owners.iter().map(|owner| watchlist.routes.channels(owner, &watchlist.inventory).len()).sum();
        drop(watchlist);
        for _ in 0..channels {
            self.expect("a greeting", |told| told.event == "startup" || told.subject.contains("namewarden watches"))
                .await;
        }
    }

    /// Waits until something holds in the world.
    pub(crate) async fn until(&mut self, what: &str, mut holds: impl AsyncFnMut(&Self) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !holds(self).await {
            self.assert_alive().await;
            assert!(Instant::now() < deadline, "it never came to be: {what}");
            tokio::time::sleep(TICK).await;
        }
    }

    pub(crate) async fn findings(&self) -> Vec<Finding> {
        let read = self.engine().store.read(|tx| tx.findings().list(&FindingFilter::default())).await;
        read.expect("the store works")
    }

    /// The cases of one project, oldest first.
    pub(crate) async fn findings_of(&self, project: &str) -> Vec<Finding> {
        let project = name(project);
        let mut found = self.engine().store.read(move |tx| tx.findings().of_project(&project)).await.expect("reads");
        found.sort_by_key(|finding| finding.seen_at);
        found
    }

    pub(crate) async fn exposure(&self, watch: &str) -> Option<Exposure> {
        let id = WatchId::name(&name(watch));
        self.engine().store.read(move |tx| tx.watches().exposure(&id)).await.expect("reads")
    }

    /// How far the watch has seen.
    pub(crate) async fn account(&self) -> Account {
        self.engine().store.read(account).await.expect("reads")
    }

    /// What `namewarden status` would say.
    pub(crate) async fn status(&self) -> Status {
        let (service, _queue) = daemon::service(self.engine(), true);
        service.status().await.expect("an answer")
    }

    /// Text forms of the open health cases.
    pub(crate) async fn unwell(&self) -> Vec<String> {
        let open = self.engine().store.read(|tx| tx.health().all_open()).await.expect("reads");
        open.iter().map(|case| case.issue.to_string()).collect()
    }

    /// The workers that are there, by name: each of them would be late in a year.
    pub(crate) fn workers(&self) -> Vec<String> {
        self.engine().beats.late(std::time::Instant::now() + Duration::from_hours(24 * 365))
    }

    /// Is this project known to the watch?
    pub(crate) async fn knows(&self, project: &str) -> bool {
        let project = name(project);
        self.engine().store.read(move |tx| tx.projects().get(&project)).await.expect("reads").is_some()
    }

    /// Messages that arrived and were not expected yet.
    pub(crate) fn unread(&mut self) -> &[Told] {
        self.collect();
        &self.unread
    }

    /// Everything that arrived since the last call.
    pub(crate) fn take(&mut self) -> Vec<Told> {
        self.collect();
        std::mem::take(&mut self.unread)
    }

    pub(super) fn subjects(&self) -> Vec<String> {
        self.unread.iter().map(|told| format!("{:?} {} {}", told.via, told.event, told.subject)).collect()
    }
}

/// A name that is valid.
pub(crate) fn name(text: &str) -> ProjectName {
    ProjectName::parse(text).expect("a valid name")
}
