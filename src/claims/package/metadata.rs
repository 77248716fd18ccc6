//! Core metadata, version 2.4 (packaging.python.org, core-metadata): the same text in the wheel and in the source distribution.

use super::names::Names;
use super::placeholder::Placeholder;

/// That a project moves no more, and what it is for; all of them known to PyPI (`trove-classifiers`).
const CLASSIFIERS: [&str; 6] = [
    "Development Status :: 7 - Inactive",
    "Environment :: Console",
    "Intended Audience :: Developers",
    "Operating System :: OS Independent",
    "Programming Language :: Python :: 3",
    "Topic :: System :: Software Distribution",
];

/// What the archives say of themselves. Lines without control characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metadata {
    pub name: String,
    /// In its normal form.
    pub version: String,
    pub summary: String,
    pub author: String,
    pub author_email: String,
    pub license_expression: String,
    pub license_files: Vec<String>,
    pub classifiers: Vec<String>,
    /// Label and address.
    pub project_urls: Vec<(String, String)>,
    pub description_content_type: String,
    pub description: String,
}

impl Metadata {
    pub const VERSION: &str = "2.4";

    pub(super) fn new(placeholder: &Placeholder, version: &str, summary: &str, description: &str) -> Self {
        let pages = [("Homepage", &placeholder.homepage), ("Policy", &placeholder.policy)];
        let page = |(label, address): (&str, &Option<String>)| Some((label.to_owned(), address.clone()?));
        Self {
            name: placeholder.display.clone(),
            version: version.to_owned(),
            summary: summary.trim().to_owned(),
            author: placeholder.company.clone(),
            author_email: placeholder.contact.clone(),
            license_expression: placeholder.license.clone(),
            license_files: vec!["LICENSE".to_owned()],
            classifiers: CLASSIFIERS.map(str::to_owned).to_vec(),
            project_urls: pages.into_iter().filter_map(page).collect(),
            description_content_type: "text/markdown".to_owned(),
            description: description.to_owned(),
        }
    }

    /// The file: headers, an empty line, the description.
    pub(in crate::claims) fn file(&self) -> String {
        let mut lines = vec![
            ("Metadata-Version", Self::VERSION.to_owned()),
            ("Name", self.name.clone()),
            ("Version", self.version.clone()),
            ("Summary", self.summary.clone()),
            ("Author", self.author.clone()),
            ("Author-email", self.author_email.clone()),
            ("License-Expression", self.license_expression.clone()),
        ];
        lines.extend(self.license_files.iter().map(|file| ("License-File", file.clone())));
        lines.extend(self.classifiers.iter().map(|classifier| ("Classifier", classifier.clone())));
        lines.extend(self.project_urls.iter().map(|(label, address)| ("Project-URL", format!("{label}, {address}"))));
        lines.push(("Description-Content-Type", self.description_content_type.clone()));
        let headers: String = lines.iter().map(|(key, value)| format!("{key}: {value}\n")).collect();
        format!("{headers}\n{}", self.description)
    }

    /// A build description for the source distribution (PEP 517, 621, 639). The backend copies two modules and runs nothing of
    /// ours.
    pub(super) fn pyproject(&self, names: &Names) -> String {
        let text = |text: &str| toml::Value::from(text).to_string();
        let list = |items: &[String]| items.iter().map(|item| format!("    {},\n", text(item))).collect::<String>();
        let urls: String =
            self.project_urls.iter().map(|(label, address)| format!("{label} = {}\n", text(address))).collect();
        let urls = if urls.is_empty() { urls } else { format!("\n[project.urls]\n{urls}") };
        format!(
            "[build-system]\nrequires = [\"hatchling>=1.27\"]\nbuild-backend = \"hatchling.build\"\n\n\
             [project]\nname = {name}\nversion = {version}\ndescription = {summary}\n\
             readme = {{ file = \"README.md\", content-type = \"text/markdown\" }}\n\
             license = {license}\nlicense-files = [\"LICENSE\"]\n\
             authors = [{{ name = {author} }}, {{ email = {email} }}]\nclassifiers = [\n{classifiers}]\n{urls}\n\
             [project.scripts]\n{command} = \"{command_module}:main\"\n\n\
             [tool.hatch.build.targets.wheel]\nonly-include = [\"{module}.py\", \"{command_module}.py\"]\n",
            name = text(&self.name),
            version = text(&self.version),
            summary = text(&self.summary),
            license = text(&self.license_expression),
            author = text(&self.author),
            email = text(&self.author_email),
            classifiers = list(&self.classifiers),
            command = names.command,
            command_module = names.command_module,
            module = names.module,
        )
    }
}
