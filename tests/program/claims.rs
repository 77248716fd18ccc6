//! `namewarden claim build`: the real binary, without a daemon and without a network.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

const NAMEWARDEN: &str = env!("CARGO_BIN_EXE_namewarden");

const CONFIGURATION: &str = "contact = \"sec@acme.example\"\nstate_dir = \"state\"\n[pypi]\nbase = \"https://pypi.example\"\n\
    [alert]\ndefault_owner = \"sec\"\n[alert.email]\nhost = \"localhost\"\ntls = \"none\"\nfrom = \"nw@acme.example\"\n\
    [claim]\ncompany = \"Acme Corp\"\ncontact = \"python-packages@acme.example\"\n\
    index = \"https://pypi.acme.example/simple\"\n";

const INVENTORY: &str = "[owners.sec]\nemail = [\"sec@acme.example\"]\n\
    names = [\"Acme.Billing==4.12.0\", \"acme-ledger\", \"acme-early==0.0.1.dev3\", \"acme-*\", \"brand:acme\"]\n\
    [[listed]]\nwatch = \"acme-billing\"\nnames = [\"acme-biling\"]\n";

struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Self {
        let desk = Self(tempfile::tempdir().expect("a directory"));
        desk.write("namewarden.toml", CONFIGURATION);
        desk.write("inventory.toml", INVENTORY);
        desk
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(path, text).expect("written");
    }

    fn build(&self, name: &str, words: &[&str]) -> Output {
        self.command(name, "out", "022").args(words).output().expect("starts")
    }

    fn command(&self, name: &str, out: &str, mask: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", &format!("umask {mask} && exec \"$@\""), "sh", NAMEWARDEN]);
        command.args(["claim", "build", name, "--out"]).arg(self.path().join(out));
        command.arg("--config").arg(self.path().join("namewarden.toml"));
        command
    }

    /// What is said of a name that is refused; nothing is written then.
    fn refused(&self, name: &str) -> String {
        let output = self.build(name, &[]);
        assert_eq!(output.status.code(), Some(1), "{name}: {}", text(&output.stdout));
        assert!(!self.path().join("out").exists(), "{name}: something was written");
        text(&output.stderr).replace(&format!("{}/", self.path().display()), "")
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn it_writes_both_files_and_says_what_is_in_them() {
    let desk = Desk::new();
    let output = desk.build("ACME_billing", &[]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let said = text(&output.stdout).replace(&format!("{}/", desk.path().display()), "");
    let digest = |line: &str| line.starts_with("  sha256 ");
    // Sizes change with the texts.
    let sized = |line: &str| match line.strip_prefix("  ") {
        Some(entry) => format!("  {}\n", entry.trim_start_matches(|c: char| c == ' ' || c.is_ascii_digit())),
        None => format!("{line}\n"),
    };
    let said: String = said.lines().filter(|line| !digest(line)).map(sized).collect();
    insta::assert_snapshot!(said, @r##"
        built acme-billing 0.0.1; nothing was sent anywhere
        says       Finds the pip or uv setting that asked a public index for acme-billing, a package that Acme Corp uses internally
        published by Acme Corp, python-packages@acme.example, under MIT
        importing  acme_billing raises ImportError
        running    acme-billing-where finds the setting of pip or uv that led to it

        out/acme_billing-0.0.1-py3-none-any.whl
          _acme_billing_where.py
          acme_billing.py
          acme_billing-0.0.1.dist-info/licenses/LICENSE
          acme_billing-0.0.1.dist-info/METADATA
          acme_billing-0.0.1.dist-info/WHEEL
          acme_billing-0.0.1.dist-info/entry_points.txt
          acme_billing-0.0.1.dist-info/RECORD

        out/acme_billing-0.0.1.tar.gz
          acme_billing-0.0.1/LICENSE
          acme_billing-0.0.1/PKG-INFO
          acme_billing-0.0.1/README.md
          acme_billing-0.0.1/_acme_billing_where.py
          acme_billing-0.0.1/acme_billing.py
          acme_billing-0.0.1/pyproject.toml

        to try it: python3 -m venv try && try/bin/pip install --no-index out/acme_billing-0.0.1-py3-none-any.whl && try/bin/acme-billing-where
    "##);
    let mut written: Vec<String> = fs::read_dir(desk.path().join("out"))
        .expect("a directory")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    written.sort();
    assert_eq!(written, ["acme_billing-0.0.1-py3-none-any.whl", "acme_billing-0.0.1.tar.gz"]);
}

#[test]
fn its_json_has_every_digest() {
    let desk = Desk::new();
    let output = desk.build("acme-billing", &["--format", "json"]);
    let said: Value = serde_json::from_slice(&output.stdout).expect("one object");
    assert_eq!((&said["name"], &said["version"]), (&"acme-billing".into(), &"0.0.1".into()));
    assert_eq!((&said["module"], &said["command"]), (&"acme_billing".into(), &"acme-billing-where".into()));
    for file in said["files"].as_array().expect("a list") {
        let bytes = fs::read(file["path"].as_str().expect("a path")).expect("a file");
        assert_eq!(file["size"], bytes.len());
        let sum = Command::new("sha256sum").arg(file["path"].as_str().expect("a path")).output().expect("sha256sum");
        assert!(text(&sum.stdout).starts_with(file["sha256"].as_str().expect("a digest")));
        assert!(!file["entries"].as_array().expect("a list").is_empty());
    }
}

/// Another process, another hour, another time zone, language and mask, another directory.
#[test]
fn the_same_input_is_the_same_bytes_anywhere() {
    let desk = Desk::new();
    let first = desk.command("acme-billing", "out", "022").output().expect("starts");
    let mut other = desk.command("Acme.Billing", "elsewhere/deep", "077");
    other.env("TZ", "Asia/Kathmandu").env("LC_ALL", "tr_TR.UTF-8").env("SOURCE_DATE_EPOCH", "1").current_dir("/");
    assert!(first.status.success() && other.output().expect("starts").status.success());
    for name in ["acme_billing-0.0.1-py3-none-any.whl", "acme_billing-0.0.1.tar.gz"] {
        let read = |dir: &str| fs::read(desk.path().join(dir).join(name)).expect("a file");
        assert_eq!(read("out"), read("elsewhere/deep"), "{name}");
    }
}

#[test]
fn what_cannot_be_published_is_refused_with_the_remedy() {
    let desk = Desk::new();
    let names = ["acme-*", "brand:acme", "acme-biling", "acme-bill", "acme-ledger", "acme-early", "acmé-billing", ""];
    insta::assert_snapshot!(names.map(|name| desk.refused(name)).concat(), @r##"
        namewarden: acme-*: is a prefix, and a package has a whole name; publish names alone; for a prefix or a word ask PyPI to prohibit names
        namewarden: brand:acme: is a brand word, and a package has a whole name; publish names alone; for a prefix or a word ask PyPI to prohibit names
        namewarden: acme-biling: is a look-alike of acme-billing, and holding such a name is squatting to PyPI; leave it to the watch, which tells when somebody registers it
        namewarden: acme-bill: is no name of the inventory, and only those are published; did you mean acme-billing?
        namewarden: acme-ledger: no internal version is known, so that the public one may be the higher; write the highest one as latest_version in the inventory
        namewarden: acme-early: 0.0.1 is not below the internal version 0.0.1.dev3, and installers would take it; write version = "0.0.1.dev0" under [claim]
        namewarden: acmé-billing: "acmé-billing" is no project name: 'é' is not an ASCII letter, digit, '.', '_' or '-'; write a name of the inventory as pip installs it
        namewarden: : a project name is empty; write a name of the inventory as pip installs it
    "##);
    desk.write("namewarden.toml", &CONFIGURATION.replace("company = \"Acme Corp\"\n", ""));
    insta::assert_snapshot!(desk.refused("acme-billing"), @r##"namewarden: claim.company: is missing, and the package has to say it; write under [claim]: company = "Acme Corp""##);
    let nobody = CONFIGURATION.replace("contact = \"python-packages@acme.example\"\n", "");
    desk.write(
        "namewarden.toml",
        &nobody.replace("sec@acme.example\"\nstate", "https://acme.example/security\"\nstate"),
    );
    let said = desk.refused("acme-billing");
    assert!(said.contains("claim.contact: is missing") && said.contains("write under [claim]: contact = "), "{said}");
}

#[test]
fn the_team_writes_its_own_texts() {
    let desk = Desk::new();
    desk.write("namewarden.toml", &format!("{CONFIGURATION}templates = \"texts\"\n"));
    desk.write("texts/README.md", "# {{ display }}\r\n\r\nOurs: {{ contact }}\r\n");
    assert!(desk.build("acme-billing", &[]).status.success());
    let wheel = fs::read(desk.path().join("out/acme_billing-0.0.1-py3-none-any.whl")).expect("a file");
    assert!(text(&wheel).contains("# Acme.Billing\n\nOurs: python-packages@acme.example\n"));
    fs::remove_dir_all(desk.path().join("out")).expect("removed");
    desk.write("texts/README.md", "# {{ display }}\n\nask {{ contcat }}\n");
    insta::assert_snapshot!(desk.refused("acme-billing"), @r##"namewarden: texts/README.md:3: does not render: undefined value: `contcat` is undefined; known here: command, company, contact, display, dist_info, homepage, index, license, module, name, owner, policy, registry, version"##);
    desk.write("texts/README.md", "# Acme\n\non http://pypi.corp/simple\n");
    insta::assert_snapshot!(desk.refused("acme-billing"), @r##"namewarden: texts/README.md:3: names what looks internal: pypi.corp; take it out, or declare it: public_hosts = ["pypi.corp"] under [claim]"##);
    desk.write("texts/READM.md", "# Acme\n");
    insta::assert_snapshot!(desk.refused("acme-billing"), @r##"namewarden: texts/READM.md: is no text of a package; did you mean "README.md"?"##);
}

#[test]
fn the_texts_to_begin_with_are_written_and_make_the_same_package() {
    let desk = Desk::new();
    let texts = || {
        let mut command = Command::new(NAMEWARDEN);
        command.args(["claim", "texts", "--out"]).arg(desk.path().join("texts")).output().expect("starts")
    };
    assert!(desk.build("acme-billing", &[]).status.success() && texts().status.success());
    let read = || fs::read(desk.path().join("out/acme_billing-0.0.1-py3-none-any.whl")).expect("a file");
    let compiled_in = read();
    desk.write("namewarden.toml", &format!("{CONFIGURATION}templates = \"texts\"\n"));
    desk.write("texts/summary.txt", "Ours\n");
    let again = text(&texts().stdout);
    assert_eq!(again.matches("kept").count(), 5, "{again}");
    assert!(desk.build("acme-billing", &[]).status.success());
    assert!(text(&read()).contains("Summary: Ours\n") && !text(&compiled_in).contains("Summary: Ours\n"));
    fs::remove_file(desk.path().join("texts/summary.txt")).expect("removed");
    assert!(desk.build("acme-billing", &[]).status.success() && read() == compiled_in);
}
