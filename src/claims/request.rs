//! The mail that asks PyPI's administrators to allow names to nobody. Pure; it is sent by people.
//!
//! They prefer names under a recognisable prefix, and want to be asked before anybody squats (pypi/support#2500, #355).

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::package::unnameable;
use crate::model::claim::Publicity;
use crate::model::{Inventory, ProjectName, WatchKind};

/// Who asks, as the public may know them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asker<'a> {
    pub company: &'a str,
    pub contact: &'a str,
    pub homepage: Option<&'a str>,
    pub policy: Option<&'a str>,
    pub organization: Option<&'a str>,
    /// Whose names are not told.
    pub customers: &'a [String],
}

/// The mail, and what stays out of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub subject: String,
    pub body: String,
    /// The names in it.
    pub names: Vec<ProjectName>,
    /// How many names that anybody can take are not in it, as nobody said that PyPI may be told them.
    pub withheld: usize,
}

/// `open`: the names that anybody can take, and whether strangers may be told them. `None` where there is no name that may be told.
pub fn request<'n>(
    open: impl Iterator<Item = (&'n ProjectName, Publicity)>,
    inventory: &Inventory,
    asker: &Asker<'_>,
) -> Option<Request> {
    let may_be_told = |(name, publicity): &(&ProjectName, Publicity)| {
        *publicity == Publicity::Public && unnameable(name.as_str(), name.as_str(), asker.customers).is_none()
    };
    let (mut names, mut withheld) = (Vec::new(), 0);
    for one in open {
        if may_be_told(&one) {
            names.push(one.0.clone());
        } else {
            withheld += 1;
        }
    }
    let company = asker.company;
    (!names.is_empty()).then(|| Request {
        subject: format!("Request to prohibit names of internal packages of {company}"),
        body: body(&groups(&names, inventory), names.len(), company, asker),
        withheld,
        names,
    })
}

/// Names by the prefix that may be told of, others under none.
fn groups<'n>(names: &'n [ProjectName], inventory: &Inventory) -> BTreeMap<Option<String>, Vec<&'n ProjectName>> {
    let prefixes = inventory.watches.values().filter(|watch| watch.id.kind == WatchKind::Prefix && watch.exclusive);
    let told = prefixes.filter(|watch| inventory.publicity(&watch.id) == Publicity::Public);
    let told: Vec<&str> = told.map(|watch| watch.id.text.as_str()).collect();
    let mut groups: BTreeMap<Option<String>, Vec<&ProjectName>> = BTreeMap::new();
    for name in names {
        let over = told.iter().filter(|prefix| name.as_str().starts_with(**prefix)).max_by_key(|prefix| prefix.len());
        groups.entry(over.map(|prefix| (*prefix).to_owned())).or_default().push(name);
    }
    groups
}

fn body(
    groups: &BTreeMap<Option<String>, Vec<&ProjectName>>,
    names: usize,
    company: &str,
    asker: &Asker<'_>,
) -> String {
    let mut out = String::from("Hello,\n\n");
    let packages = if names == 1 {
        "an internal Python package whose name is"
    } else {
        "internal Python packages whose names are"
    };
    let _ = writeln!(
        out,
        "{company} has {packages} not registered on PyPI. Whoever registers one can have their code installed in place of ours, by \
         dependency confusion. Rather than publish empty projects, we ask you to prohibit the registration of:\n"
    );
    for (prefix, names) in groups.iter().rev() {
        let _ = match prefix {
            Some(prefix) => writeln!(out, "Every name that begins with {prefix} (our own prefix), and at least:"),
            None => writeln!(out, "By name:"),
        };
        for name in names {
            let _ = writeln!(out, "  {name}");
        }
        out.push('\n');
    }
    out.push_str(
        "These are names of packages that we develop and use ourselves. We know that you cannot tell us whether a name is \
         prohibited, that it is then closed to us too until you release it, and that a name without our prefix may be given \
         to somebody with a legitimate use.\n\n",
    );
    let _ = writeln!(out, "Contact: {}", asker.contact);
    let rows = [
        ("Company", asker.homepage),
        ("Why we hold names", asker.policy),
        ("Organization on PyPI", asker.organization),
    ];
    for (label, value) in rows.iter().filter_map(|(label, value)| value.map(|value| (label, value))) {
        let _ = writeln!(out, "{label}: {value}");
    }
    let _ = write!(out, "\nThank you,\n{company}\n");
    out
}
