//! As much of Python's syntax as tells where a statement begins: texts, comments and brackets. A module that is no Python ends
//! with a `SyntaxError`, which says nothing of whose name it is.

/// The lines that begin outside of every text and bracket; or what is never closed, and on which line.
pub(super) fn statements(text: &str) -> Result<Vec<&str>, String> {
    let (mut lexer, mut begins) = (Lexer::default(), Vec::new());
    for (number, line) in (1..).zip(text.lines()) {
        if lexer.is_between() {
            begins.push(line);
        }
        lexer.line(line, number)?;
    }
    lexer.end().map(|()| begins)
}

/// A text that goes on: what ends it, and where it began.
struct Quoted {
    ends: &'static str,
    began: usize,
}

#[derive(Default)]
struct Lexer {
    quoted: Option<Quoted>,
    /// Brackets that are open, and where.
    open: Vec<(char, usize)>,
    /// The line before ended in a backslash.
    continued: bool,
}

impl Lexer {
    fn is_between(&self) -> bool {
        self.quoted.is_none() && self.open.is_empty() && !self.continued
    }

    fn line(&mut self, line: &str, number: usize) -> Result<(), String> {
        let mut rest = line;
        self.continued = false;
        while let Some(c) = rest.chars().next() {
            let taken = match &self.quoted {
                Some(quoted) => self.within(rest, quoted.ends),
                None if c == '#' => break,
                None => self.outside(rest, c, number)?,
            };
            rest = rest.get(taken..).unwrap_or_default();
        }
        match &self.quoted {
            Some(quoted) if quoted.ends.len() == 1 && !self.continued => {
                Err(format!("line {number}: the text that begins with {} does not end on its line", quoted.ends))
            }
            _ => Ok(()),
        }
    }

    /// How many bytes of a text to pass over.
    fn within(&mut self, rest: &str, ends: &str) -> usize {
        if rest.starts_with(ends) {
            self.quoted = None;
            return ends.len();
        }
        let first = rest.chars().next().map_or(1, char::len_utf8);
        if !rest.starts_with('\\') {
            return first;
        }
        let escaped = rest.chars().nth(1);
        self.continued = escaped.is_none();
        first + escaped.map_or(0, char::len_utf8)
    }

    fn outside(&mut self, rest: &str, c: char, number: usize) -> Result<usize, String> {
        if let Some(ends) = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|quote| rest.starts_with(quote)) {
            self.quoted = Some(Quoted { ends, began: number });
            return Ok(ends.len());
        }
        match c {
            '(' | '[' | '{' => self.open.push((c, number)),
            ')' | ']' | '}' => self.close(c, number)?,
            '\\' => self.continued = rest.len() == 1,
            _ => {}
        }
        Ok(c.len_utf8())
    }

    fn close(&mut self, c: char, number: usize) -> Result<(), String> {
        let fits = |open: char| matches!((open, c), ('(', ')') | ('[', ']') | ('{', '}'));
        match self.open.pop() {
            Some((open, _)) if fits(open) => Ok(()),
            _ => Err(format!("line {number}: {c} closes nothing")),
        }
    }

    fn end(self) -> Result<(), String> {
        match (self.quoted, self.open.last()) {
            (Some(Quoted { ends, began }), _) => {
                Err(format!("line {began}: the text that begins with {ends} never ends"))
            }
            (None, Some((open, began))) => Err(format!("line {began}: {open} is never closed")),
            (None, None) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_begins_outside_of_texts_brackets_and_lines_that_go_on() {
        let text = "\"\"\"It says\nraise nothing, ) and '\n\"\"\"\nraise ImportError(  # it's (here\nraise\n)\nx = 'a\\'(' + \\\nraise\n";
        assert_eq!(
            statements(text).expect("Python"),
            ["\"\"\"It says", "raise ImportError(  # it's (here", "x = 'a\\'(' + \\"]
        );
        assert_eq!(statements("x = 'a\\\nb'\ny = '\u{e4}\\\\'\n").expect("Python"), ["x = 'a\\", "y = '\u{e4}\\\\'"]);
        assert_eq!(statements("").expect("nothing is Python"), Vec::<&str>::new());
    }

    #[test]
    fn what_never_ends_is_told_with_its_line() {
        for (text, part) in [
            ("raise ImportError(\"a\"\n", "line 1: ( is never closed"),
            ("x = 1\nraise E)\n", "line 2: ) closes nothing"),
            ("x = [1)\n", "line 1: ) closes nothing"),
            ("x = 'a\nraise E\n", "line 1: the text that begins with ' does not end on its line"),
            ("x = \"\"\"a\nraise E\n", "line 1: the text that begins with \"\"\" never ends"),
        ] {
            assert_eq!(statements(text).expect_err("no Python"), part, "{text}");
        }
    }

    #[test]
    fn our_own_texts_are_python() {
        for text in ["module.py", "where.py"] {
            let path = format!("{}/../../config/placeholder/{text}", env!("CARGO_MANIFEST_DIR"));
            let text = std::fs::read_to_string(path).expect("is there");
            // Values stand for themselves here.
            let filled: String = text
                .lines()
                .filter(|line| !line.trim_start().starts_with("{%"))
                .map(|line| line.to_owned() + "\n")
                .collect();
            statements(&filled).unwrap_or_else(|why| panic!("{why}"));
        }
    }
}
