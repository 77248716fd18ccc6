//! A watched name is planted in every format that lists have, in every encoding, and the file damaged in every way that
//! files are. No verb may end well without having found the name or said what is wrong.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use proptest::prelude::*;
use proptest::sample::select;

const WATCHED: &str = "acme-billing";
const ONE_WORD: &str = "zyxledger";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Plain,
    Requirements,
    Freeze,
    PipList,
    Files,
    Wheelhouse,
    Csv(char),
    Excel(char),
    Pypi,
    Listing,
    SimpleJson,
    JsonList,
    JsonMap,
    JsonLines,
    PipJson,
    XmlRpcList,
    XmlRpcStruct,
    UvLock,
    PoetryLock,
    Pylock,
    PipfileLock,
    CondaList,
    CondaExport,
    CondaJson,
    Eggs,
    Tree,
    TreeJson,
    NestedJson,
    NamesFirst(char),
    Environment,
    EnvironmentJson,
    CondaLock,
    GitHub,
    CycloneDxRoot,
    Markdown,
    Licenses,
    Psql,
    MySql,
    CycloneDx,
    Spdx,
    ArtifactoryChildren,
    ArtifactoryFiles,
    ArtifactoryQuery,
    NexusComponents,
    NexusAssets,
    JsonRows,
    JsonPairs,
    JsonListLines,
    Jira,
    CycloneDxGroup,
    CycloneDxConda,
    Rich,
    PsqlDrawn,
    Mamba,
    LicensesCsv,
    LicensesMarkdown,
    Numbered,
    Commented,
    DashTree,
    Syft,
    Arbitrary,
    Captioned,
}

const FORMATS: [Format; 68] = [
    Format::Plain,
    Format::Requirements,
    Format::Freeze,
    Format::PipList,
    Format::Files,
    Format::Wheelhouse,
    Format::Csv(','),
    Format::Csv(';'),
    Format::Csv('\t'),
    Format::Csv('|'),
    Format::Excel(';'),
    Format::Excel('\t'),
    Format::Excel(','),
    Format::Pypi,
    Format::Listing,
    Format::SimpleJson,
    Format::JsonList,
    Format::JsonMap,
    Format::JsonLines,
    Format::PipJson,
    Format::XmlRpcList,
    Format::XmlRpcStruct,
    Format::UvLock,
    Format::PoetryLock,
    Format::Pylock,
    Format::PipfileLock,
    Format::CondaList,
    Format::CondaExport,
    Format::CondaJson,
    Format::Eggs,
    Format::Tree,
    Format::TreeJson,
    Format::NestedJson,
    Format::NamesFirst(','),
    Format::NamesFirst(';'),
    Format::Environment,
    Format::EnvironmentJson,
    Format::CondaLock,
    Format::GitHub,
    Format::CycloneDxRoot,
    Format::Markdown,
    Format::Licenses,
    Format::Psql,
    Format::MySql,
    Format::CycloneDx,
    Format::Spdx,
    Format::ArtifactoryChildren,
    Format::ArtifactoryFiles,
    Format::ArtifactoryQuery,
    Format::NexusComponents,
    Format::NexusAssets,
    Format::JsonRows,
    Format::JsonPairs,
    Format::JsonListLines,
    Format::Jira,
    Format::CycloneDxGroup,
    Format::CycloneDxConda,
    Format::Rich,
    Format::PsqlDrawn,
    Format::Mamba,
    Format::LicensesCsv,
    Format::LicensesMarkdown,
    Format::Numbered,
    Format::Commented,
    Format::DashTree,
    Format::Syft,
    Format::Arbitrary,
    Format::Captioned,
];

impl Format {
    /// Locks name what is from PyPI too, and are no inventories.
    fn is_lock(self) -> bool {
        matches!(self, Self::UvLock | Self::PoetryLock | Self::Pylock | Self::PipfileLock)
            || matches!(self, Self::Environment | Self::EnvironmentJson | Self::CondaLock)
    }

    /// Are its records lines, so that any line end will do?
    fn is_lines(self) -> bool {
        matches!(
            self,
            Self::Plain
                | Self::Requirements
                | Self::Freeze
                | Self::PipList
                | Self::Files
                | Self::Wheelhouse
                | Self::Csv(_)
                | Self::Excel(_)
                | Self::NamesFirst(_)
                | Self::CondaList
                | Self::CondaExport
                | Self::Eggs
                | Self::Tree
                | Self::Markdown
                | Self::Licenses
                | Self::Psql
                | Self::MySql
                | Self::Jira
                | Self::Rich
                | Self::PsqlDrawn
                | Self::Mamba
                | Self::LicensesCsv
                | Self::LicensesMarkdown
                | Self::Numbered
                | Self::Commented
                | Self::DashTree
                | Self::Syft
                | Self::Arbitrary
                | Self::Captioned
        )
    }

    fn write(self, names: &[String]) -> String {
        if self == Self::Requirements {
            let lines = names.iter().enumerate().map(|(n, name)| requirement(n, name));
            return format!("--index-url https://u:p@i.example\n{}", lines.collect::<String>());
        }
        let (head, record, tail) = self.parts();
        let between = if record.ends_with('\n') { "" } else { ",\n" };
        let name = |name: &String| {
            let (group, part) = name.split_once('-').unwrap_or(("", name));
            let halves = record.replace("GROUP", group).replace("PART", part);
            halves.replace("WHEEL", &name.replace('-', "_")).replace("NAME", name)
        };
        let records = names.iter().map(name).collect::<Vec<_>>().join(between);
        let text = format!("{head}{records}{tail}");
        match self {
            Self::Csv(separator) | Self::Excel(separator) | Self::NamesFirst(separator) => {
                text.replace('|', &separator.to_string())
            }
            _ => text.replace("COUNT", &names.len().to_string()),
        }
    }

    /// What stands before, for each name, and behind.
    fn parts(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Requirements => ("", "", ""),
            Self::Plain => ("# ours\n\n", "NAME\n", ""),
            Self::Freeze => ("", "NAME==1.2.3\n", ""),
            Self::PipList => ("Package   Version\n--------- -------\n", "NAME   1.2.3\n", ""),
            Self::Files => ("", "./dist/WHEEL-1.2-py3-none-any.whl\n", ""),
            Self::Wheelhouse => ("", "WHEEL-1.2.dist-info\n", ""),
            Self::Csv(_) => ("owner|name|index\n", "|NAME|\n", ""),
            Self::NamesFirst(_) => ("name|owner\n", "NAME|pay\n", ""),
            Self::Excel(_) => ("sep=|\nName|Owner||\n", "\"NAME\"|\"a;, b\"||\n", "|||\n"),
            Self::Pypi => (PYPI, "<a href=\"/simple/NAME/\">NAME</a>\n", "</body></html>\n"),
            Self::Listing => (LISTING, "<a href=\"NAME/\">NAME/</a>  01-Nov-2026 10:00  -\n", "</pre></body></html>"),
            Self::SimpleJson => (
                "{\"meta\": {\"api-version\": \"1.1\"}, \"projects\": [",
                "{\"name\": \"NAME\", \"_last-serial\": 5}",
                "]}",
            ),
            Self::JsonList => ("[", "\"NAME\"", "]"),
            Self::JsonMap => ("{", "\"NAME\": 5", "}"),
            Self::JsonLines => ("", "{\"name\": \"NAME\"}\n", ""),
            Self::PipJson => ("[", "{\"name\": \"NAME\", \"version\": \"1.0\"}", "]"),
            Self::XmlRpcList => (ARRAY, "<value><string>NAME</string></value>\n", END_OF_ARRAY),
            Self::XmlRpcStruct => {
                (STRUCT, "<member><name>NAME</name><value><int>5</int></value></member>\n", END_OF_STRUCT)
            }
            Self::UvLock => ("version = 1\nrequires-python = \">=3.9\"\n\n", UV, ""),
            Self::PoetryLock => ("", POETRY, "[metadata]\nlock-version = \"2.1\"\n"),
            Self::Pylock => ("lock-version = \"1.0\"\ncreated-by = \"pip\"\n\n", PYLOCK, ""),
            Self::PipfileLock => {
                ("{\"_meta\": {\"pipfile-spec\": 6}, \"default\": {", "\"NAME\": {\"version\": \"==1.0\"}", "}}")
            }
            _ => self.printed(),
        }
    }

    /// What tools print of an environment, and servers and databases of what they hold.
    fn printed(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::CondaList => (CONDA, "NAME                 1.2.3                  pypi_0    pypi\n", ""),
            Self::CondaExport => (EXPORT, "NAME=1.2.3=pypi_0\n", ""),
            Self::CondaJson => ("[", CONDA_JSON, "]"),
            Self::Eggs => ("", "git+https://u:p@i.example/x.git@v1#egg=NAME&subdirectory=src\n", ""),
            Self::Tree => (
                "",
                "NAME==1.2.3\n├── six [required: >=1.5, installed: 1.16.0]\n│   └── idna [required: Any, installed: 3.7]\n└── pytz [required: >=2]\n",
                "",
            ),
            Self::TreeJson => ("[", TREE_JSON, "]"),
            Self::NestedJson => ("[", NESTED_JSON, "]"),
            Self::Environment => (ENVIRONMENT, "      - NAME==1.2.3\n", "prefix: /opt/conda\n"),
            Self::EnvironmentJson => (
                "{\"channels\": [\"defaults\"], \"dependencies\": [\"python=3.11=h_0\", {\"pip\": [",
                "\"NAME==1.2.3\"",
                "]}], \"name\": \"svc\"}",
            ),
            Self::CondaLock => (CONDA_LOCK, CONDA_LOCKED, ""),
            Self::GitHub => (
                "{\"sbom\": {\"spdxVersion\": \"SPDX-2.3\", \"packages\": [{\"name\": \"com.github.acme/svc\"}, {\"name\": \"npm:x\"}, ",
                "{\"name\": \"pip:NAME\", \"versionInfo\": \"1.2.3\"}",
                "]}}",
            ),
            Self::CycloneDxRoot => (
                "{\"bomFormat\": \"CycloneDX\", \"metadata\": {\"component\": {\"name\": \"app\", \"components\": [",
                "{\"name\": \"NAME\", \"version\": \"1\"}",
                "]}}, \"components\": [{\"name\": \"six\", \"version\": \"1\"}]}",
            ),
            Self::Markdown => ("| Name | Version |\n|:-----|--------:|\n", "| NAME | 1.2.3 |\n", ""),
            Self::Licenses => (" Name    Version  License     \n", " NAME    1.2.3    BSD License \n", ""),
            Self::Psql => (" name | owner \n------+-------\n", " NAME |\n", "(COUNT rows)\n\n"),
            Self::MySql => {
                ("+------+-------+\n| name | owner |\n+------+-------+\n", "| NAME |       |\n", "+------+-------+\n")
            }
            Self::CycloneDx => {
                (CYCLONE, CYCLONE_PART, "], \"dependencies\": [{\"ref\": \"root\", \"dependsOn\": [\"a\"]}]}")
            }
            Self::Spdx => (SPDX, SPDX_PART, "], \"relationships\": []}"),
            Self::ArtifactoryChildren => (
                CHILDREN,
                "{\"uri\": \"/NAME\", \"folder\": true}",
                "], \"uri\": \"https://i.example/api/storage/pypi-local\"}",
            ),
            Self::ArtifactoryFiles => (FILES, FILE, "]}"),
            Self::ArtifactoryQuery => {
                ("{\"results\": [", QUERY, "], \"range\": {\"start_pos\": 0, \"end_pos\": COUNT, \"total\": COUNT}}")
            }
            Self::NexusComponents => ("{\"items\": [", COMPONENT, "], \"continuationToken\": null}"),
            Self::NexusAssets => ("{\"items\": [", ASSET, "], \"continuationToken\": null}"),
            _ => self.laid_out(),
        }
    }

    /// What is laid out in rows of another kind.
    fn laid_out(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::JsonRows => ("[[\"owner\", \"name\"],\n", "[\"bob\", \"NAME\"]", "]"),
            Self::JsonPairs => ("[", "[\"NAME\", \"1.2.3\", 5]", "]"),
            Self::JsonListLines => ("", "[\"NAME\"]\n", ""),
            Self::Jira => ("||Package||Owner||\n", "|NAME|bob|\n", ""),
            Self::CycloneDxGroup => (CYCLONE, CYCLONE_HALVES, "]}"),
            Self::CycloneDxConda => (CYCLONE, CYCLONE_CONDA, "]}"),
            Self::Rich => (
                "┏━━━━━━┳━━━━━━━━━┓\n┃ Name ┃ Version ┃\n┡━━━━━━╇━━━━━━━━━┩\n",
                "│ NAME │ 1.2.3   │\n",
                "└──────┴─────────┘\n",
            ),
            Self::PsqlDrawn => (" name │ owner \n──────┼───────\n", " NAME │ bob\n", "(COUNT rows)\n\n"),
            Self::Mamba => (MAMBA, "  NAME    1.2.3    pypi_0  pypi\n", ""),
            Self::LicensesCsv => ("\"Name\",\"Version\",\"License\"\n", "\"NAME\",\"1.2.3\",\"BSD License\"\n", ""),
            Self::LicensesMarkdown => {
                ("| Name | Version | License |\n|------|---|---|\n", "| NAME | 1.2.3 | BSD |\n", "")
            }
            Self::Numbered => ("#,name\n", "7,NAME\n", ""),
            Self::Commented => ("# exported 2026-11-01\n\nname,owner\n", "NAME,bob\n", ""),
            Self::Captioned => ("Our packages, 2026-11-01\n\nname,owner\n", "NAME,bob\n", ""),
            Self::DashTree => ("", "NAME==1.2.3\n  - six [required: >=1.5, installed: 1.16.0]\n", ""),
            Self::Syft => ("NAME      VERSION  TYPE\n", "NAME   1.2.3   python\nbash   5.1-2   deb\n", ""),
            Self::Arbitrary => ("", "NAME===1.2-foo\n-e \"NAME @ git+https://i.example/x.git\"\n", ""),
            _ => unreachable!("{self:?} has its parts above"),
        }
    }
}

const PYPI: &str =
    "<!DOCTYPE html>\n<html><head><meta name=\"pypi:repository-version\" content=\"1.4\"></head>\n<body>\n";
const LISTING: &str = "<html><head><title>Index of /</title></head><body><pre><a href=\"../\">../</a>\n";
const ARRAY: &str = "<?xml version='1.0'?>\n<methodResponse><params><param><value><array><data>\n";
const END_OF_ARRAY: &str = "</data></array></value></param></params></methodResponse>\n";
const STRUCT: &str = "<?xml version='1.0'?>\n<methodResponse><params><param><value><struct>\n";
const END_OF_STRUCT: &str = "</struct></value></param></params></methodResponse>\n";
const UV: &str =
    "[[package]]\nname = \"NAME\"\nversion = \"1.0\"\nsource = { registry = \"https://i.example/simple\" }\n\n";
const POETRY: &str = "[[package]]\nname = \"NAME\"\nversion = \"1.0\"\n\n";
const PYLOCK: &str = "[[packages]]\nname = \"NAME\"\nversion = \"1.0\"\n\n";

const ENVIRONMENT: &str =
    "name: svc\nchannels:\n  - conda-forge\ndependencies:\n  - python=3.11\n  - numpy>=1.26\n  - pip\n  - pip:\n";
const CONDA_LOCK: &str = "# Generated\nversion: 1\nmetadata:\n  platforms:\n  - linux-64\npackage:\n";
const CONDA_LOCKED: &str =
    "- name: NAME\n  version: 1.2.3\n  manager: pip\n  url: https://i.example/WHEEL-1.2.3-py3-none-any.whl\n";
const CONDA: &str =
    "# packages in environment at /opt/conda:\n#\n# Name                    Version                   Build  Channel\n";
const EXPORT: &str = "# This file may be used to create an environment using:\n# $ conda create --name <env> --file <this file>\n# platform: linux-64\n";
const CONDA_JSON: &str = "{\"base_url\": \"https://conda.example\", \"build_number\": 0, \"build_string\": \"pypi_0\", \"channel\": \"pypi\", \"dist_name\": \"NAME-1.2.3-pypi_0\", \"name\": \"NAME\", \"platform\": \"pypi\", \"version\": \"1.2.3\"}";
const TREE_JSON: &str = "{\"package\": {\"key\": \"NAME\", \"package_name\": \"NAME\", \"installed_version\": \"1.2.3\"}, \"dependencies\": [{\"key\": \"six\", \"package_name\": \"six\", \"installed_version\": \"1.16.0\", \"required_version\": \">=1.5\"}]}";
const NESTED_JSON: &str = "{\"key\": \"unrelated\", \"package_name\": \"unrelated\", \"installed_version\": \"1\", \"required_version\": \"1\", \"dependencies\": [{\"key\": \"NAME\", \"package_name\": \"NAME\", \"installed_version\": \"1.2.3\", \"required_version\": \">=1\", \"dependencies\": []}]}";
const CYCLONE: &str = "{\"bomFormat\": \"CycloneDX\", \"specVersion\": \"1.5\", \"version\": 1, \"metadata\": {\"component\": {\"bom-ref\": \"root\", \"name\": \"app\", \"type\": \"application\"}}, \"components\": [";
const CYCLONE_PART: &str = "{\"bom-ref\": \"NAME==1.2.3\", \"type\": \"library\", \"name\": \"NAME\", \"version\": \"1.2.3\", \"purl\": \"pkg:pypi/NAME@1.2.3\", \"licenses\": [{\"license\": {\"name\": \"x\"}}]}";
const CYCLONE_HALVES: &str = "{\"type\": \"library\", \"group\": \"GROUP\", \"name\": \"PART\", \"version\": \"1.2.3\", \"purl\": \"pkg:pypi/NAME@1.2.3\"}";
const CYCLONE_CONDA: &str =
    "{\"type\": \"library\", \"name\": \"NAME\", \"version\": \"1.2.3\", \"purl\": \"pkg:conda/NAME@1.2.3\"}";
const MAMBA: &str = "List of packages in environment: \"/opt/conda\"\n\n  Name   Version  Build   Channel\n──────────────────────────────────\n";
const SPDX: &str = "{\"spdxVersion\": \"SPDX-2.3\", \"name\": \"app\", \"creationInfo\": {\"creators\": [\"Tool: syft\"]}, \"packages\": [";
const SPDX_PART: &str = "{\"SPDXID\": \"SPDXRef-NAME\", \"name\": \"NAME\", \"versionInfo\": \"1.2.3\", \"externalRefs\": [{\"referenceType\": \"purl\", \"referenceLocator\": \"pkg:pypi/NAME@1.2.3\"}]}";
const CHILDREN: &str =
    "{\"repo\": \"pypi-local\", \"path\": \"/\", \"created\": \"2026-01-01T00:00:00.000Z\", \"children\": [";
const FILES: &str =
    "{\"uri\": \"https://i.example/api/storage/pypi-local\", \"created\": \"2026-11-01T00:00:00.000Z\", \"files\": [";
const FILE: &str =
    "{\"uri\": \"/NAME/1.2.3/WHEEL-1.2.3-py3-none-any.whl\", \"size\": 9, \"folder\": false, \"sha1\": \"abc\"}";
const QUERY: &str = "{\"repo\": \"pypi-local\", \"path\": \"NAME/1.2.3\", \"name\": \"WHEEL-1.2.3.tar.gz\", \"type\": \"file\", \"size\": 9}";
const COMPONENT: &str = "{\"id\": \"cHlwaTox\", \"repository\": \"pypi\", \"format\": \"pypi\", \"group\": null, \"name\": \"NAME\", \"version\": \"1.2.3\", \"assets\": [{\"path\": \"packages/NAME/1.2.3/WHEEL-1.2.3.tar.gz\"}]}";
const ASSET: &str = "{\"downloadUrl\": \"https://i.example/repository/pypi/packages/NAME/1.2.3/WHEEL-1.2.3.tar.gz\", \"path\": \"packages/NAME/1.2.3/WHEEL-1.2.3.tar.gz\", \"id\": \"x\", \"repository\": \"pypi\", \"format\": \"pypi\"}";

/// Every way to write one.
fn requirement(n: usize, name: &str) -> String {
    match n % 7 {
        0 => format!("{name} >= 1.0, <2 ; python_version < \"3.14\"\n"),
        1 => format!("{name}[tls,x]==1.* \\\n    --hash=sha256:abc \\\n    --hash=sha256:def\n"),
        2 => format!("{name} @ https://u:p@i.example/{name}.tar.gz#sha256=abc\n"),
        3 => format!("-e git+https://i.example/x.git@main#egg={name}\n"),
        4 => format!("# Editable install with no version control ({name}==1.0)\n-e /srv/x\n"),
        5 => format!("{name}~=1.0 # the old one\n"),
        _ => format!("{name}\n"),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    Utf8,
    Marked,
    Little { marked: bool },
    Big { marked: bool },
}

impl Encoding {
    fn marked(self) -> Self {
        match self {
            Self::Little { .. } => Self::Little { marked: true },
            Self::Big { .. } => Self::Big { marked: true },
            Self::Utf8 | Self::Marked => self,
        }
    }

    fn encode(self, text: &str) -> Vec<u8> {
        let mark = |marked: bool| if marked { "\u{feff}" } else { "" };
        let units = |marked: bool| format!("{}{text}", mark(marked)).encode_utf16().collect::<Vec<u16>>();
        match self {
            Self::Utf8 => text.as_bytes().to_vec(),
            Self::Marked => format!("{}{text}", mark(true)).into_bytes(),
            Self::Little { marked } => units(marked).into_iter().flat_map(u16::to_le_bytes).collect(),
            Self::Big { marked } => units(marked).into_iter().flat_map(u16::to_be_bytes).collect(),
        }
    }
}

const ENCODINGS: [Encoding; 6] = [
    Encoding::Utf8,
    Encoding::Marked,
    Encoding::Little { marked: true },
    Encoding::Little { marked: false },
    Encoding::Big { marked: true },
    Encoding::Big { marked: false },
];

/// What happens to files. A share is of the whole, in thousandths; the name stands in the first half.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Damage {
    Cut(usize),
    Byte(usize, u8),
    Twice,
    Prepended(&'static str),
    Replaced(&'static str),
}

const ERROR_PAGE: &str =
    "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>";
const LOGIN: &str =
    "<!DOCTYPE html><html><body><form><input name=user></form><a href=\"/help/\">help</a></body></html>";

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        (500_usize..1000).prop_map(Damage::Cut),
        ((0_usize..1000), select(vec![0_u8, 0xff, 0xe9, b'"', b' ', b'<', b'\\', 0x85]))
            .prop_map(|(at, byte)| Damage::Byte(at, byte)),
        Just(Damage::Twice),
        select(vec!["PK\u{3}\u{4}", "name,name\n", "\"", "<", "{", "[", "%PDF-1.7\n"]).prop_map(Damage::Prepended),
        select(vec![
            ERROR_PAGE,
            LOGIN,
            "",
            "Forbidden",
            "null",
            "{\"message\": \"no\", \"status\": 404}",
            "[]",
            "\0\0"
        ])
        .prop_map(Damage::Replaced),
    ]
}

impl Damage {
    fn done_to(self, mut bytes: Vec<u8>) -> Vec<u8> {
        match self {
            Self::Cut(share) => bytes.truncate(bytes.len() * share / 1000),
            Self::Byte(share, byte) => {
                let at = bytes.len() * share / 1000;
                bytes[at] = byte;
            }
            Self::Twice => bytes = gzip(&gzip(&bytes)),
            Self::Prepended(text) => bytes = [text.as_bytes(), &bytes].concat(),
            Self::Replaced(text) => bytes = text.as_bytes().to_vec(),
        }
        bytes
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(bytes).expect("memory");
    gzip.finish().expect("memory")
}

#[derive(Clone, Debug)]
struct Planted {
    format: Format,
    encoding: Encoding,
    line_end: &'static str,
    gzipped: bool,
    /// Names before the planted one, and after it.
    before: usize,
    after: usize,
}

fn planted() -> impl Strategy<Value = Planted> {
    let ends = select(vec!["\n", "\r\n", "\r", "\u{85}", "\u{2028}"]);
    (select(FORMATS.to_vec()), select(ENCODINGS.to_vec()), ends, any::<bool>(), 0_usize..8, 10_usize..20).prop_map(
        |(format, encoding, line_end, gzipped, before, after)| {
            // Only where most is ASCII, zero bytes tell UTF-16 without a mark.
            let drawn = matches!(format, Format::Rich | Format::PsqlDrawn | Format::Mamba);
            let encoding = if drawn { encoding.marked() } else { encoding };
            let plain = line_end.starts_with(['\n', '\r']) || format.is_lines();
            Planted { format, encoding, line_end: if plain { line_end } else { "\n" }, gzipped, before, after }
        },
    )
}

impl Planted {
    fn text(&self) -> String {
        let mut names: Vec<String> = (0..self.before + self.after).map(|n| format!("unrelated{n}")).collect();
        names.insert(self.before, WATCHED.to_owned());
        self.format.write(&names).replace('\n', self.line_end)
    }

    fn bytes(&self) -> Vec<u8> {
        let bytes = self.encoding.encode(&self.text());
        if self.gzipped { gzip(&bytes) } else { bytes }
    }
}

/// What people put together by hand, or have only a part of.
#[derive(Clone, Copy, Debug)]
enum Patched {
    /// A comment above the name that seems to go on in the next line.
    Comment,
    /// Several names in a list, a list a line.
    ListsALine,
    /// A second table with its columns in another order, below a blank line or at once.
    SecondTitles {
        separator: char,
        blank: bool,
        others: bool,
    },
    /// A row that lost the cell before the name.
    ShortRow(char),
    /// A lock whose project needs the name, without the package of it.
    PartOfLock,
    PartOfPdmLock,
    /// A comment behind a requirement that goes on, so that pip takes the name for a part of it.
    CommentBehind,
    /// A requirement behind an option, where pip passes over it.
    BehindOption(&'static str),
    /// JSON with the name in another list than the first, or within an object.
    Json(&'static str),
    /// A page that is cut off, or goes on elsewhere.
    Page(&'static str),
}

const OPTIONS: [&str; 5] =
    ["--pre", "--hash=sha256:aa", "-i https://i.example", "x==1.0 --hash=sha256:aa", "--no-deps"];
const JSONS: [&str; 12] = [
    "{\"bomFormat\": \"CycloneDX\", \"components\": [OTHERS, {\"group\": \"acme\", \"name\": \"billing\"}]}",
    "{\"spdxVersion\": \"SPDX-2.3\", \"packages\": [OTHERS, {\"namespace\": \"com.Acme\", \"name\": \"Billing\"}]}",
    "[OTHERS, {\"name\": \"NAME\", \"purl\": \"pkg:generic/NAME@1\"}]",
    "[OTHERS, {\"name\": \"x\", \"externalRefs\": [{\"referenceLocator\": \"pkg:github/acme/NAME@v1\"}]}]",
    "{\"projects\": [OTHERS], \"ours\": [{\"name\": \"NAME\"}]}",
    "{\"packages\": [OTHERS, {\"name\": \"x\", \"requires\": [{\"name\": \"NAME\"}]}]}",
    "{\"previous\": \"https://i.example/?page=1\", \"next\": null, \"results\": [OTHERS]}",
    "{\"page\": 1, \"pages\": 2, \"items\": [OTHERS]}",
    "{\"a\": {\"version\": \"1\", \"dependencies\": {\"NAME\": {\"version\": \"2\"}}}}",
    "[OTHERS, {\"name\": \"x\", \"purl\": \"pkg:oci/x\", \"components\": [{\"name\": \"NAME\", \"purl\": \"PKG:PyPI/NAME\"}]}]",
    "[OTHERS, {\"name\": \"x\", \"package\": \"NAME\"}]",
    "[[\"x\"], [\"y\", [\"NAME\"]]]",
];
const PAGES: [&str; 3] = [
    "<title>Simple index</title>OTHERS<a href=\"NAM",
    "<title>Simple index</title>OTHERS<!-- <a href=\"NAME/\">NAME</a>",
    "<title>Simple index</title>OTHERS<a href=\"?page=2\">next</a>",
];

fn patched() -> impl Strategy<Value = Patched> {
    let separators = || select(vec![',', ';', '\t', '|']);
    prop_oneof![
        Just(Patched::Comment),
        Just(Patched::ListsALine),
        (separators(), any::<bool>()).prop_map(|(separator, blank)| Patched::SecondTitles {
            separator,
            blank,
            others: false
        }),
        separators().prop_map(|separator| Patched::SecondTitles { separator, blank: true, others: true }),
        separators().prop_map(Patched::ShortRow),
        Just(Patched::PartOfLock),
        Just(Patched::PartOfPdmLock),
        Just(Patched::CommentBehind),
        select(OPTIONS.to_vec()).prop_map(Patched::BehindOption),
        select(JSONS.to_vec()).prop_map(Patched::Json),
        select(PAGES.to_vec()).prop_map(Patched::Page),
    ]
}

impl Patched {
    fn write(self, others: &[String]) -> String {
        let lines = |line: &dyn Fn(&String) -> String| others.iter().map(line).collect::<String>();
        match self {
            Self::Comment => lines(&|name| format!("{name}==1.0\n")) + &format!("  # ours \\\n{WATCHED}==2.0\n"),
            Self::ListsALine => {
                lines(&|name| format!("[\"{name}\", \"other\"]\n")) + &format!("[\"x\", \"{WATCHED}\"]\n")
            }
            Self::SecondTitles { separator, blank, others } => {
                let gap = if blank { "\n" } else { "" };
                let titles = if others { "team,package" } else { "owner,name" };
                let first = format!("name,owner\n{}", lines(&|name| format!("{name},bob\n")));
                format!("{first}{gap}{titles}\nbob,{WATCHED}\n").replace(',', &separator.to_string())
            }
            Self::ShortRow(separator) => {
                let rows = lines(&|name| format!("bob,{name},1.0\n"));
                format!("owner,name,version\n{rows}{WATCHED},2.0\n").replace(',', &separator.to_string())
            }
            Self::PartOfLock => {
                let needs =
                    lines(&|name| format!("{{ name = \"{name}\" }}, ")) + &format!("{{ name = \"{WATCHED}\" }}");
                let root = UV.replace("NAME", "svc").trim_end().to_owned();
                let rest = lines(&|name| UV.replace("NAME", name));
                format!("version = 1\nrequires-python = \">=3.9\"\n\n{root}\ndependencies = [{needs}]\n\n{rest}")
            }
            Self::PartOfPdmLock => {
                let rest =
                    lines(&|name| format!("[[package]]\nname = \"{name}\"\ndependencies = [\"{WATCHED}>=1\"]\n"));
                format!("[metadata]\nlock_version = \"4.5.0\"\n{rest}")
            }
            Self::CommentBehind => {
                lines(&|name| format!("{name}==1.0\n")) + &format!("x==1.0 # ours \\\n{WATCHED}==2.0\n")
            }
            Self::BehindOption(option) => {
                lines(&|name| format!("{name}==1.0\n")) + &format!("{option} {WATCHED}==2.0\n")
            }
            Self::Json(text) => {
                let objects = others.iter().map(|name| format!("{{\"name\": \"{name}\"}}")).collect::<Vec<_>>();
                text.replace("OTHERS", &objects.join(", ")).replace("NAME", WATCHED)
            }
            Self::Page(text) => {
                let links = lines(&|name| format!("<a href=\"{name}/\">{name}</a>\n"));
                text.replace("OTHERS", &links).replace("NAME", WATCHED)
            }
        }
    }
}

/// Where nobody looks for names: a line of others, what stands above, and a line with the name aside.
const ASIDE: [(&str, &str, &str); 22] = [
    ("OTHER==1.0\n", "", "--only-binary NAME\n"),
    ("OTHER==1.0\n", "", "--no-binary=:none:,NAME\n"),
    ("OTHER==1.0\n", "", "--config-settings NAME=1\n"),
    ("OTHER==1.0\n", "", "-e git+https://i.example/NAME.git\n"),
    ("OTHER==1.0\n", "", "x @ git+ssh://git@i.example/acme/NAME.git@v1\n"),
    ("OTHER==1.0\n", "", "x @ file:///srv/NAME\n"),
    ("OTHER==1.0\n", "", "x @ https://i.example/NAME-1.0.tar.gz\n"),
    (
        "OTHER==1.0\n",
        "",
        "# Editable install with no version control (NAME==1.0)\n-e git+https://i.example/x.git#egg=x\n",
    ),
    ("{\"name\": \"OTHER\"}\n", "", "{\"name\": \"x\", \"url\": \"https://i.example/NAME-1.0-py3-none-any.whl\"}\n"),
    ("{\"name\": \"OTHER\"}\n", "", "{\"name\": \"x\", \"purl\": \"pkg:generic/acme/NAME\"}\n"),
    ("OTHER,bob\n", "name,was\n", "x,NAME\n"),
    ("OTHER,bob\n", "name,owner\n", "eve,NAME\n"),
    ("OTHER,bob\n", "name,owner\n", "x,\"bob\nNAME,eve\"\n"),
    ("OTHER;bob\n", "name;owner\n", "\nteam;what\neve;NAME\n"),
    ("OTHER,bob\n", "name,owner,,\n", "x,eve,,NAME\n"),
    ("OTHER\tbob\n", "name\tnotes\n", "x\tinstead of it   NAME\n"),
    ("| OTHER | bob |\n", "| Name | X |\n|--|--|\n", "| x | <br>NAME |\n"),
    ("OTHER 1.0\n", "", "x 1.0 NAME 2.0\n"),
    ("<a href=\"OTHER/\">OTHER</a>\n", "<title>Simple index</title>", "<li>NAME</li>\n"),
    ("{\"name\": \"OTHER\"}\n", "", "{\"name\": \"x\", \"aliases\": [\"NAME\"]}\n"),
    ("{\"name\": \"OTHER\"}\n", "", "{\"name\": \"x\", \"deps\": {\"NAME\": 1}}\n"),
    ("{\"name\": \"OTHER\"}\n", "", "{\"name\": \"x\", \"ref\": \"pkg:pypi/NAME@1\"}\n"),
];

struct World(tempfile::TempDir);

impl World {
    fn new() -> Self {
        let world = Self(tempfile::tempdir().expect("a directory"));
        world.file("watched.toml", format!("names = [\"{WATCHED}==1.0\", \"{ONE_WORD}==1.0\"]\n").as_bytes());
        world
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, bytes).expect("a file");
        path
    }

    fn scan(&self, list: &Path) -> Output {
        let watched = self.0.path().join("watched.toml");
        self.run(&["scan", "--fail-on", "digest", "--index"], list, &["--inventory".as_ref(), watched.as_os_str()])
    }

    fn check(&self, list: &Path) -> Output {
        self.run(&["check", WATCHED, "--inventory"], list, &[])
    }

    fn run(&self, verb: &[&str], list: &Path, more: &[&std::ffi::OsStr]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_namewarden"));
        command.args(verb).arg(list).args(more).env_clear().current_dir(self.0.path());
        command.output().expect("runs")
    }
}

fn told(output: &Output) -> String {
    let mut text = String::new();
    let _ = write!(text, "status {:?}\n{}", output.status.code(), String::from_utf8_lossy(&output.stdout));
    text + &String::from_utf8_lossy(&output.stderr)
}

/// Found, or refused with what to do; and nothing panics. The name is there, so status 0 is never right.
fn is_honest(output: &Output) -> bool {
    let said = String::from_utf8_lossy(&output.stderr);
    match output.status.code() {
        Some(3) => true,
        Some(1) => said.contains("; ") && !said.contains("panicked"),
        _ => false,
    }
}

proptest! {
    #[test]
    fn a_sound_list_is_read_exactly(planted in planted()) {
        let world = World::new();
        let list = world.file("list", &planted.bytes());
        let scanned = world.scan(&list);
        prop_assert_eq!(scanned.status.code(), Some(3), "{}\n{}", told(&scanned), planted.text());
        prop_assert!(String::from_utf8_lossy(&scanned.stdout).contains("page   100  acme-billing"), "{}", told(&scanned));
        prop_assert!(!String::from_utf8_lossy(&scanned.stderr).contains("no name"), "{}", told(&scanned));
        let checked = world.check(&list);
        let expected = if planted.format.is_lock() { 1 } else { 3 };
        prop_assert_eq!(checked.status.code(), Some(expected), "{}\n{}", told(&checked), planted.text());
        let imported = told(&world.run(&["inventory", "import", "--no-preview"], &list, &[])).replace('_', "-");
        prop_assert!(imported.contains(WATCHED), "neither watched nor listed: {}\n{}", imported, planted.text());
    }

    /// Two rows are one then, and the name of the second stands where nobody looks for it.
    #[test]
    fn a_table_that_lost_a_line_break_is_never_quiet(
        format in select(vec![Format::NamesFirst(','), Format::Csv(';'), Format::Excel(','), Format::Markdown, Format::MySql]),
        (before, after, which) in (0_usize..3, 0_usize..3, 0_usize..9),
    ) {
        let (world, mut names) = (World::new(), (0..before + after).map(|n| format!("unrelated{n}")).collect::<Vec<_>>());
        names.insert(before, WATCHED.to_owned());
        let text = format.write(&names);
        // What stands behind the last is nothing.
        let breaks: Vec<usize> = text.trim_end().match_indices('\n').map(|(at, _)| at).collect();
        let at = breaks[which % breaks.len()];
        let text = format!("{}{}", &text[..at], &text[at + 1..]);
        let list = world.file("list.csv", text.as_bytes());
        for output in [world.scan(&list), world.check(&list)] {
            prop_assert!(is_honest(&output), "{}\n{}", told(&output), text);
        }
    }

    #[test]
    fn a_list_put_together_by_hand_is_never_quiet(patched in patched(), others in 2_usize..8) {
        let world = World::new();
        let text = patched.write(&(0..others).map(|n| format!("unrelated{n}")).collect::<Vec<_>>());
        let list = world.file("list", text.as_bytes());
        for output in [world.scan(&list), world.check(&list)] {
            prop_assert!(is_honest(&output), "{}\n{}", told(&output), text);
        }
        let imported = world.run(&["inventory", "import", "--no-preview"], &list, &[]);
        let has_name = told(&imported).to_lowercase().contains(WATCHED);
        prop_assert!(has_name || !imported.status.success(), "{}\n{}", told(&imported), text);
    }

    /// No reader can know every form: what is watched and stands there is told, read or not.
    #[test]
    fn a_watched_name_that_stands_aside_is_never_quiet(
        (other, head, aside) in select(ASIDE.to_vec()),
        name in select(vec![WATCHED, ONE_WORD]),
        others in 2_usize..8,
    ) {
        let world = World::new();
        // Owners may be called by one word, too.
        let head = if name == ONE_WORD { head.replace("owner", "kind") } else { head.to_owned() };
        let lines = (0..others).map(|n| other.replace("OTHER", &format!("unrelated{n}"))).collect::<String>();
        let text = format!("{head}{lines}{}", aside.replace("NAME", name));
        let scanned = world.scan(&world.file("list", text.as_bytes()));
        prop_assert!(is_honest(&scanned), "{}\n{}", told(&scanned), text);
        prop_assert!(told(&scanned).contains(name), "{}\n{}", told(&scanned), text);
    }

    #[test]
    fn a_list_that_is_cut_off_within_a_watched_name_is_never_quiet(
        format in select(FORMATS.to_vec()),
        others in 2_usize..5,
        letters in select(vec![2_usize, 3, 6, 7, 8, 9, 10, 11]),
    ) {
        let (world, mut names) = (World::new(), (0..others).map(|n| format!("unrelated{n}")).collect::<Vec<_>>());
        names.push(WATCHED.to_owned());
        let text = format.write(&names);
        let at = text.replace('_', "-").find(WATCHED).expect("planted");
        let scanned = world.scan(&world.file("list", &text.as_bytes()[..at + letters]));
        prop_assert!(is_honest(&scanned), "{}\n{}", told(&scanned), &text[..at + letters]);
    }

    #[test]
    fn a_damaged_list_is_never_quiet(planted in planted(), damage in damage()) {
        let world = World::new();
        let list = world.file("list", &damage.done_to(planted.bytes()));
        for output in [world.scan(&list), world.check(&list)] {
            prop_assert!(is_honest(&output), "{}", told(&output));
        }
    }
}

/// `2>&1 | head`: the reader has gone, and the status stays what the verb says.
#[test]
fn nobody_has_to_read_what_is_found() {
    let world = World::new();
    let list = world.file("list", format!("{}{WATCHED}\n", "acme-billin\n".repeat(20_000)).as_bytes());
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let mut command = Command::new(env!("CARGO_BIN_EXE_namewarden"));
    command.args(["scan", "--fail-on", "page", "--inventory", "watched.toml", "--index"]).arg(&list);
    command.stdout(writer.try_clone().expect("a pipe")).stderr(writer).current_dir(world.0.path());
    assert_eq!(command.status().expect("runs").code(), Some(3));
}

#[test]
fn every_format_is_read_once_at_least() {
    let world = World::new();
    for format in FORMATS {
        let planted = Planted { format, encoding: Encoding::Utf8, line_end: "\n", gzipped: false, before: 2, after: 3 };
        let scanned = world.scan(&world.file("list", &planted.bytes()));
        assert_eq!(scanned.status.code(), Some(3), "{format:?}\n{}\n{}", told(&scanned), planted.text());
    }
}
