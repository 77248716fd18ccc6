//! The verbs of `namewarden inventory` that need no store, on files as people have them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use insta::assert_snapshot;
use namewarden::cli::inventory::{DiffArgs, FailOn, Format, ImportArgs, LintArgs, ListArgs, diff, import, lint, list};
use namewarden::config::source::Source;
use namewarden::inventory::from_source;
use namewarden::model::{Exposure, OwnerId, WatchId, WatchKind};

const OLD: &str = "[owners.security]\nemail = [\"s@acme.example\"]\nnames = [\"acme-a==1.0\", \"acme-b\", \"acme-c\"]\n\
                   [[prefix]]\ntext = \"acme-*\"\nexclusive = true\n";

struct World(tempfile::TempDir);

impl World {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a directory"))
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, text).expect("a file");
        path
    }

    fn plain(&self, text: &str) -> String {
        text.replace(&format!("{}/", self.0.path().display()), "")
    }
}

fn security() -> OwnerId {
    OwnerId("security".to_owned())
}

#[test]
fn lint_prints_remarks_and_a_tally() {
    let world = World::new();
    let path = world.file("inv.txt", "acme-billing\nAcme_Billing\nw\nacme billing\n");
    let run = |fail_on, format| {
        lint(&LintArgs { file: None, fail_on, format }, &path, &security()).unwrap_or_else(|error| panic!("{error}"))
    };
    let outcome = run(FailOn::Error, Format::Human);
    assert!(outcome.found);
    assert_snapshot!(world.plain(&outcome.text), @r##"
        note: inv.txt:1:1: "acme-billing" and 2 more have no owner, so security is told; give them owners who can act at once
        note: inv.txt:1:1: 2 of 2 names have no internal version, so alerts cannot say whether pip would take the stranger's; write "name==version" where you know it
        warning: inv.txt:2:1: "Acme_Billing" is "acme-billing" of line 1 once more; remove one of them
        warning: inv.txt:3:1: "w" is a module of the standard library, and PyPI lets nobody register it; rename your package, or keep the entry for its look-alikes
        note: inv.txt:3:1: "w" is so short that many other names are one edit away; know that misspelt ones are seldom told
        error: inv.txt:4:1: "acme billing" is no project name: ' ' is not an ASCII letter, digit, '.', '_' or '-'; write "acme-billing"
        1 error, 2 warnings, 3 notes
        "##);
    let json = run(FailOn::Error, Format::Json).text;
    let first = json.lines().next().unwrap_or_default();
    assert_snapshot!(world.plain(first), @r##"{"column":1,"file":"inv.txt","instead":"give them owners who can act at once","kind":"ownerless","line":1,"severity":"note","what":"\"acme-billing\" and 2 more have no owner, so security is told"}"##);
}

#[test]
fn lint_fails_on_what_it_is_told_to() {
    let world = World::new();
    let path = world.file("inv.txt", "acme-billing==1.0\nAcme_Billing==1.0\n");
    for (fail_on, found) in [(FailOn::Error, false), (FailOn::Warning, true), (FailOn::Note, true)] {
        let args = LintArgs { file: Some(path.clone()), fail_on, format: Format::Human };
        let outcome = lint(&args, Path::new("/nowhere"), &security()).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(outcome.found, found, "{fail_on:?}\n{}", outcome.text);
    }
}

#[test]
fn import_keeps_owners_and_tells_what_it_dropped() {
    let world = World::new();
    let file = world.file(
        "names.csv",
        "Name;Owner;Latest_Version\r\nacme_billing;pay@acme.example;\"4.12.0\"\r\nacme-billing;pay@acme.example;4.12.0\r\n\
         acme-*;;\r\nacme-auth;;2.0\r\n",
    );
    let imported =
        import(&ImportArgs { file, ..ImportArgs::default() }, &security()).unwrap_or_else(|error| panic!("{error}"));
    assert_snapshot!(imported.toml, @r##"
        # Check it after a change: namewarden inventory lint

        [owners."pay@acme.example"]
        email = ["pay@acme.example"]
        names = [
          "acme_billing==4.12.0",
        ]

        [owners.security]
        # Where are they told? At least one is needed.
        #email = ["team@your.example"]
        names = [
          "acme-auth==2.0",
        ]

        [[prefix]]
        text = "acme-*"
        owner = "security"
        "##);
    assert_snapshot!(world.plain(&imported.remarks), @r##"
        warning: names.csv:3:1: "acme-billing" is "acme_billing" of line 2 once more; remove one of them
        0 errors, 1 warning, 0 notes
        "##);
}

#[test]
fn import_of_a_bare_list_takes_the_owner_from_the_command_line() {
    let world = World::new();
    let file = world.file("names.txt", "acme-b\nacme-a==1.0  # the first\n\nbrand:Acme\n");
    let args = ImportArgs { file, owner: Some("ml".to_owned()), ..ImportArgs::default() };
    let imported = import(&args, &security()).unwrap_or_else(|error| panic!("{error}"));
    assert_snapshot!(imported.toml, @r##"
    # Check it after a change: namewarden inventory lint

    [owners.ml]
    # Where are they told? At least one is needed.
    #email = ["team@your.example"]
    names = [
      "acme-a==1.0",
      "acme-b",
    ]

    [[brand]]
    word = "Acme"
    owner = "ml"
    "##);
}

#[test]
fn import_leaves_nothing_out_in_silence() {
    let world = World::new();
    let file = world.file("names.txt", "acme-a\nacme b\n");
    let error = import(&ImportArgs { file, ..ImportArgs::default() }, &security()).expect_err("a refusal");
    assert_snapshot!(world.plain(&error.to_string()), @r##"names.txt:2:1: "acme b" is no project name: ' ' is not an ASCII letter, digit, '.', '_' or '-'; write "acme-b""##);
}

#[test]
fn diff_says_what_a_reload_would_do() {
    let world = World::new();
    let old = world.file("old.toml", OLD);
    let new = world.file("new.toml", &OLD.replace(", \"acme-b\"", ", \"acme-d\"").replace("exclusive = true", ""));
    let run = |format| {
        let args = DiffArgs { old: old.clone(), new: None, format };
        diff(&args, &new, &security()).unwrap_or_else(|error| panic!("{error}"))
    };
    let outcome = run(Format::Human);
    assert!(outcome.found);
    assert_snapshot!(outcome.text, @r##"
        - acme-b  (security)
        + acme-d  (security)
        ~ acme-*  exclusive true -> false
        1 watch added, 1 watch removed, 1 watch changed
        a reload is held: it removes 1 of 4 watches, a fifth or more; it makes the prefix acme-* no longer exclusive; to put it in force: namewarden inventory apply --force
        "##);
    assert_snapshot!(run(Format::Json).text.trim_end(), @r##"{"added":["name:acme-d"],"changed":["prefix:acme-"],"lines":["- acme-b  (security)","+ acme-d  (security)","~ acme-*  exclusive true -> false"],"reasons":["it removes 1 of 4 watches, a fifth or more","it makes the prefix acme-* no longer exclusive"],"removed":["name:acme-b"],"verdict":"hold"}"##);
    let same = DiffArgs { old: old.clone(), new: Some(old.clone()), format: Format::Human };
    let outcome = diff(&same, &new, &security()).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((outcome.text.as_str(), outcome.found), ("no changes\n", false));
}

#[test]
fn list_shows_watches_with_their_exposure() {
    let listed = "[[listed]]\nwatch = \"acme-a\"\nnames = [\"old-acme\", \"acme-alpha\"]\n";
    let source = Source::new(Path::new("inventory.toml"), format!("{OLD}{listed}"));
    let inventory = from_source(source, &security()).unwrap_or_else(|error| panic!("{error}"));
    let id = |text: &str| WatchId { kind: WatchKind::Name, text: text.to_owned() };
    let exposures = BTreeMap::from([(id("acme-a"), Exposure::Taken), (id("acme-b"), Exposure::Exposed)]);
    let args = |owner: Option<&str>, exposure: Option<&str>, format| ListArgs {
        owner: owner.map(str::to_owned),
        exposure: exposure.map(str::to_owned),
        format,
    };
    assert_snapshot!(list(&args(None, None, Format::Human), &inventory, &exposures), @r##"
        WATCH   OWNER     EXPOSURE  VERSION  NOTES
        acme-a  security  taken     1.0      2 listed
        acme-b  security  exposed   -
        acme-c  security  unknown   -
        acme-*  security  unknown   -        exclusive
        "##);
    let taken = list(&args(Some("security"), Some("taken"), Format::Json), &inventory, &exposures);
    assert_snapshot!(taken.trim_end(), @r##"{"display":"acme-a","exclusive":false,"exposure":"taken","first_use":null,"guarded":false,"index":null,"latest_version":"1.0","listed":["acme-alpha","old-acme"],"owner":"security","watch":"name:acme-a"}"##);
    assert_eq!(list(&args(Some("nobody"), None, Format::Json), &inventory, &exposures), "");
}

#[test]
fn the_options_are_well_formed() {
    use clap::Subcommand as _;
    namewarden::cli::inventory::Command::augment_subcommands(clap::Command::new("inventory")).debug_assert();
    namewarden::cli::config::Command::augment_subcommands(clap::Command::new("config")).debug_assert();
}
