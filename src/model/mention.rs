//! Whom a message calls in Slack.

use std::str::FromStr;

/// Whom a page calls in Slack: one or more of `<!here>`, `<!channel>`, `<!everyone>`, `<!subteam^ID>` and `<@ID>`, as
/// docs.slack.dev writes them ("Formatting message text"). Only an operator writes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention(String);

impl Mention {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text that calls nobody.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no mention that Slack knows")]
pub struct MentionError(String);

impl FromStr for Mention {
    type Err = MentionError;

    fn from_str(text: &str) -> Result<Self, MentionError> {
        let words: Vec<&str> = text.split_whitespace().collect();
        match words.iter().find(|word| !calls_somebody(word)) {
            None if !words.is_empty() && text.len() <= 500 => Ok(Self(words.join(" "))),
            Some(word) => Err(MentionError((*word).to_owned())),
            None => Err(MentionError(text.to_owned())),
        }
    }
}

fn calls_somebody(word: &str) -> bool {
    let Some(inner) = word.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')) else { return false };
    let is_id = |id: &str, kinds: &[char]| {
        id.starts_with(kinds) && id.len() > 2 && id.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
    };
    let user = inner.strip_prefix('@').is_some_and(|id| is_id(id, &['U', 'W']));
    let group = inner.strip_prefix("!subteam^").is_some_and(|id| is_id(id, &['S']));
    user || group || matches!(inner, "!here" | "!channel" | "!everyone")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mention_is_one_of_slacks_and_nothing_else() {
        for good in ["<!here>", "<!channel>", "<!everyone>", "<!subteam^S0123ABCD>", "<@U0123ABCD>", "<@W012A>"] {
            assert_eq!(good.parse::<Mention>().expect("a mention").as_str(), good);
        }
        assert_eq!(" <!here>  <@U012>".parse::<Mention>().expect("two").as_str(), "<!here> <@U012>");
        let bad = [
            "",
            " ",
            "here",
            "@here",
            "!here",
            "<here>",
            "<!Here>",
            "<!here",
            "<!here|x>",
            "<@u0123>",
            "<@U>",
            "<@X0123>",
            "<!subteam^U0123>",
            "<#C0123>",
            "<https://acme.example|x>",
            "<!here> page!",
            "<!date^1^{date}|x>",
        ];
        for bad in bad {
            assert!(bad.parse::<Mention>().is_err(), "{bad:?}");
        }
    }
}
