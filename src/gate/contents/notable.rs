//! What of a file has to be seen: by where it lies, and by its first bytes.

use super::difference::NotableKind;
use super::form::Form;
use super::gathered::Entry;
use super::paths::resolved;

/// What builds run or go by, by the name of the file at the top of a source distribution. `setup.cfg` names commands of the build.
const BUILD_SCRIPTS: [&str; 6] =
    ["setup.py", "setup.cfg", "hatch_build.py", "build.py", "meson.build", "CMakeLists.txt"];
/// What each start of Python reads where packages lie: of old, and since Python 3.15 (PEP 829).
const PATH_FILES: [&str; 2] = [".pth", ".start"];
/// What each start of Python imports (`site`).
const CUSTOMIZE: [&str; 2] = ["sitecustomize", "usercustomize"];
const BINARIES: [&str; 8] = ["so", "pyd", "dll", "dylib", "exe", "pyc", "a", "wasm"];
const SHELL: [&str; 8] = ["sh", "bash", "zsh", "csh", "bat", "cmd", "ps1", "vbs"];
/// ELF, Windows, Mach-O of either order and width and for several processors, an archive of objects, WebAssembly.
const MAGIC: [&[u8]; 9] = [
    b"\x7fELF",
    b"MZ",
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
    b"!<arch>\n",
    b"\0asm",
];

/// Each kind, what it is of, and whether another content of it is worth a look, too. `deep`: how many parts a path has at most that lies where
/// a build begins.
pub(super) fn notable(form: Form, deep: usize, path: &str, entry: &Entry) -> Vec<(NotableKind, String, bool)> {
    let own = |kind, tells| Some((kind, path.to_owned(), tells));
    let site = site(form, path);
    let all = [
        own(NotableKind::LeadsElsewhere, false).filter(|_| leads_elsewhere(path)),
        own(NotableKind::Link, true).filter(|_| entry.is_link),
        at_start(form, path, site).and_then(|kind| own(kind, true)),
        own(NotableKind::BuildScript, true).filter(|_| form == Form::Source && is_build_script(path, deep)),
        elsewhere(form, path).and_then(|kind| own(kind, false)),
        of_bytes(path, &entry.head).and_then(|kind| own(kind, false)),
        site.and_then(top_level).map(|name| (NotableKind::TopLevel, name.to_owned(), false)),
    ];
    all.into_iter().flatten().collect()
}

/// Does a path lie in that folder of a source distribution? Empty or a dot: all of it.
pub(super) fn path_of_backend(path: &str, place: &str, deep: usize) -> bool {
    let (parts, place) = (resolved(path), resolved(place));
    path.ends_with(".py") && (0..deep).any(|from| parts.get(from..).is_some_and(|rest| rest.starts_with(&place)))
}

/// Where packages lie, a file of a wheel lies there.
fn site(form: Form, path: &str) -> Option<&str> {
    let (folder, rest) = path.split_once('/').unwrap_or(("", path));
    match (form, folder) {
        (Form::Source, _) => None,
        (Form::Wheel, folder) if folder.ends_with(".dist-info") => None,
        (Form::Wheel, folder) if folder.ends_with(".data") => {
            rest.strip_prefix("purelib/").or_else(|| rest.strip_prefix("platlib/"))
        }
        (Form::Wheel, _) => Some(path),
    }
}

/// A path that is one on no system, that is another's where it is unpacked, or that people read as another.
fn leads_elsewhere(path: &str) -> bool {
    let is_odd = |c: char| c.is_control() || c == '\\' || is_unseen(c);
    path.starts_with('/')
        || path.contains(is_odd)
        || path.as_bytes().get(1) == Some(&b':')
        || path.split('/').any(|part| ["..", ".", ""].contains(&part))
}

/// Characters that turn the direction of reading, or show nothing.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fffd}')
}

/// What each start of Python reads: in a wheel where packages lie, or wherever `.data` puts it; in sources anywhere, since a build puts it there.
fn at_start(form: Form, path: &str, site: Option<&str>) -> Option<NotableKind> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let is_top = site.is_some_and(|site| !site.contains('/'));
    let is_anywhere = form == Form::Source || path.split('/').next().is_some_and(|folder| folder.ends_with(".data"));
    let module = site.filter(|_| form == Form::Wheel).unwrap_or(name);
    let module = module.split(['/', '.']).next().unwrap_or_default();
    let is_python = name.ends_with(".py") || name.ends_with(".pyc") || name.ends_with(".so") || name.ends_with(".pyd");
    match () {
        () if PATH_FILES.iter().any(|end| name.ends_with(end)) && (is_top || is_anywhere) => {
            Some(NotableKind::PathFile)
        }
        () if is_python && CUSTOMIZE.contains(&module) => Some(NotableKind::SiteCustomize),
        () if is_python && is_anywhere && CUSTOMIZE.iter().any(|of| name.split('.').next() == Some(of)) => {
            Some(NotableKind::SiteCustomize)
        }
        () => None,
    }
}

fn is_build_script(path: &str, deep: usize) -> bool {
    let parts = resolved(path);
    let name = parts.last().copied().unwrap_or_default();
    (parts.len() <= deep && BUILD_SCRIPTS.contains(&name)) || name == "build.rs"
}

/// What a wheel puts beside where packages lie.
fn elsewhere(form: Form, path: &str) -> Option<NotableKind> {
    let (folder, rest) = path.split_once('/')?;
    let is_data = form == Form::Wheel && folder.ends_with(".data");
    match rest.split('/').next().filter(|_| is_data)? {
        "scripts" => Some(NotableKind::Command),
        "purelib" | "platlib" => None,
        _ => Some(NotableKind::Outside),
    }
}

fn of_bytes(path: &str, head: &[u8]) -> Option<NotableKind> {
    let name = path.rsplit('/').next().unwrap_or(path).to_lowercase();
    let ending = name.rsplit_once('.').map(|(_, ending)| ending).unwrap_or_default();
    let first = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let is_python = first.windows(6).any(|of| of == b"python");
    match () {
        () if MAGIC.iter().any(|magic| head.starts_with(magic)) => Some(NotableKind::Binary),
        () if BINARIES.contains(&ending) || name.contains(".so.") => Some(NotableKind::Binary),
        () if SHELL.contains(&ending) || (head.starts_with(b"#!") && !is_python) => Some(NotableKind::ShellScript),
        () => None,
    }
}

/// What can be imported by it.
fn top_level(site: &str) -> Option<&str> {
    match site.split_once('/') {
        Some((folder, _)) => Some(folder),
        None => {
            let (name, ending) = site.split_once('.')?;
            ["py", "pyc", "pyd", "so"]
                .iter()
                .any(|of| ending == *of || ending.ends_with(&format!(".{of}")))
                .then_some(name)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(form: Form, path: &str, head: &[u8]) -> Vec<NotableKind> {
        let entry = Entry { digest: Default::default(), head: head.to_owned(), is_link: false };
        notable(form, 1, path, &entry)
            .into_iter()
            .map(|(kind, ..)| kind)
            .filter(|kind| *kind != NotableKind::TopLevel)
            .collect()
    }

    #[test]
    fn what_runs_by_itself_is_seen_where_it_runs_and_nowhere_else() {
        for (path, kind) in [
            ("widgets.pth", NotableKind::PathFile),
            ("widgets.data/purelib/x.pth", NotableKind::PathFile),
            ("widgets.start", NotableKind::PathFile),
            ("widgets.data/purelib/x.start", NotableKind::PathFile),
            ("widgets.data/data/lib/python3.12/site-packages/x.pth", NotableKind::PathFile),
            ("sitecustomize.py", NotableKind::SiteCustomize),
            ("usercustomize/__init__.py", NotableKind::SiteCustomize),
            ("widgets.data/platlib/sitecustomize.py", NotableKind::SiteCustomize),
            ("widgets.data/scripts/widgets", NotableKind::Command),
            ("widgets.data/data/etc/cron.d/widgets", NotableKind::Outside),
            ("widgets/x.so", NotableKind::Binary),
            ("widgets.libs/libz-1a2b.so.1", NotableKind::Binary),
            ("widgets/run.SH", NotableKind::ShellScript),
            ("../../etc/passwd", NotableKind::LeadsElsewhere),
            ("/etc/passwd", NotableKind::LeadsElsewhere),
            ("widgets/./x.py", NotableKind::LeadsElsewhere),
            ("widgets//x.py", NotableKind::LeadsElsewhere),
            ("C:/x", NotableKind::LeadsElsewhere),
            ("widgets\\x.py", NotableKind::LeadsElsewhere),
            ("widgets/\u{202e}yp.x", NotableKind::LeadsElsewhere),
            ("widgets/\u{1b}[2J.py", NotableKind::LeadsElsewhere),
        ] {
            assert!(kinds(Form::Wheel, path, b"").contains(&kind), "{path}: {:?}", kinds(Form::Wheel, path, b""));
        }
        for path in [
            "widgets/model.pth",
            "widgets/x.start",
            "widgets/sitecustomize.py",
            "setup.py",
            "widgets/setup.py",
            "widgets/a..b",
        ] {
            assert_eq!(kinds(Form::Wheel, path, b"import os"), [], "{path}");
        }
        for path in ["setup.py", "setup.cfg", "native/build.rs", "hatch_build.py", "/setup.py", "./x/../setup.py"] {
            assert!(kinds(Form::Source, path, b"").contains(&NotableKind::BuildScript), "{path}");
        }
        for path in ["src/x.pth", "src/x.start"] {
            assert_eq!(kinds(Form::Source, path, b""), [NotableKind::PathFile], "{path}");
        }
        assert_eq!(kinds(Form::Source, "docs/setup.py", b""), []);
    }

    #[test]
    fn bytes_tell_what_a_name_hides() {
        assert_eq!(kinds(Form::Wheel, "widgets/logo.png", b"\x7fELF\x02"), [NotableKind::Binary]);
        assert_eq!(kinds(Form::Wheel, "widgets/data", b"#!/bin/sh\ncurl"), [NotableKind::ShellScript]);
        assert_eq!(kinds(Form::Wheel, "widgets/data", b"#!/usr/bin/env python3\n"), []);
    }

    #[test]
    fn a_name_that_can_be_imported_is_told() {
        let top = |path: &str| site(Form::Wheel, path).and_then(top_level).map(str::to_owned);
        let all =
            ["requests/__init__.py", "six.py", "x.cpython-312-x86_64-linux-gnu.so", "widgets.data/purelib/ssl.py"];
        assert_eq!(all.map(|path| top(path).expect("a name")), ["requests", "six", "x", "ssl"]);
        assert_eq!(
            ["widgets.dist-info/METADATA", "LICENSE", "widgets.pth", "widgets.data/scripts/x.py"].map(top),
            [const { None }; 4]
        );
    }

    #[test]
    fn a_backend_in_the_archive_is_its_files() {
        let is_one = |path, place| path_of_backend(path, place, 1);
        assert!(is_one("tools/own.py", "tools") && is_one("own.py", ".") && is_one("own.py", ""));
        assert!(is_one("/tools//own.py", "tools"));
        assert!(!is_one("toolset/own.py", "tools") && !is_one("tools/own.txt", "tools"));
        assert!(!is_one("w-1/tools/own.py", "tools") && path_of_backend("w-1/tools/own.py", "tools", 2));
    }
}
