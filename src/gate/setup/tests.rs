//! Files as people have them: what stands there stays, the gate is the only index, and a second time changes nothing.

mod anywhere;

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

/// The line, and `p` of PyPI, `i` of another index, `d` of a file or a repository, `o` of an option.
fn found(text: &str) -> Vec<(usize, char)> {
    let text =
        text.replace("PYPI/", &format!("{PYPI}/")).replace("FILES", &["https://files.python", "hosted.org"].concat());
    let sign = |kind| match kind {
        BypassKind::Pypi => 'p',
        BypassKind::Index => 'i',
        BypassKind::Direct => 'd',
        BypassKind::Option => 'o',
    };
    bypasses(&text, &wish(&[])).iter().map(|bypass| (bypass.line, sign(bypass.kind))).collect()
}

#[test]
fn what_leads_past_the_gate_is_named_by_its_line_and_nothing_else_is() {
    let uv_lock = "[[package]]\nsource = { registry = \"PYPI/simple\" }\nwheels = [\n  { url = \
                   \"FILES/packages/a/acme-1.whl\", hash = \"sha256:1\" },\n]\n";
    assert_eq!(found(uv_lock), [(2, 'p'), (4, 'p')]);
    for (text, at) in [
        ("{\"_meta\": {\"sources\": [{\"url\": \"PYPI/simple\"}]}}", vec![(1, 'p')]),
        ("--extra-index-url=https://mirror.example/pypi\nacme==1\n", vec![(1, 'i')]),
        ("-i https://mirror.example/x\n", vec![(1, 'i')]),
        ("url = \"https://mirror.example/root/dev/+simple/\"\n", vec![(1, 'i')]),
        ("acme @ FILES/packages/acme-1.tar.gz ; python_version > '3'\n", vec![(1, 'p')]),
        ("# --index-url PYPI/simple\nacme==1 # or PYPI/simple\n", vec![]),
        ("homepage = \"https://acme.example/docs\"\nacme @ git+https://git.example/acme\n", vec![(2, 'd')]),
        ("--index-url https://ada:pw@gate.acme.example/simple/\n", vec![]),
        ("source = { registry = \"https://gate.acme.example/simple\" }\n", vec![]),
        ("source = { registry = \"https://gate.acme.example.evil.example/simple\" }\n", vec![(1, 'i')]),
        ("[project.urls]\nhome = \"PYPI/project/acme\"\nold = \"https://acme.example/acme-1.zip\"\n", vec![]),
    ] {
        assert_eq!(found(text), at, "{text}");
    }
    let shown = bypasses("-i https://ada:hunter2@mirror.example/simple?token=s3cret\n", &wish(&[]));
    assert!(!shown[0].what.contains("hunter2") && !shown[0].what.contains("s3cret"), "{shown:?}");
}

#[test]
fn whatever_the_file_an_index_or_a_file_elsewhere_is_found() {
    for (text, at) in [
        ("acme @ https://evil.example/acme-1-py3-none-any.whl\n", vec![(1, 'd')]),
        ("acme @ https://evil.example/latest\n", vec![(1, 'd')]),
        ("index-url = “https://mirror.example/x”\n", vec![(1, 'i')]),
        ("https://evil.example/acme-1.tar.gz\n-e git+ssh://git@git.example/acme\n", vec![(1, 'd'), (2, 'd')]),
        ("acme @ file:///wheels/acme-1.whl\n", vec![(1, 'd')]),
        ("-r https://evil.example/requirements.txt\n-c https://evil.example/c.txt\n", vec![(1, 'i'), (2, 'i')]),
        ("--index-url HTTPS://MIRROR.example/\n", vec![(1, 'i')]),
        ("--find-links ./wheels\nfind-links =\n", vec![(1, 'o')]),
        ("[[tool.uv.index]]\nname = \"x\"\nurl = \"http://host.example:8080/\"\n", vec![(3, 'i')]),
        ("[tool.uv]\nindex = [{ url = \"http://host.example:8080/\" }]\n", vec![(2, 'i')]),
        (
            "[tool.uv]\nextra-index-url = [\n  \"http://host.example/\",\n]\nx = \"https://x.example/\"\n",
            vec![(3, 'i')],
        ),
        ("[tool.uv]\nindex-strategy = \"unsafe-best-match\"\n", vec![(2, 'o')]),
        ("[tool.uv]\nindex-strategy = \"first-index\"\n", vec![]),
        (
            "[[tool.uv.index]]\nurl = \"https://gate.acme.example/simple/\"\nignore-error-codes = [403]\n",
            vec![(3, 'o')],
        ),
        (
            "[tool.uv.sources]\nacme = { url = \"https://evil.example/a\" }\nb = { git = \"https://g.example/b\" }\n",
            vec![(2, 'd'), (3, 'd')],
        ),
        ("[[package]]\n\n[package.source]\ntype = \"legacy\"\nurl = \"https://mirror.example/pypi\"\n", vec![(5, 'i')]),
        (
            "[[source]]\nurl = \"https://mirror.example/pypi\"\n[packages]\na = {file = \"https://evil.example/a\"}\n",
            vec![(2, 'i'), (4, 'd')],
        ),
        ("[pipenv]\ninstall_search_all_sources = true\n", vec![(2, 'o')]),
        ("{\n  \"sources\": [\n    {\"url\": \"https://mirror.example/\"}\n  ]\n}\n", vec![(3, 'i')]),
        ("[global]\nextra-index-url =\n    https://a.example/x\n    https://b.example/y\n", vec![(3, 'i'), (4, 'i')]),
        ("[global]\ntrusted-host = mirror.example\n", vec![(2, 'o')]),
        ("[global]\ntrusted-host =\n    gate.acme.example:8443\n    mirror.example\ntimeout = 5.5\n", vec![(4, 'o')]),
        ("--trusted-host mirror.example --trusted-host gate.acme.example\n", vec![(1, 'o')]),
        (
            "ENV UV_INDEX=https://mirror.example/ UV_HTTP_TIMEOUT=9\nENV PIP_EXTRA_INDEX_URL=https://m.example/x\n",
            vec![(1, 'i'), (2, 'i')],
        ),
        ("RUN pip install -i https://mirror.example/x acme\n", vec![(1, 'i')]),
        ("  - run: uv pip install -f https://mirror.example/x acme\n", vec![(1, 'i')]),
        ("RUN curl -f https://deb.example/key -o /key\nRUN pip install acme\n", vec![]),
        ("dependencies:\n  - pip:\n    - --extra-index-url https://mirror.example/x\n", vec![(3, 'i')]),
        ("PIPENV_PYPI_MIRROR=https://mirror.example/x pipenv lock\n", vec![(1, 'i')]),
        ("--extra-index https://m.example/x\n--i https://m.example/x\n", vec![(1, 'i'), (2, 'i')]),
        ("--find=https://m.example/y\n--f ./wheels\n--trusted m.example\n", vec![(1, 'i'), (2, 'o'), (3, 'o')]),
        ("--e https://m.example/x\n--req https://m.example/x\n", vec![]),
        ("--pre -i https://m.example/x\n-r a.txt --extra-index-url https://m.example/x\n", vec![(1, 'i'), (2, 'i')]),
        ("-ihttps://m.example/x\n-rhttps://m.example/r.txt\n", vec![(1, 'i'), (2, 'i')]),
        ("--requirem https://m.example/r.txt\n--pre -c https://m.example/c.txt\n", vec![(1, 'i'), (2, 'i')]),
        ("-egit+https://git.example/acme\n", vec![(1, 'd')]),
        ("RUN pip install --extra-index https://m.example/x acme\n", vec![(1, 'i')]),
        ("RUN uv sync --extra dev && curl https://deb.example/key\n", vec![]),
        ("RUN curl \\\n  -sS -f https://deb.example/key\n", vec![]),
        ("[tool.pdm]\npypi.extra.url = \"https://mirror.example/x\"\n", vec![(2, 'i')]),
    ] {
        assert_eq!(found(text), at, "{text}");
    }
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
    "[global]\ntimeout = 60\ntrusted-host =\n    gate.acme.example\n    gate.acme.example:8443\n",
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
            let is_ours = |bypass: &Bypass| bypass.what.contains("git.example");
            prop_assert!(bypasses(&after, &wish).iter().all(is_ours));
            *text = after;
        }
    }
}

#[test]
fn other_files_that_a_list_names_are_found_as_pip_finds_them() {
    for (text, named) in [
        ("-r base.txt\n--constraint ../c.txt\n", vec![(1, "base.txt"), (2, "../c.txt")]),
        ("acme==1\n-rbase.txt # of all\n--requirement=a.txt\n", vec![(2, "base.txt"), (3, "a.txt")]),
        (
            "-c 'my file.txt'\n-r \"b\\\"c.txt\"\n-r \\\n  wide.txt\n",
            vec![(1, "my file.txt"), (2, "b\"c.txt"), (3, "wide.txt")],
        ),
        ("dependencies:\n  - pip:\n    - -r more.txt\n", vec![(3, "more.txt")]),
        ("# -r no.txt\n-r https://evil.example/r.txt\n-r\n-r 'open\n--require-hashes\n", vec![]),
        ("RUN pip install -r a.txt \\\n    -r b.txt\npip install -c c.txt\n", vec![]),
        ("-r last.txt \\", vec![(1, "last.txt")]),
        ("--requirem a.txt\n--cons=c.txt\n--con d.txt\n", vec![(1, "a.txt"), (2, "c.txt"), (3, "d.txt")]),
        ("--req a.txt\n--r a.txt\n--REQUIREMENT a.txt\n-- -r a.txt\n", vec![]),
        ("-r a.txt --extra-index-url https://m.example/x -c 'b c.txt'\n", vec![(1, "a.txt"), (1, "b c.txt")]),
        ("--pre -i https://m.example/x -r a.txt\n--hash -r -r b.txt\n", vec![(1, "a.txt"), (2, "b.txt")]),
        ("acme==1 -r a.txt\nacme.txt'b -r a.txt\n", vec![]),
    ] {
        let found = includes(text);
        let found: Vec<(usize, &str)> = found.iter().map(|include| (include.line, &*include.path)).collect();
        assert_eq!(found, named, "{text}");
    }
}
