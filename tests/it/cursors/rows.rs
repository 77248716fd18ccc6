//! What happens to the rows of each list.

use chrono::TimeDelta;
use namewarden::model::health::{HealthCase, HealthIssue};
use namewarden::model::{Actor, Channel, Event, Role, UserName};
use namewarden::store::{AuditLine, Tx, User};

use super::{List, Play};

impl Play {
    /// Of two tiers, which nothing changes.
    fn name(row: usize) -> String {
        if row.is_multiple_of(3) { format!("beta-tool-{row:02}") } else { format!("zeta-internal-{row:02}") }
    }

    fn person(row: usize) -> UserName {
        format!("user{row:02}").parse().expect("a name")
    }

    fn issue(row: usize) -> HealthIssue {
        HealthIssue::Undelivered { channel: Channel::Slack(format!("s{row:02}")).to_string() }
    }

    pub(super) async fn comes(&mut self, row: usize) {
        if self.there.contains_key(&row) {
            return;
        }
        if row.is_multiple_of(2) {
            self.bench.pass(TimeDelta::seconds(1));
        }
        let now = self.bench.now;
        let store = self.bench.store.clone();
        let label = match self.list {
            List::Newest | List::Urgent | List::Known => {
                let told = self.bench.told(&Self::name(row), Event::Created);
                self.bench.apply(vec![told]).await;
                Self::name(row)
            }
            List::Audit => {
                let detail = format!("row {row} at {now}");
                let line = AuditLine {
                    at: now,
                    by: Actor::default(),
                    action: "judge".to_owned(),
                    outcome: "done".to_owned(),
                    detail: detail.clone(),
                };
                store.write(move |tx| tx.audit().add(&line)).await.expect("written");
                detail
            }
            List::Users => {
                let name = Self::person(row);
                let user = User {
                    name: name.clone(),
                    role: Role::Viewer,
                    uid: None,
                    password: None,
                    added: now,
                    confirmed: false,
                };
                store.write(move |tx| tx.users().put(&user)).await.expect("written");
                name.to_string()
            }
            List::Health => {
                let case = HealthCase { issue: Self::issue(row), since: now, until: None, detail: "x".to_owned() };
                store.write(move |tx| tx.health().put(&case)).await.expect("written");
                Self::issue(row).to_string()
            }
        };
        self.there.insert(row, label);
    }

    /// Nothing leaves the list of what is known, nor the trail.
    pub(super) async fn goes(&mut self, row: usize) {
        if matches!(self.list, List::Known | List::Audit) {
            return;
        }
        let Some(label) = self.there.remove(&row) else { return };
        let (store, now) = (self.bench.store.clone(), self.bench.now);
        match self.list {
            List::Users => {
                let name = Self::person(row);
                store.write(move |tx| tx.users().remove(&name)).await.expect("removed");
            }
            List::Health => {
                let issue = Self::issue(row);
                let over = move |tx: &Tx<'_>| match tx.health().open(&issue)? {
                    Some(case) => tx.health().put(&HealthCase { until: Some(now), ..case }),
                    None => Ok(()),
                };
                store.write(over).await.expect("over");
            }
            // They leave a list that is narrowed to what is open.
            _ => {
                let removed = self.bench.told(&Self::name(row), Event::Removed);
                self.bench.apply(vec![removed]).await;
            }
        }
        self.all_along.remove(&label);
    }

    pub(super) async fn changes(&mut self, row: usize) {
        if !self.there.contains_key(&row) {
            return;
        }
        let store = self.bench.store.clone();
        match self.list {
            List::Newest | List::Urgent | List::Known => {
                let event = Event::RolesChanged { action: "add Owner eve".to_owned() };
                let roles = self.bench.told(&Self::name(row), event);
                self.bench.apply(vec![roles]).await;
            }
            List::Users => {
                let name = Self::person(row);
                let promote = move |tx: &Tx<'_>| match tx.users().get(&name)? {
                    Some(user) => tx.users().put(&User { role: Role::Admin, uid: Some(1000), ..user }),
                    None => Ok(()),
                };
                store.write(promote).await.expect("promoted");
            }
            List::Health => {
                let issue = Self::issue(row);
                let said = move |tx: &Tx<'_>| match tx.health().open(&issue)? {
                    Some(case) => tx.health().put(&HealthCase { detail: "said otherwise".to_owned(), ..case }),
                    None => Ok(()),
                };
                store.write(said).await.expect("said");
            }
            List::Audit => {}
        }
    }
}
