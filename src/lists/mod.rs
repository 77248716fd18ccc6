//! What people's files say. Bytes become text (`bytes`, `encoding`), text is taken for one of a closed set of formats
//! (`form`), and each format has a reader of its own. Every verb reads through here, so nothing is read in two ways.
//!
//! A file is read exactly, or refused with the cause and what to do. What stands where a name is expected and is none
//! is handed on as `Said::Doubtful`, never left out; a file in which most is doubtful is no list.

mod bytes;
mod captions;
mod columns;
mod conda;
mod digests;
mod drawn;
mod encoding;
mod form;
mod html;
mod json;
mod line;
mod lines;
mod lock;
mod markers;
pub mod merged;
mod names;
mod options;
mod requirement;
pub mod rows;
mod said;
mod sought;
pub mod table;
pub mod titles;
mod upload_times;
mod xmlrpc;
mod yaml;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

pub use bytes::{Decoded, decode, read_capped};
pub use digests::{Digests, digests};
pub use form::{Form, Lock};
pub use lock::{Package, ResolvedFrom, packages};
pub use names::no_name;
pub use requirement::is_version;
use said::Each;
pub use said::Said;
pub use sought::Sought;
pub use upload_times::{UploadTimes, upload_times};

use crate::config::source::{Fault, Problem, Source};
use crate::model::ProjectName;

/// A text and what it is.
#[derive(Clone, Debug)]
pub struct List {
    pub source: Source,
    pub form: Form,
}

impl List {
    /// Takes the text for one of the known formats.
    ///
    /// # Errors
    /// When it is something else that we know by name.
    pub fn of(source: Source) -> Result<Self, Problem> {
        let source = match drawn::plain(source.text()) {
            Cow::Borrowed(_) => source,
            Cow::Owned(plain) => source.with_text(plain),
        };
        match Form::of(&source) {
            Ok(form) => Ok(Self { source: if form.is_lines() { source.with_plain_lines() } else { source }, form }),
            Err(fault) => Err(source.problem(0, "", fault)),
        }
    }

    /// Reads a list of names, whatever its format.
    ///
    /// # Errors
    /// When the text breaks the rules of its format, is cut off, or holds something other than a list.
    pub fn read(&self, each: Each<'_>) -> Result<(), Problem> {
        match self.form {
            Form::Lines => lines::read(self.source.text(), each),
            Form::Columns => columns::read(self.source.text(), each),
            Form::Table(separator) => table::read_names(&self.source, separator, each)?,
            Form::Json => json::read(&self.source, each)?,
            Form::Html => html::read(&self.source, each)?,
            Form::XmlRpc => xmlrpc::read(&self.source, each)?,
            Form::Lock(lock) => self.read_lock(lock, each)?,
            Form::Environment => conda::environment(&self.source, each)?,
            Form::Inventory => return Err(self.source.problem(0, "", inventory())),
        }
        Ok(())
    }

    /// May it be what was resolved or installed, with packages of everybody's, rather than a list made of one's own?
    pub fn is_resolved(&self) -> bool {
        match self.form {
            Form::Lock(_) | Form::Environment | Form::Columns => true,
            Form::Lines => lines::is_requirements(self.source.text()),
            Form::Json => json::is_bom(self.source.text()) || self.is_pinned(),
            Form::Table(_) | Form::Html | Form::XmlRpc | Form::Inventory => false,
        }
    }

    /// Is it a list of what software is made of, where a group is a part of the name?
    pub fn is_bom(&self) -> bool {
        self.form == Form::Json && json::is_bom(self.source.text())
    }

    /// What of the names that are looked for stands in the text, each with its first place, read or not.
    pub fn places(&self, sought: &Sought) -> BTreeMap<ProjectName, usize> {
        sought.places(self.source.text(), self.form)
    }

    /// Within which of the names that are looked for the text ends, as if it were cut off.
    pub fn cut(&self, sought: &Sought) -> Option<(ProjectName, usize)> {
        sought.cut(self.source.text(), self.form)
    }

    /// What begins as several of the names that are read, and stands where none is, each with its first place. Of names in JSON
    /// others are made that are none.
    pub fn unread_kin(&self) -> Vec<(ProjectName, usize)> {
        let mut names = HashSet::new();
        let read = self.read(&mut |said| match said {
            Said::Project { name, .. } | Said::Conda { name, .. } => names.extend(ProjectName::parse(&name)),
            Said::Beside { text } | Said::Doubtful { text, .. } => names.extend(ProjectName::parse(&text)),
            Said::Foreign { name } | Said::Title { name } => names.extend(ProjectName::parse(name)),
            Said::Label { .. } | Said::Joined { .. } | Said::Other { .. } | Said::Local { .. } | Said::Rival { .. } => {
            }
        });
        let is_made = |kin: &ProjectName| {
            let rest =
                |name: &ProjectName| kin.as_str().strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with('-'));
            self.form == Form::Json && names.iter().any(rest)
        };
        let kin = if read.is_ok() { self.places(&Sought::kin_of(&names)) } else { BTreeMap::new() };
        kin.into_iter().filter(|(kin, _)| !names.contains(kin) && !is_made(kin)).collect()
    }

    fn is_pinned(&self) -> bool {
        let (mut pinned, mut bare) = (0_usize, 0_usize);
        let read = self.read(&mut |said| match said {
            Said::Project { version: Some(_), .. } => pinned += 1,
            Said::Beside { .. } | Said::Joined { .. } | Said::Foreign { .. } | Said::Title { .. } => {}
            _ => bare += 1,
        });
        read.is_ok() && pinned > 0 && bare == 0
    }

    fn read_lock(&self, lock: Lock, each: Each<'_>) -> Result<(), Problem> {
        for package in packages(&self.source, lock)? {
            let (name, version, at) = (package.name.into(), package.version.map(Cow::Owned), package.at);
            each(match package.origin {
                ResolvedFrom::Conda => Said::Conda { name, version, at },
                _ if !ProjectName::is_valid(&name) => {
                    let fault = no_name(&name);
                    Said::doubtful(name, at, fault)
                }
                _ => Said::Project { name, version, at },
            });
        }
        Ok(())
    }
}

fn inventory() -> Fault {
    Fault::new("it looks like the TOML of an inventory, and no list of names", "name it with --inventory FILE")
}
