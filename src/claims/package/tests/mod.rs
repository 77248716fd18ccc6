//! Packages of every kind of name and text, against the rules that PyPI has for files.

mod rules;

use proptest::prelude::*;

use super::refusal::Refused;
use super::{Archives, Placeholder, Secrecy, Templates, build};
use crate::config::ClaimSettings;
use crate::model::stdlib::is_stdlib;
use crate::model::version::Pep440;
use crate::model::{Inventory, ProjectName};
use rules::offences;

fn placeholder(name: &str) -> Placeholder {
    Placeholder {
        name: ProjectName::parse(name).expect("valid"),
        display: name.to_owned(),
        version: Pep440::read("0.0.1").expect("a version"),
        internal: Some("4.12.0".to_owned()),
        owner: "Payments".to_owned(),
        company: "Acme & Söhne, Inc.".to_owned(),
        contact: "python-packages@acme.example".to_owned(),
        index: Some("https://pypi.acme.example/simple".to_owned()),
        homepage: Some("https://acme.example".to_owned()),
        policy: None,
        registry: "pypi.example".to_owned(),
        license: "MIT".to_owned(),
    }
}

fn secrecy(customers: &[&str], public_hosts: &[&str]) -> Secrecy {
    let list = |items: &[&str]| items.iter().map(|item| (*item).to_owned()).collect();
    let (public_hosts, customers) = (list(public_hosts), list(customers));
    let claim = ClaimSettings { public_hosts, customers, ..ClaimSettings::default() };
    Secrecy::new(&claim, &Inventory::default())
}

fn built(placeholder: &Placeholder) -> Result<Archives, Refused> {
    build(placeholder, &Templates::default(), &Secrecy::default())
}

/// What is said of a text of the team's.
fn told(file: &str, source: &str) -> String {
    let templates = Templates::default().with(file, source);
    let secrecy = secrecy(&["Globex", "Big Corp"], &["wiki.corp"]);
    match build(&placeholder("acme-billing"), &templates, &secrecy) {
        Ok(_) => "fine".to_owned(),
        Err(refused) => refused.to_string(),
    }
}

fn entry<'a>(archives: &'a Archives, end: &str) -> &'a str {
    let entries = archives.all().into_iter().flat_map(|archive| &archive.entries);
    entries.into_iter().find(|entry| entry.path.ends_with(end)).map_or("", |entry| &entry.text)
}

#[test]
fn the_package_says_whose_name_it_is_and_never_what_it_is_not() {
    let archives = built(&placeholder("Acme.Billing")).expect("a package");
    assert_eq!(archives.wheel.filename, "acme_billing-0.0.1-py3-none-any.whl");
    assert_eq!(archives.sdist.filename, "acme_billing-0.0.1.tar.gz");
    insta::assert_snapshot!(entry(&archives, ".dist-info/METADATA").split("\n## ").next().expect("a beginning"), @r##"
        Metadata-Version: 2.4
        Name: Acme.Billing
        Version: 0.0.1
        Summary: Finds the pip or uv setting that asked a public index for acme-billing, a package that Acme & Söhne, Inc. uses internally
        Author: Acme & Söhne, Inc.
        Author-email: python-packages@acme.example
        License-Expression: MIT
        License-File: LICENSE
        Classifier: Development Status :: 7 - Inactive
        Classifier: Environment :: Console
        Classifier: Intended Audience :: Developers
        Classifier: Operating System :: OS Independent
        Classifier: Programming Language :: Python :: 3
        Classifier: Topic :: System :: Software Distribution
        Project-URL: Homepage, https://acme.example
        Description-Content-Type: text/markdown

        # Acme.Billing

        `acme-billing` is a package that Acme & Söhne, Inc. uses internally, and its code is not on this index. What Acme & Söhne, Inc. publishes
        here helps whoever installed it from the wrong place: it says so at once, and finds the setting that led here.
    "##);
    insta::assert_snapshot!(entry(&archives, "pyproject.toml"), @r##"
        [build-system]
        requires = ["hatchling>=1.27"]
        build-backend = "hatchling.build"

        [project]
        name = "Acme.Billing"
        version = "0.0.1"
        description = "Finds the pip or uv setting that asked a public index for acme-billing, a package that Acme & Söhne, Inc. uses internally"
        readme = { file = "README.md", content-type = "text/markdown" }
        license = "MIT"
        license-files = ["LICENSE"]
        authors = [{ name = "Acme & Söhne, Inc." }, { email = "python-packages@acme.example" }]
        classifiers = [
            "Development Status :: 7 - Inactive",
            "Environment :: Console",
            "Intended Audience :: Developers",
            "Operating System :: OS Independent",
            "Programming Language :: Python :: 3",
            "Topic :: System :: Software Distribution",
        ]

        [project.urls]
        Homepage = "https://acme.example"

        [project.scripts]
        acme-billing-where = "_acme_billing_where:main"

        [tool.hatch.build.targets.wheel]
        only-include = ["acme_billing.py", "_acme_billing_where.py"]
    "##);
    for archive in archives.all() {
        assert!(archive.entries.iter().all(|entry| !entry.text.to_lowercase().contains("placeholder")));
    }
    let module = entry(&archives, "acme_billing.py");
    assert!(
        module.contains("COMPANY = \"Acme & Söhne, Inc.\"\n") && module.contains("\nraise ImportError("),
        "{module}"
    );
}

/// An upload that is repeated after an upgrade of ours, or of a library, has to be the same file. Where this changes on
/// purpose, `Generator` of `contents.rs` counts on.
#[test]
fn the_bytes_are_those_of_yesterday() {
    let texts = [
        ("summary.txt", "What it does"),
        ("README.md", "# {{ display }}\n\n{{ contact }}\n"),
        ("module.py", "raise ImportError({{ company | literal }})\n"),
        ("where.py", "def main():\n    return 1\n"),
        ("LICENSE", "Do what you like\n"),
    ];
    let templates = texts.iter().fold(Templates::default(), |all, (file, source)| all.with(file, source));
    let made = || build(&placeholder("Acme.Billing"), &templates, &Secrecy::default()).expect("a package");
    assert_eq!(made().all().map(|archive| &archive.bytes), made().all().map(|archive| &archive.bytes));
    insta::assert_snapshot!(made().all().map(|archive| archive.sha256()).join("\n"), @r##"
        7a718e665dad31c7d8cc5847c5ca2dae7c3baa5e22de0f1d37381302894b031c
        e38b7e7ba380afe6f71ecce3076a46abe7ccc048293c1abaa56bec8f250a2ae7
    "##);
}

#[test]
fn the_digests_are_those_that_other_programs_make() {
    let archives = built(&placeholder("acme-billing")).expect("a package");
    let empty = super::Archive { filename: String::new(), bytes: b"abc".to_vec(), entries: Vec::new() };
    // NIST FIPS 180-4 and RFC 7693's function at 256 bits, of "abc".
    assert_eq!(empty.sha256(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_eq!(empty.blake2b_256(), "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
    assert_ne!(archives.wheel.sha256(), archives.sdist.sha256());
}

#[test]
fn pathological_names_make_packages_of_the_right_form() {
    let longest = "a".repeat(232);
    let names = ["a", "1", "None", "class", "init", "0--0", "a.b_c-d", "1e5", "match", "con", "x86-64", &longest];
    for name in names {
        let archives = built(&placeholder(name)).unwrap_or_else(|refused| panic!("{name}: {refused}"));
        assert_eq!(offences(&archives), Vec::<String>::new(), "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Every shape of name that PyPI knows, with any text around the values.
    #[test]
    fn no_archive_is_refused_for_its_form(
        name in "[A-Za-z0-9]([A-Za-z0-9._-]{0,40}[A-Za-z0-9])?",
        company in "[A-Z0-9][a-zäß'.]{0,9}([ ,&*_#$%(){}/-]{1,2}[A-Z][a-zäß'.]{0,9}){0,3}",
        prose in "[ -~äß\n\t]{0,200}",
    ) {
        let placeholder = Placeholder { company, ..placeholder(&name) };
        let raw = format!("# {{{{ display }}}}\n\n{{% raw %}}\n{prose}\n{{% endraw %}}\n");
        let templates = Templates::default().with("README.md", &raw);
        for templates in [Templates::default(), templates] {
            match build(&placeholder, &templates, &Secrecy::default()) {
                Ok(archives) => prop_assert_eq!(offences(&archives), Vec::<String>::new()),
                // Only for what the name or the prose holds; never in other words.
                Err(refused) => prop_assert!(
                    is_stdlib(&placeholder.name) || !refused.to_string().contains("compiled in") , "{refused}"
                ),
            }
        }
    }
}

#[test]
fn what_does_not_render_is_told_with_file_line_and_remedy() {
    insta::assert_snapshot!(
        [
            told("README.md", "# A\n\n{{ compny }}\n"),
            told("README.md", "# A\n{% if index %}\n"),
            told("README.md", "# A\n{{ name | shout }}\n"),
            told("README.md", "# A\n{% for a in range(99999) %}{% for b in range(99999) %}x{% endfor %}{% endfor %}\n"),
            told("module.py", "raise ImportError(\"{{ company }}'s\")\n"),
            told("module.py", "raise ImportError('{{ 'it\\'s' }}')\n"),
        ]
        .join("\n"),
        @r##"
            README.md:3: does not render: undefined value: `compny` is undefined; known here: command, company, contact, display, dist_info, homepage, index, license, module, name, owner, policy, registry, version
            README.md:2: does not render: syntax error: unexpected end of input, expected end of block; see docs/claims.md for what a text may hold; {{ "{{" }} writes braces
            README.md:2: does not render: unknown filter: filter shout is unknown; see docs/claims.md for what a text may hold; {{ "{{" }} writes braces
            README.md:2: does not render: engine ran out of fuel; make it shorter; a package needs no loops
            fine
            module.py:1: does not render: bad string escape: a quote in this value would end the text around it; write {{ value | literal }}, which puts the quotes itself
        "##
    );
}

#[test]
fn what_must_not_be_published_is_told_with_place_and_remedy() {
    insta::assert_snapshot!(
        [
            told("README.md", "# A\n\nask https://me:hunter2@acme.example/x\n"),
            told("README.md", "# A\n\nWritten for Big-Corp, see\u{a0}wiki.corp\n"),
            told("README.md", "# A\n\non pypi.corp, 10.1.2.3 and <https://git.acme.example/x>\n"),
            told("README.md", "# A placeholder\n"),
            told("README.md", "# A\n\n<script>x</script> and [this](docs/a.md)\n"),
            told("README.md", "# A\u{202e}\n"),
            told("README.md", "{# nothing #}\n"),
            told("summary.txt", "One\ntwo\n"),
            told("module.py", "TOKEN = \"pypi-AgEIcHlwaS5vcmcCJDU2Yz\"\nraise ImportError()\n"),
            told("module.py", "x = 1\n"),
            told("where.py", "print(1)\n"),
        ]
        .join("\n"),
        @r##"
            README.md:3: holds what looks like a secret: an address with an account; take it out; if it is one, revoke it
            README.md:3: holds the name of the customer "Big Corp"; take it out; nothing that is published is ever forgotten
            README.md:3: names what looks internal: 10.1.2.3, git.acme.example, pypi.corp; take it out, or declare it: public_hosts = ["10.1.2.3", "git.acme.example", "pypi.corp"] under [claim]
            README.md:1: says "placeholder", for which PyPI removes projects; say what the package does in its place
            README.md:3: has the HTML element <script>, which PyPI does not show; write Markdown; as text, put it between backticks
            README.md:1: holds the character U+202E, which nobody sees; take it out; where it was copied along, write the line anew
            README.md: is empty when it is filled in; write what the package does
            summary.txt: is more than one line; write one line
            module.py:1: holds what looks like a secret: a token; take it out; if it is one, revoke it
            module.py: never raises, so that programs would go on without their code; end it with raise ImportError(…)
            where.py: has no main, which the command runs; write def main(): … that returns the exit status
        "##
    );
    assert_eq!(told("README.md", "# A\n\nSee wiki.corp, Globexia, and our reserved name\n"), "fine");
}

#[test]
fn names_and_values_are_judged_too() {
    let refused = |placeholder: Placeholder| {
        let secrecy = secrecy(&["Globex"], &[]);
        build(&placeholder, &Templates::default(), &secrecy).expect_err("refused").to_string()
    };
    let acme = || placeholder("acme-billing");
    let all = [
        refused(placeholder("acme-globex-sync")),
        refused(placeholder("asyncio")),
        refused(Placeholder { internal: None, ..acme() }),
        refused(Placeholder { internal: Some("0.0.1".into()), ..acme() }),
        refused(Placeholder { index: Some("https://pypi.corp.acme.example/simple".into()), ..acme() }),
        refused(Placeholder { homepage: Some("https://globex.example".into()), ..acme() }),
        refused(Placeholder { license: "Apache-2.0".into(), ..acme() }),
    ];
    insta::assert_snapshot!(all.join("\n"), @r##"
        acme-globex-sync: holds the name of the customer "Globex", whom it would tell everybody of; ask PyPI to prohibit it, or take the customer out of claim.customers
        asyncio: is a module of Python's standard library, and PyPI refuses it to everybody; nothing needs to be published; take it out of what is claimed
        acme-billing: no internal version is known, so that the public one may be the higher; write the highest one as latest_version in the inventory
        acme-billing: 0.0.1 is not below the internal version 0.0.1, and installers would take it; write version = "0.0.0" under [claim]
        claim.index: pypi.corp.acme.example looks internal, and would be shown; leave index out, or declare it: public_hosts = ["pypi.corp.acme.example"]
        claim.homepage: holds the name of the customer "Globex"; take it out; nothing that is published is ever forgotten
        README.md (compiled in), line 29 when it is filled in: holds the name of the customer "Globex"; take it out; nothing that is published is ever forgotten
        claim.license: "Apache-2.0" is not the license whose text is compiled in; put its text as LICENSE into a directory, and name that with claim.templates
    "##);
    let license = Templates::default().with("LICENSE", "Apache License\n");
    assert!(build(&Placeholder { license: "Apache-2.0".into(), ..acme() }, &license, &Secrecy::default()).is_ok());
}
