//! How results are printed: the option that most verbs have.

/// How results are printed. JSON is one object a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    #[default]
    Human,
    Json,
}
