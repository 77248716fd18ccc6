//! Trusted publishers register, wait, and become publishers of a project.

use chrono::TimeDelta;

use super::publishers::Pending;
use super::{Refusal, World};
use crate::model::{ProjectName, Time};

impl World {
    /// A user registers a publisher for a project that is not there, in the web form: up to three at once, and none for
    /// a name that could not be registered.
    ///
    /// # Errors
    /// As the form would say.
    pub fn register_publisher(&mut self, pending: Pending) -> Result<(), Refusal> {
        self.free(&pending.display)?;
        self.expire_publishers(pending.registered);
        let theirs = self.publishers.pending.iter().filter(|known| known.user == pending.user).count();
        // Organizations have no such limit in the code (`manage/views/organizations.py`).
        if pending.organization.is_none() && theirs >= self.policy.pending_publishers {
            return Err(Refusal::TooManyPublishers(pending.user));
        }
        self.publishers.pending.push(pending);
        Ok(())
    }

    /// What is older than 30 days is gone (`oidc/tasks.py`).
    pub fn expire_publishers(&mut self, now: Time) {
        let life = TimeDelta::days(self.policy.pending_publisher_days);
        self.publishers.pending.retain(|pending| now - pending.registered < life);
    }

    /// Whoever waits for a name that somebody else has just registered, or one too similar, waits no longer.
    pub(super) fn drop_publishers(&mut self, created: &ProjectName, creator: Option<&str>) {
        let form = created.ultranormal();
        let same = |display: &str| ProjectName::parse(display).is_ok_and(|name| name.ultranormal() == form);
        self.publishers.pending.retain(|pending| Some(pending.user.as_str()) == creator || !same(&pending.display));
    }

    /// The pending publisher of this subject becomes one of its project, which is created without a file.
    ///
    /// # Errors
    /// When the name cannot be registered any more.
    pub fn reify(&mut self, pending: &Pending, at: Time) -> Result<ProjectName, Refusal> {
        match &pending.organization {
            Some(organization) => self.create_for_organization(&pending.display, organization, at)?,
            None => self.create(&pending.display, &pending.user, at)?,
        };
        let name = ProjectName::parse(&pending.display)?;
        self.publishers.pending.retain(|known| known != pending);
        self.publishers.standing.entry(pending.subject.clone()).or_default().insert(name.clone());
        Ok(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pending(display: &str, user: &str, day: i64) -> Pending {
        let registered = chrono::DateTime::from_timestamp(day * 86_400, 0).expect("in range");
        Pending {
            subject: format!("repo:{display}"),
            display: display.into(),
            user: user.into(),
            organization: None,
            registered,
        }
    }

    fn waiting(world: &World) -> Vec<&str> {
        world.publishers.pending.iter().map(|pending| pending.display.as_str()).collect()
    }

    #[test]
    fn three_wait_for_thirty_days_and_reserve_nothing() {
        let mut world = World::default();
        for name in ["one", "two", "three"] {
            world.register_publisher(pending(name, "me", 0)).expect("room");
        }
        assert_eq!(world.register_publisher(pending("four", "me", 29)), Err(Refusal::TooManyPublishers("me".into())));
        world.register_publisher(pending("0ne", "you", 1)).expect("nothing is reserved");
        world.create("One", "me", Time::default()).expect("free");
        assert_eq!(waiting(&world), ["one", "two", "three"], "their own stays, the other's is gone");
        world.register_publisher(pending("four", "me", 30)).expect("the first three are gone");
        assert_eq!(waiting(&world), ["four"]);
    }
}
