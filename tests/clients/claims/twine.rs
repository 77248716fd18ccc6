//! The very files that the uploader makes, in the hands of twine: checked, sent, and refused where anything about them is another.

use std::fs;
use std::path::Path;
use std::process::Command;

use namewarden::model::claim::ClaimState;
use namewarden::registry::pypi::upload::Distribution;

use super::bench::Bench;
use super::stage::TOKEN;
use crate::python_program;

const WHEEL: &str = "acme_billing-0.0.1-py3-none-any.whl";
const SDIST: &str = "acme_billing-0.0.1.tar.gz";

/// Runs a program of the environment with nothing of this machine's configuration; gives what it said, in one line.
fn run(dir: &Path, program: &str, arguments: &[&str]) -> (bool, String) {
    let mut command = Command::new(python_program(program));
    command.args(arguments).current_dir(dir).env_clear().env("HOME", dir).env("NO_PROXY", "127.0.0.1");
    let output = command.env("TERM", "dumb").output().expect("starts");
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    (output.status.success(), said.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn twine(bench: &Bench, dir: &Path, files: &[&str]) -> (bool, String) {
    let address = format!("{}/legacy/", bench.sim.base_url());
    let common = ["upload", "--verbose", "--disable-progress-bar", "--non-interactive", "--repository-url", &address];
    run(dir, "twine", &[&common[..], &["-u", "__token__", "-p", TOKEN], files].concat())
}

fn laid(files: &[Distribution]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a directory");
    for file in files {
        fs::write(dir.path().join(&file.filename), &file.content).expect("written");
    }
    dir
}

/// Puts the wheel together anew with another text in one of its files, and its records as they were.
const ANEW: &str = "
import sys, zipfile
source, target, name, before, after = sys.argv[1:]
with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, 'w') as new:
    for entry in old.infolist():
        text = old.read(entry)
        if entry.filename.endswith(name):
            assert before.encode() in text, entry.filename
            text = text.replace(before.encode(), after.encode())
        new.writestr(entry, text)
";

/// Something that somebody did to the wheel: the name of what is sent then, and PyPI's words where nothing is there, and
/// where ours is.
type Altered = (&'static str, fn(&Path), &'static str, [&'static str; 2]);

fn anew(dir: &Path, name: &str, before: &str, after: &str) {
    fs::rename(dir.join(WHEEL), dir.join("old.whl")).expect("renamed");
    let (well, said) = run(dir, "python", &["-c", ANEW, "old.whl", WHEEL, name, before, after]);
    assert!(well, "{said}");
}

fn flipped(dir: &Path) {
    let mut bytes = fs::read(dir.join(WHEEL)).expect("reads");
    // In the text of the first file, behind its header.
    bytes[200] ^= 1;
    fs::write(dir.join(WHEEL), bytes).expect("written");
}

const TAKEN: &str = "400 File already exists";
const ALTERED: [Altered; 5] = [
    ("a byte is another", flipped, WHEEL, ["", TAKEN]),
    (
        "its file is called otherwise",
        |dir| fs::rename(dir.join(WHEEL), dir.join("acme_ledger-0.0.1-py3-none-any.whl")).expect("renamed"),
        "acme_ledger-0.0.1-py3-none-any.whl",
        ["400 Invalid distribution file", TAKEN],
    ),
    (
        "it says another name",
        |dir| anew(dir, "METADATA", "Name: acme-billing", "Name: acme-ledger"),
        WHEEL,
        ["400 Start filename for", "400"],
    ),
    (
        "it says another version",
        |dir| anew(dir, "METADATA", "Version: 0.0.1", "Version: 9.9.9"),
        WHEEL,
        ["400 Version in filename should be", TAKEN],
    ),
    ("it says something else of itself", |dir| anew(dir, "METADATA", "Summary: ", "Summary: Not "), WHEEL, ["", TAKEN]),
];

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the client venv; tests/run provides it"]
async fn twine_finds_nothing_in_what_the_uploader_makes_and_pypi_takes_it_from_either() {
    let bench = Bench::new().await;
    let dir = laid(&bench.package());
    let (well, said) = run(dir.path(), "twine", &["check", "--strict", WHEEL, SDIST]);
    assert!(well && said.matches("PASSED").count() == 2, "{said}");
    // twine is first: for the uploader it is there, as it would have sent it.
    let (well, said) = twine(&bench, dir.path(), &[WHEEL, SDIST]);
    assert!(well, "{said}");
    let serial = bench.sim.world().last_serial();
    bench.let_go().await;
    assert_eq!(bench.work_off().await, Vec::<String>::new());
    assert_eq!(bench.file().await.claim.state, ClaimState::Ours);
    // And the other way round.
    assert!(twine(&bench, dir.path(), &[WHEEL, SDIST]).0);
    assert_eq!(bench.sim.world().last_serial(), serial, "nothing came twice");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the client venv; tests/run provides it"]
async fn what_is_altered_is_refused_whether_ours_is_there_or_not() {
    for (what, alter, filename, words) in ALTERED {
        for (there, words) in [false, true].into_iter().zip(words) {
            // PyPI knows no package but by what it says; what is not there yet and says something else is another package.
            if words.is_empty() {
                continue;
            }
            let bench = Bench::new().await;
            if there {
                bench.let_go().await;
                bench.work_off().await;
            }
            let dir = laid(&bench.package());
            alter(dir.path());
            let (well, said) = twine(&bench, dir.path(), &[filename]);
            assert!(!well && said.contains(words), "{what}, ours is there: {there}: {said}");
            let there_is = bench.sim.world().release_of(&super::stage::name("acme-billing"), "0.0.1").is_some();
            assert_eq!(there_is, there, "{what}");
        }
    }
}
