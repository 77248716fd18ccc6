//! What is built in, against `deny.toml`: licences, bans and duplicates, with cargo alone. `cargo deny` checks more.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

/// The packages of the lock file that our targets build, as cargo tells them.
fn packages() -> Vec<Value> {
    let target = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--offline", "--filter-platform", &target])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    // `packages` lists the whole lock file; what is built for us stands in the graph.
    let built: BTreeSet<&str> = metadata["resolve"]["nodes"]
        .as_array()
        .expect("a graph")
        .iter()
        .filter_map(|node| node["id"].as_str())
        .collect();
    let packages = metadata["packages"].as_array().expect("packages").iter();
    packages.filter(|package| package["id"].as_str().is_some_and(|id| built.contains(id))).cloned().collect()
}

fn rules() -> toml::Table {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/deny.toml");
    std::fs::read_to_string(path).expect("deny.toml").parse().expect("TOML")
}

fn text<'a>(package: &'a Value, key: &str) -> &'a str {
    package[key].as_str().unwrap_or_default()
}

/// The names in a list of `{ crate = "NAME@VERSION" }`, without the version.
fn crates(rules: &toml::Table, list: &str) -> BTreeSet<String> {
    let entries = rules["bans"][list].as_array().expect("a list");
    let names = entries.iter().map(|entry| entry["crate"].as_str().expect("a crate"));
    names.map(|name| name.split('@').next().unwrap_or(name).to_owned()).collect()
}

/// Can this SPDX expression be met with the licences allowed? `AND` binds tighter than `OR`; `/` is an old `OR`.
fn is_met(expression: &str, allowed: &BTreeSet<&str>) -> bool {
    let flat = expression.replace('/', " OR ");
    if let (Some(start), Some(end)) = (flat.find('('), flat.find(')')) {
        let inner = if is_met(&flat[start + 1..end], allowed) { "true" } else { "false" };
        return is_met(&format!("{}{inner}{}", &flat[..start], &flat[end + 1..]), allowed);
    }
    let granted = |term: &str| term == "true" || allowed.contains(term);
    flat.split(" OR ").any(|option| option.split(" AND ").all(|term| granted(term.trim())))
}

#[test]
fn every_licence_is_allowed() {
    let rules = rules();
    let allowed =
        rules["licenses"]["allow"].as_array().expect("a list").iter().filter_map(toml::Value::as_str).collect();
    let packages = packages();
    assert!(packages.len() > 50, "the packages were not found");
    let wrong = packages.iter().filter(|package| !is_met(text(package, "license"), &allowed));
    let wrong: Vec<_> = wrong.map(|package| (text(package, "name"), text(package, "license"))).collect();
    assert!(wrong.is_empty(), "not allowed by deny.toml: {wrong:?}");
    assert!(is_met("(MIT OR GPL-3.0) AND Unicode-3.0", &allowed) && is_met("Apache-2.0/MIT", &allowed));
    assert!(!is_met("MIT AND GPL-3.0-only", &allowed) && !is_met("", &allowed));
}

#[test]
fn nothing_banned_is_built_in() {
    let banned = crates(&rules(), "deny");
    let there: BTreeSet<String> = packages().iter().map(|package| text(package, "name").to_owned()).collect();
    assert!(there.contains("rustls"), "the packages were not found");
    assert_eq!(there.intersection(&banned).collect::<Vec<_>>(), Vec::<&String>::new());
}

#[test]
fn every_duplicate_has_a_reason() {
    let packages = packages();
    let mut versions = BTreeMap::<&str, BTreeSet<&str>>::new();
    for package in &packages {
        versions.entry(text(package, "name")).or_default().insert(text(package, "version"));
    }
    let double = versions.into_iter().filter(|(_, versions)| versions.len() > 1);
    let double: BTreeSet<String> = double.map(|(name, _)| name.to_owned()).collect();
    assert_eq!(double, crates(&rules(), "skip"), "crates in two versions, and those that deny.toml argues for");
}
