//! How much of a report is made.

/// The numbers are those of everything in either; it is lists that are cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// What is looked at: of each list the lines that want a look first.
    Brief,
    /// What is kept or sent.
    Whole,
    /// The same for who reads its long lists where they are written (`LongLists`): a report without them.
    Apart,
}

impl Extent {
    /// Lines of a list.
    pub fn lines(self) -> usize {
        match self {
            Self::Brief => 100,
            Self::Whole | Self::Apart => usize::MAX,
        }
    }

    /// Lines of cases: of those nobody reads more, and the rest is counted.
    pub(super) fn cases(self) -> usize {
        self.lines().min(1_000)
    }
}
