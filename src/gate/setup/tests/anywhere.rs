//! What leads past the gate is found wherever it stands among what does not, and however its lines are broken.

use super::*;

/// Lines of a list of requirements that lead nowhere else, each with how many there are of it.
const FINE: [(&str, usize); 11] = [
    ("six==1.16.0", 1),
    ("Attrs>=22 ; python_version < '3.9'", 1),
    ("acme==1 \\\n    --hash=sha256:0123 \\\n    --hash=sha256:4567", 3),
    ("# see https://mirror.example/simple, or -i https://mirror.example/x", 1),
    ("", 1),
    ("--require-hashes", 1),
    ("--index-url https://ada:pw@gate.acme.example/simple/", 1),
    ("-r more.txt", 1),
    ("acme[x,y]~=2.0 # -f https://mirror.example/x", 1),
    ("-i \\\nhttps://gate.acme.example/simple/", 2),
    ("--trusted-host gate.acme.example:8443", 1),
];
/// Lines that do, and which of theirs is named, from 0 on.
const PAST: [(&str, usize, char); 14] = [
    ("-i https://mirror.example/x", 0, 'i'),
    ("--extra-index-url=https://mirror.example/x", 0, 'i'),
    ("--extra-index-url \\\nhttps://mirror.example/x", 1, 'i'),
    ("-i \\\n  https://mirror.example/x", 1, 'i'),
    ("--pre --index-url \\\n\\\nhttps://mirror.example/x", 2, 'i'),
    ("-f https://mirror.example/wheels", 0, 'i'),
    ("--find-links ./wheels", 0, 'o'),
    ("acme @ https://evil.example/acme-1.0.tar.gz", 0, 'd'),
    ("acme @ \\\nhttps://evil.example/latest", 1, 'd'),
    ("acme @ \\\n    https://evil.example/latest ; python_version > '3'", 1, 'd'),
    ("-e git+https://git.example/acme", 0, 'd'),
    ("-e \\\ngit+ssh://git@git.example/acme", 1, 'd'),
    ("--trusted-host mirror.example", 0, 'o'),
    ("https://evil.example/acme-1-py3-none-any.whl", 0, 'd'),
];

/// A list, and where something in it leads past.
fn lists() -> impl Strategy<Value = (String, Vec<(usize, char)>)> {
    let one = prop_oneof![
        3 => prop::sample::select(FINE.to_vec()).prop_map(|(text, lines)| (text, lines, None::<(usize, char)>)),
        1 => prop::sample::select(PAST.to_vec()).prop_map(|(text, at, sign)| (text, text.lines().count(), Some((at, sign)))),
    ];
    (prop::collection::vec(one, 1..12), any::<bool>()).prop_map(|(all, is_dos)| {
        let (mut text, mut past, mut line) = (String::new(), Vec::new(), 1);
        for (lines, number, found) in all {
            past.extend(found.map(|(at, sign)| (line + at, sign)));
            text += lines;
            text.push('\n');
            line += number;
        }
        (if is_dos { text.replace('\n', "\r\n") } else { text }, past)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn what_leads_past_the_gate_is_found_among_whatever_else((text, past) in lists()) {
        prop_assert_eq!(found(&text), past, "{}", text);
    }

    /// Nothing that anybody writes ends the reader, and no account is shown.
    #[test]
    fn no_text_ends_the_reader_and_none_shows_an_account(text in "([-a-z=:/@. \\[\\]\"'#]|\\\\\n|\n|https://ada:hunter2@mirror\\.example/x|[é“]){0,60}") {
        let all = bypasses(&text, &wish(&[]));
        prop_assert!(all.iter().all(|bypass| !bypass.what.contains("hunter2") && bypass.line <= text.lines().count()), "{all:?}");
        let paths = includes(&text);
        prop_assert!(paths.iter().all(|include| !include.path.is_empty()), "{paths:?}");
    }
}

/// A shell and Docker take a line and the next for one, wherever that begins.
#[test]
fn a_command_that_is_broken_before_its_index_names_it() {
    for (text, at) in [
        ("RUN pip install --index-url \\\nhttps://mirror.example/x acme\n", vec![(2, 'i')]),
        ("RUN pip install acme \\\n# why\n-i https://mirror.example/x\n", vec![(3, 'i')]),
        ("RUN pip install \\\nacme\\\n && curl https://deb.example/key\n", vec![]),
        ("-i \\\n\n[tool.x]\nhome = \"https://mirror.example/x\"\n", vec![]),
        ("acme @ \\\nhttps://gate.acme.example/files/acme/acme-1.tar.gz\n", vec![]),
    ] {
        assert_eq!(found(text), at, "{text}");
    }
}

/// Registries of clouds give out passwords that are longer than any text that is shown whole.
#[test]
fn nothing_of_a_password_is_shown_however_long_it_is() {
    for length in [10, 190, 250, 3000] {
        let address = format!("https://aws:{}@acme.registry.example/pypi/x/simple/", "s3cret".repeat(length));
        let mut said: Vec<String> =
            bypasses(&format!("--index-url {address}\n"), &wish(&[])).into_iter().map(|bypass| bypass.what).collect();
        assert_eq!(said.len(), 1, "{length}");
        let uv = format!("[[tool.uv.index]]\nurl = \"{address}\"\n");
        let poetry = format!("[[tool.poetry.source]]\nurl = \"{GATE}\"\nname = \"x\"\npriority = \"see {address}\"\n");
        said.push(super::said(SetupTool::Pip, "pip.conf", &format!("[global]\nindex-url = {address}\n"), &[]));
        said.push(super::said(SetupTool::Uv, "pyproject.toml", &uv, &[]));
        said.push(super::said(SetupTool::Poetry, "pyproject.toml", &poetry, &[]));
        said.push(super::said(SetupTool::Uv, "pyproject.toml", &format!("x = \"{address}\nurl = [\n"), &[]));
        assert!(said.iter().all(|said| !said.contains("s3cret")), "{length}: {said:?}");
        assert!(said[..4].iter().all(|said| said.contains("…@acme.registry.example/pypi/x/simple/")), "{said:?}");
    }
}
