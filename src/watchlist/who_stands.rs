//! The owners of an inventory that may be broken elsewhere: for who has to reach somebody, whatever else is wrong.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize as _;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Deserializer};

use super::load::read;
use super::toml_sections::OwnerSection;
use crate::model::{Owner, OwnerId};

/// Every owner whose section can be read, with the addresses that are some; none where there is no such section.
pub fn owners_that_stand(path: &Path) -> BTreeMap<OwnerId, Owner> {
    read(path).map(|source| owners(source.text())).unwrap_or_default()
}

fn owners(text: &str) -> BTreeMap<OwnerId, Owner> {
    let (table, _faults) = DeTable::parse_recoverable(text);
    let sections = table.get_ref().get("owners").and_then(|owners| owners.get_ref().as_table());
    let owners = sections.into_iter().flatten();
    owners
        .filter_map(|(id, section)| Some((OwnerId(id.get_ref().to_string()), owner(id.get_ref(), section)?)))
        .collect()
}

fn owner(id: &str, section: &Spanned<DeValue<'_>>) -> Option<Owner> {
    let table = section.get_ref().as_table()?.clone();
    let section = OwnerSection::deserialize(Deserializer::from(Spanned::new(0..0, table))).ok()?;
    let channels = section.channels();
    let emails = section.email.into_iter().map(Spanned::into_inner);
    let emails = emails.filter(|email| email.parse::<lettre::Address>().is_ok()).collect();
    Some(Owner { channels, name: section.name.unwrap_or_else(|| id.to_owned()), emails })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_can_be_reached_is_whatever_else_is_wrong() {
        let text = "names = [\"acme\", 5\n[owners.sec]\nname = \"Security\"\nemail = [\"sec@x.example\", \"nobody\"]\nslack = [\"team\"]\n\
                    [owners.pay]\nemial = [\"pay@x.example\"]\n[[brand]]\nonwer = \"sec\"\n";
        let broken_below = text.replace(", 5", "]");
        let owners = owners(&broken_below);
        assert_eq!(owners.keys().map(|id| id.0.as_str()).collect::<Vec<_>>(), ["sec"], "pay's section is none");
        let sec = &owners[&OwnerId("sec".into())];
        assert_eq!((sec.name.as_str(), sec.emails.as_slice()), ("Security", &["sec@x.example".to_owned()][..]));
        assert_eq!(sec.channels.len(), 1);
        assert!(super::owners("").is_empty() && super::owners("acme\nb\n").is_empty());
    }
}
