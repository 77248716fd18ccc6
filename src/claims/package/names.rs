//! What the parts of a package are called: files, modules and its command, all made of the project's name.
//!
//! Modules are single files in the top directory: no file of ours is ever put into a directory of somebody else's, and where
//! somebody has a real package of that name, Python finds its directory first.

use crate::config::source::Fault;
use crate::model::ProjectName;
use crate::model::stdlib::is_stdlib;

/// Longest name of a file wherever packages are kept, bytes.
const FILE_NAME_MOST: usize = 255;
/// What the longest file name of a package has beside the project's name and the version: `-VERSION-py3-none-any.whl`.
const AROUND: usize = "--py3-none-any.whl".len();

/// Words that no module can be imported by, in lower case (`keyword.kwlist` of Python 3.7 to 3.14).
const KEYWORDS: [&str; 32] = [
    "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif", "else", "except",
    "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise",
    "return", "try", "while", "with", "yield",
];

/// Names of devices, which no file can have on Windows, whatever its ending.
const DEVICES: [&str; 22] = [
    "aux", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9", "con", "lpt1", "lpt2", "lpt3",
    "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9", "nul", "prn",
];

/// What Python and its tools import unasked: one that raises would break every program there.
const IMPORTED_UNASKED: [&str; 10] = [
    "conftest",
    "hatchling",
    "noxfile",
    "pip",
    "pkg_resources",
    "pytest",
    "setuptools",
    "sitecustomize",
    "usercustomize",
    "wheel",
];

/// Modules of one file, and namespaces, of projects of other names: ours would replace the one and hide the other.
const OF_OTHERS: [&str; 29] = [
    "ansible_collections",
    "azure",
    "backports",
    "dbt",
    "five",
    "flufl",
    "google",
    "isympy",
    "jaraco",
    "keyrings",
    "logilab",
    "mpl_toolkits",
    "nvidia",
    "opentelemetry",
    "paste",
    "plone",
    "poetry",
    "py",
    "pylab",
    "pythoncom",
    "repoze",
    "ruamel",
    "six",
    "socks",
    "sockshandler",
    "sphinxcontrib",
    "typing_extensions",
    "zc",
    "zope",
];

/// The names of one package's parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    /// The project's name in file names (PEP 427, 625): `acme_billing`.
    pub distribution: String,
    /// What people import: `acme_billing`.
    pub module: String,
    /// The module of the command. The underscore sets it apart from every module that another project's name makes:
    /// `_acme_billing_where`.
    pub command_module: String,
    /// The command: `acme-billing-where`.
    pub command: String,
}

impl Names {
    /// # Errors
    /// For a name that PyPI refuses, and for one whose module would be in somebody's way.
    pub fn of(name: &ProjectName, version: &str) -> Result<Self, Fault> {
        let distribution = name.as_str().replace('-', "_");
        harmless(name, &distribution)?;
        let longest = FILE_NAME_MOST - AROUND - version.len().min(FILE_NAME_MOST - AROUND);
        if distribution.len() > longest {
            let what = format!("has {} characters, so that its files can have no name", distribution.len());
            return Err(Fault::new(what, format!("{BY_HAND}; a name of up to {longest} can be published")));
        }
        let module = module(&distribution);
        let command_module = format!("_{module}_where");
        Ok(Self { distribution, module, command_module, command: format!("{name}-where") })
    }

    pub fn wheel(&self, version: &str) -> String {
        format!("{}-{version}-py3-none-any.whl", self.distribution)
    }

    /// What stands before `.tar.gz`, and the one directory inside.
    pub fn sdist(&self, version: &str) -> String {
        format!("{}-{version}", self.distribution)
    }
}

const BY_HAND: &str = "ask PyPI to prohibit the name";

fn harmless(name: &ProjectName, module: &str) -> Result<(), Fault> {
    let refuse = |why: &str, instead: &str| Err(Fault::new(why, instead));
    if is_stdlib(name) {
        let why = "is a module of Python's standard library, and PyPI refuses it to everybody";
        return refuse(why, "nothing needs to be published; take it out of what is claimed");
    }
    if IMPORTED_UNASKED.contains(&module) {
        return refuse(
            "is imported by Python or its tools unasked, and a module that raises would break them",
            BY_HAND,
        );
    }
    if OF_OTHERS.contains(&module) {
        return refuse("is a module or a namespace of other projects, and ours would be in its place", BY_HAND);
    }
    Ok(())
}

/// An identifier that can be imported, and a file that every system can have. No two projects have one module.
fn module(distribution: &str) -> String {
    if KEYWORDS.contains(&distribution) || DEVICES.contains(&distribution) {
        return format!("{distribution}_");
    }
    match distribution.starts_with(|c: char| c.is_ascii_digit()) {
        true => format!("_{distribution}"),
        false => distribution.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Result<Names, Fault> {
        Names::of(&ProjectName::parse(text).expect("valid"), "0.0.1")
    }

    #[test]
    fn every_part_has_a_name_of_its_own() {
        for (name, module, command) in [
            ("Acme.Billing", "acme_billing", "acme-billing-where"),
            ("acme--x_1", "acme_x_1", "acme-x-1-where"),
            ("a", "a", "a-where"),
            ("1", "_1", "1-where"),
            ("3scale-api", "_3scale_api", "3scale-api-where"),
            ("None", "none", "none-where"),
            ("class", "class_", "class-where"),
            ("con", "con_", "con-where"),
            ("init", "init", "init-where"),
        ] {
            let names = names(name).expect(name);
            assert_eq!((names.module.as_str(), names.command.as_str()), (module, command));
            assert_eq!(names.command_module, format!("_{module}_where"));
        }
        // The command's module of the one is no module of the other.
        assert_ne!(names("acme").expect("good").command_module, names("acme-where").expect("good").module);
        assert_ne!(names("1").expect("good").command_module, names("1-where").expect("good").module);
    }

    #[test]
    fn what_would_be_in_the_way_is_refused() {
        for name in ["os", "json", "concurrent.futures", "sitecustomize", "pkg-resources", "google", "Py", "six"] {
            let fault = names(name).expect_err(name);
            assert!(fault.what.starts_with("is ") && !fault.instead.is_empty(), "{fault:?}");
        }
    }

    #[test]
    fn the_longest_file_name_is_one_that_can_be_written() {
        let longest = names(&"a".repeat(232)).expect("fits");
        assert_eq!(longest.wheel("0.0.1").len(), FILE_NAME_MOST);
        assert!(names(&"a".repeat(233)).expect_err("too long").instead.contains("up to 232"));
        assert!(Names::of(&ProjectName::parse("a").expect("valid"), &"1".repeat(300)).is_err());
    }
}
