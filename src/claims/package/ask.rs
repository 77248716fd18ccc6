//! From a name that somebody asks for to what its package is made of. Only names of the inventory itself are ever published.

use url::Url;

use super::lint::Secrecy;
use super::placeholder::Placeholder;
use super::refusal::{Refusal, Refused};
use super::version::unused;
use crate::config::source::{Fault, nearest};
use crate::config::{ClaimSettings, Settings};
use crate::model::claim::Publicity;
use crate::model::{Inventory, ProjectName, Watch, WatchId, WatchKind};

/// What a package is made of, and what its texts must not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub placeholder: Placeholder,
    pub secrecy: Secrecy,
}

impl Asked {
    /// The same in a version that is none of these.
    ///
    /// # Errors
    /// When none is left.
    pub fn in_none_of(self, used: &[String]) -> Result<Self, Refused> {
        let Self { placeholder, secrecy } = self;
        let internal = placeholder.internal.as_deref();
        let version = unused(&placeholder.version, internal, used)
            .map_err(|fault| Refusal::new(placeholder.name.as_str(), fault))?;
        Ok(Self { placeholder: Placeholder { version, ..placeholder }, secrecy })
    }
}

/// What to publish for a name of the inventory, in any spelling.
///
/// # Errors
/// When it is no name there, or the configuration does not say who publishes.
pub fn ask(settings: &Settings, inventory: &Inventory, asked: &str) -> Result<Asked, Refused> {
    let placeholder = placeholder(settings, inventory, asked)?;
    Ok(Asked { placeholder, secrecy: Secrecy::new(&settings.claim, inventory) })
}

/// The same of several: what their texts must not hold looks at every watch, and is the same for all.
///
/// # Errors
/// As [`ask`].
pub fn placeholder(settings: &Settings, inventory: &Inventory, asked: &str) -> Result<Placeholder, Refused> {
    let watch = watch_of(inventory, asked).map_err(|fault| Refusal::new(asked, fault))?;
    let name = ProjectName::parse(&watch.display).map_err(|error| {
        Refusal::new(asked, Fault::new(error.to_string(), "write it in the inventory as pip installs it"))
    })?;
    let claim = &settings.claim;
    let company = said("company", claim.company.as_ref(), "company = \"Acme Corp\"")?;
    let contact = said("contact", claim.contact.as_ref(), "contact = \"python-packages@your.example\"")?;
    Ok(Placeholder {
        name,
        display: watch.display.clone(),
        version: claim.version.clone(),
        internal: watch.latest_version.clone(),
        owner: inventory.owners.get(&watch.owner).map_or_else(String::new, |owner| owner.name.clone()),
        company,
        contact,
        index: index(claim, watch),
        homepage: claim.homepage.clone(),
        policy: claim.policy.clone(),
        registry: authority(&settings.pypi.base).unwrap_or_default(),
        license: claim.license.clone(),
    })
}

fn said(key: &str, value: Option<&String>, write: &str) -> Result<String, Refusal> {
    let fault = || Fault::new("is missing, and the package has to say it", format!("write under [claim]: {write}"));
    value.cloned().ok_or_else(|| Refusal::new(format!("claim.{key}"), fault()))
}

/// The watch of exactly this name, in any spelling.
///
/// # Errors
/// When there is none, with what may have been meant, or its name must not be told.
pub fn watch_of<'i>(inventory: &'i Inventory, asked: &str) -> Result<&'i Watch, Fault> {
    found(inventory, asked, |name| meant(inventory, name))
}

/// The same of one among many: what each of thousands may have meant would take as many looks at every name.
///
/// # Errors
/// As [`watch_of`].
pub fn watch_among<'i>(inventory: &'i Inventory, asked: &str) -> Result<&'i Watch, Fault> {
    found(inventory, asked, |_| LIST_IT.to_owned())
}

fn found<'i>(
    inventory: &'i Inventory,
    asked: &str,
    instead: impl Fn(&ProjectName) -> String,
) -> Result<&'i Watch, Fault> {
    let by_hand = "publish names alone; for a prefix or a word ask PyPI to prohibit names";
    if asked.ends_with('*') {
        return Err(Fault::new("is a prefix, and a package has a whole name", by_hand));
    }
    if asked.starts_with("brand:") {
        return Err(Fault::new("is a brand word, and a package has a whole name", by_hand));
    }
    let name = ProjectName::parse(asked)
        .map_err(|error| Fault::new(error.to_string(), "write a name of the inventory as pip installs it"))?;
    if let Some(watch) = inventory.watch(&WatchId::name(&name)) {
        return match inventory.publicity(&watch.id) {
            Publicity::Confidential => Err(Fault::new(
                "is confidential, and everything that is published would tell the name",
                "take confidential out of the inventory where strangers may know it",
            )),
            Publicity::Unsaid | Publicity::Public => Ok(watch),
        };
    }
    if let Some(threatened) = inventory.listed.get(&name) {
        let what = format!("is a look-alike of {}, and holding such a name is squatting to PyPI", threatened.label());
        return Err(Fault::new(what, "leave it to the watch, which tells when somebody registers it"));
    }
    Err(Fault::new("is no name of the inventory, and only those are published", instead(&name)))
}

const LIST_IT: &str = "list it there first, with its internal version";

fn meant(inventory: &Inventory, name: &ProjectName) -> String {
    let names = inventory.watches.keys().filter(|id| id.kind == WatchKind::Name);
    match nearest(name.as_str(), names.map(|id| id.text.as_str())) {
        Some(near) => format!("did you mean {near}?"),
        None => LIST_IT.to_owned(),
    }
}

/// The private index of the watch where it was declared public, else the company's.
fn index(claim: &ClaimSettings, watch: &Watch) -> Option<String> {
    let own = watch.index.as_ref().filter(|index| {
        let host = Url::parse(index).ok().and_then(|url| url.host_str().map(str::to_owned));
        index.starts_with("https://") && host.is_some_and(|host| claim.public_hosts.contains(&host))
    });
    own.or(claim.index.as_ref()).cloned()
}

/// Host and port, as they stand in an address.
fn authority(base: &str) -> Option<String> {
    let url = Url::parse(base).ok()?;
    let host = url.host_str()?;
    Some(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}
