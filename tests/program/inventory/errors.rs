//! Every way in which an inventory can be wrong or doubtful, and what its author is told.

use std::path::Path;

use insta::assert_snapshot;
use namewarden::config::source::Source;
use namewarden::model::OwnerId;
use namewarden::watchlist::{InventoryError, LintLevel, draft, from_source, lint, load};

fn security() -> OwnerId {
    OwnerId("security".to_owned())
}

fn source(file: &str, text: &str) -> Source {
    Source::new(Path::new(file), text.to_owned())
}

fn error(file: &str, text: &str) -> String {
    from_source(source(file, text), &security()).expect_err("a refusal").to_string()
}

fn toml(text: &str) -> String {
    error("inv.toml", text)
}

/// Several errors, one below the other.
fn told<const N: usize>(errors: [String; N]) -> String {
    errors.join("\n")
}

/// Remarks of at least this severity.
fn remarks(file: &str, text: &str, least: LintLevel) -> String {
    let draft = draft(source(file, text)).unwrap_or_else(|error| panic!("{error}"));
    let lints = lint(&draft, &security());
    lints.iter().filter(|l| l.severity() >= least).map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_file_that_is_not_there() {
    let error = load(Path::new("/nowhere/inventory.toml"), &security()).expect_err("a refusal");
    assert_snapshot!(error, @r##"the inventory /nowhere/inventory.toml cannot be read; write one, or name another with the key `inventory`"##);
    assert!(matches!(error, InventoryError::Read { .. }));
}

#[test]
fn an_inventory_without_watches_protects_nothing() {
    assert_snapshot!(told([
        toml("[owners.security]\nemail = [\"s@acme.example\"]\n"),
        error("inv.txt", "# nothing\n"),
        error("inv.csv", ""),
    ]), @r##"
    inv.toml:1:1: it holds no watch, so nothing would be protected; add the names of your packages
    inv.txt:1:1: it holds no watch, so nothing would be protected; add the names of your packages
    inv.csv:1:1: it holds no watch, so nothing would be protected; add the names of your packages
    "##);
}

#[test]
fn faults_of_shape() {
    assert_snapshot!(told([
        toml("names = \"acme-a\"\n"),
        toml("[owners.pay]\nnmes = [\"acme-a\"]\n"),
        toml("[[nam]]\nname = \"acme-a\"\n"),
        toml("[[name]]\nowner = \"pay\"\n"),
        toml("names = [\"acme-a\", 5]\n"),
        toml("[[name]]\nname = \"acme-a\"\nfirst_use = \"2019-03-01\"\n"),
        toml("[[name]]\nname = \"acme-a\"\nfirst_use = 12:00:00\n"),
        toml("[[name]]\nname = \"acme-a\"\nlatest_version = 1.2\n"),
        toml("[[prefix]]\ntext = \"acme-\"\nexclusive = \"yes\"\n"),
        toml("[owners.\"\"]\nemail = [\"nobody\"]\nnames = [\"acme-a\"]\n"),
        toml("[owners]\npay = \"pay@acme.example\"\n"),
        toml("names = [\"acme-a\"\n[owners.pay]\n"),
    ]), @r##"
    inv.toml:1:9: names: it is a string; write a list, ["…"]
    inv.toml:2:1: owners.pay.nmes: unknown key "nmes"; did you mean "names"?
    inv.toml:1:3: nam: unknown key "nam"; did you mean "name"?
    inv.toml:1:1: name: the key name is missing; add name = "…"
    inv.toml:1:20: names: it is an integer; write text in "quotes"
    inv.toml:3:13: name.first_use: it is a string; write a date without quotes, like 2019-03-01
    inv.toml:3:13: first_use: 12:00:00 is no day; write a date without quotes, like 2019-03-01
    inv.toml:3:18: name.latest_version: it is a number with a point; write text in "quotes"
    inv.toml:3:13: prefix.exclusive: it is a string; write true or false
    inv.toml:1:9: owners: "" is no id of an owner; write [owners.SHORT-NAME]
    inv.toml:2:10: owners..email: "nobody" is no e-mail address; write the address alone, "team@your.example"
    inv.toml:2:7: owners.pay: it is a string; write a table, [owners.ID]
    inv.toml:2:1: not TOML: missing comma between array elements; write `,` here
    "##);
}

#[test]
fn names_that_are_none() {
    assert_snapshot!(told([
        toml("names = [\n  \"acme-a\",\n  \"acme billing\",\n  \"-x\", \"acme-b>=1.2\", \"acme[tls]\", \"аcme\", \"\"]\n"),
        toml("[[name]]\nname = \"acme-*\"\n"),
        error("inv.txt", "acme-a\n  acme billing  # the old one\n-r other.txt\n"),
    ]), @r##"
        inv.toml:3:3: name: "acme billing" is no project name: ' ' is not an ASCII letter, digit, '.', '_' or '-'; write "acme-billing"
        inv.toml:4:3: name: "-x" is no project name: it must start and end with an ASCII letter or digit; write the name as pip installs it
        inv.toml:4:9: name: "acme-b>=1.2" is no project name: '>' is not an ASCII letter, digit, '.', '_' or '-'; write the name alone, "acme-b"
        inv.toml:4:24: name: "acme[tls]" is no project name: '[' is not an ASCII letter, digit, '.', '_' or '-'; write the name alone, "acme"
        inv.toml:4:37: name: "аcme" is no project name: 'а' is not an ASCII letter, digit, '.', '_' or '-'; write the name as pip installs it
        inv.toml:4:45: name: a project name is empty; write the name as pip installs it
        inv.toml:2:8: name: "acme-*" is no project name: '*' is not an ASCII letter, digit, '.', '_' or '-'; write it as a prefix: [[prefix]] text = "acme-*"
        inv.txt:2:3: "acme billing" is no project name: ' ' is not an ASCII letter, digit, '.', '_' or '-'; write "acme-billing"
        inv.txt:3:1: "other.txt" is another file, which is not read; write its lines here; `namewarden inventory import` reads it by itself
        "##);
}

#[test]
fn prefixes_and_brands_that_match_nothing() {
    assert_snapshot!(told([
        toml("[[prefix]]\ntext = \"acme\"\n[[prefix]]\ntext = \"*\"\n[[prefix]]\ntext = \"a cme-\"\n"),
        toml("[[brand]]\nword = \"acme-corp\"\n[[brand]]\nword = \"\"\n"),
    ]), @r##"
    inv.toml:2:8: prefix: the prefix "acme" does not end at a separator; write "acme-*"; names that only begin with it are other names
    inv.toml:4:8: prefix: "*" is no prefix: a project name is empty; write the beginning of your names and a separator, "acme-*"
    inv.toml:6:8: prefix: "a cme-" is no prefix: "a cme" is no project name: ' ' is not an ASCII letter, digit, '.', '_' or '-'; write the beginning of your names and a separator, "acme-*"
    inv.toml:2:8: brand: the brand word "acme-corp" can match nothing: it is not one word of ASCII letters and digits; write a single word without separators, like "acmecorp"
    inv.toml:4:8: brand: the brand word "" can match nothing: it is not one word of ASCII letters and digits; write a single word without separators, like "acmecorp"
    "##);
}

#[test]
fn owners_and_versions() {
    assert_snapshot!(told([
        toml("[owners.payments]\nemail = [\"p@acme.example\"]\n[[name]]\nname = \"acme-a\"\nowner = \"payment\"\n"),
        toml("names = [\"acme-a==four\"]\n"),
    ]), @r##"
    inv.toml:4:8: owner: acme-a: there is no owner "payment"; did you mean "payments"?
    inv.toml:1:10: latest_version: acme-a: "four" is no version by PEP 440, so it cannot be compared; write it as `pip list` shows it, like "4.12.0"
    "##);
}

#[test]
fn one_name_in_two_spellings() {
    let text = "names = [\"acme_billing==1.0\", \"acme-a\", \"Acme.Billing==2.0\"]\n";
    assert_snapshot!(toml(text), @r##"inv.toml:1:41: name: "Acme.Billing" is "acme_billing" of line 1, with another latest_version; keep one of the two"##);
    let text = "names = [\"acme_billing==1.0\",\n \"acme-a\",\n \"Acme.Billing==1.0\"]\n";
    assert_snapshot!(remarks("inv.toml", text, LintLevel::Warning), @r##"warning: inv.toml:3:2: "Acme.Billing" is "acme_billing" of line 1 once more; remove one of them"##);
    assert!(from_source(source("inv.toml", text), &security()).is_ok(), "a repetition does no harm");
}

#[test]
fn suppressions() {
    let base = "names = [\"acme-a\"]\n[[suppress]]\nproject = \"acme-b\"\n";
    assert_snapshot!(told([
        toml(base),
        toml(&format!("{base}reason = \" \"\n")),
        toml(&format!("{base}reason = \"fine\"\nrule = \"exakt\"\n")),
        toml(&format!("{base}reason = \"fine\"\nwatch = \"a b\"\n")),
    ]), @r##"
    inv.toml:2:1: suppress: the key reason is missing; add reason = "…"
    inv.toml:3:11: suppress.reason: is empty; write why this project is harmless, for who reads it in a year
    inv.toml:3:11: suppress.rule: there is no rule "exakt"; did you mean "exact"?
    inv.toml:3:11: suppress.watch: "a b" is no project name: ' ' is not an ASCII letter, digit, '.', '_' or '-'; write "a-b"
    "##);
    let dead = format!("{base}reason = \"fine\"\nwatch = \"acme-c\"\n");
    assert_snapshot!(remarks("inv.toml", &dead, LintLevel::Warning), @r##"warning: inv.toml:3:11: it is for acme-c, which is not watched, so it silences nothing; correct the watch or remove the suppression"##);
    let own = "names = [\"acme-a\"]\n[[suppress]]\nproject = \"Acme_A\"\nreason = \"fine\"\n";
    assert_snapshot!(remarks("inv.toml", own, LintLevel::Warning), @r##"warning: inv.toml:3:11: it silences the watched name acme-a itself, whoever registers it; list who may have it under [registrants] instead"##);
    assert_eq!(remarks("inv.toml", &format!("{own}rule = \"omission\"\n"), LintLevel::Warning), "");
}

#[test]
fn look_alikes() {
    let base = "names = [\"acme-billing\", \"acme-auth\"]\n[[listed]]\nwatch = \"acme-billing\"\n";
    assert_snapshot!(told([
        toml(base),
        toml(&base.replace("-billing\"\n", "-biling\"\nnames = [\"acme-bills\", \"acme-bill\"]\n")),
        toml(&base.replace("watch = \"acme-billing\"\n", "watch = \"shop\"\nnames = []\n")),
        toml(&base.replace("watch = \"acme-billing\"\n", "watch = \"a b\"\nnames = []\n")),
        toml(&format!("{base}names = [\"acme bills\",\n\"Acme_Auth\",\n\"acme-billing\"]\n")),
        toml(&format!("{base}names = [\"acme-bills\"]\n[[listed]]\nwatch = \"acme-auth\"\nnames = [\"Acme.Bills\"]\n")),
    ]), @r##"
        inv.toml:2:1: listed: the key names is missing; add names = "…"
        inv.toml:3:9: listed.watch: "acme-biling" is not watched, so nothing can be a look-alike of it; did you mean "acme-billing"?
        inv.toml:3:9: listed.watch: "shop" is not watched, so nothing can be a look-alike of it; write a name, a prefix or a brand word of this inventory
        inv.toml:3:9: listed.watch: "a b" is no project name: ' ' is not an ASCII letter, digit, '.', '_' or '-'; write "a-b"
        inv.toml:4:10: listed.names: "acme bills" is no project name: ' ' is not an ASCII letter, digit, '.', '_' or '-'; write "acme-bills"
        inv.toml:5:1: listed.names: "Acme_Auth" is itself watched, which says more; take it off the list
        inv.toml:6:1: listed.names: "acme-billing" is itself watched, which says more; take it off the list
        inv.toml:7:10: listed.names: "Acme.Bills" is listed for acme-billing on line 4; keep it for the watch that it threatens most
        "##);
    let twice = format!("{base}names = [\"acme-bills\",\n\"Acme_Bills\"]\n");
    assert_snapshot!(remarks("inv.toml", &twice, LintLevel::Warning), @r##"warning: inv.toml:5:1: "Acme_Bills" is "acme-bills" of line 4 once more; remove one of them"##);
    assert!(from_source(source("inv.toml", &twice), &security()).is_ok(), "a repetition does no harm");
    let covered = "names = [\"a-b\"]\n[[prefix]]\ntext = \"acme-*\"\nexclusive = true\n\
                   [[listed]]\nwatch = \"a-b\"\nnames = [\"acme-bills\"]\n";
    assert_snapshot!(remarks("inv.toml", covered, LintLevel::Note).lines().last().unwrap_or_default(), @r##"note: inv.toml:7:10: "acme-bills" is under the exclusive prefix acme-*, which reports it; take it off the list"##);
}

#[test]
fn look_alikes_in_tables() {
    assert_snapshot!(told([
        error("inv.csv", "name,kind\nacme-a,\nacme-b,listed\n"),
        error("inv.csv", "name,kind,watch\nacme-a,,acme-b\n"),
        error("inv.csv", "name,kind,owner,watch\nacme-a,,,\nacme-b,listed,pay,acme-a\n"),
        error("inv.csv", "name,kind,watch\nacme-a,,\nacme-b,listed,acme-c\nacme d,listed,acme-a\n"),
    ]), @r##"
        inv.csv:3:1: watch: "acme-b" is listed, and the row does not say as a look-alike of what; write the watch that it threatens into the column watch
        inv.csv:2:9: watch: the row names the watch "acme-b" and is no look-alike of it; write listed into the column kind, or leave the cell empty
        inv.csv:3:15: owner: "pay" is said of a look-alike, which takes it from its watch; leave the cell empty
        inv.csv:3:15: listed.watch: "acme-c" is not watched, so nothing can be a look-alike of it; did you mean "acme-a"?
        inv.csv:4:1: listed.names: "acme d" is no project name: ' ' is not an ASCII letter, digit, '.', '_' or '-'; write "acme-d"
        "##);
}

#[test]
fn what_is_doubtful() {
    let text = "names = [\"w\", \"Distutils\", \"acme-pay-core==1.0\"]\n[[prefix]]\ntext = \"ml-*\"\n\
                [[prefix]]\ntext = \"acme-pay-\"\nexclusive = true\n";
    assert_snapshot!(remarks("inv.toml", text, LintLevel::Note), @r##"
    warning: inv.toml:1:10: "w" is a module of the standard library, and PyPI lets nobody register it; rename your package, or keep the entry for its look-alikes
    note: inv.toml:1:10: "w" is so short that many other names are one edit away; know that misspelt ones are seldom told
    note: inv.toml:1:10: "w" and 4 more have no owner, so security is told; give them owners who can act at once
    note: inv.toml:1:10: 2 of 3 names have no internal version, so alerts cannot say whether pip would take the stranger's; write "name==version" where you know it
    warning: inv.toml:1:15: "Distutils" is a module of the standard library, and PyPI lets nobody register it; rename your package, or keep the entry for its look-alikes
    note: inv.toml:1:28: "acme-pay-core" is under the exclusive prefix acme-pay-*, which reports the name itself; keep it for its version and its look-alikes
    warning: inv.toml:3:8: the prefix ml-* is so short that strangers use it by chance; watch the names one by one, or take a longer prefix
    "##);
}

#[test]
fn a_family_without_a_prefix() {
    let names = |word: &str, count: usize| {
        (0..count).map(|n| format!("\"{word}-{}\",", "abcdef".split_at(n + 1).0)).collect::<String>()
    };
    let family = |lists: [String; 2], rest: &str| {
        let text = format!("names = [{}\n{}]\n{rest}", lists[0], lists[1]);
        remarks("inv.toml", &text, LintLevel::Note)
            .lines()
            .filter(|line| line.contains("begin with"))
            .collect::<Vec<_>>()
            .join("\n")
    };
    assert_snapshot!(family([names("data", 6), names("zyxco", 5)], ""), @r##"note: inv.toml:2:1: 5 names begin with "zyxco-", which is no prefix here, so only those names of strangers are reported that resemble one of yours; add [[prefix]] with text = "zyxco-*", and exclusive = true if it is yours alone"##);
    assert_eq!(family([names("zyxco", 4), names("Zyxco", 4)], ""), "", "four names, twice");
    assert_eq!(family([names("zyxco", 6), names("data", 5)], "[[prefix]]\ntext = \"zyxco-*\"\n"), "");
}

/// Alerts show the index: an account is refused however the address is written, and is not shown by whoever refuses it.
#[test]
fn the_account_of_an_index() {
    let accounts = [
        "https://u:s3cret@i.example/simple",
        "u:s3cret@i.example/simple",
        "//u:s3cret@i.example/simple",
        "https:u:s3cret@i.example",
    ];
    for index in accounts {
        let owner =
            format!("[owners.pay]\nemail = [\"pay@acme.example\"]\nnames = [\"acme-a==1.0\"]\nindex = \"{index}\"\n");
        let table = format!("name,index\nacme-a,{index}\n");
        for (file, text) in [("inv.toml", &owner), ("inv.csv", &table)] {
            let said = error(file, text) + &remarks(file, text, LintLevel::Note);
            assert!(said.contains("acme-a: the index holds an account") && !said.contains("s3cret"), "{index}: {said}");
        }
    }
    let feed = "name,index\nacme-a,https://pkgs.example/org/_packaging/feed@Local/pypi/simple/\n";
    assert!(!remarks("inv.csv", feed, LintLevel::Warning).contains("index"), "what follows the host is no account");
}

#[test]
fn tables() {
    assert_snapshot!(told([
        error("inv.csv", "nme,owner\nacme-a,pay\n"),
        error("inv.csv", "owner,kind\npay,name\n"),
    ]), @r##"
    inv.csv:1:1: unknown column "nme"; call it "name" if it is that, or leave the column out; known are name, kind, owner, latest_version, first_use, index, watch
    inv.csv:1:1: the column name is missing; write a header row with name and any of: kind, owner, latest_version, first_use, index, watch
    "##);
    let rows = "name;kind;first_use\nacme-a;nmae;\nacme-b;name;yesterday\nacme-c;;;more\n\"acme d\";name;2020-01-01\n";
    assert_snapshot!(told([
        error("inv.csv", rows),
        error("inv.csv", "name,latest_version\nacme d,1.0\n,2.0\nacme-e,one\n"),
    ]), @r##"
    inv.csv:2:8: kind: "nmae" is no kind of watch; write name, prefix, exclusive-prefix, brand or listed
    inv.csv:3:13: first_use: "yesterday" is no day; write it like 2019-03-01
    inv.csv:4:10: the row has more cells than there are titles, so it may be two; put each row on a line of its own, quote a cell that holds a separator, or give it a title
    inv.csv:2:1: name: "acme d" is no project name: ' ' is not an ASCII letter, digit, '.', '_' or '-'; write "acme-d"
    inv.csv:3:1: name: a project name is empty; write the name as pip installs it
    inv.csv:4:1: latest_version: acme-e: "one" is no version by PEP 440, so it cannot be compared; write it as `pip list` shows it, like "4.12.0"
    "##);
}
