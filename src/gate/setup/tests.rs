//! Files as people have them: what stands there stays, the gate is the only index, and a second time changes nothing.

use proptest::prelude::*;

use super::*;
use crate::model::ProjectName;
use crate::registry::pypi::addresses::PYPI;

const GATE: &str = "https://gate.acme.example/simple/";

fn wish(pins: &[&str]) -> SetupWish {
    let gate = url::Url::parse("https://gate.acme.example").expect("an address");
    SetupWish { gate, pins: pins.iter().map(|pin| ProjectName::parse(pin).expect("valid")).collect() }
}

fn said(tool: SetupTool, file: &str, before: &str, pins: &[&str]) -> String {
    merged(tool, file, before, &wish(pins)).expect_err(before).to_string()
}

#[test]
fn what_is_printed_is_what_the_documents_of_each_tool_ask_for() {
    let sketch = |tool: SetupTool| sketch(tool, tool.usual_file(), &wish(&["acme-billing"]));
    assert_eq!(sketch(SetupTool::Pip), format!("[global]\nindex-url = {GATE}\n"));
    assert_eq!(
        sketch(SetupTool::Uv),
        format!(
            "[[tool.uv.index]]\nname = \"gate\"\nurl = \"{GATE}\"\ndefault = true\n\n[tool.uv.sources]\n\
             acme-billing = {{ index = \"gate\" }}\n"
        )
    );
    assert_eq!(
        sketch(SetupTool::Poetry),
        format!(
            "[[tool.poetry.source]]\nname = \"gate\"\nurl = \"{GATE}\"\npriority = \"primary\"\n\n\
             [tool.poetry.dependencies]\nacme-billing = {{ source = \"gate\" }}\n"
        )
    );
    assert_eq!(
        sketch(SetupTool::Pdm),
        format!(
            "[[tool.pdm.source]]\nname = \"pypi\"\nurl = \"{GATE}\"\nverify_ssl = true\n\
             include_packages = [\"acme-billing\"]\n"
        )
    );
    let bare = GATE.trim_end_matches('/');
    assert_eq!(
        sketch(SetupTool::Pipenv),
        format!(
            "[[source]]\nname = \"gate\"\nurl = \"{bare}\"\nverify_ssl = true\n\n[packages]\n\
             acme-billing = {{ version = \"*\", index = \"gate\" }}\n"
        )
    );
    assert_eq!(
        sketch(SetupTool::PipTools),
        format!("[tool.pip-tools]\nindex-url = \"{GATE}\"\ngenerate-hashes = true\n")
    );
}

#[test]
fn a_second_index_is_named_without_its_account_and_nothing_is_written() {
    let other = "https://ada:hunter2@pypi.acme.example/simple/?token=s3cret";
    for (tool, file, before) in [
        (
            SetupTool::Pip,
            "pip.conf",
            format!("[global]\nindex-url = {GATE}\n[install]\nextra_index_url =\n  {other}\n"),
        ),
        (SetupTool::Pip, "pip.conf", format!("[global]\nindex-url: {other}\n")),
        (SetupTool::Uv, "pyproject.toml", format!("[[tool.uv.index]]\nurl = \"{other}\"\nexplicit = true\n")),
        (SetupTool::Uv, "uv.toml", format!("[[index]]\nurl = \"{GATE}\"\n[[index]]\nurl = \"{other}\"\n")),
        (SetupTool::Poetry, "pyproject.toml", format!("[[tool.poetry.source]]\nname = \"x\"\nurl = \"{other}\"\n")),
        (SetupTool::Pdm, "pyproject.toml", format!("[[tool.pdm.source]]\nname = \"x\"\nurl = \"{other}\"\n")),
        (SetupTool::Pipenv, "Pipfile", format!("[[source]]\nname = \"pypi\"\nurl = \"{other}\"\n")),
        (SetupTool::PipTools, "pyproject.toml", format!("[tool.pip-tools]\nextra-index-url = [\"{other}\"]\n")),
        (SetupTool::PipTools, "pyproject.toml", format!("[tool.pip-tools]\nindex_url = \"{other}\"\n")),
    ] {
        let said = said(tool, file, &before, &[]);
        assert!(said.contains("another index") && said.contains("pypi.acme.example"), "{said}");
        assert!(!said.contains("hunter2") && !said.contains("s3cret"), "{said}");
    }
}

#[test]
fn what_says_otherwise_is_named_and_left_to_people() {
    let uv = |more: &str| format!("[[tool.uv.index]]\nurl = \"{GATE}\"\n{more}");
    for (tool, file, before, pins, words) in [
        (SetupTool::Uv, "pyproject.toml", uv("explicit = true\n"), &[][..], "explicit of [[tool.uv.index]] is true"),
        (SetupTool::Uv, "pyproject.toml", uv("default = false\n"), &[], "has to be true"),
        (SetupTool::Uv, "pyproject.toml", "index = [".to_owned(), &[], "cannot be read as TOML"),
        (SetupTool::Uv, "pyproject.toml", "tool.uv.index = [{ url = \"x\" }]\n".to_owned(), &[], "table of its own"),
        (
            SetupTool::Uv,
            "pyproject.toml",
            "[tool.uv.sources]\nacme = { path = \"../acme\" }\n".to_owned(),
            &["acme"],
            "taken from a path",
        ),
        (
            SetupTool::Uv,
            "pyproject.toml",
            "[tool.uv.sources]\nAcme = { index = \"torch\" }\n".to_owned(),
            &["acme"],
            "has to be gate",
        ),
        (SetupTool::Uv, "uv.toml", String::new(), &["acme"], "has no place for pins"),
        (SetupTool::Poetry, "pyproject.toml", String::new(), &["acme"], "`poetry add --source gate acme`"),
        (SetupTool::Pipenv, "Pipfile", String::new(), &["acme"], "`pipenv install --index gate acme`"),
        (
            SetupTool::Pdm,
            "pyproject.toml",
            format!("[[tool.pdm.source]]\nname = \"x\"\nurl = \"{GATE}\"\n"),
            &[],
            "has to be pypi",
        ),
        (SetupTool::Pip, "pip.conf", "[install]\nno-index = yes\n".to_owned(), &[], "has to be left out"),
    ] {
        let said = said(tool, file, &before, pins);
        assert!(said.contains(words), "{before}: {said}");
    }
}

#[test]
fn a_dependency_keeps_all_that_is_said_of_it() {
    let before = "[project]\ndependencies = [\"Acme_Billing >= 1\"]\n\n[tool.poetry.dependencies] # ours\nacme-core = \"^2.1\" # why\n\
                  acme_tools = { version = \"*\", extras = [\"x\"] }\n";
    let after =
        merged(SetupTool::Poetry, "pyproject.toml", before, &wish(&["acme-billing", "acme-core", "acme-tools"]));
    let after = after.expect("merges");
    for line in [
        "acme-core = { version = \"^2.1\", source = \"gate\" }",
        "acme_tools = { version = \"*\", extras = [\"x\"], source = \"gate\" }",
        "acme-billing = { source = \"gate\" }",
        "[tool.poetry.dependencies] # ours",
    ] {
        assert!(after.contains(line), "{line}\n{after}");
    }
    let ours =
        "[[source]]\nname = \"own\"\nurl = \"https://ada@gate.acme.example/simple\"\n\n[packages]\nacme = \"*\"\n";
    let after = merged(SetupTool::Pipenv, "Pipfile", ours, &wish(&["acme"])).expect("merges");
    assert!(after.contains("acme = { version = \"*\", index = \"own\" }"), "by the name that it has: {after}");
}

#[test]
fn whoever_asks_is_known_by_its_user_agent() {
    for (agent, tool) in [
        ("pip/26.3 {\"ci\":null}", Some(SetupTool::Pip)),
        ("uv/0.13.9 {\"installer\":{}}", Some(SetupTool::Uv)),
        ("poetry/2.5.1 CPython/3.11.7 Linux/6.1", Some(SetupTool::Poetry)),
        ("pdm/2.29.4 CPython/3.11.7 Linux/6.1", Some(SetupTool::Pdm)),
        ("Mozilla/5.0 (X11; pip/1)", None),
        ("pip", None),
    ] {
        assert_eq!(SetupTool::of_agent(agent), tool, "{agent}");
    }
}

#[test]
fn what_leads_past_the_gate_is_named_by_its_line_and_nothing_else_is() {
    let found = |text: &str| -> Vec<(usize, bool)> {
        let text = text.replace("PYPI", PYPI).replace("FILES", &["https://files.python", "hosted.org"].concat());
        bypasses(&text, &wish(&[])).iter().map(|bypass| (bypass.line, bypass.is_pypi)).collect()
    };
    let uv_lock = "[[package]]\nsource = { registry = \"PYPI/simple\" }\nwheels = [\n  { url = \
                   \"FILES/packages/a/acme-1.whl\", hash = \"sha256:1\" },\n]\n";
    assert_eq!(found(uv_lock), [(2, true), (4, true)]);
    for (text, at) in [
        ("{\"_meta\": {\"sources\": [{\"url\": \"PYPI/simple\"}]}}", vec![(1, true)]),
        ("--extra-index-url=https://mirror.example/pypi\nacme==1\n", vec![(1, false)]),
        ("-i https://mirror.example/x\n", vec![(1, false)]),
        ("url = \"https://mirror.example/root/dev/+simple/\"\n", vec![(1, false)]),
        ("acme @ FILES/packages/acme-1.tar.gz ; python_version > '3'\n", vec![(1, true)]),
        ("# --index-url PYPI/simple\nacme==1\n", vec![]),
        ("homepage = \"https://acme.example/docs\"\nacme @ git+https://git.example/acme\n", vec![]),
        ("--index-url https://ada:pw@gate.acme.example/simple/\n", vec![]),
        ("source = { registry = \"https://gate.acme.example/simple\" }\n", vec![]),
        ("source = { registry = \"https://gate.acme.example.evil.example/simple\" }\n", vec![(1, false)]),
    ] {
        assert_eq!(found(text), at, "{text}");
    }
    let shown = bypasses("-i https://ada:hunter2@mirror.example/simple?token=s3cret\n", &wish(&[]));
    assert!(!shown[0].address.contains("hunter2") && !shown[0].address.contains("s3cret"), "{shown:?}");
}

/// What stands in a project's file already, each at most once and in any order.
const PARTS: [&str; 8] = [
    "# made by hand, keep it\n",
    "[project]\nname = \"x\" # a remark\ndependencies = [\n  \"acme-billing>=1\", # ours\n  \"acme-core\",\n]\n",
    "[tool.ruff]\nline-length = 100\n",
    "[tool.uv]\nmanaged   =   true\n",
    "[tool.uv.sources]\nother = { git = \"https://git.example/other\" }\n",
    "[tool.poetry]\npackages = [{ include = \"x\" }]\n",
    "[tool.pdm.resolution]\nrespect-source-order = true\n",
    "\n\n# the end\n",
];
const INI: [&str; 5] = [
    "# made by hand, keep it\n",
    "[global]\ntimeout = 60\ntrusted-host =\n    a.example\n    b.example\n",
    "[install]\nno_compile = true\n",
    "; old\n",
    "[freeze]\n\n",
];

fn parts(of: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::sample::subsequence(of, 0..=of.len()).prop_shuffle().prop_map(|parts| parts.concat())
}

/// Every line that was there is there, in its order.
fn keeps(before: &str, after: &str) -> bool {
    let mut lines = after.lines();
    before.lines().filter(|line| !line.trim().is_empty()).all(|line| lines.any(|after| after == line))
}

proptest! {
    #[test]
    fn what_stands_there_stays_the_gate_is_the_only_index_and_again_is_no_change(
        toml in parts(&PARTS),
        ini in parts(&INI),
        times in prop::collection::vec((0_usize..6, prop::sample::subsequence(vec!["acme-billing", "acme-core"], 0..=2)), 1..6),
    ) {
        let (mut toml, mut ini) = (toml, ini);
        for (tool, pins) in times {
            let (tool, wish) = (SetupTool::ALL[tool], wish(&pins));
            let (text, file) = match tool {
                SetupTool::Pip => (&mut ini, "pip.conf"),
                // What Poetry pins has to be a dependency.
                SetupTool::Poetry | SetupTool::Pipenv if !pins.is_empty() && !toml.contains("[project]") => continue,
                _ => (&mut toml, "pyproject.toml"),
            };
            let after = merged(tool, file, text, &wish).expect("nothing is in the way");
            prop_assert!(keeps(text, &after) || tool == SetupTool::Pdm, "{text}\n-- became --\n{after}");
            prop_assert_eq!(&merged(tool, file, &after, &wish).expect("again"), &after);
            prop_assert!(after.contains("https://gate.acme.example/simple"));
            prop_assert!(bypasses(&after, &wish).is_empty());
            *text = after;
        }
    }
}
