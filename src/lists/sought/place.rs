//! Where a word stands, and whether a name may stand there.

use super::spelled::Spelled;
use crate::lists::form::Form;
use crate::lists::line::{is_chatter, is_comment, is_line_end};

/// So far around a word is looked; JSON may have all of itself in one line.
const FAR: usize = 4096;

/// What stands around a word.
pub(super) struct Place<'t> {
    before: &'t str,
    /// Of its line, what stands before it.
    pub(super) line: &'t str,
    /// What follows, in its line or not.
    after: &'t str,
    pub(super) form: Form,
}

impl<'t> Place<'t> {
    pub(super) fn of(text: &'t str, at: usize, word: &str, form: Form) -> Self {
        let end = at + word.len();
        let before = &text[text.floor_char_boundary(at.saturating_sub(FAR))..at];
        let after = &text[end..text.floor_char_boundary(end.saturating_add(FAR).min(text.len()))];
        let line = before.rfind(is_line_end).map_or(before, |end| before[end..].trim_start_matches(is_line_end));
        Self { before, line, after, form }
    }

    pub(super) fn may_be_of_name(&self, how: Spelled) -> bool {
        let is_elsewhere = match how {
            Spelled::File => false,
            _ => self.is_prose() || self.is_of_index() || self.is_address(how) && !self.is_origin(),
        };
        !(self.is_remark() || is_elsewhere || self.is_optional())
    }

    /// A comment, what a tool says around its list, or what an environment is called.
    fn is_remark(&self) -> bool {
        let has_comments = !matches!(self.form, Form::Json | Form::Html | Form::XmlRpc);
        let is_called =
            self.form == Form::Environment && ["name:", "prefix:"].iter().any(|key| self.start().starts_with(key));
        let behind = !matches!(self.form, Form::Table(_)) && self.line.contains(" #");
        // `pip freeze` says there whose the line below is.
        let is_comment = is_comment(self.line) && !self.start().starts_with("# Editable ");
        is_called || has_comments && (is_comment || is_chatter(self.line) || behind)
    }

    fn start(&self) -> &'t str {
        self.line.trim_start()
    }

    /// From where an environment takes its packages.
    pub(super) fn is_channel(&self) -> bool {
        let key = |key: &str| self.before.rfind(key);
        let is_listed = || key("channels:").is_some_and(|at| key("dependencies:").is_none_or(|deps| deps < at));
        self.form == Form::Environment && (self.after.starts_with("::") || is_listed())
    }

    /// Is one of its neighbours, over a single blank, a word that is no version?
    fn is_prose(&self) -> bool {
        let of_word = |c: char| c.is_alphabetic();
        let next = self.after.strip_prefix(' ').is_some_and(|after| after.starts_with(of_word));
        let last = self.line.strip_suffix(' ').filter(|line| !line.ends_with(' '));
        let last = last.and_then(|line| line.rsplit(' ').next()).unwrap_or_default();
        next || last.starts_with(of_word) && last.ends_with(of_word)
    }

    /// `; extra == "x"`: nobody gets it unasked.
    fn is_optional(&self) -> bool {
        let line = self.after.split(['\n', ',']).next().unwrap_or_default();
        line.contains("extra ==")
    }

    /// `--index-url …`: where packages are from, and not which.
    fn is_of_index(&self) -> bool {
        const OPTIONS: [&str; 4] = ["-i", "--index-url", "--extra-index-url", "--trusted-host"];
        self.is_requirements() && OPTIONS.iter().any(|option| self.start().starts_with(option))
    }

    fn is_requirements(&self) -> bool {
        matches!(self.form, Form::Lines | Form::Environment)
    }

    /// `https://…`, `/srv/…/`, `team@…`
    fn is_address(&self, how: Spelled) -> bool {
        let address = self.address();
        let is_path = address.starts_with(['/', '~']) && (address[1..].contains('/') || self.after.starts_with('/'));
        let host = self.after.strip_prefix('@');
        let is_account = host.is_some_and(|host| host.starts_with(|c: char| c.is_ascii_alphabetic()));
        let is_repository = how == Spelled::Repository;
        is_repository || address.contains("://") || address.ends_with('@') || is_path || is_account
    }

    /// The beginning of what it is a part of.
    fn address(&self) -> &'t str {
        let is_end = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | ',' | ';' | '|');
        self.line.rfind(is_end).map_or(self.line, |end| &self.line[end..]).trim_start_matches(is_end)
    }

    /// Is it the last part of the place that a requirement is made from (`x @ git+https://…/acme-billing.git@v1`)? A folder
    /// within may bear another name.
    fn is_origin(&self) -> bool {
        const SCHEMES: [&str; 5] = ["git+", "hg+", "svn+", "bzr+", "file:"];
        let rest = self.after.split(char::is_whitespace).next().unwrap_or_default();
        let rest = rest.trim_start_matches('/');
        let ends = rest.is_empty() || rest.starts_with(['@', '#', '?', '"', '\'', '[', ';']);
        let address = self.address();
        let is_scheme = SCHEMES.iter().any(|scheme| address.contains(scheme));
        let is_path = self.line.contains('@') && address.starts_with(['/', '.', '~']);
        self.is_requirements() && ends && !rest.contains("subdirectory=") && (is_scheme || is_path)
    }
}
