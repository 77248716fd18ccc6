//! The shipped `config/inventory.toml` is a valid inventory, and says what its comments promise.

use std::path::Path;

use namewarden::config::source::Source;
use namewarden::model::inventory::{Registrants, Suppression};
use namewarden::model::{Inventory, Owner, OwnerId, ProjectName, Registry, Watch, WatchId, WatchKind};
use namewarden::watchlist::{LintLevel, draft, from_source, lint};

fn sample() -> Source {
    Source::new(Path::new("inventory.toml"), include_str!("../../../config/inventory.toml").to_owned())
}

fn owner(name: &str, emails: &[&str]) -> Owner {
    Owner { name: name.to_owned(), emails: emails.iter().map(|&e| e.to_owned()).collect(), ..Owner::default() }
}

fn watch(kind: WatchKind, text: &str, owner: &str) -> Watch {
    Watch {
        id: WatchId::new(Registry::Pypi, kind, text),
        display: text.to_owned(),
        owner: OwnerId(owner.to_owned()),
        exclusive: false,
        latest_version: None,
        first_use: None,
        index: None,
    }
}

fn watches() -> Vec<Watch> {
    let index = Some("https://pypi.acme.example/simple".to_owned());
    let version = |text: &str| Some(text.to_owned());
    let name = |text, owner| watch(WatchKind::Name, text, owner);
    vec![
        Watch {
            latest_version: version("2.3.1"),
            first_use: chrono::NaiveDate::from_ymd_opt(2019, 3, 1),
            index: index.clone(),
            ..name("acme-auth", "security")
        },
        Watch { latest_version: version("4.12.0"), index: index.clone(), ..name("acme-billing", "payments") },
        name("acme-features", "ml"),
        Watch { latest_version: version("1.8.3"), index: index.clone(), ..name("acme-ledger", "payments") },
        Watch { display: "acme_tax_tables".to_owned(), index, ..name("acme-tax-tables", "payments") },
        Watch { latest_version: version("0.44"), ..name("acme-train", "ml") },
        Watch { display: "acme-*".to_owned(), exclusive: true, ..watch(WatchKind::Prefix, "acme-", "security") },
        watch(WatchKind::Brand, "acmecorp", "security"),
    ]
}

#[test]
fn the_sample_is_what_it_says() {
    let owners = [
        ("security", owner("Security team", &["security@acme.example"])),
        ("payments", owner("Payments platform", &["payments-oncall@acme.example", "payments-lead@acme.example"])),
        ("ml", owner("Machine learning", &["ml@acme.example"])),
    ];
    let auth = ProjectName::parse("acme-auth").expect("a name");
    let billing = ProjectName::parse("acme-billing").expect("a name");
    let expected = Inventory {
        listed: ["acmecorp-invoices", "billing-for-acme"]
            .map(|name| (ProjectName::parse(name).expect("a name"), WatchId::name(&billing)))
            .into(),
        owners: owners.into_iter().map(|(id, owner)| (OwnerId(id.to_owned()), owner)).collect(),
        watches: watches().into_iter().map(|watch| (watch.id.clone(), watch)).collect(),
        registrants: Registrants {
            users: ["acme-release-bot".to_owned()].into(),
            organizations: ["acme".to_owned()].into(),
        },
        suppressions: vec![Suppression {
            project: ProjectName::parse("acme-widgets").expect("a name"),
            watch: Some(WatchId::new(Registry::Pypi, WatchKind::Prefix, "acme-")),
            rule: None,
            reason: "a shop system of another Acme, since 2014".to_owned(),
        }],
        guarded: [WatchId::name(&auth)].into(),
        terms: std::collections::BTreeMap::new(),
    };
    let inventory = from_source(sample(), &OwnerId("security".to_owned())).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(inventory, expected);
}

#[test]
fn lint_has_nothing_to_warn_about_in_the_sample() {
    let draft = draft(sample()).unwrap_or_else(|e| panic!("{e}"));
    let remarks = lint(&draft, &OwnerId("security".to_owned()));
    let serious: Vec<String> =
        remarks.iter().filter(|lint| lint.severity() > LintLevel::Note).map(ToString::to_string).collect();
    assert_eq!(serious, Vec::<String>::new());
}
