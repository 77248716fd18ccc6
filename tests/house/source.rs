//! Our own sources, parsed: the module tree from the faces of the packages, what each file names, and how long it is.

use std::collections::BTreeSet;
use std::fs;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use crate::types::{is_test, types};

/// A path of the source, as `use` or an expression names it.
#[derive(Debug)]
pub(crate) struct Named {
    /// `crate` first when it is ours: `self` and `super` are resolved.
    pub(crate) segments: Vec<String>,
    pub(crate) line: usize,
    pub(crate) how: How,
}

/// How a path is named; `use` gives it a name in the file, `*` for all that stands below.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum How {
    Mentioned,
    Imported {
        called: String,
    },
    /// By `pub use`, for others.
    PassedOn {
        called: String,
    },
}

/// One file, without its tests.
#[derive(Debug)]
pub(crate) struct Source {
    /// Relative to the repository, with slashes.
    pub(crate) path: String,
    /// Is the whole file compiled for tests only?
    pub(crate) test: bool,
    /// Its place in the tree: `store`, `sql` for `src/store/sql.rs`.
    pub(crate) module: Vec<String>,
    pub(crate) names: Vec<Named>,
    /// String literals, those of macros included, attributes not.
    pub(crate) strings: Vec<(usize, String)>,
    /// Name, first line and length in lines of each function.
    pub(crate) functions: Vec<(String, usize, usize)>,
    /// The declared types that more than its own folder sees.
    pub(crate) types: Vec<String>,
    /// Lines with a token on them: no blanks, no comments, no tests.
    pub(crate) code_lines: usize,
    /// Lines with a token on them among the tests.
    pub(crate) test_lines: usize,
    /// Lines of comments and documentation alone, without the tests.
    pub(crate) comment_lines: usize,
}

impl Source {
    /// The module right below the crate: `store` for `src/store/sql.rs`.
    pub(crate) fn top(&self) -> &str {
        let rest = self.path.trim_start_matches("src/");
        rest.split('/').next().unwrap_or(rest).trim_end_matches(".rs")
    }
}

/// The root of the repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below `dir` whose name ends with `ending`, relative to the repository.
pub(crate) fn files(dir: &str, ending: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![root().join(dir)];
    while let Some(dir) = open.pop() {
        let Ok(entries) = fs::read_dir(&dir) else { continue };
        for path in entries.map(|entry| entry.expect("an entry").path()) {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() {
                open.extend((!["target", ".git", "__pycache__"].contains(&&*name)).then_some(path));
            } else if name.ends_with(ending) {
                found.push(path.strip_prefix(root()).expect("below the root").to_string_lossy().into_owned());
            }
        }
    }
    found.sort();
    found
}

/// Those of the layers list the modules of a package, and `lib.rs` has all of them.
pub(crate) const FACES: [&str; 6] = [
    "src/lib.rs",
    "src/api_layer.rs",
    "src/base_layer.rs",
    "src/gate_layer.rs",
    "src/sim_layer.rs",
    "src/watch_layer.rs",
];

/// Every module that the library and the program are made of; read once, as that takes longer than any rule.
pub(crate) fn modules() -> &'static [Source] {
    static READ: LazyLock<Vec<Source>> = LazyLock::new(|| {
        let mut found = Vec::new();
        for start in FACES.into_iter().chain(["src/main.rs"]) {
            load(Path::new(start), Vec::new(), false, &mut found);
        }
        found
    });
    &READ
}

fn load(path: &Path, module: Vec<String>, test: bool, into: &mut Vec<Source>) {
    let text = fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let (source, children) = parse(&path.to_string_lossy(), text, module.clone(), test);
    into.push(source);
    for (name, test_only) in children {
        let below = module.iter().cloned().chain([name.clone()]).collect();
        load(&file_of(path, &name), below, test || test_only, into);
    }
}

/// One file, and the modules it declares: name, and whether for tests only.
pub(crate) fn parse(path: &str, text: String, module: Vec<String>, test: bool) -> (Source, Vec<(String, bool)>) {
    let tokens = tokens(path, &text);
    let lines = lines_of(tokens.clone());
    let file = syn::parse2(tokens).unwrap_or_else(|error| panic!("{path}: {error}"));
    let mut reader = Reader { module: module.clone(), ..Reader::default() };
    reader.visit_file(&file);
    let in_tests = |line: &usize| reader.tests.iter().any(|range| range.contains(line));
    let (tests, lines): (BTreeSet<usize>, BTreeSet<usize>) = lines.into_iter().partition(in_tests);
    let comments = text.lines().enumerate().filter(|(_, text)| text.trim_start().starts_with("//"));
    let source = Source {
        path: path.to_owned(),
        test,
        module,
        names: reader.names,
        comment_lines: comments.filter(|(at, _)| !in_tests(&(at + 1))).count(),
        test_lines: tests.len(),
        strings: reader.strings,
        functions: reader.functions,
        types: types(&file),
        code_lines: lines.len(),
    };
    (source, reader.children)
}

fn tokens(path: &str, text: &str) -> TokenStream {
    text.parse().unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Lines with a token on them, of a file that is all tests.
pub(crate) fn code_lines(path: &str, text: &str) -> usize {
    lines_of(tokens(path, text)).len()
}

/// Where `mod name;` of the file `parent` is.
fn file_of(parent: &Path, name: &str) -> PathBuf {
    let is_face = FACES.contains(&parent.to_str().unwrap_or_default());
    let dir = match parent.file_stem().unwrap_or_default().to_str() {
        Some("main" | "mod") => parent.with_file_name(""),
        _ if is_face => parent.with_file_name(""),
        _ => parent.with_extension(""),
    };
    let folder = dir.join(name).join("mod.rs");
    if root().join(&folder).exists() { folder } else { dir.join(format!("{name}.rs")) }
}

/// Collects from one file what the rules ask for.
#[derive(Default)]
struct Reader {
    module: Vec<String>,
    names: Vec<Named>,
    strings: Vec<(usize, String)>,
    functions: Vec<(String, usize, usize)>,
    tests: Vec<RangeInclusive<usize>>,
    /// `mod name;`, and whether for tests only.
    children: Vec<(String, bool)>,
}

impl Reader {
    fn name(&mut self, segments: Vec<String>, line: usize, how: How) {
        let mut absolute = self.module.clone();
        let mut rest = segments.as_slice();
        match rest.first().map(String::as_str) {
            Some("crate") => absolute.clear(),
            Some("self") => {}
            Some("super") => {
                absolute.pop();
            }
            _ => return self.names.push(Named { segments, line, how }),
        }
        rest = &rest[1..];
        while rest.first().is_some_and(|segment| segment == "super") {
            absolute.pop();
            rest = &rest[1..];
        }
        let ours = ["crate".to_owned()].into_iter().chain(absolute).chain(rest.iter().cloned());
        self.names.push(Named { segments: ours.collect(), line, how });
    }

    fn tree(&mut self, before: &[String], tree: &syn::UseTree, how: &impl Fn(String) -> How) {
        let with = |ident: &syn::Ident| before.iter().cloned().chain([ident.to_string()]).collect::<Vec<_>>();
        match tree {
            syn::UseTree::Path(path) => self.tree(&with(&path.ident), &path.tree, how),
            syn::UseTree::Name(name) => {
                let path = with(&name.ident);
                // `a::{self}` calls it `a`.
                let called = path.iter().rev().find(|segment| *segment != "self").cloned().unwrap_or_default();
                self.name(path, name.span().start().line, how(called));
            }
            syn::UseTree::Rename(name) => {
                self.name(with(&name.ident), name.span().start().line, how(name.rename.to_string()));
            }
            syn::UseTree::Glob(glob) => self.name(before.to_vec(), glob.span().start().line, how("*".to_owned())),
            syn::UseTree::Group(group) => group.items.iter().for_each(|item| self.tree(before, item, how)),
        }
    }

    fn function(&mut self, signature: &syn::Signature, end: usize) {
        let start = signature.span().start().line;
        self.functions.push((signature.ident.to_string(), start, end + 1 - start));
    }

    /// Paths and strings of a macro's arguments, which are tokens only.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                TokenTree::Ident(ident) => {
                    if colons != 2 {
                        path.clear();
                    }
                    colons = 0;
                    path.push(ident.to_string());
                    self.name(path.clone(), ident.span().start().line, How::Mentioned);
                }
                other => {
                    (path, colons) = (Vec::new(), 0);
                    self.token(other);
                }
            }
        }
    }

    fn token(&mut self, token: TokenTree) {
        match token {
            TokenTree::Group(group) => self.tokens(group.stream()),
            TokenTree::Literal(literal) => {
                let line = literal.span().start().line;
                if let Ok(text) = syn::parse_str::<syn::LitStr>(&literal.to_string()) {
                    self.strings.push((line, text.value()));
                }
            }
            _ => {}
        }
    }

    /// Leaves out what is compiled for tests only.
    fn is_test(&mut self, attributes: &[syn::Attribute], whole: proc_macro2::Span) -> bool {
        let test = attributes.iter().any(is_test);
        if test {
            self.tests.push(whole.start().line..=whole.end().line);
        }
        test
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        let attributes = match item {
            syn::Item::Fn(item) => &item.attrs,
            syn::Item::Impl(item) => &item.attrs,
            syn::Item::Mod(item) => &item.attrs,
            syn::Item::Use(item) => &item.attrs,
            syn::Item::Struct(item) => &item.attrs,
            syn::Item::Const(item) => &item.attrs,
            _ => return visit::visit_item(self, item),
        };
        let test = self.is_test(attributes, item.span());
        if let syn::Item::Mod(syn::ItemMod { content: None, ident, .. }) = item {
            self.children.push((ident.to_string(), test));
        }
        if !test {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        if !self.is_test(&item.attrs, item.span()) {
            self.function(&item.sig, item.block.span().end().line);
            visit::visit_impl_item_fn(self, item);
        }
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.function(&item.sig, item.block.span().end().line);
        visit::visit_item_fn(self, item);
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        self.module.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        let private = matches!(item.vis, syn::Visibility::Inherited);
        let how = |called| if private { How::Imported { called } } else { How::PassedOn { called } };
        self.tree(&[], &item.tree, &how);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.name(segments, path.span().start().line, How::Mentioned);
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, item: &'ast syn::Macro) {
        self.tokens(item.tokens.clone());
        visit::visit_macro(self, item);
    }

    fn visit_lit_str(&mut self, text: &'ast syn::LitStr) {
        self.strings.push((text.span().start().line, text.value()));
    }

    /// Attributes hold documentation and error texts, no code.
    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}
}

fn lines_of(tokens: TokenStream) -> BTreeSet<usize> {
    let mut lines = BTreeSet::new();
    token_lines(tokens, &mut lines);
    lines
}

/// The lines that tokens stand on. Documentation reaches us as `#[doc = …]`, and is none.
fn token_lines(tokens: TokenStream, into: &mut BTreeSet<usize>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) if is_doc(group) => {}
            TokenTree::Punct(punct) if "#!".contains(punct.as_char()) && opens_doc(&tokens[at + 1..]) => {}
            TokenTree::Group(group) => {
                into.insert(group.span_open().start().line);
                into.insert(group.span_close().start().line);
                token_lines(group.stream(), into);
            }
            token => into.extend(token.span().start().line..=token.span().end().line),
        }
    }
}

/// `[doc = …]`.
fn is_doc(group: &Group) -> bool {
    let first = group.stream().into_iter().next();
    group.delimiter() == Delimiter::Bracket && first.is_some_and(|first| first.to_string() == "doc")
}

/// Does `#` or `!`, with these after it, open documentation?
fn opens_doc(after: &[TokenTree]) -> bool {
    match after {
        [TokenTree::Group(group), ..] => is_doc(group),
        [TokenTree::Punct(_), TokenTree::Group(group), ..] => is_doc(group),
        _ => false,
    }
}
