//! One upload against the world, in `warehouse`'s order (`forklift/legacy.py`, `packaging/services.py`): what is refused
//! late has cost what was counted early.

use super::answer::{Said, help};
use super::file::{Checked, check};
use super::form::{Content, Form};
use super::metadata::{Metadata, unrendered};
use super::python::repr;
use crate::model::Time;
use crate::sim::world::{Counted, Holder, Project, Refusal, Standing, Token, Upload, WINDOW, World};

/// What an upload met.
pub(super) struct Outcome {
    pub(super) said: Said,
    /// The quotas as they stood before, where a project was to be created: by address and by account.
    pub(super) quotas: Option<[(&'static str, &'static str, usize, Standing); 2]>,
}

/// One request that is a form with valid metadata, by somebody whom PyPI knows.
pub(super) struct Asked<'r> {
    pub(super) form: &'r Form,
    pub(super) metadata: &'r Metadata,
    pub(super) content: &'r Content,
    pub(super) token: &'r Token,
    /// The address that it came from.
    pub(super) from: &'r str,
    pub(super) now: Time,
    pub(super) registration_closed: bool,
    /// Somebody registers the name between the question and the answer.
    pub(super) raced: bool,
}

impl Asked<'_> {
    /// Does what PyPI does.
    pub(super) fn meet(&self, world: &mut World) -> Outcome {
        let mut quotas = None;
        let said = match self.admitted(world, &mut quotas) {
            Ok(()) => Said::ok(),
            Err(said) => said,
        };
        Outcome { said, quotas }
    }

    fn admitted(
        &self,
        world: &mut World,
        quotas: &mut Option<[(&'static str, &'static str, usize, Standing); 2]>,
    ) -> Result<(), Said> {
        let existing = world.project(&self.metadata.name).cloned();
        match &existing {
            None => {
                let user = self.creator(world)?;
                *quotas = Some(self.standing(world, user));
                self.may_create(world, user)?;
                self.in_scope()?;
            }
            Some(project) => self.may_upload(world, project)?,
        }
        self.prerequisites(world)?;
        self.presentable(world, existing.as_ref())?;
        let Checked::New(file) = check(world, (self.form, self.content), self.metadata, self.now)? else {
            return Ok(());
        };
        if self.form.get("attestations").is_some() {
            let why = "Attestations are only supported when using Trusted Publishing";
            return Err(Said::bad(format!("Invalid attestations supplied during upload: {why}")));
        }
        if let (None, Holder::User(user)) = (&existing, &self.token.holder) {
            world.create(&self.metadata.display, user, self.now).map_err(|why| self.name_refused(&why))?;
        }
        let Metadata { display, version, fields, .. } = self.metadata.clone();
        let upload = Upload { display, version: version.to_string(), fields, file };
        world.store_upload(upload).map_err(|why| Said::new(500, why.to_string()))?;
        Ok(())
    }

    /// A user; who else cannot create projects.
    fn creator(&self, world: &World) -> Result<&str, Said> {
        match &self.token.holder {
            Holder::User(user) => self.prerequisites(world).map(|()| user.as_str()),
            Holder::Publisher(_) => Err(Said::bad(
                "Non-user identities cannot create new projects. This was probably caused by successfully using a pending \
                 publisher but specifying the project name incorrectly (either in the publisher or in your project's \
                 metadata). Please ensure that both match. See: https://docs.index.example/trusted-publishers/troubleshooting/",
            )),
        }
    }

    /// A verified mail address and a second factor (`_ensure_user_can_upload`).
    fn prerequisites(&self, world: &World) -> Result<(), Said> {
        let Holder::User(user) = &self.token.holder else { return Ok(()) };
        let account = world.accounts.user(user);
        let lacks = |what: &str, so: &str, anchor: &str| {
            let (user, see) = (repr(user), help(anchor));
            Err(Said::forbidden(format!(
                "User {user}, associated with the API token used, does not have {what}. Please {so} before attempting to \
                 upload to PyPI. See {see} for more information."
            )))
        };
        match (account.unverified, account.without_second_factor) {
            (true, _) => lacks("a verified primary email address", "add a verified primary email", "verified-email"),
            (_, true) => {
                let so = "enable two-factor authentication";
                lacks("two-factor authentication enabled", so, "two-factor-authentication")
            }
            _ => Ok(()),
        }
    }

    fn standing(&self, world: &World, user: &str) -> [(&'static str, &'static str, usize, Standing); 2] {
        let quota = world.policy.new_projects_a_day;
        let of = |counted: Counted<'_>| world.quotas.standing(counted, quota, self.now);
        [
            ("project.create.ip", "ip", quota, of(("ip", self.from))),
            ("project.create.user", "user", quota, of(("user", user))),
        ]
    }

    /// Quotas first, then the name, then the quotas are counted; nothing gives that back (`create_project`).
    fn may_create(&self, world: &mut World, user: &str) -> Result<(), Said> {
        if self.standing(world, user).iter().any(|(.., standing)| standing.left == 0) {
            return Err(too_many());
        }
        if self.registration_closed {
            let see = help("admin-intervention");
            let what = "New project registration temporarily disabled.";
            return Err(Said::forbidden(format!("{what} See {see} for more information.")));
        }
        if self.raced {
            // Whoever was quicker stays.
            let _ = world.create(&self.metadata.display, "quicker-stranger", self.now);
        }
        world.free(&self.metadata.display).map_err(|why| self.name_refused(&why))?;
        self.not_reserved(world, user)?;
        let quota = world.policy.new_projects_a_day;
        let counted =
            world.quotas.hit(("ip", self.from), quota, self.now) && world.quotas.hit(("user", user), quota, self.now);
        if counted { Ok(()) } else { Err(too_many()) }
    }

    /// PEP 752, as accepted: a name in a namespace of somebody else's organization is a conflict.
    fn not_reserved(&self, world: &World, user: &str) -> Result<(), Said> {
        let Some((namespace, organization)) = world.namespace_of(&self.metadata.name) else { return Ok(()) };
        if world.accounts.is_member(organization, user) {
            return Ok(());
        }
        let name = repr(&self.metadata.display);
        Err(Said::new(409, format!("The name {name} is in the namespace {}, which is reserved.", repr(namespace))))
    }

    fn name_refused(&self, why: &Refusal) -> Said {
        let (name, see) = (repr(&self.metadata.display), help("project-name"));
        let said =
            |status, what: &str| Said::new(status, format!("The name {name} {what} See {see} for more information."));
        match why {
            Refusal::Stdlib(_) => said(400, "isn't allowed (conflict with Python Standard Library module name)."),
            Refusal::Existing(_) => said(409, "conflicts with an existing project."),
            Refusal::Prohibited(_) => said(400, "isn't allowed."),
            Refusal::Similar(_) => said(400, "is too similar to an existing project."),
            _ => Said::bad(format!("The name {name} is invalid.")),
        }
    }

    /// The token's own limits (`macaroons/caveats`).
    fn in_scope(&self) -> Result<(), Said> {
        let invalid = |why: String| Err(Said::forbidden(format!("Invalid API Token: {why}")));
        if self.token.expires.is_some_and(|expires| self.now >= expires) {
            return invalid("token is expired".to_owned());
        }
        let inside = self.token.projects.as_ref().is_none_or(|projects| projects.contains(&self.metadata.name));
        match (inside, &self.token.holder) {
            (true, _) => Ok(()),
            (false, Holder::User(_)) => {
                invalid(format!("project-scoped token is not valid for project: {}", repr(&self.metadata.display)))
            }
            (false, Holder::Publisher(_)) => {
                invalid(format!("OIDC scoped token is not valid for project '{}'", self.metadata.display))
            }
        }
    }

    fn may_upload(&self, world: &World, project: &Project) -> Result<(), Said> {
        self.in_scope()?;
        let closed = project.archived() || project.quarantined();
        let (allowed, who) = match &self.token.holder {
            Holder::User(user) => (world.accounts.may_upload(user, project) && !closed, format!("The user '{user}'")),
            Holder::Publisher(_) => (!closed, "The given token".to_owned()),
        };
        if allowed {
            return Ok(());
        }
        let (display, see) = (&project.display, help("project-name"));
        Err(Said::forbidden(format!(
            "{who} isn't allowed to upload to project '{display}'. See {see} for more information."
        )))
    }

    /// The organization's bill, and the description.
    fn presentable(&self, world: &World, project: Option<&Project>) -> Result<(), Said> {
        let organization = project.and_then(|project| project.life().organization.clone());
        let organizations = &world.accounts.organizations;
        if organization.is_some_and(|name| organizations.get(&name).is_some_and(|known| known.inactive)) {
            return Err(Said::bad(
                "Organization account owning this project is inactive. This may be due to inactive billing for Company \
                 Organizations, or administrator intervention for Community Organizations.",
            ));
        }
        let see = help("description-content-type");
        match unrendered(&self.metadata.fields) {
            Some(message) => Err(Said::bad(format!("{message} See {see} for more information."))),
            None => Ok(()),
        }
    }
}

fn too_many() -> Said {
    Said::new(429, "Too many new projects created")
}

/// `RateLimit-Policy` and `RateLimit` (`rate_limiting/headers.py`).
pub(super) fn headers(quotas: &[(&str, &str, usize, Standing); 2]) -> [(&'static str, String); 2] {
    let policy = quotas.map(|(name, key, quota, _)| format!("\"{name}\";q={quota};w={WINDOW};pk=:{key}:"));
    let state = quotas.map(|(name, .., standing)| format!("\"{name}\";r={};t={}", standing.left, standing.resets));
    [("ratelimit-policy", policy.join(", ")), ("ratelimit", state.join(", "))]
}
