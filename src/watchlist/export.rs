//! An inventory as TOML, for people to go on with. Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::model::claim::Publicity;
use crate::model::{Channel, ChannelKind, Inventory, Owner, OwnerId, Watch, WatchId, WatchKind};

/// Writes an inventory in the form of `config/inventory.toml`: short forms under their owners, the rest below. Reading
/// it back gives the same inventory.
pub fn to_toml(inventory: &Inventory) -> String {
    let mut out = String::from("# Check it after a change: namewarden inventory lint\n");
    let groups = groups(inventory);
    for (id, owner) in &inventory.owners {
        owner_section(&mut out, id, owner);
        out.push_str(&groups.get(id).map_or_else(String::new, |group| short_forms(inventory, group)));
    }
    for watch in inventory.watches.values() {
        if !groups.get(&watch.owner).is_some_and(|group| is_short(inventory, group, watch)) {
            long_form(&mut out, inventory, watch);
        }
    }
    registrants(&mut out, inventory);
    suppressions(&mut out, inventory);
    listed(&mut out, inventory);
    out
}

/// The names of one owner, and the private index that they all have in common, which then stands in the owner's section.
#[derive(Default)]
struct Group<'i> {
    names: Vec<&'i Watch>,
    index: Option<&'i str>,
}

fn groups(inventory: &Inventory) -> BTreeMap<&OwnerId, Group<'_>> {
    let mut groups: BTreeMap<&OwnerId, Group<'_>> = BTreeMap::new();
    for watch in inventory.watches.values().filter(|watch| watch.id.kind == WatchKind::Name) {
        groups.entry(&watch.owner).or_default().names.push(watch);
    }
    for group in groups.values_mut() {
        let indexes: BTreeSet<Option<&str>> = group.names.iter().map(|watch| watch.index.as_deref()).collect();
        group.index = if indexes.len() == 1 { indexes.into_iter().next().flatten() } else { None };
    }
    groups
}

fn owner_section(out: &mut String, id: &OwnerId, owner: &Owner) {
    let _ = write!(out, "\n[owners.{}]\n", key(&id.0));
    if owner.name != id.0 {
        pair(out, "name", &owner.name);
    }
    if owner.is_mute() {
        out.push_str("# Where are they told? At least one is needed.\n#email = [\"team@your.example\"]\n");
    }
    list(out, "email", &owner.emails);
    for kind in ChannelKind::ALL {
        let named = owner.channels.iter().filter_map(Channel::section).filter(|(of, _)| *of == kind);
        let names: Vec<String> = named.map(|(_, name)| name.to_owned()).collect();
        list(out, kind.as_str(), &names);
    }
}

fn short_forms(inventory: &Inventory, group: &Group<'_>) -> String {
    let mut out = String::new();
    if let Some(index) = group.index {
        pair(&mut out, "index", index);
    }
    let mut short = group.names.iter().filter(|watch| is_short(inventory, group, watch)).peekable();
    if short.peek().is_none() {
        return out;
    }
    out.push_str("names = [\n");
    for watch in short {
        let version = watch.latest_version.as_ref().map_or_else(String::new, |version| format!("=={version}"));
        let _ = writeln!(out, "  {},", quote(&format!("{}{version}", written(watch))));
    }
    out.push_str("]\n");
    out
}

/// Does `"name==version"` say everything about it?
fn is_short(inventory: &Inventory, group: &Group<'_>, watch: &Watch) -> bool {
    let plain = watch.first_use.is_none() && !inventory.guarded.contains(&watch.id);
    let plain = plain && inventory.terms(&watch.id).is_default();
    watch.id.kind == WatchKind::Name && plain && watch.index.as_deref() == group.index
}

/// As the inventory spells it, with its registry where that is not PyPI.
fn written(watch: &Watch) -> String {
    format!("{}{}", watch.id.registry.prefix(), watch.display)
}

fn long_form(out: &mut String, inventory: &Inventory, watch: &Watch) {
    let (section, text) = match watch.id.kind {
        WatchKind::Name => ("name", "name"),
        WatchKind::Prefix => ("prefix", "text"),
        WatchKind::Brand => ("brand", "word"),
    };
    let _ = write!(out, "\n[[{section}]]\n");
    pair(out, text, &written(watch));
    pair(out, "owner", &watch.owner.0);
    if watch.exclusive {
        out.push_str("exclusive = true\n");
    }
    for (name, value) in [("latest_version", &watch.latest_version), ("index", &watch.index)] {
        if let Some(value) = value {
            pair(out, name, value);
        }
    }
    if let Some(day) = watch.first_use {
        let _ = writeln!(out, "first_use = {day}");
    }
    if inventory.guarded.contains(&watch.id) {
        out.push_str("guard = true\n");
    }
    let terms = inventory.terms(&watch.id);
    match terms.publicity {
        Publicity::Confidential => out.push_str("confidential = true\n"),
        Publicity::Public => out.push_str("public_ok = true\n"),
        Publicity::Unsaid => {}
    }
    if terms.auto {
        out.push_str("claim = \"auto\"\n");
    }
}

fn registrants(out: &mut String, inventory: &Inventory) {
    let registrants = &inventory.registrants;
    if registrants.users.is_empty() && registrants.organizations.is_empty() {
        return;
    }
    out.push_str("\n[registrants]\n");
    list(out, "users", registrants.users.iter());
    list(out, "organizations", registrants.organizations.iter());
}

fn suppressions(out: &mut String, inventory: &Inventory) {
    for suppression in &inventory.suppressions {
        out.push_str("\n[[suppress]]\n");
        pair(out, "project", &suppression.project.to_string());
        if let Some(watch) = suppression.watch.as_ref().map(WatchId::label) {
            pair(out, "watch", &watch);
        }
        if let Some(rule) = suppression.rule {
            pair(out, "rule", rule.as_str());
        }
        pair(out, "reason", &suppression.reason);
    }
}

fn listed(out: &mut String, inventory: &Inventory) {
    for (watch, names) in inventory.look_alikes() {
        out.push_str("\n[[listed]]\n");
        pair(out, "watch", &watch.label());
        out.push_str("names = [\n");
        for name in names {
            let _ = writeln!(out, "  {},", quote(name.as_str()));
        }
        out.push_str("]\n");
    }
}

fn pair(out: &mut String, key: &str, text: &str) {
    let _ = writeln!(out, "{key} = {}", quote(text));
}

fn list<'t>(out: &mut String, key: &str, texts: impl IntoIterator<Item = &'t String>) {
    let texts: Vec<String> = texts.into_iter().map(|text| quote(text)).collect();
    if !texts.is_empty() {
        let _ = writeln!(out, "{key} = [{}]", texts.join(", "));
    }
}

fn key(text: &str) -> String {
    let bare = !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    if bare { text.to_owned() } else { quote(text) }
}

/// A TOML basic string: quotes, backslashes and control characters escaped.
fn quote(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use insta::assert_snapshot;
    use proptest::prelude::*;

    use super::*;
    use crate::config::source::Source;
    use crate::watchlist::from_source;

    fn read(file: &str, text: &str) -> Inventory {
        let source = Source::new(Path::new(file), text.to_owned());
        from_source(source, &OwnerId("security".to_owned())).unwrap_or_else(|error| panic!("{error}\n{text}"))
    }

    #[test]
    fn a_table_becomes_short_forms() {
        let csv = "name,owner,latest_version,index\nacme_a,pay@acme.example,1.0,https://i.example\n\
                   Acme-B,pay@acme.example,,https://i.example\nacme-*,ml,,\nacme-c,ml,,https://i.example\nacme-d,ml,2,\n";
        assert_snapshot!(to_toml(&read("inventory.csv", csv)), @r##"
            # Check it after a change: namewarden inventory lint

            [owners.ml]
            # Where are they told? At least one is needed.
            #email = ["team@your.example"]
            names = [
              "acme-d==2",
            ]

            [owners."pay@acme.example"]
            email = ["pay@acme.example"]
            index = "https://i.example"
            names = [
              "acme_a==1.0",
              "Acme-B",
            ]

            [[name]]
            name = "acme-c"
            owner = "ml"
            index = "https://i.example"

            [[prefix]]
            text = "acme-*"
            owner = "ml"
            "##);
    }

    #[test]
    fn the_sample_survives() {
        let sample = read("inventory.toml", include_str!("../../config/inventory.toml"));
        assert_eq!(read("inventory.toml", &to_toml(&sample)), sample);
    }

    #[test]
    fn look_alikes_stand_under_their_watch() {
        let csv = "name,kind,watch\nacme-a,,\nAcme_Old,listed,acme-a\nacme,brand,\nold-acme,listed,brand:acme\n\
                   acme-old-a,listed,Acme.A\n";
        assert_snapshot!(to_toml(&read("inventory.csv", csv)), @r##"
            # Check it after a change: namewarden inventory lint

            [owners.security]
            # Where are they told? At least one is needed.
            #email = ["team@your.example"]
            names = [
              "acme-a",
            ]

            [[brand]]
            word = "acme"
            owner = "security"

            [[listed]]
            watch = "acme-a"
            names = [
              "acme-old",
              "acme-old-a",
            ]

            [[listed]]
            watch = "brand:acme"
            names = [
              "old-acme",
            ]
            "##);
    }

    fn row() -> impl Strategy<Value = String> {
        (
            "[a-zA-Z][a-z._-]{0,6}[a-z0-9]",
            "(ml|pay@acme[.]example|\"a, b\")?",
            "([0-9]{1,3}([.][0-9])?)?",
            "(20[01][0-9]-0[1-9]-1[0-9])?",
            "(https://i[.]example)?",
        )
            .prop_map(|(name, owner, version, day, index)| format!("{name},,{owner},{version},{day},{index},"))
    }

    /// A look-alike of one of these rows.
    fn listed(rows: &[String], name: &str, of: usize) -> String {
        let watch = rows[of % rows.len()].split(',').next().unwrap_or_default();
        format!("{name},listed,,,,,{watch}")
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(
            rows in proptest::collection::vec(row(), 1..20),
            look_alikes in proptest::collection::btree_map("[A-Z][a-z_]{9,12}[a-z]", any::<usize>(), 0..5),
        ) {
            let listed: Vec<String> = look_alikes.iter().map(|(name, of)| listed(&rows, name, *of)).collect();
            let all = [rows, listed].concat().join("\n");
            let csv = format!("name,kind,owner,latest_version,first_use,index,watch\n{all}\n");
            let source = Source::new(Path::new("inventory.csv"), csv);
            // Rows may contradict each other, which is refused.
            if let Ok(inventory) = from_source(source, &OwnerId("security".to_owned())) {
                prop_assert!(inventory.watches.values().all(|watch| inventory.owners.contains_key(&watch.owner)));
                prop_assert_eq!(read("inventory.toml", &to_toml(&inventory)), inventory);
            }
        }
    }
}
