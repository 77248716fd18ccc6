//! Packages that hold names, against whoever meets them: checkers, indexes, installers, Python, and the person who runs the command.

mod advice;

use std::fs;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use namewarden::claims::package::{Archives, Placeholder, Secrecy, Templates, build};
use namewarden::model::ProjectName;
use namewarden::model::version::Pep440;
use namewarden::sim::free_port;

use crate::python_program;

/// Where the packages think that PyPI is.
const REGISTRY: &str = "pypi.example";
const INDEX: &str = "https://pypi.acme.example/simple";

fn package(name: &str) -> Archives {
    let placeholder = Placeholder {
        name: ProjectName::parse(name).expect("valid"),
        display: name.to_owned(),
        version: Pep440::read("0.0.1").expect("a version"),
        internal: Some("4.12.0".to_owned()),
        owner: "Payments".to_owned(),
        company: "Acme's Söhne & \"Co\", Inc.".replace('"', ""),
        contact: "python-packages@acme.example".to_owned(),
        index: Some(INDEX.to_owned()),
        homepage: Some("https://acme.example".to_owned()),
        policy: Some("https://acme.example/python-names".to_owned()),
        registry: REGISTRY.to_owned(),
        license: "MIT".to_owned(),
    };
    build(&placeholder, &Templates::default(), &Secrecy::default()).unwrap_or_else(|refused| panic!("{refused}"))
}

/// The files of these packages in a directory.
pub(crate) fn written(names: &[&str]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a directory");
    for archives in names.iter().map(|name| package(name)) {
        for archive in archives.all() {
            fs::write(dir.path().join(&archive.filename), &archive.bytes).expect("written");
        }
    }
    dir
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A program without any configuration of this machine.
fn bare(program: &Path, home: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("HOME", home).env("NO_PROXY", "127.0.0.1").env("PATH", "/usr/bin:/bin").current_dir(home);
    command
}

/// Runs a program of the environment; it must succeed.
pub(crate) fn run(program: &str, arguments: &[&str], home: &Path) -> String {
    let output = bare(&python_program(program), home).args(arguments).output().expect("starts");
    let said = text(&output.stdout) + &text(&output.stderr);
    assert!(output.status.success(), "{program} {arguments:?}: {said}");
    said
}

pub(crate) fn script(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/packages").join(name).display().to_string()
}

fn files(dir: &Path) -> Vec<String> {
    let mut files: Vec<String> = fs::read_dir(dir)
        .expect("a directory")
        .map(|entry| entry.expect("an entry").path().display().to_string())
        .collect();
    files.sort();
    files
}

/// A Python of its own, without anything installed.
fn environment(home: &Path) -> PathBuf {
    let made = home.join("venv");
    run("python", &["-m", "venv", "--without-pip", made.to_str().expect("text")], home);
    made
}

/// A server of the environment, ended with the test.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: String,
}

impl Server {
    pub(crate) fn start(program: &str, arguments: impl Fn(&str) -> Vec<String>, home: &Path) -> Self {
        let port = free_port().expect("a port");
        let mut command = bare(&python_program(program), home);
        command.args(arguments(&port.to_string())).stdout(Stdio::null()).stderr(Stdio::null());
        let server = Self { child: command.spawn().expect("starts"), address: format!("http://127.0.0.1:{port}") };
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(began.elapsed() < Duration::from_secs(60), "{program} never answered");
            std::thread::sleep(Duration::from_millis(100));
        }
        server
    }

    /// devpi, of which the root user has an index `claims`.
    pub(crate) fn devpi(home: &Path) -> Self {
        run("devpi-init", &["--serverdir", "devpi", "--no-root-pypi"], home);
        let words = owned(&["--serverdir", "devpi", "--host", "127.0.0.1", "--port"]);
        // Its secret is made a key as slowly as a password is hashed, which takes nine seconds at each start.
        let cheap = owned(&["--argon2-memory", "1024", "--argon2-time", "1", "--argon2-parallelism", "1"]);
        let server = Self::start("devpi-server", |port| [&words[..], &[port.to_owned()], &cheap[..]].concat(), home);
        run("python", &[&script("devpi.py"), &server.address, "claims"], home);
        server
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

pub(crate) fn upload(address: &str, user: &str, dir: &Path, home: &Path) -> String {
    let files = files(dir);
    let mut words = vec!["upload", "--non-interactive", "--disable-progress-bar", "--repository-url", address];
    words.extend(["--username", user, "--password", ""]);
    words.extend(files.iter().map(String::as_str));
    run("twine", &words, home)
}

#[test]
#[ignore = "needs the client venv; tests/run provides it"]
fn checkers_find_nothing_in_any_of_them() {
    let longest = "a".repeat(232);
    let names = [
        "Acme.Billing",
        "a",
        "1",
        "None",
        "class",
        "init",
        "0--0",
        "1e5",
        "con",
        "match",
        "a.b_c-d",
        "X86-64",
        &longest,
    ];
    let (dir, home) = (written(&names), tempfile::tempdir().expect("a directory"));
    let said = run("python", &[&script("form.py"), dir.path().to_str().expect("text")], home.path());
    assert!(said.contains(&format!("{} files are of the right form", names.len() * 2)), "{said}");
    let files = files(dir.path());
    let all: Vec<&str> = files.iter().map(String::as_str).collect();
    let said = run("twine", &[&["check", "--strict"], &all[..]].concat(), home.path());
    assert_eq!(said.matches("PASSED").count(), all.len(), "{said}");
    let wheels: Vec<&str> = all.iter().copied().filter(|file| file.ends_with(".whl")).collect();
    run("check-wheel-contents", &wheels, home.path());
    run("wheel", &["unpack", "--dest", home.path().to_str().expect("text"), wheels[0]], home.path());
}

/// What takes a package from an index.
#[derive(Clone, Copy, Debug)]
enum Installer {
    Pip,
    Uv,
}

impl Installer {
    /// Out of the archive that it likes best, or out of the source distribution.
    fn install(self, name: &str, is_source: bool, (index, python): (&str, &str), home: &Path) {
        let (program, verb): (_, &[&str]) = match self {
            Self::Pip => (
                "python",
                &["-m", "pip", "--isolated", "--python", python, "install", "-q", "--no-cache-dir", "-i", index],
            ),
            Self::Uv => {
                ("uv", &["pip", "install", "--no-config", "--no-cache", "--python", python, "--default-index", index])
            }
        };
        let source: &[&str] = if is_source { &["--no-build-isolation", "--no-binary", name] } else { &[] };
        run(program, &[verb, source, &[name]].concat(), home);
    }
}

/// A Python that sees what the test environment has, such as hatchling, beside what is installed in it.
fn environment_with_tools(home: &Path) -> PathBuf {
    let (made, purelib) = (environment(home), "import sysconfig; print(sysconfig.get_path('purelib'))");
    let own = run(made.join("bin/python").to_str().expect("text"), &["-c", purelib], home);
    fs::write(Path::new(own.trim()).join("tools.pth"), run("python", &["-c", purelib], home)).expect("written");
    made
}

/// Uploaded by twine, installed by pip and by uv from there out of either archive, and imported.
#[test]
#[ignore = "needs the client venv; tests/run provides it"]
fn pypiserver_takes_it_and_importing_what_comes_of_it_says_where_to_go() {
    let (dir, home) = (written(&["acme-billing", "3scale-class"]), tempfile::tempdir().expect("a directory"));
    let served = home.path().join("served");
    fs::create_dir(&served).expect("a directory");
    let arguments = |port: &str| owned(&["run", "-i", "127.0.0.1", "-p", port, "-P", ".", "-a", ".", "served"]);
    let server = Server::start("pypi-server", arguments, home.path());
    upload(&format!("{}/", server.address), "anybody", dir.path(), home.path());
    assert_eq!(files(&served).len(), 4);
    let index = format!("{}/simple/", server.address);
    for (installer, is_source) in [Installer::Pip, Installer::Uv].into_iter().flat_map(|it| [(it, false), (it, true)]) {
        let home = tempfile::tempdir().expect("a directory");
        let venv = environment_with_tools(home.path());
        let python = venv.join("bin/python").display().to_string();
        for (name, module) in [("acme-billing", "acme_billing"), ("3scale-class", "_3scale_class")] {
            installer.install(name, is_source, (&index, &python), home.path());
            says_where_to_go(&venv, home.path(), name, module);
        }
    }
}

fn says_where_to_go(venv: &Path, home: &Path, name: &str, module: &str) {
    let imported = imported(venv, home, &format!("import {module}"));
    for part in ["ImportError", "Acme's Söhne", &format!("{name}-where"), INDEX, "python-packages@acme.example"] {
        assert!(imported.contains(part), "{part} in {imported}");
    }
    let caught = format!("try:\n    import {module}.part\nexcept ImportError as error:\n    print(error.name)");
    assert_eq!(imported_well(venv, home, &caught), format!("{module}\n"));
}

fn imported(venv: &Path, home: &Path, code: &str) -> String {
    let output = python(venv, home, code);
    assert!(!output.status.success(), "{code}: {}", text(&output.stdout));
    text(&output.stderr)
}

fn imported_well(venv: &Path, home: &Path, code: &str) -> String {
    let output = python(venv, home, code);
    assert!(output.status.success(), "{code}: {}", text(&output.stderr));
    text(&output.stdout)
}

fn python(venv: &Path, home: &Path, code: &str) -> Output {
    bare(&venv.join("bin/python"), home).args(["-X", "utf8", "-c", code]).output().expect("starts")
}

#[test]
#[ignore = "needs the client venv; tests/run provides it"]
fn devpi_takes_it() {
    let (dir, home) = (written(&["Acme.Billing"]), tempfile::tempdir().expect("a directory"));
    let server = Server::devpi(home.path());
    upload(&format!("{}/root/claims/", server.address), "root", dir.path(), home.path());
    let index = format!("{}/root/claims/+simple/", server.address);
    let download = ["-m", "pip", "--isolated", "download", "-q", "--no-cache-dir", "-i", &index];
    for kind in ["--only-binary=:all:", "--no-deps"] {
        run("python", &[&download[..], &[kind, "acme.billing"]].concat(), home.path());
    }
    let wheel = "acme_billing-0.0.1-py3-none-any.whl";
    assert_eq!(fs::read(home.path().join(wheel)).expect("downloaded"), fs::read(dir.path().join(wheel)).expect("ours"));
}

/// Where nothing but hatchling runs, the source distribution makes what the wheel is.
#[test]
#[ignore = "needs the client venv; tests/run provides it"]
fn the_source_distribution_builds_the_same_wheel() {
    let (dir, home) = (written(&["Acme.Billing"]), tempfile::tempdir().expect("a directory"));
    let sdist = dir.path().join("acme_billing-0.0.1.tar.gz").display().to_string();
    let built = ["-m", "pip", "--isolated", "wheel", "-q", "--no-index", "--no-deps", "--no-build-isolation", &sdist];
    run("python", &built, home.path());
    let built = files(home.path()).into_iter().find(|file| file.ends_with(".whl")).expect("a wheel");
    let ours = dir.path().join("acme_billing-0.0.1-py3-none-any.whl").display().to_string();
    run("python", &[&script("compare.py"), &ours, &built], home.path());
}
