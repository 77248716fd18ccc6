//! Errors in words: with every cause, for a log or a terminal, or by the deepest one alone.

use std::error::Error;
use std::iter::successors;

/// An error with its causes, in one line. A cause that the text before already holds is not said twice.
pub fn chain(error: &dyn Error) -> String {
    let causes = successors(error.source(), |&cause| cause.source()).map(ToString::to_string);
    causes.fold(error.to_string(), |text, cause| if text.contains(&cause) { text } else { format!("{text}: {cause}") })
}

/// The deepest cause: the one an operator can act on ("connection refused").
pub fn deepest(error: &dyn Error) -> String {
    successors(error.source(), |&cause| cause.source()).last().unwrap_or(error).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("{0}")]
    struct Said(&'static str, #[source] Option<Box<Self>>);

    #[test]
    fn each_cause_is_said_once() {
        let refused = Said("connection refused", None);
        let told = Said("no answer: connection refused", Some(Box::new(refused)));
        let error = Said("cannot deliver", Some(Box::new(told)));
        assert_eq!(chain(&error), "cannot deliver: no answer: connection refused");
        assert_eq!(deepest(&error), "connection refused");
        let alone = Said("alone", None);
        assert_eq!((chain(&alone), deepest(&alone)), ("alone".to_owned(), "alone".to_owned()));
    }
}
