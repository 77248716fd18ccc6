//! JSON that holds names: the simple API's (PEP 691), lists and maps of names, and what `pip list`, `pip inspect`,
//! `conda list`, CycloneDX and private indexes write: objects with a name, in a list, below a key that says so.

mod envelope;
mod row;
mod tree;

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::DeserializeSeed as _;
use serde_json::Value;

use envelope::{called, rows};
use row::{Kin, Row, elements, with_nested};
use tree::Tree;

use super::requirement::{is_same, of_file};
use super::said::{Each, Said};
use crate::config::source::{Fault, Place, Problem, Source};
use crate::model::ProjectName;

/// Longest text that is taken apart as a tree, bytes; a whole index has the form of the simple API, which needs none.
const TREE_MOST: usize = 128 << 20;

pub(super) fn read(source: &Source, each: Each<'_>) -> Result<(), Problem> {
    let text = source.text();
    if text.contains("\"api-version\"")
        && let Ok(simple) = serde_json::from_str::<Simple<'_>>(text)
    {
        simple.projects.into_iter().for_each(|project| each(said(project.name, None, 0)));
        return Ok(());
    }
    if text.len() > TREE_MOST {
        let fault = Fault::new("it is more JSON than any list of names", "name the JSON of the simple API");
        return Err(source.problem(0, "", fault));
    }
    let values = values(source)?;
    if let [whole] = values.as_slice() {
        called(whole).into_iter().for_each(|name| each(Said::Title { name }));
    }
    let rows = match values.as_slice() {
        [whole] => rows(whole, 0),
        // One object a line.
        many => Ok(elements(many)),
    };
    let rows = rows.map_err(|fault| source.problem(0, "", fault))?;
    let (foreign, rows): (Vec<Row<'_>>, Vec<Row<'_>>) =
        with_nested(rows).into_iter().partition(|row| row.kin() == Kin::Foreign);
    foreign.iter().filter_map(Row::name).for_each(|name| each(Said::Foreign { name }));
    foreign.iter().flat_map(Row::labels).for_each(|name| each(Said::Title { name }));
    if !rows.is_empty() && rows.iter().all(|row| row.name().is_none()) {
        return Err(source.problem(0, "", unnamed()));
    }
    if rows.iter().any(|row| matches!(row, Row::Cells(..)) && !row.rivals().is_empty()) {
        return Err(source.problem(0, "", several()));
    }
    tell(text, &rows, each);
    Ok(())
}

/// A list of what software is made of, everybody's parts among one's own.
pub(super) fn is_bom(text: &str) -> bool {
    text.contains("\"bomFormat\"") || text.contains("\"spdxVersion\"")
}

/// The values of a text, one after the other.
///
/// # Errors
/// When it is no JSON, is cut off, or has a key twice in one object.
pub(super) fn values(source: &Source) -> Result<Vec<Value>, Problem> {
    let (mut reader, tree, mut values) =
        (serde_json::Deserializer::from_str(source.text()), Tree::default(), Vec::new());
    // Nothing but blanks is left at the end.
    while reader.end().is_err() {
        let value = tree.deserialize(&mut reader);
        values.push(value.map_err(|error| broken(source, &error, tree.twice()))?);
    }
    Ok(values)
}

/// The simple API's list, without a copy of its names.
#[derive(Deserialize)]
struct Simple<'t> {
    #[serde(borrow)]
    projects: Vec<SimpleProject<'t>>,
}

#[derive(Deserialize)]
struct SimpleProject<'t> {
    #[serde(borrow)]
    name: Cow<'t, str>,
}

/// Hands the rows on. serde tells no places of values; a name stands, in quotes, not far after the one before.
fn tell(text: &str, rows: &[Row<'_>], each: Each<'_>) {
    const NOT_FAR: usize = 4096;
    let mut from = 0;
    for row in rows {
        let Some(name) = row.name() else {
            each(Said::doubtful("", from, unnamed()));
            continue;
        };
        let near = &text[from..text.floor_char_boundary(from + NOT_FAR)];
        if let Some(at) = near.find(&format!("\"{name}\"")) {
            from += at + 1;
        }
        let kin = row.kin();
        each(match of_file(name) {
            _ if kin == Kin::Unsaid => Said::Beside { text: name.into() },
            _ if kin == Kin::Conda => {
                Said::Conda { name: name.into(), version: row.version().map(Cow::Borrowed), at: from }
            }
            Some(file) => Said::Project { name: file.name.into(), version: file.version.map(Cow::Borrowed), at: from },
            None => said(name.into(), row.version(), from),
        });
        row.rivals().into_iter().for_each(|text| each(Said::Rival { text, at: from }));
        row.beside().into_iter().for_each(|text| each(Said::Beside { text: text.into() }));
        row.joined().into_iter().filter(|whole| !is_same(whole, name)).for_each(|text| each(Said::Joined { text }));
    }
}

fn said<'t>(name: Cow<'t, str>, version: Option<&'t str>, at: usize) -> Said<'t> {
    if ProjectName::is_valid(&name) {
        return Said::Project { name, version: version.map(Cow::Borrowed), at };
    }
    let fault = Fault::new(format!("{name:?} is no project name"), "look where it is from");
    Said::doubtful(name, at, fault)
}

fn several() -> Fault {
    Fault::new(
        "a row of this JSON list has several texts, and no titles say which is the name",
        "write titles into the first row, with name among them, or give each object the key name",
    )
}

fn unnamed() -> Fault {
    Fault::new("the elements of this JSON list have no name", "give each the key name")
}

fn broken(source: &Source, error: &serde_json::Error, twice: Option<String>) -> Problem {
    let fault = match twice {
        Some(key) => {
            let what =
                format!("the key {key:?} stands here for the second time in one object, of which others read one");
            Fault::new(what, "make it again, or leave one of the two")
        }
        None if error.is_eof() => Fault::new("the JSON is cut off here", "fetch or make it again"),
        None => {
            let instead = "make it again, or name a list with a name a line";
            Fault::new("it begins like JSON and is none from here on", instead)
        }
    };
    let place = Place { column: error.column().max(1), ..source.line(error.line().max(1)) };
    Problem { place, key: String::new(), fault }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn names(json: &str) -> String {
        let source = Source::new(Path::new("list.json"), json.to_owned());
        let mut said = Vec::new();
        let read = read(&source, &mut |each| {
            said.push(match each {
                Said::Project { name, version: Some(version), .. } => format!("{name}=={version}"),
                Said::Project { name, .. } => name.into_owned(),
                Said::Doubtful { text, .. } => format!("?{text}"),
                Said::Rival { text, .. } => format!("+{text}"),
                Said::Beside { text } => format!("~{text}"),
                Said::Joined { text } => format!("~~{text}"),
                Said::Conda { name, .. } => format!("({name})"),
                Said::Foreign { .. } | Said::Title { .. } => return,
                other => unreachable!("{other:?}: not in JSON"),
            });
        });
        read.map_or_else(|problem| problem.to_string(), |()| said.join(" "))
    }

    #[test]
    fn lists_and_maps_of_names() {
        for (json, expected) in [
            (
                r#"{"meta": {"api-version": "1.1"}, "projects": [{"name": "Acme", "_last-serial": 3}, {"name": "a\nb"}]}"#,
                "Acme ?a\nb",
            ),
            (r#"["acme", "b"]"#, "acme b"),
            (r#"[["acme", 5], ["b", 6]]"#, "acme b"),
            (r#"[["acme", "1.0"], ["b", "2020-01-02"]]"#, "acme b"),
            (r#"[["owner", "Name"], ["bob", "acme"], ["eve"], ["eve", "b"]]"#, "acme ? b"),
            ("[\"acme\", 5]\n[\"b\", 6]\n", "acme b"),
            (r#"[{"name": "acme", "package": "b"}, {"name": "c", "package": "C"}]"#, "acme +b c"),
            (r#"{"components": [{"group": "acme", "name": "tax", "purl": "pkg:pypi/acme-tax@1"}]}"#, "acme-tax"),
            (r#"{"acme": 5, "b": 6}"#, "acme b"),
            (r#"{"acme": "1.0", "b": "2"}"#, "acme==1.0 b==2"),
            (r#"{"packages": {"acme": {"version": "1.0"}}}"#, "acme==1.0"),
            (r#"[{"name": "acme", "version": "1.0"}, {"x": 5}]"#, "acme==1.0 ?"),
            ("{\"name\": \"acme\"}\n{\"name\": \"b\"}\n", "acme b"),
            (r#"{"rows": [{"download_count": 5, "project": "acme"}]}"#, "acme"),
            (r#"{"result": {"projects": ["acme"]}, "type": "list:projects"}"#, "acme"),
            (r#"{"version": "1", "installed": [{"metadata": {"name": "acme", "version": "1.0"}}]}"#, "acme==1.0"),
            (
                r#"{"components": [{"name": "acme", "purl": "pkg:pypi/acme@1"}, {"name": "x", "purl": "pkg:npm/x"}]}"#,
                "acme",
            ),
            (
                r#"{"dependencies": [{"ref": "a", "dependsOn": []}], "components": [{"name": "acme", "version": "1"}]}"#,
                "acme==1",
            ),
            (r#"{"results": [{"path": "a/1.0", "name": "acme_a-1.0-py3-none-any.whl"}]}"#, "acme_a==1.0"),
            (r#"{"packages": {"acme-1.0-py_0.tar.bz2": {"name": "acme", "version": "1.0"}}}"#, "acme==1.0"),
            (
                r#"{"sbom": {"packages": [{"name": "pypi:acme", "externalRefs": [{"referenceLocator": "pkg:pypi/acme@1"}]}]}}"#,
                "acme",
            ),
            (r#"{"count": 1, "value": [{"name": "acme"}]}"#, "acme"),
            (r#"{"acme": ["1.0", "2.0"]}"#, "acme"),
            (
                r#"[{"package_name": "a", "dependencies": [{"package_name": "acme", "installed_version": "1", "dependencies": [{"package_name": "b"}]}]}]"#,
                "a acme==1 b",
            ),
            (r#"{"components": [{"name": "a", "components": [{"name": "acme", "purl": "pkg:pypi/acme"}]}]}"#, "a acme"),
            (r#"{"repo": "p", "children": [{"uri": "/acme", "folder": true}], "uri": "https://i/"}"#, "acme"),
            (r#"{"files": [{"uri": "/acme/1.0/acme-1.0.tar.gz", "folder": false}]}"#, "acme==1.0"),
            (r#"{"items": [{"path": "packages/acme/1.0/acme-1.0.tar.gz"}], "continuationToken": null}"#, "acme==1.0"),
            ("[]", ""),
            (
                r#"[{"name": "tax", "group": "acme"}, {"package": "b", "namespace": "com.acme"}]"#,
                "tax ~~acme-tax b ~~com.acme-b ~~acme-b",
            ),
            (r#"[{"name": "a", "purl": "pkg:pypi/a"}, {"name": "acme", "purl": "pkg:generic/acme@1"}]"#, "a ~acme"),
            (r#"[{"name": "a"}, {"name": "acme", "purl": "pkg:conda/acme@1"}]"#, "a (acme)"),
            (r#"[{"name": "a"}, {"name": "x", "purl": "pkg:github/bob/acme@1"}]"#, "a ~x ~acme"),
            (r#"[{"name": "acme", "purl": "pkg:pypi/b@1"}, {"name": "acme", "purl": "pkg:npm/b@1"}]"#, "b ~acme"),
        ] {
            assert_eq!(names(json), expected, "{json}");
        }
    }

    #[test]
    fn what_stands_nested_is_read() {
        for (json, expected) in [
            (r#"[["acme", ["1.0", "2.0"]], ["b", []]]"#, "acme b"),
            (r#"[{"name": "a", "requires": [{"name": "acme"}]}, {"name": "b", "children": ["x y"]}]"#, "a acme b"),
            (r#"{"a": {"version": "1", "dependencies": {"acme": {"version": "2"}}}}"#, "a==1 acme==2"),
            (r#"{"name": "acme", "version": "1", "dependencies": {"b": "2"}}"#, "acme==1 b==2"),
            (r#"{"packages": {"offset": {"version": "1"}, "pages": {"version": "2"}}}"#, "offset==1 pages==2"),
            (r#"{"1": {"package": "acme", "version": "1"}}"#, "acme==1"),
            (
                r#"{"components": [{"name": "x", "purl": "pkg:oci/x", "components": [{"name": "acme", "purl": "PKG:PyPI/acme"}]}]}"#,
                "acme",
            ),
            (
                r#"{"packages": [{"name": "acme", "externalRefs": [{"referenceLocator": "cpe:2.3:a"}, {"referenceLocator": "pkg:pypi/acme"}]}, {"name": "x", "externalRefs": [{"referenceLocator": "cpe:2.3:a"}, {"referenceLocator": "pkg:deb/x"}]}]}"#,
                "acme",
            ),
        ] {
            assert_eq!(names(json), expected, "{json}");
        }
    }

    #[test]
    fn lists_beside_others_and_later_pages_are_refused() {
        let told = [
            r#"[["a"], ["b", ["acme"]]]"#,
            r#"{"projects": [{"name": "a"}], "extra": [{"name": "acme"}]}"#,
            r#"{"count": 1, "next": null, "previous": "https://i.example/?page=1", "results": [{"name": "a"}]}"#,
            r#"{"offset": 100, "limit": 100, "items": [{"name": "a"}]}"#,
            r#"{"page": 1, "pages": 3, "items": [{"name": "a"}]}"#,
            r#"{"page": {"pageNumber": 2}, "items": [{"name": "a"}]}"#,
        ]
        .map(names)
        .join("\n");
        insta::assert_snapshot!(told, @r##"
            list.json:1:1: a row of this JSON list has several texts, and no titles say which is the name; write titles into the first row, with name among them, or give each object the key name
            list.json:1:1: names stand below both "projects" and "extra"; put all of them into one list
            list.json:1:1: it is one page of several: previous says that others came before; put all of them into one list
            list.json:1:1: it is one page of several: offset says that others came before; put all of them into one list
            list.json:1:1: it is one page of several: it is one of 3; put all of them into one list
            list.json:1:1: it is one page of several: pageNumber says that others came before; put all of them into one list
            "##);
    }

    #[test]
    fn other_json_is_refused() {
        let told = [
            r#"{"message": "Not Found", "status": 404}"#,
            r#"{"detail": "Authentication required"}"#,
            r#"{"status": 404}"#,
            r#"{"a b": 1}"#,
            r#"{"acme": true, "b": "x"}"#,
            r#"{"name": "acme", "files": []}"#,
            r#"{"info": {"name": "acme"}, "releases": {}}"#,
            r#"{"count": 2, "next": "https://i.example/?page=2", "results": [{"name": "acme"}]}"#,
            r#"[{"id": 5}, {"id": 6}]"#,
            r#"{"total": 9, "items": [{"name": "acme"}]}"#,
            r#"{"results": [{"name": "acme"}], "range": {"total": 60}}"#,
            r#"{"packages": [{"name": "acme"}], "nextToken": "x"}"#,
            r#"{"packages": [{"name": "acme"}], "packages-dev": [{"name": "b"}]}"#,
            r#"{"installed": [{"name": "acme"}], "dependencies": {"b": "1"}}"#,
            r#"{"pay": ["acme"], "tax": ["b"]}"#,
            r#"{"data": {"project": {"packages": {"nodes": [{"name": "acme"}]}}}}"#,
            r#"{"default": {"acme": "1.0"}, "develop": {}}"#,
            r#"{"projects": [{"name": "acme"}, {"na"#,
            "['acme', 'b']",
            "5",
            r#"{"acme": "1.0", "acme": "2.0"}"#,
            r#"{"projects": [{"name": "a"}], "projects": []}"#,
            r#"{"meta": {"api-version": "1.1"}, "projects": [{"name": "acme"}], "projects": []}"#,
            r#"[{"name": "acme", "name": "b"}]"#,
            "{\"name\": \"acme\"}\n{\"name\": \"a\", \"name\": \"b\"}\n",
            "[\"acme\", \"b\"]\n[\"c\", \"d\"]\n",
            r#"[["bob", "acme"], ["eve", "b"]]"#,
        ]
        .map(names)
        .join("\n");
        insta::assert_snapshot!(told, @r##"
            list.json:1:1: it has the key "message", as servers write that say what went wrong; open it to see what it says, and ask for the list again
            list.json:1:1: it has the key "detail", as servers write that say what went wrong; open it to see what it says, and ask for the list again
            list.json:1:1: it has the key "status", as servers write that say what went wrong; open it to see what it says, and ask for the list again
            list.json:1:1: it is JSON of a form that holds no names that we know of; name the JSON of a simple API (an object with projects), a list of names, or of objects with a name
            list.json:1:1: it is JSON of a form that holds no names that we know of; name the JSON of a simple API (an object with projects), a list of names, or of objects with a name
            list.json:1:1: it is about one project, and no list of projects; name the list of all projects, the JSON of …/simple/
            list.json:1:1: it is about one project, and no list of projects; name the list of all projects, the JSON of …/simple/
            list.json:1:1: it is one page of several: next says that more follow; put all of them into one list
            list.json:1:1: the elements of this JSON list have no name; give each the key name
            list.json:1:1: it is one page of several: it lists 1 of 9; put all of them into one list
            list.json:1:1: it is one page of several: it lists 1 of 60; put all of them into one list
            list.json:1:1: it is one page of several: nextToken says that more follow; put all of them into one list
            list.json:1:1: names stand below both "packages" and "packages-dev"; put all of them into one list
            list.json:1:1: names stand below both "installed" and "dependencies"; put all of them into one list
            list.json:1:1: it is JSON of a form that holds no names that we know of; name the JSON of a simple API (an object with projects), a list of names, or of objects with a name
            list.json:1:1: it is JSON of a form that holds no names that we know of; name the JSON of a simple API (an object with projects), a list of names, or of objects with a name
            list.json:1:1: it is JSON of a form that holds no names that we know of; name the JSON of a simple API (an object with projects), a list of names, or of objects with a name
            list.json:1:36: the JSON is cut off here; fetch or make it again
            list.json:1:2: it begins like JSON and is none from here on; make it again, or name a list with a name a line
            list.json:1:1: it is JSON of a form that holds no names that we know of; name the JSON of a simple API (an object with projects), a list of names, or of objects with a name
            list.json:1:22: the key "acme" stands here for the second time in one object, of which others read one; make it again, or leave one of the two
            list.json:1:40: the key "projects" stands here for the second time in one object, of which others read one; make it again, or leave one of the two
            list.json:1:75: the key "projects" stands here for the second time in one object, of which others read one; make it again, or leave one of the two
            list.json:1:24: the key "name" stands here for the second time in one object, of which others read one; make it again, or leave one of the two
            list.json:2:20: the key "name" stands here for the second time in one object, of which others read one; make it again, or leave one of the two
            list.json:1:1: a row of this JSON list has several texts, and no titles say which is the name; write titles into the first row, with name among them, or give each object the key name
            list.json:1:1: a row of this JSON list has several texts, and no titles say which is the name; write titles into the first row, with name among them, or give each object the key name
            "##);
    }
}
