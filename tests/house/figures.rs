//! The figures of style, of the whole product: `cargo test --test house -- --nocapture figures` prints them.
//!
//! Each has a ceiling that holds today. Lines are those of code: no blanks, no comments, no tests.

use std::fs;

use crate::imports::{Imports, circles, from_faces, imports, without_faces};
use crate::layering::{back_arrows, product};
use crate::source::{code_lines, files, modules, parse, root};

/// The median and the 90th percentile of lines a function and a file. `layering.rs` has the ceiling of each single one.
const FUNCTION: (usize, usize) = (10, 24);
const FILE: (usize, usize) = (95, 200);
/// Lines of comments and documentation for 100 lines of code.
const COMMENTS: usize = 15;
/// Lines of tests for 100 lines of code.
const TESTS: usize = 80;

/// Tests in the languages of those that they ask: clients of an index, a browser, a service manager.
const SCRIPTS: [&str; 3] = [".py", ".mjs", ".sh"];

/// Median, 90th percentile and greatest.
fn spread(mut lines: Vec<usize>) -> (usize, usize, usize) {
    lines.sort_unstable();
    let at = |percent: usize| lines[(lines.len() - 1) * percent / 100];
    (at(50), at(90), at(100))
}

/// Lines of code of the tests: beside the product, and below `tests/`, whatever they are written in.
fn test_lines() -> usize {
    let beside = modules().iter().map(|source| source.test_lines + if source.test { source.code_lines } else { 0 });
    let own = files("tests", ".rs").into_iter().map(|path| {
        let text = fs::read_to_string(root().join(&path)).expect("readable");
        code_lines(&path, &text)
    });
    let scripts = SCRIPTS.into_iter().flat_map(|ending| files("tests", ending)).map(|path| {
        let text = fs::read_to_string(root().join(&path)).expect("readable");
        let is_code = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with(['#', '/', '*']);
        text.lines().filter(is_code).count()
    });
    beside.chain(own).chain(scripts).sum()
}

#[test]
fn figures_of_length_hold() {
    let product = product();
    let functions = spread(product.iter().flat_map(|source| &source.functions).map(|(_, _, lines)| *lines).collect());
    let lengths = spread(product.iter().map(|source| source.code_lines).collect());
    println!("functions        p50 {:4}  p90 {:4}  max {:4}", functions.0, functions.1, functions.2);
    println!(
        "files            p50 {:4}  p90 {:4}  max {:4}  ({} files)",
        lengths.0,
        lengths.1,
        lengths.2,
        product.len()
    );
    assert!(functions.0 <= FUNCTION.0 && functions.1 <= FUNCTION.1, "functions have grown: {functions:?}");
    assert!(lengths.0 <= FILE.0 && lengths.1 <= FILE.1, "files have grown: {lengths:?}");
}

#[test]
fn figures_of_words_and_tests_hold() {
    let product = product();
    let code: usize = product.iter().map(|source| source.code_lines).sum();
    let comments: usize = product.iter().map(|source| source.comment_lines).sum();
    let tests = test_lines();
    println!("code             {code} lines");
    println!("comments / code  0.{:02}  ({comments} lines)", comments * 100 / code);
    println!("tests / code     {:.2}  ({tests} lines)", tests as f64 / code as f64);
    assert!(comments * 100 >= code * COMMENTS, "{comments} lines of comments for {code} of code");
    assert!(tests * 100 >= code * TESTS, "{tests} lines of tests for {code} of code");
}

#[test]
fn figures_of_imports_hold() {
    let imports = imports(&product());
    let arrows: usize = imports.values().map(|needed| needed.len()).sum();
    assert!(arrows > product().len(), "only {arrows} imports were found");
    println!("imports          {arrows} between {} files", imports.len());
    let taken = from_faces(&imports);
    println!("from own face    {}", taken.len());
    for (child, face) in &taken {
        println!("    {child} -> {face}");
    }
    let beyond = without_faces(&imports);
    let (all, beyond) = (tell("circles", &imports), tell("beyond faces", &beyond));
    let back = back_arrows();
    println!("back arrows      {}", back.len());
    assert!(all == 0 && beyond == 0, "files that import each other: {all}, {beyond} beyond faces");
    assert!(taken.is_empty(), "a type that children need stands in a file of its own: {taken:?}");
    assert!(back.is_empty(), "{back:?}");
}

/// Prints the circles; gives the number of files in them.
#[expect(clippy::print_stdout, reason = "the figures are to be read")]
fn tell(what: &str, imports: &Imports) -> usize {
    let circles = circles(imports);
    let files = circles.iter().map(Vec::len).sum();
    println!("{what:16} {} of {files} files", circles.len());
    for circle in &circles {
        println!("  of {} files", circle.len());
        for file in circle {
            let inside: Vec<&str> =
                imports[file].iter().filter(|next| circle.contains(next)).map(|next| &**next).collect();
            println!("    {file} -> {}", inside.join(", "));
        }
    }
    files
}

/// The figures are only as good as what finds the imports.
#[test]
fn figures_see_a_circle_and_through_a_face() {
    let file = |path: &str, module: &str, text: &str| {
        let module = module.split("::").filter(|part| !part.is_empty()).map(str::to_owned).collect();
        parse(path, text.to_owned(), module, false).0
    };
    let product = [
        file("src/a/mod.rs", "a", "mod one;\nmod two;\npub use one::One;\npub struct Own;"),
        file("src/a/one.rs", "a::one", "pub struct One(super::two::Two, super::Own);"),
        file("src/a/two.rs", "a::two", "use crate::a::{self, One as First};\npub struct Two(First, a::two::Two);"),
        file("src/b.rs", "b", "use crate::a;\nfn b(_: a::One) -> String { format!(\"{}\", a::Own) }"),
    ];
    let imports = imports(&product.each_ref());
    let of = |path: &str| imports[path].iter().map(|path| &**path).collect::<Vec<_>>();
    assert!(of("src/a/mod.rs").is_empty(), "it passes on, and needs nothing: {imports:?}");
    assert_eq!(of("src/a/one.rs"), ["src/a/mod.rs", "src/a/two.rs"]);
    assert_eq!(of("src/a/two.rs"), ["src/a/one.rs"]);
    assert_eq!(of("src/b.rs"), ["src/a/mod.rs", "src/a/one.rs"]);
    assert_eq!(circles(&imports), [["src/a/one.rs", "src/a/two.rs"]]);
    assert_eq!(from_faces(&imports).len(), 1);
    let named = [("src/a/mod.rs".to_owned(), ["src/a/one.rs".to_owned(), "src/b.rs".to_owned()].into())].into();
    assert_eq!(without_faces(&named)["src/a/mod.rs"].len(), 1);
}
