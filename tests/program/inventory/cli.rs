//! The verbs of `namewarden inventory` that need no store, on files as people have them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use insta::assert_snapshot;
use namewarden::api::v1;
use namewarden::cli::format::Format;
use namewarden::cli::inventory::{
    DiffArgs, FailOnLevel, ImportArgs, ImportContext, Imported, LintArgs, Table, diff, import, lint, open,
};
use namewarden::config::source::Source;
use namewarden::model::{Exposure, OwnerId, ProjectName, Registry, Time, Watch, WatchId, WatchKind};
use namewarden::watchlist::{InventoryError, draft, from_source, places, read};

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

fn imported(args: &ImportArgs, standing: Option<&[&str]>) -> Result<Imported, InventoryError> {
    let name = |name: &&str| ProjectName::parse(name).expect("valid");
    let standing = standing.map(|names| names.iter().map(name).collect());
    import(open(&args.file)?, args, &security(), &ImportContext { standing, ..ImportContext::default() })
}

fn security() -> OwnerId {
    OwnerId("security".to_owned())
}

#[test]
fn lint_prints_remarks_and_a_tally() {
    let world = World::new();
    let path = world.file("inv.txt", "acme-billing\nAcme_Billing\nw\nacme billing\n");
    let run = |fail_on, format| {
        lint(&LintArgs { file: None, fail_on, format }, &path, &security(), None)
            .unwrap_or_else(|error| panic!("{error}"))
    };
    let outcome = run(FailOnLevel::Error, Format::Human);
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
    let json = run(FailOnLevel::Error, Format::Json).text;
    let first = json.lines().next().unwrap_or_default();
    assert_snapshot!(world.plain(first), @r##"{"severity":"note","kind":"ownerless","file":"inv.txt","line":1,"column":1,"detail":"\"acme-billing\" and 2 more have no owner, so security is told","remedy":"give them owners who can act at once"}"##);
}

#[test]
fn lint_fails_on_what_it_is_told_to() {
    let world = World::new();
    let path = world.file("inv.txt", "acme-billing==1.0\nAcme_Billing==1.0\n");
    for (fail_on, found) in [(FailOnLevel::Error, false), (FailOnLevel::Warning, true), (FailOnLevel::Note, true)] {
        let args = LintArgs { file: Some(path.clone()), fail_on, format: Format::Human };
        let outcome = lint(&args, Path::new("/nowhere"), &security(), None).unwrap_or_else(|error| panic!("{error}"));
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
        imported(&ImportArgs { file, ..ImportArgs::default() }, None).unwrap_or_else(|error| panic!("{error}"));
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
    let imported = imported(&args, None).unwrap_or_else(|error| panic!("{error}"));
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
    let error = imported(&ImportArgs { file, ..ImportArgs::default() }, None).expect_err("a refusal");
    assert_snapshot!(world.plain(&error.to_string()), @r##"names.txt:2:1: "acme b" is no project name: ' ' is not an ASCII letter, digit, '.', '_' or '-'; write "acme-b""##);
}

const UV: &str = "version = 1\nrequires-python = \">=3.9\"\n\n\
    [[package]]\nname = \"acme-app\"\nversion = \"0.1.0\"\nsource = { editable = \".\" }\n\n\
    [[package]]\nname = \"acme-billing\"\nversion = \"4.12.0\"\nsource = { registry = \"https://me:secret@i.example/simple\" }\n\n\
    [[package]]\nname = \"acme-mirrored\"\nversion = \"1.0\"\nsource = { registry = \"https://i.example/simple\" }\n\n\
    [[package]]\nname = \"numpy\"\nversion = \"2.1\"\nsource = { registry = \"PYPI/simple\" }\n";

/// The file is written here, with PyPI's address from the one place that knows it.
fn locked(world: &World, name: &str, text: &str) -> PathBuf {
    world.file(name, &text.replace("PYPI", namewarden::registry::pypi::addresses::PYPI))
}

#[test]
fn import_of_a_lock_file_watches_what_is_ones_own() {
    let world = World::new();
    let args = ImportArgs { file: locked(&world, "uv.lock", UV), ..ImportArgs::default() };
    let found = imported(&args, Some(&["numpy", "acme-mirrored"])).unwrap_or_else(|error| panic!("{error}"));
    assert_snapshot!(found.toml, @r##"
        # Check it after a change: namewarden inventory lint

        [owners.security]
        # Where are they told? At least one is needed.
        #email = ["team@your.example"]
        names = [
          "acme-app==0.1.0",
        ]

        [[name]]
        name = "acme-billing"
        owner = "security"
        latest_version = "4.12.0"
        index = "https://i.example/simple"

        [[name]]
        name = "acme-mirrored"
        owner = "security"
        latest_version = "1.0"
        index = "https://i.example/simple"
        "##);
    assert_snapshot!(found.remarks, @r##"
        WARNING: resolved from your own place, and on PyPI too, where somebody may have taken your names: kept (1): acme-mirrored (https://i.example/simple)
          pip with an extra index takes the highest version, whoever published it: look at each on PyPI, and pin your index
        left out, as resolved from PyPI (1): numpy
        to watch them too: --include-public
        0 errors, 0 warnings, 0 notes
        "##);
    let all = ImportArgs { include_public: true, ..args };
    let all = imported(&all, None).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(all.inventory.watches.len(), 4);
    assert!(!all.toml.contains("secret"), "{}", all.toml);
}

#[test]
fn every_lock_file_says_where_its_packages_are_from() {
    let world = World::new();
    let poetry = "[[package]]\nname = \"acme-a\"\nversion = \"1.0\"\n[package.source]\ntype = \"legacy\"\nurl = \"https://i.example/simple\"\n\
                  reference = \"ours\"\n[[package]]\nname = \"numpy\"\nversion = \"2.1\"\n[metadata]\nlock-version = \"2.1\"\n";
    let pylock = "lock-version = \"1.0\"\ncreated-by = \"pip\"\n[[packages]]\nname = \"acme-a\"\nversion = \"1.0\"\nindex = \"https://i.example/simple\"\n\
                  [[packages]]\nname = \"numpy\"\nversion = \"2.1\"\nindex = \"PYPI/simple\"\n";
    let pipfile = "{\"_meta\": {\"pipfile-spec\": 6, \"sources\": [{\"name\": \"pypi\", \"url\": \"PYPI/simple\", \"verify_ssl\": true}, \
                   {\"name\": \"ours\", \"url\": \"https://i.example/simple\", \"verify_ssl\": true}]}, \
                   \"default\": {\"acme-a\": {\"version\": \"==1.0\", \"index\": \"ours\"}, \"numpy\": {\"version\": \"==2.1\"}}, \"develop\": {}}";
    for (name, text) in [("poetry.lock", poetry), ("pylock.toml", pylock), ("Pipfile.lock", pipfile)] {
        let args = ImportArgs { file: locked(&world, name, text), ..ImportArgs::default() };
        let found = imported(&args, None).unwrap_or_else(|error| panic!("{name}: {error}"));
        let watches: Vec<_> = found.inventory.watches.values().collect();
        assert_eq!(watches.len(), 1, "{name}\n{}", found.toml);
        assert_eq!(
            (watches[0].display.as_str(), watches[0].latest_version.as_deref(), watches[0].index.as_deref()),
            ("acme-a", Some("1.0"), Some("https://i.example/simple")),
            "{name}"
        );
        assert!(found.remarks.contains("left out, as resolved from PyPI (1): numpy"), "{}", found.remarks);
    }
}

#[test]
fn import_of_requirements_follows_their_files() {
    let world = World::new();
    world.file("base.txt", "numpy==2.1\nacme-core>=2 ; python_version > '3'\n-r more.in\n");
    world.file("more.in", "acme-more\n");
    let file = world.file(
        "requirements.txt",
        "--index-url https://me:secret@i.example/simple\n-r base.txt\nacme-a[x]==1.0 --hash=sha256:ab\n",
    );
    let args = ImportArgs { file, ..ImportArgs::default() };
    let found = imported(&args, Some(&["numpy"])).unwrap_or_else(|error| panic!("{error}"));
    let names: Vec<_> = found.inventory.watches.keys().map(|id| id.text.as_str()).collect();
    assert_eq!(names, ["acme-a", "acme-core", "acme-more"]);
    assert!(found.remarks.contains("left out, as they stand on PyPI (1): numpy"), "{}", found.remarks);
    let missing = world.file("missing.txt", "-r nowhere.txt\nacme-a==1.0\n");
    let error = imported(&ImportArgs { file: missing, ..ImportArgs::default() }, None).expect_err("a refusal");
    assert_snapshot!(world.plain(&error.to_string()), @r##"missing.txt:1:1: nowhere.txt cannot be read: No such file or directory (os error 2); a path behind -r begins at the folder of the file that names it: correct it, or take the line out"##);
    let mixed = world.file("mixed.txt", "acme-x==1\n-r base.txt\n./local/pkg\n");
    let error =
        imported(&ImportArgs { file: mixed, ..ImportArgs::default() }, None).expect_err("a refusal").to_string();
    assert!(error.contains("mixed.txt:3:1: ") && !error.contains("base.txt"), "what is read is not to blame: {error}");
    let public = world.file("public.txt", "numpy==2.1\n");
    let error =
        imported(&ImportArgs { file: public, ..ImportArgs::default() }, Some(&["numpy"])).expect_err("a refusal");
    assert_snapshot!(world.plain(&error.to_string()), @r##"public.txt:1:1: nothing of it is yours: left out, as they stand on PyPI (1): numpy; import a file with packages of your own, or watch these too with --include-public"##);
}

/// The name that is under attack stands on PyPI, and so does the one that was claimed.
#[test]
fn import_keeps_what_is_watched_although_it_is_on_pypi() {
    let world = World::new();
    let args = ImportArgs {
        file: world.file("freeze.txt", "taken==1.0\nclaimed==1.0\nnumpy==2.1\n"),
        ..ImportArgs::default()
    };
    let name = |name: &str| ProjectName::parse(name).expect("valid");
    let known = ImportContext {
        standing: Some(["taken", "claimed", "numpy"].map(name).into()),
        watched: [(name("taken"), v1::Exposure::Taken), (name("claimed"), v1::Exposure::Ours)].into(),
        ..ImportContext::default()
    };
    let opened = open(&args.file).unwrap_or_else(|error| panic!("{error}"));
    let found = import(opened, &args, &security(), &known).unwrap_or_else(|error| panic!("{error}"));
    let names: Vec<_> = found.inventory.watches.keys().map(|id| id.text.as_str()).collect();
    assert_eq!(names, ["claimed", "taken"]);
    for told in
        ["not in your hands as far as is known: kept (1): taken", "yours on PyPI: kept (1): claimed", "(1): numpy"]
    {
        assert!(found.remarks.contains(told), "{}", found.remarks);
    }
}

/// Pasted into one inventory the two would be an error of lines that nobody has in view.
#[test]
fn import_says_whose_a_watch_is_already() {
    let world = World::new();
    let other = "[owners.payments]\nemail = [\"p@acme.example\"]\nnames = [\n  \"acme-tax\",\n  \"acme-billing\",\n]\n\
                 [owners.security]\nnames = [\"acme-ledger\"]\n";
    let standing = world.file("inventory.toml", other);
    let written = read(&standing).and_then(draft).unwrap_or_else(|error| panic!("{error}"));
    let owned = places(&written, &security()).into_iter().map(|(id, (owner, place))| (id, (owner, Some(place))));
    let known = ImportContext { owned: owned.collect(), ..ImportContext::default() };
    let args =
        ImportArgs { file: world.file("more.txt", "Acme_Billing\nacme-ledger\nacme-new\n"), ..ImportArgs::default() };
    let run = |args: &ImportArgs| {
        let opened = open(&args.file).unwrap_or_else(|error| panic!("{error}"));
        let remarks = import(opened, args, &security(), &known).unwrap_or_else(|error| panic!("{error}")).remarks;
        world.plain(&remarks)
    };
    let told = run(&args);
    let whose = "another owner watches these already (1): acme-billing (payments, inventory.toml:5)\n";
    assert!(told.contains(whose) && told.contains("change the owner there"), "{told}");
    let same = ImportArgs { owner: Some("payments".to_owned()), ..args };
    let told = run(&same);
    assert!(told.contains("(1): acme-ledger (security, inventory.toml:8)\n"), "{told}");
}

#[test]
fn a_file_of_requirements_may_name_itself() {
    let world = World::new();
    world.file("b.txt", "-r a.txt\nacme-b==1.0\n");
    let args = ImportArgs { file: world.file("a.txt", "-rb.txt\nacme-a==1.0\n"), ..ImportArgs::default() };
    let found = imported(&args, None).unwrap_or_else(|error| panic!("{error}"));
    let names: Vec<_> = found.inventory.watches.keys().map(|id| id.text.as_str()).collect();
    assert_eq!(names, ["acme-a", "acme-b"]);
    let args = ImportArgs { file: world.file("c.txt", "-r https://h.example/c.txt\nacme-a==1.0\n"), ..args };
    let error = imported(&args, None).expect_err("a refusal").to_string();
    assert!(error.contains("fetch it into a file, and name that with -r"), "{error}");
}

#[test]
fn an_unknown_column_says_which_one_is_meant() {
    let world = World::new();
    for (title, meant) in [("team", "owner"), ("E-Mail", "owner"), ("first use", "first_use"), ("kinds", "kind")] {
        let file = world.file("names.csv", &format!("name,{title}\nacme-a,x\n"));
        let error = imported(&ImportArgs { file, ..ImportArgs::default() }, None).expect_err("a refusal").to_string();
        assert!(error.contains(&format!("call it \"{meant}\"")) && error.contains("known are name, kind"), "{error}");
    }
}

#[test]
fn lint_refuses_what_the_configuration_does_not_reach() {
    let world = World::new();
    let config = world.file(
        "namewarden.toml",
        "contact = \"s@acme.example\"\n[pypi]\nbase = \"https://i.example\"\n[alert]\n\
        default_owner = \"security\"\n[alert.email]\nhost = \"localhost\"\nfrom = \"w@acme.example\"\n",
    );
    let settings = namewarden::config::load_sealed(&config, &namewarden::config::Environment::default())
        .unwrap_or_else(|e| panic!("{e}"));
    let run = |text: &str| {
        let args =
            LintArgs { file: Some(world.file("inv.toml", text)), fail_on: FailOnLevel::Error, format: Format::Human };
        let outcome =
            lint(&args, Path::new("/nowhere"), &security(), Some(&settings)).unwrap_or_else(|e| panic!("{e}"));
        let errors = outcome.text.lines().filter(|line| line.starts_with("error")).collect::<Vec<_>>().join("\n");
        world.plain(&errors)
    };
    let pay = "[owners.pay]\nnames = [\"acme-a\"]\nemail = [\"p@acme.example\"]\nslack = [\n\"pay\"]\n";
    assert_snapshot!([run(pay), run("[owners.security]\nemail = []\nnames = [\"acme-a\"]\n"), run("[owners.security]\nemail = [\"s@acme.example\"]\n")].join("\n"), @r##"
        error: namewarden.toml:5:1: alert.default_owner: the inventory declares no channel for the owner "security"; write [owners.security] with email = ["…"] there
        error: inv.toml:5:1: owners.pay.slack: the configuration has no [alert.slack.pay]; add it, or take "pay" out
        error: namewarden.toml:5:1: alert.default_owner: the inventory declares no channel for the owner "security"; write [owners.security] with email = ["…"] there
        error: inv.toml:1:1: it holds no watch, so nothing would be protected; add the names of your packages
        "##);
    assert_eq!(run("[owners.security]\nemail = [\"s@acme.example\"]\nnames = [\"acme-a\"]\n"), "");
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
        a reload is held: it removes 1 of 4 watches, a fifth or more; it makes the prefix acme-* no longer exclusive; `namewarden inventory apply --force` puts it in force
        "##);
    assert_snapshot!(run(Format::Json).text.trim_end(), @r##"{"outcome":"held","reasons":["it removes 1 of 4 watches, a fifth or more","it makes the prefix acme-* no longer exclusive"],"added":["name:acme-d"],"removed":["name:acme-b"],"changed":["prefix:acme-"],"changes":["- acme-b  (security)","+ acme-d  (security)","~ acme-*  exclusive true -> false"]}"##);
    let same = DiffArgs { old: old.clone(), new: Some(old.clone()), format: Format::Human };
    let outcome = diff(&same, &new, &security()).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((outcome.text.as_str(), outcome.found), ("no changes\n", false));
}

#[test]
fn list_shows_watches_with_their_exposure() {
    let listed = "[[listed]]\nwatch = \"acme-a\"\nnames = [\"old-acme\", \"acme-alpha\"]\n";
    let source = Source::new(Path::new("inventory.toml"), format!("{OLD}{listed}"));
    let inventory = from_source(source, &security()).unwrap_or_else(|error| panic!("{error}"));
    let id = |text: &str| WatchId::new(Registry::Pypi, WatchKind::Name, text);
    let since: Time = "2026-11-20T12:00:00Z".parse().expect("a time");
    let exposures =
        BTreeMap::from([(id("acme-a"), (Exposure::Taken, since)), (id("acme-b"), (Exposure::Exposed, since))]);
    let look_alikes = inventory.look_alikes();
    let watch = |watch: &Watch| {
        let listed = look_alikes.get(&watch.id).map_or(&[][..], Vec::as_slice);
        v1::Watch::new(&inventory, watch, exposures.get(&watch.id), listed)
    };
    let watches: Vec<v1::Watch> = inventory.watches.values().map(watch).collect();
    assert_snapshot!(Table::default().rows(&watches), @r##"
        WATCH   OWNER     EXPOSURE  SINCE       VERSION  NOTES
        acme-a  security  taken     2026-11-20  1.0      2 listed
        acme-b  security  exposed   2026-11-20  -
        acme-c  security  unknown   -           -
        acme-*  security  unknown   -           -        exclusive
        "##);
    assert_snapshot!(serde_json::to_string(&watches[0]).expect("plain"), @r##"{"watch":"name:acme-a","registry":"pypi","kind":"name","text":"acme-a","label":"acme-a","display":"acme-a","owner":"security","exposure":"taken","since":"2026-11-20T12:00:00Z","shielded_by":null,"latest_version":"1.0","first_use":null,"index":null,"exclusive":false,"guarded":false,"listed":["acme-alpha","old-acme"]}"##);
    let mut table = Table::default();
    let (first, second) = (table.rows(&watches[..1]), table.rows(&watches[1..]));
    assert_eq!(format!("{first}{second}"), Table::default().rows(&watches), "page by page it is the same table");
}

#[test]
fn the_options_are_well_formed() {
    use clap::Subcommand as _;
    namewarden::cli::inventory::Command::augment_subcommands(clap::Command::new("inventory")).debug_assert();
    namewarden::cli::config::Command::augment_subcommands(clap::Command::new("config")).debug_assert();
}

/// What `uv export` writes for the project itself, and what `conda list` has from channels of conda's.
#[test]
fn import_reads_folders_and_leaves_out_what_is_condas() {
    let world = World::new();
    world.file("pyproject.toml", "[project]\nname = \"acme-service\"\n");
    let lines = "-e .\n-e ./libs/none\nacme-tax==1.0 \\\n    --hash=sha256:00\nacme-billing==2.0\n";
    let args = ImportArgs { file: world.file("exported.txt", lines), ..ImportArgs::default() };
    let found = imported(&args, None).unwrap_or_else(|error| panic!("{error}"));
    let watched: Vec<&str> = found.inventory.watches.values().map(|watch| watch.display.as_str()).collect();
    assert_eq!(watched, ["acme-billing", "acme-service", "acme-tax"]);
    assert!(found.remarks.contains("does not say a name here (1): ./libs/none"), "{}", found.remarks);
    let listed = "# packages in environment at /opt/x:\n#\n# Name  Version  Build  Channel\nacme-tax 1.0 pypi_0 pypi\n\
                  jpeg 9e h5eee18b_1\nnumpy 2.1 py311_0 conda-forge\n";
    let args = ImportArgs { file: world.file("listed.txt", listed), ..ImportArgs::default() };
    let found = imported(&args, None).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(found.inventory.watches.len(), 1);
    assert!(
        found.remarks.contains("as packages of conda's, whose names are not PyPI's (2): jpeg, numpy"),
        "{}",
        found.remarks
    );
}

/// Nobody knows what is sought in a file that is imported: what no reader took is told.
#[test]
fn import_tells_what_stands_beside_its_packages() {
    let world = World::new();
    let told = |name: &str, text: &str| {
        let args = ImportArgs { file: world.file(name, text), ..ImportArgs::default() };
        let remarks = imported(&args, Some(&[])).unwrap_or_else(|error| panic!("{error}")).remarks;
        let is_aside = |line: &&str| line.starts_with("left out") || line.starts_with("not read");
        remarks.lines().filter(is_aside).collect::<Vec<_>>().join("\n")
    };
    let components = [
        r#"{"name": "six", "purl": "pkg:pypi/six@1"}, {"name": "zyx-pay", "purl": "pkg:generic/zyx-pay@2"}"#,
        r#"{"name": "bash", "purl": "pkg:deb/debian/bash@5"}, {"name": "tax", "group": "zyx"}"#,
    ];
    let bom = format!(r#"{{"bomFormat": "CycloneDX", "components": [{}]}}"#, components.join(", "));
    let lines = "zyx-pay==1\nzyx-tax @ https://i.example/tax-1.0.tar.gz\nsix==1 --global-option=zyx-core\n";
    assert_snapshot!(told("bom.json", &bom) + "\n" + &told("requirements.txt", lines), @"
        left out, as what stands beside a name, or is of no language that is said (2): zyx-pay, zyx-tax: add what is yours by hand
        left out, as packages of other languages or of the system (1): bash
        not read as names, and called as yours are (1): zyx-core (line 3): look whether they are names
        left out, as what stands beside a name, or is of no language that is said (1): tax: add what is yours by hand
        ");
}
