//! Every refusal that PyPI's upload endpoint is known to give (`warehouse` at 6b62157: `forklift/`, `packaging/services.py`,
//! `macaroons/`), each with what a person can do.

use super::pattern::Pattern;

/// Declares the refusals: the variant, a name for tables and JSON, what it is known by (status and text, first match
/// wins), what it means, what to do.
macro_rules! refusals {
    ($($variant:ident $name:literal [$($status:literal $text:expr),* $(,)?] $meaning:literal, $remedy:literal;)*) => {
        /// Why PyPI refused an upload.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Refused { $($variant),* }

        impl Refused {
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// A name that stays, for tables and JSON.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// What it means, as the end of a sentence.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning),* }
            }

            /// What a person can do about it.
            pub fn remedy(self) -> &'static str {
                match self { $(Self::$variant => $remedy),* }
            }
        }

        /// What each is known by, in the order in which they are tried.
        pub(super) const KNOWN_BY: &[(Refused, u16, Pattern)] = &[$($((Refused::$variant, $status, $text)),*),*];
    };
}

use Pattern::{Any, Begins, Holds, Name};

refusals! {
    NameStdlib "name-stdlib" [400 Name("isn't allowed (conflict with Python Standard Library")]
        "the name is a module of Python's standard library, and nobody can register it",
        "nothing is to be done: the name is closed to everybody";
    NameProhibited "name-prohibited" [400 Name("isn't allowed.")]
        "PyPI has prohibited the name, and nobody can register it",
        "nothing is to be done: the name is closed to everybody; if you need it yourself, write to PyPI's administrators";
    NameSimilar "name-similar" [400 Name("is too similar to an existing project")]
        "the name is too similar to a project that exists, which also keeps strangers from it",
        "find the project that differs only in separators, l, i, 1, o and 0; if it is not yours, watch it: only its removal opens the name";
    NameTaken "name-taken" [409 Name("conflicts with an existing project"), 409 Holds("conflicts with an existing project")]
        "somebody registered the name at the same moment",
        "look who holds it now; if it is a stranger, follow what an alert for a taken name asks for";
    NamespaceReserved "namespace-reserved" [409 Holds("namespace"), 403 Holds("reserved namespace"), 400 Holds("reserved namespace")]
        "the name is in a namespace that an organization reserved (PEP 752), and only it can register there",
        "if the organization is yours, upload with an account of it; if not, nobody but it can take the name";
    InvalidName "invalid-name" [400 Holds("is an invalid value for Name. Error:"), 400 Name("is invalid.")]
        "the name is no project name",
        "correct the name: ASCII letters, digits, '.', '_' and '-', with a letter or digit at both ends";
    NoDigest "no-digest" [400 Begins("Error: Include at least one message digest.")]
        "no digest was sent with the file", "this is a fault of namewarden: report it";
    NoFile "no-file" [400 Begins("Upload payload does not have a file.")]
        "the file did not arrive with the form", "check what stands between here and PyPI, such as a proxy that scans uploads";
    Protocol "protocol" [400 Begins("Unknown protocol version."), 400 Holds(": Should not be a tuple.")]
        "PyPI no longer takes this form of upload", "update namewarden";
    Description "description" [400 Begins("The description failed to render")]
        "PyPI cannot render the description",
        "correct README and Description-Content-Type in the template until `twine check --strict` passes";
    OrganizationInactive "organization-inactive" [400 Begins("Organization account owning this project is inactive")]
        "the organization that owns the project is not in good standing", "settle it with PyPI's support for organizations";
    FileTooLarge "file-too-large" [400 Begins("File too large."), 413 Any]
        "the file is larger than PyPI takes", "make it smaller: a claim needs a few kilobytes";
    ProjectTooLarge "project-too-large" [400 Begins("Project size too large.")]
        "the project has used up its space", "remove old releases, or ask PyPI for more space";
    DigestMismatch "digest-mismatch" [400 Begins("The digest supplied does not match")]
        "the file arrived altered", "check what stands between here and PyPI, such as a proxy that rewrites uploads; then try again";
    FileExists "file-exists" [400 Begins("File already exists"), 409 Holds("already exist"), 400 Holds("already exist")]
        "a file of this name with other content is there, or this content under another name",
        "build again with a higher version: a name of a file is never free again";
    FileNameUsed "file-name-used" [400 Begins("This filename was previously used")]
        "a file of this name was there and was removed, by whoever held the project then",
        "plan it anew: its next package has a version that PyPI was never seen to have";
    ReleaseClosed "release-closed" [400 Begins("Uploading new files to releases older than")]
        "the release is older than 14 days and takes no more files", "build again with a higher version";
    SecondSdist "second-sdist" [400 Begins("Only one sdist may be uploaded per release.")]
        "the release has a source distribution already", "build again with a higher version, or leave the release as it is";
    InvalidFile "invalid-file" [
        400 Begins("Invalid distribution file."), 400 Begins("Wheel '"), 400 Begins("License-File "),
        400 Begins("Binary wheel '"),
    ]
        "PyPI does not take the archive as it is", "look at what it says, correct the template, and build again";
    InvalidFilename "invalid-filename" [
        400 Begins("Filename "), 400 Begins("Start filename for "), 400 Begins("Invalid file extension"),
        400 Begins("Cannot upload a file with "), 400 Begins("Invalid source distribution filename"),
        400 Begins("Invalid wheel filename"), 400 Begins("Version in filename should be "),
    ]
        "the name of the file is not the one that its project and version ask for", "build again; if it stays, report it";
    Attestations "attestations" [400 Begins("Invalid attestations supplied")]
        "PyPI does not take the attestations", "upload without attestations";
    PublisherMismatch "publisher-mismatch" [400 Begins("Non-user identities cannot create new projects")]
        "the token belongs to a trusted publisher, which cannot create this project",
        "register a pending publisher for exactly this name, or upload with an account token";
    InvalidMetadata "invalid-metadata" [
        400 Begins("Invalid value for "), 400 Begins("Error: "), 400 Holds("packaging.python.org/"),
        400 Holds("core-metadata"),
    ]
        "PyPI does not take the metadata", "look at what it says, correct the template, and build again";
    Unauthenticated "unauthenticated" [403 Begins("Invalid or non-existent authentication information"), 401 Any]
        "PyPI does not know the token",
        "make a new API token on PyPI, scope \"Entire account\" for new names, and put it into the credential file";
    Password "password" [403 Begins("Username/Password authentication is no longer supported")]
        "PyPI takes no passwords", "put an API token into the credential file; the user name is `__token__`";
    TokenScope "token-scope" [
        403 Begins("Invalid API Token: project-scoped token"), 403 Begins("Invalid API Token: OIDC scoped token"),
    ]
        "the token is for other projects, and a new name needs one for the entire account",
        "make an API token of scope \"Entire account\" on PyPI, and put it into the credential file";
    TokenInvalid "token-invalid" [403 Begins("Invalid API Token: "), 403 Begins("API tokens are not valid")]
        "the token has expired, or is restricted so that it does not serve",
        "make a new API token, or let the identity token be exchanged again";
    EmailUnverified "email-unverified" [403 Holds("verified primary email address")]
        "the account's mail address is not verified", "verify the primary mail address of the account on PyPI";
    NoTwoFactor "no-two-factor" [403 Holds("two-factor authentication enabled")]
        "the account has no second factor", "set up two-factor authentication for the account on PyPI";
    NotOurs "not-ours" [403 Holds("isn't allowed to upload to project")]
        "somebody else holds the project, or it is archived, or the account has no role in it",
        "look who holds it: if it is a stranger, follow what an alert for a taken name asks for; if it is yours, give the account a role, or take the project out of the archive";
    ReadOnly "read-only" [403 Begins("Read-only mode:")]
        "PyPI takes no changes at present", "upload the same file again when PyPI's status page says that it is over";
    UploadsClosed "uploads-closed" [403 Begins("New uploads are temporarily disabled")]
        "PyPI takes no uploads at present", "upload the same file again when PyPI's status page says that it is over";
    RegistrationClosed "registration-closed" [403 Begins("New project registration temporarily disabled")]
        "PyPI takes no new projects at present, from strangers neither",
        "upload the same file again when PyPI's status page says that it is over";
    WrongAddress "wrong-address" [405 Any, 308 Any, 307 Any, 303 Any, 302 Any, 301 Any]
        "this is not the address of uploads, and redirects are not followed with a token",
        "correct the address of uploads: for PyPI it ends in /legacy/";
    Retired "retired" [410 Any]
        "PyPI no longer takes this kind of request", "update namewarden";
}

impl Refused {
    /// Is it said only after the project was created in the same transaction, so that a new name has cost a slot of the
    /// day although nothing stays of it?
    pub fn comes_after_creation(self) -> bool {
        matches!(
            self,
            Self::Description
                | Self::FileTooLarge
                | Self::ProjectTooLarge
                | Self::DigestMismatch
                | Self::FileExists
                | Self::FileNameUsed
                | Self::InvalidFile
                | Self::InvalidFilename
                | Self::Attestations
                | Self::TokenScope
                | Self::TokenInvalid
        )
    }
}
