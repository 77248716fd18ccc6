//! Two names, letter under letter: the restricted edit distance again, with the way it took.

use askama::Template;
use askama::filters::HtmlSafe;

/// Letters that are compared; a name of PyPI has 200 at most, and nobody reads so many.
const MOST: usize = 64;

/// How one name becomes the other.
#[derive(Clone, Debug, Template)]
#[template(path = "letters.html")]
pub(super) struct Letters {
    pairs: Vec<Pair>,
    /// The same in a sentence.
    words: String,
    cut: bool,
}

impl HtmlSafe for Letters {}

/// One place of the two.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Pair {
    kind: &'static str,
    ours: String,
    theirs: String,
}

impl Letters {
    pub(super) fn new(ours: &str, theirs: &str) -> Self {
        let [a, b] = [ours, theirs].map(|name| name.chars().take(MOST).collect::<Vec<char>>());
        let cut = ours.chars().count() > MOST || theirs.chars().count() > MOST;
        let pairs = aligned(&a, &b);
        Self { words: words(&pairs, cut.then(|| ours != theirs)), pairs, cut }
    }
}

/// The fewest steps from each beginning of one to each beginning of the other.
fn steps(a: &[char], b: &[char]) -> Vec<Vec<usize>> {
    let mut cost = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            cost[i][j] = match (i, j) {
                (0, n) | (n, 0) => n,
                _ => {
                    let change = cost[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                    let edit = change.min(cost[i - 1][j] + 1).min(cost[i][j - 1] + 1);
                    if is_swap(a, b, i, j) { edit.min(cost[i - 2][j - 2] + 1) } else { edit }
                }
            };
        }
    }
    cost
}

fn is_swap(a: &[char], b: &[char], i: usize, j: usize) -> bool {
    i > 1 && j > 1 && a[i - 1] != a[i - 2] && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]
}

/// Back from the end by the steps that were taken.
fn aligned(a: &[char], b: &[char]) -> Vec<Pair> {
    let (cost, mut pairs) = (steps(a, b), Vec::new());
    let (mut i, mut j) = (a.len(), b.len());
    let pair = |kind, ours: Option<char>, theirs: Option<char>| Pair {
        kind,
        ours: ours.map(String::from).unwrap_or_default(),
        theirs: theirs.map(String::from).unwrap_or_default(),
    };
    while i > 0 || j > 0 {
        if is_swap(a, b, i, j) && cost[i][j] == cost[i - 2][j - 2] + 1 {
            pairs.push(pair("swap", Some(a[i - 1]), Some(b[j - 1])));
            pairs.push(pair("swap", Some(a[i - 2]), Some(b[j - 2])));
            (i, j) = (i - 2, j - 2);
        } else if i > 0 && j > 0 && cost[i][j] == cost[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]) {
            let kind = if a[i - 1] == b[j - 1] { "same" } else { "change" };
            pairs.push(pair(kind, Some(a[i - 1]), Some(b[j - 1])));
            (i, j) = (i - 1, j - 1);
        } else if j > 0 && cost[i][j] == cost[i][j - 1] + 1 {
            pairs.push(pair("extra", None, Some(b[j - 1])));
            j -= 1;
        } else {
            pairs.push(pair("missing", Some(a[i - 1]), None));
            i -= 1;
        }
    }
    pairs.reverse();
    pairs
}

/// Changes told one by one.
const TOLD: usize = 6;

/// `beyond`: do they differ, where only their beginnings stand here?
fn words(pairs: &[Pair], beyond: Option<bool>) -> String {
    let mut told = Vec::new();
    let (mut at, mut swapped) = (0, false);
    for pair in pairs {
        at += usize::from(!pair.ours.is_empty());
        match pair.kind {
            "change" => told.push(format!("letter {at}: {} has become {}", pair.ours, pair.theirs)),
            "extra" => told.push(format!("after letter {at}: {} is added", pair.theirs)),
            "missing" => told.push(format!("letter {at}: {} is left out", pair.ours)),
            "swap" if !swapped => told.push(format!("letters {at} and {} have changed places", at + 1)),
            _ => {}
        }
        swapped = pair.kind == "swap" && !swapped;
    }
    match told.len() {
        0 if beyond == Some(true) => "So far they are the same: what differs comes after it.".to_owned(),
        0 => "Letter by letter they are the same.".to_owned(),
        n if n > TOLD => format!("{n} letters differ."),
        _ => format!("{}.", super::words::upper(&told.join("; "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(ours: &str, theirs: &str) -> String {
        Letters::new(ours, theirs).words
    }

    #[test]
    fn the_difference_is_told_letter_by_letter() {
        assert_eq!(told("torchtriton", "torchtriton"), "Letter by letter they are the same.");
        assert_eq!(told("torchtriton", "torchtritom"), "Letter 11: n has become m.");
        assert_eq!(told("torchtriton", "torchtritn"), "Letter 10: o is left out.");
        assert_eq!(told("torchtriton", "torchhtriton"), "After letter 4: h is added.");
        assert_eq!(told("torchtriton", "torhctriton"), "Letters 4 and 5 have changed places.");
        assert_eq!(told("acme", "zzzzzzzzz"), "9 letters differ.");
        assert_eq!(told("", "a"), "After letter 0: a is added.");
        let long = "acme-".repeat(20);
        assert_eq!(told(&long, &long), "Letter by letter they are the same.");
        assert_eq!(told(&long, &format!("{long}s")), "So far they are the same: what differs comes after it.");
    }

    #[test]
    fn every_letter_of_both_is_there_in_its_order() {
        for (a, b) in [("acme-billing", "billing-acme"), ("kitten", "sitting"), ("", "abc"), ("abab", "baba")] {
            let [a, b]: [Vec<char>; 2] = [a, b].map(|text| text.chars().collect());
            let pairs = aligned(&a, &b);
            let side = |of: fn(&Pair) -> &String| pairs.iter().map(of).cloned().collect::<String>();
            assert_eq!(side(|pair| &pair.ours), String::from_iter(&a));
            assert_eq!(side(|pair| &pair.theirs), String::from_iter(&b));
        }
        let long = Letters::new(&"a".repeat(200), "b");
        assert!(long.cut && long.pairs.len() == MOST);
    }

    #[test]
    fn a_letter_is_no_markup() {
        let drawn = Letters::new("<b>", "&").to_string();
        assert!(!drawn.contains("<b><b>") && drawn.contains("&#38;"), "{drawn}");
    }
}
