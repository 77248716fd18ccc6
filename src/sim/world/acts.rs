//! What people do on PyPI, each leaving the journal entries that `warehouse` writes.

use std::sync::Arc;

use super::files::{files_of, made};
use super::project::{Project, Release, Role};
use super::{Refusal, World};
use crate::model::{ProjectName, Serial, Time, stdlib};

impl World {
    /// A user registers a name: `create`, `add Owner USER`. The project is empty until it is released.
    pub fn create(&mut self, display: &str, user: &str, at: Time) -> Result<Serial, Refusal> {
        let name = self.register(display, Some(user), at)?;
        self.life(&name)?.roles.push((Role::Owner, user.to_owned()));
        self.note(&name, None, format!("add Owner {user}"), at)
    }

    /// An organization registers a name: `create` alone, and no user has a role.
    pub fn create_for_organization(&mut self, display: &str, organization: &str, at: Time) -> Result<Serial, Refusal> {
        let name = self.register(display, None, at)?;
        self.life(&name)?.organization = Some(organization.to_owned());
        Ok(self.last_serial())
    }

    /// Uploads a first file of a version: `new release`, `add py3 file …`. The spelling given becomes the display name.
    pub fn release(&mut self, display: &str, version: &str, summary: &str, at: Time) -> Result<Serial, Refusal> {
        self.release_by(display, version, summary, None, at)
    }

    /// The same, with an `Author-Email` field.
    pub fn release_by(
        &mut self,
        display: &str,
        version: &str,
        summary: &str,
        author_email: Option<&str>,
        at: Time,
    ) -> Result<Serial, Refusal> {
        let name = self.existing(display)?;
        let release = Release {
            version: version.to_owned(),
            created: at,
            summary: Some(summary.to_owned()),
            readme: None,
            author_email: author_email.map(str::to_owned),
            yanked: None,
            display: display.to_owned(),
            uploaded: None,
        };
        let wheel = made(&name, &release);
        let filename = wheel.filename.clone();
        if self.storage.contains_key(&filename) || self.standing(&filename).is_some() {
            return Err(Refusal::FileUsed(filename));
        }
        self.remember(&name);
        self.life(&name)?.releases.push(release);
        self.storage.insert(filename.clone(), Arc::new(wheel));
        self.respell(&name, display);
        self.note(&name, Some(version), "new release".to_owned(), at)?;
        self.note(&name, Some(version), format!("add py3 file {filename}"), at)
    }

    /// A first upload: registers the name when it is free, then releases: four entries in a row.
    pub fn upload(
        &mut self,
        display: &str,
        version: &str,
        summary: &str,
        user: &str,
        at: Time,
    ) -> Result<Serial, Refusal> {
        if self.existing(display).is_err() {
            self.create(display, user, at)?;
        }
        self.release_by(display, version, summary, Some(&format!("{user}@users.example")), at)
    }

    /// The owner, or an admin, deletes the project: `remove project`. The name is free at once; the files stay.
    pub fn remove(&mut self, name: &str, at: Time) -> Result<Serial, Refusal> {
        let name = self.existing(name)?;
        self.remember(&name);
        let key = self.key(&name);
        let project = self.projects.remove(&key).ok_or_else(|| Refusal::NoProject(name.clone()))?;
        for release in &project.life().releases {
            self.keep(&name, release);
        }
        self.count_ultranormal(&name, false);
        for projects in self.publishers.standing.values_mut() {
            projects.remove(&name);
        }
        Ok(self.record(&name, &project.display, None, "remove project".to_owned(), at))
    }

    /// An admin prohibits the name, removing the project if there is one.
    pub fn prohibit(&mut self, name: &str, at: Time) -> Result<Serial, Refusal> {
        let name = ProjectName::parse(name)?;
        self.prohibited.insert(name.clone());
        if self.project(&name).is_some() { self.remove(name.as_str(), at) } else { Ok(self.last_serial()) }
    }

    /// Somebody registers a name that was freed; a project that still stands is removed first.
    pub fn register_again(&mut self, display: &str, user: &str, at: Time) -> Result<Serial, Refusal> {
        if self.existing(display).is_ok() {
            self.remove(display, at)?;
        }
        self.create(display, user, at)
    }

    pub fn remove_release(&mut self, name: &str, version: &str, at: Time) -> Result<Serial, Refusal> {
        let name = self.with_release(name, version)?;
        self.remember(&name);
        let (gone, left) = self.life(&name)?.releases.drain(..).partition(|release| release.version == version);
        self.life(&name)?.releases = left;
        let gone: Vec<Release> = gone;
        gone.iter().for_each(|release| self.keep(&name, release));
        self.note(&name, Some(version), "remove release".to_owned(), at)
    }

    pub fn yank(&mut self, name: &str, version: &str, reason: &str, at: Time) -> Result<Serial, Refusal> {
        let name = self.with_release(name, version)?;
        self.remember(&name);
        for release in self.life(&name)?.releases.iter_mut().filter(|release| release.version == version) {
            release.yanked = Some(reason.to_owned());
        }
        self.note(&name, Some(version), "yank release".to_owned(), at)
    }

    /// Its page says something else, without a new file: no feed tells of that.
    pub fn describe(&mut self, name: &str, version: &str, readme: &str) -> Result<Serial, Refusal> {
        let name = self.with_release(name, version)?;
        for release in self.life(&name)?.releases.iter_mut().filter(|release| release.version == version) {
            release.readme = Some(readme.to_owned());
        }
        Ok(self.last_serial())
    }

    /// An admin takes the project out of the index until it is looked at.
    pub fn quarantine(&mut self, name: &str, at: Time) -> Result<Serial, Refusal> {
        self.set_quarantine(name, true, "project quarantined", at)
    }

    pub fn clear(&mut self, name: &str, at: Time) -> Result<Serial, Refusal> {
        self.set_quarantine(name, false, "project quarantine cleared", at)
    }

    /// Hands the project to another user: `add Owner NEW`, then `remove Owner OLD` for each former owner.
    pub fn change_owner(&mut self, name: &str, user: &str, at: Time) -> Result<Serial, Refusal> {
        let name = self.existing(name)?;
        let former = self.life(&name)?.owners();
        self.remember(&name);
        self.life(&name)?.roles.push((Role::Owner, user.to_owned()));
        let mut serial = self.note(&name, None, format!("add Owner {user}"), at)?;
        for owner in former.into_iter().filter(|owner| owner != user) {
            self.life(&name)?.roles.retain(|(role, who)| !(*role == Role::Owner && *who == owner));
            serial = self.note(&name, None, format!("remove Owner {owner}"), at)?;
        }
        Ok(serial)
    }

    /// Files outlive what they belonged to.
    pub(super) fn keep(&mut self, name: &ProjectName, release: &Release) {
        for file in files_of(name, release) {
            self.storage.insert(file.filename.clone(), file);
        }
    }

    /// The spelling of an upload becomes the display name.
    pub(super) fn respell(&mut self, name: &ProjectName, display: &str) {
        let key = self.key(name);
        if let Some(project) = self.projects.get_mut(&key) {
            project.display = display.into();
        }
    }

    fn register(&mut self, display: &str, creator: Option<&str>, at: Time) -> Result<ProjectName, Refusal> {
        let name = self.free(display)?;
        self.remember(&name);
        let key = self.key(&name);
        self.projects.insert(key, Project::born(display, at));
        self.count_ultranormal(&name, true);
        self.drop_publishers(&name, creator);
        self.note(&name, None, "create".to_owned(), at)?;
        Ok(name)
    }

    /// PyPI's tests of a new name, in its order (`check_project_name`).
    pub fn free(&self, display: &str) -> Result<ProjectName, Refusal> {
        let name = ProjectName::parse(display)?;
        if stdlib::is_stdlib(&name) {
            return Err(Refusal::Stdlib(name));
        }
        if self.project(&name).is_some() {
            return Err(Refusal::Existing(name));
        }
        if self.prohibited.contains(&name) {
            return Err(Refusal::Prohibited(name));
        }
        if self.has_similar(&name) { Err(Refusal::Similar(name)) } else { Ok(name) }
    }

    fn set_quarantine(&mut self, name: &str, quarantined: bool, action: &str, at: Time) -> Result<Serial, Refusal> {
        let name = self.existing(name)?;
        self.remember(&name);
        self.life(&name)?.quarantined = quarantined;
        self.freeze(&name, quarantined)?;
        self.note(&name, None, action.to_owned(), at)
    }

    pub(super) fn existing(&self, name: &str) -> Result<ProjectName, Refusal> {
        let name = ProjectName::parse(name)?;
        if self.project(&name).is_some() { Ok(name) } else { Err(Refusal::NoProject(name)) }
    }

    fn with_release(&self, name: &str, version: &str) -> Result<ProjectName, Refusal> {
        let name = self.existing(name)?;
        let has = |project: &Project| project.life().releases.iter().any(|release| release.version == version);
        if self.project(&name).is_some_and(has) { Ok(name) } else { Err(Refusal::NoRelease(name, version.to_owned())) }
    }

    pub(super) fn life(&mut self, name: &ProjectName) -> Result<&mut super::Life, Refusal> {
        let key = self.key(name);
        let project = self.projects.get_mut(&key).ok_or_else(|| Refusal::NoProject(name.clone()))?;
        Ok(project.life_mut())
    }

    pub(super) fn note(
        &mut self,
        name: &ProjectName,
        version: Option<&str>,
        action: String,
        at: Time,
    ) -> Result<Serial, Refusal> {
        let project = self.project(name).ok_or_else(|| Refusal::NoProject(name.clone()))?;
        let display = project.display.to_string();
        Ok(self.record(name, &display, version, action, at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::world::Order;

    fn at(second: i64) -> Time {
        chrono::DateTime::from_timestamp(second, 0).expect("in range")
    }

    fn world() -> World {
        World::empty(Order::default(), Serial(1000))
    }

    fn actions(world: &World) -> Vec<String> {
        world.journal().iter().map(|entry| entry.action.clone()).collect()
    }

    #[test]
    fn a_first_upload_is_four_entries_with_rising_serials() {
        let mut world = world();
        world.upload("Acme_Billing", "0.0.1", "hi", "mallory", at(5)).expect("free");
        assert_eq!(
            actions(&world),
            ["create", "add Owner mallory", "new release", "add py3 file acme_billing-0.0.1-py3-none-any.whl"]
        );
        assert!(world.journal().windows(2).all(|pair| pair[0].serial < pair[1].serial));
        assert!(world.journal().iter().all(|entry| entry.name == "Acme_Billing" && entry.second == 5));
    }

    #[test]
    fn names_are_refused_as_pypi_refuses_them() {
        let mut world = world();
        world.create("foo-bar", "a", at(1)).expect("free");
        let name = |text| ProjectName::parse(text).expect("valid");
        assert_eq!(world.create("os.path", "b", at(2)), Err(Refusal::Stdlib(name("os-path"))));
        assert_eq!(world.create("Foo_Bar", "b", at(2)), Err(Refusal::Existing(name("foo-bar"))));
        assert_eq!(world.create("f00bar", "b", at(2)), Err(Refusal::Similar(name("f00bar"))));
        world.prohibit("foo-bar", at(3)).expect("removed");
        assert_eq!(world.create("foo-bar", "b", at(4)), Err(Refusal::Prohibited(name("foo-bar"))));
        world.create("f00bar", "b", at(4)).expect("the variant is free once the project is gone");
    }

    #[test]
    fn a_freed_name_can_be_registered_again_but_its_file_names_cannot() {
        let mut world = world();
        world.upload("acme", "1.0", "ours", "alice", at(1)).expect("free");
        world.register_again("acme", "mallory", at(9)).expect("freed");
        let project = world.project(&ProjectName::parse("acme").expect("valid")).expect("there");
        assert_eq!((project.created_second(), project.life().owners()), (9, vec!["mallory".to_owned()]));
        let again = world.release("acme", "1.0", "theirs", at(10));
        assert_eq!(again, Err(Refusal::FileUsed("acme-1.0-py3-none-any.whl".into())));
    }

    #[test]
    fn a_new_owner_is_added_before_the_old_one_goes() {
        let mut world = world();
        world.create("acme", "alice", at(1)).expect("free");
        world.change_owner("acme", "mallory", at(2)).expect("there");
        assert_eq!(actions(&world)[2..], ["add Owner mallory", "remove Owner alice"]);
    }

    #[test]
    fn an_act_on_what_is_not_there_is_refused() {
        let mut world = world();
        assert!(matches!(world.quarantine("ghost", at(1)), Err(Refusal::NoProject(_))));
        assert!(matches!(world.create("a b", "x", at(1)), Err(Refusal::Invalid(_))));
        assert!(world.journal().is_empty());
    }
}
