//! The TOML form of an inventory; `config/inventory.toml` documents it.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use toml::Spanned;
use toml::value::Datetime;

use super::draft::{Draft, DraftWatch, DraftWord, ListedEntry, SuppressEntry};
use super::toml_sections::{
    BrandEntry, File, Listed, NameEntry, OwnerSection, PrefixEntry, RegistrantSection, Suppress,
};
use crate::config::source::{Fault, Problem, Source};
use crate::model::claim::{Publicity, Terms};
use crate::model::inventory::Registrants;
use crate::model::{Owner, OwnerId, WatchKind};

/// Reads the TOML form.
///
/// # Errors
/// A fault of syntax or shape (the first), or faults of owners and dates; watches are for lint to judge.
pub(super) fn read(source: Source) -> Result<Draft, Vec<Problem>> {
    let file: File = source.parse_toml().map_err(|problem| vec![problem])?;
    let mut reader = Reader { draft: Draft::new(source), problems: Vec::new(), indexes: BTreeMap::new() };
    file.owners.into_iter().for_each(|(id, section)| reader.owner(&id, section));
    reader.draft.entries.extend(file.names.iter().map(short));
    file.name.into_iter().for_each(|entry| reader.name(entry));
    file.prefix.into_iter().for_each(|entry| reader.prefix(entry));
    file.brand.into_iter().for_each(|entry| reader.brand(entry));
    reader.draft.entries.sort_by_key(|entry| entry.at);
    reader.draft.registrants = registrants(file.registrants);
    reader.draft.suppressions = file.suppress.into_iter().map(suppression).collect();
    reader.draft.listed = file.listed.iter().map(listed).collect();
    if reader.problems.is_empty() { Ok(reader.draft) } else { Err(reader.problems) }
}

struct Reader {
    draft: Draft,
    problems: Vec<Problem>,
    /// Private index of each owner that declares one.
    indexes: BTreeMap<String, String>,
}

impl Reader {
    fn note(&mut self, at: usize, key: &str, fault: Fault) {
        let problem = self.draft.source.problem(at, key, fault);
        self.problems.push(problem);
    }

    fn owner(&mut self, id: &Spanned<String>, section: OwnerSection) {
        let (at, id) = (id.span().start, id.get_ref().clone());
        if id.trim().is_empty() || id.contains(char::is_control) {
            self.note(at, "owners", Fault::new(format!("{id:?} is no id of an owner"), "write [owners.SHORT-NAME]"));
        }
        for address in &section.email {
            self.address(&id, address);
        }
        let short = section.names.iter().map(short);
        self.draft.entries.extend(short.map(|entry| DraftWatch {
            owner: Some(id.clone()),
            index: section.index.clone().filter(|_| entry.kind == WatchKind::Name),
            ..entry
        }));
        self.indexes.extend(section.index.clone().map(|index| (id.clone(), index)));
        let owner = Owner {
            channels: section.channels(),
            name: section.name.unwrap_or_else(|| id.clone()),
            emails: section.email.into_iter().map(Spanned::into_inner).collect(),
        };
        self.draft.owners.insert(OwnerId(id), owner);
    }

    fn address(&mut self, owner: &str, address: &Spanned<String>) {
        if address.get_ref().parse::<lettre::Address>().is_err() {
            let what = format!("{:?} is no e-mail address", address.get_ref());
            self.note(
                address.span().start,
                &format!("owners.{owner}.email"),
                Fault::new(what, "write the address alone, \"team@your.example\""),
            );
        }
    }

    fn name(&mut self, entry: NameEntry) {
        let inherited = entry.owner.as_ref().and_then(|owner| self.indexes.get(owner)).cloned();
        let first_use = self.day(entry.first_use);
        let auto = self.auto(entry.claim);
        let publicity = self.publicity(&entry.name, (entry.confidential, entry.public_ok));
        let short = DraftWatch::from_label(entry.name.get_ref(), entry.name.span().start);
        // `[[name]]` is for names: `acme-*` here is a mistake for lint to explain, not a prefix.
        let text = if short.kind == WatchKind::Name { short.text } else { entry.name.get_ref().trim().to_owned() };
        self.draft.entries.push(DraftWatch {
            owner: entry.owner,
            guard: entry.guard,
            latest_version: entry.latest_version.or(short.latest_version),
            first_use,
            index: entry.index.or(inherited),
            registry: short.registry,
            terms: Terms { publicity, auto },
            ..DraftWatch::new(WatchKind::Name, &text, short.at)
        });
    }

    fn prefix(&mut self, entry: PrefixEntry) {
        let first_use = self.day(entry.first_use);
        let publicity = self.publicity(&entry.text, (entry.confidential, entry.public_ok));
        self.draft.entries.push(DraftWatch {
            owner: entry.owner,
            exclusive: entry.exclusive,
            guard: entry.guard,
            first_use,
            index: entry.index,
            terms: Terms { publicity, auto: false },
            ..DraftWatch::new(WatchKind::Prefix, entry.text.get_ref(), entry.text.span().start)
        });
    }

    fn brand(&mut self, entry: BrandEntry) {
        let first_use = self.day(entry.first_use);
        self.draft.entries.push(DraftWatch {
            owner: entry.owner,
            guard: entry.guard,
            first_use,
            index: entry.index,
            ..DraftWatch::new(WatchKind::Brand, entry.word.get_ref(), entry.word.span().start)
        });
    }

    /// Only the one word is known: what else somebody wrote there, they meant something by it.
    fn auto(&mut self, claim: Option<Spanned<String>>) -> bool {
        let Some(claim) = claim else { return false };
        if claim.get_ref() != "auto" {
            let what = format!("{:?} is no way to claim a name", claim.get_ref());
            let instead = "write claim = \"auto\", or take the key out: then people plan and approve it";
            self.note(claim.span().start, "claim", Fault::new(what, instead));
        }
        claim.get_ref() == "auto"
    }

    fn publicity(&mut self, of: &Spanned<String>, said: (Option<bool>, Option<bool>)) -> Publicity {
        match said {
            (Some(true), Some(true)) => {
                let what = format!("{:?} cannot be confidential and public_ok", of.get_ref());
                self.note(of.span().start, "public_ok", Fault::new(what, "take one of the two keys out"));
                Publicity::Confidential
            }
            (Some(true), _) => Publicity::Confidential,
            (_, Some(true)) => Publicity::Public,
            _ => Publicity::Unsaid,
        }
    }

    fn day(&mut self, date: Option<Spanned<Datetime>>) -> Option<NaiveDate> {
        let date = date?;
        let day =
            date.get_ref().date.and_then(|d| NaiveDate::from_ymd_opt(d.year.into(), d.month.into(), d.day.into()));
        if day.is_none() {
            let what = format!("{} is no day", date.get_ref());
            self.note(date.span().start, "first_use", Fault::new(what, "write a date without quotes, like 2019-03-01"));
        }
        day
    }
}

fn short(label: &Spanned<String>) -> DraftWatch {
    DraftWatch::from_label(label.get_ref(), label.span().start)
}

fn registrants(section: RegistrantSection) -> Registrants {
    let set = |list: Vec<String>| list.into_iter().map(|text| text.trim().to_owned()).collect();
    Registrants { users: set(section.users), organizations: set(section.organizations) }
}

fn suppression(entry: Suppress) -> SuppressEntry {
    SuppressEntry {
        at: entry.project.span().start,
        project: entry.project.into_inner(),
        watch: entry.watch,
        rule: entry.rule,
        reason: entry.reason,
    }
}

fn listed(entry: &Listed) -> ListedEntry {
    let text = |spanned: &Spanned<String>| DraftWord::new(spanned.get_ref(), spanned.span().start);
    ListedEntry { watch: text(&entry.watch), names: entry.names.iter().map(text).collect() }
}
