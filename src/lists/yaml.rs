//! YAML as a tree of texts, lists and maps, each with its place. Refused is what would be half a list to one reader and
//! a whole one to another: a key that stands twice, several documents; and aliases, a few lines of which stand for more
//! than any memory holds.

use std::borrow::Cow;
use std::collections::HashSet;

use saphyr_parser::{Event, Parser, ScanError, StrInput};

use crate::config::source::Fault;

/// Lists and maps within each other.
const DEEPEST: usize = 32;

/// A value and the byte offset at which it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Node<'t> {
    pub(super) at: usize,
    pub(super) value: Value<'t>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value<'t> {
    Text(Cow<'t, str>),
    List(Vec<Node<'t>>),
    Map(Vec<(Cow<'t, str>, Node<'t>)>),
}

type Broken = (usize, Fault);

impl<'t> Node<'t> {
    /// The only document of a text.
    ///
    /// # Errors
    /// Where it is none, with the place.
    pub(super) fn parse(text: &'t str) -> Result<Self, Broken> {
        let mut reader = Reader { events: Parser::new_from_str(text), places: Places::new(text) };
        let (event, at) = reader.begin()?;
        let node = reader.node(event, at, 0)?;
        reader.end()?;
        Ok(node)
    }

    pub(super) fn text(&self) -> Option<&str> {
        if let Value::Text(text) = &self.value { Some(text) } else { None }
    }

    pub(super) fn list(&self) -> Option<&[Self]> {
        if let Value::List(list) = &self.value { Some(list) } else { None }
    }

    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        let Value::Map(entries) = &self.value else { return None };
        entries.iter().find(|(known, _)| known == key).map(|(_, node)| node)
    }

    pub(super) fn keys(&self) -> Vec<&str> {
        let Value::Map(entries) = &self.value else { return Vec::new() };
        entries.iter().map(|(key, _)| key.as_ref()).collect()
    }

    /// `null`, as people leave a key without a value.
    pub(super) fn is_nothing(&self) -> bool {
        matches!(self.text(), Some("" | "~" | "null" | "Null" | "NULL"))
    }
}

struct Reader<'t> {
    events: Parser<'t, StrInput<'t>>,
    places: Places<'t>,
}

impl<'t> Reader<'t> {
    fn next(&mut self) -> Result<(Event<'t>, usize), Broken> {
        match self.events.next_event() {
            Some(Ok((event, span))) => Ok((event, self.places.offset(span.start.index()))),
            Some(Err(error)) => Err(self.broken(&error)),
            None => Ok((Event::StreamEnd, self.places.text.len())),
        }
    }

    fn begin(&mut self) -> Result<(Event<'t>, usize), Broken> {
        loop {
            match self.next()? {
                (Event::StreamStart | Event::DocumentStart(_) | Event::Nothing, _) => {}
                first => return Ok(first),
            }
        }
    }

    fn end(&mut self) -> Result<(), Broken> {
        loop {
            match self.next()? {
                (Event::StreamEnd, _) => return Ok(()),
                (Event::DocumentEnd | Event::Nothing, _) => {}
                (_, at) => return Err((at, Fault::new("another document begins here", "put all into one"))),
            }
        }
    }

    fn node(&mut self, event: Event<'t>, at: usize, depth: usize) -> Result<Node<'t>, Broken> {
        let value = match event {
            _ if depth > DEEPEST => return Err((at, Fault::new("it is too deep for any list", "name another file"))),
            Event::Scalar(text, ..) => Value::Text(text),
            Event::SequenceStart(..) => Value::List(self.list(depth)?),
            Event::MappingStart(..) => Value::Map(self.map(depth)?),
            Event::Alias(_) => {
                return Err((at, Fault::new("an alias (*…) is not followed", "write out what it means")));
            }
            _ => return Err((at, Fault::new("it is empty", "name another file"))),
        };
        Ok(Node { at, value })
    }

    fn list(&mut self, depth: usize) -> Result<Vec<Node<'t>>, Broken> {
        let mut list = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(list),
                (event, at) => list.push(self.node(event, at, depth + 1)?),
            }
        }
    }

    fn map(&mut self, depth: usize) -> Result<Vec<(Cow<'t, str>, Node<'t>)>, Broken> {
        let (mut map, mut known) = (Vec::new(), HashSet::new());
        loop {
            let (key, at) = match self.next()? {
                (Event::MappingEnd, _) => return Ok(map),
                (Event::Scalar(key, ..), at) => (key, at),
                (_, at) => return Err((at, Fault::new("this key is no text", "write one"))),
            };
            if !known.insert(key.clone()) {
                let what = format!("the key {key:?} stands here for the second time, of which others read one");
                return Err((at, Fault::new(what, "leave one of the two")));
            }
            let (event, at) = self.next()?;
            map.push((key, self.node(event, at, depth + 1)?));
        }
    }

    fn broken(&mut self, error: &ScanError) -> Broken {
        let at = self.places.offset(error.marker().index());
        (at, Fault::new(format!("it begins like YAML and is none from here on: {}", error.info()), "make it again"))
    }
}

/// Byte offsets of places that are counted in characters and come in order.
struct Places<'t> {
    text: &'t str,
    characters: usize,
    bytes: usize,
}

impl<'t> Places<'t> {
    fn new(text: &'t str) -> Self {
        Self { text, characters: 0, bytes: 0 }
    }

    fn offset(&mut self, character: usize) -> usize {
        if character < self.characters {
            (self.characters, self.bytes) = (0, 0);
        }
        let between = self.text[self.bytes..].chars().take(character - self.characters);
        self.bytes += between.map(char::len_utf8).sum::<usize>();
        self.characters = character;
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(text: &str) -> String {
        Node::parse(text).map_or_else(|(at, fault)| format!("{at}: {}", fault.what), |node| format!("{node:?}"))
    }

    #[test]
    fn a_tree_knows_its_places() {
        let node = Node::parse("# \u{fc}\nname: x\nlist:\n  - a\n  - 'b c'\n  - {k: ~}\n").expect("a tree");
        let list = node.get("list").and_then(Node::list).expect("a list");
        assert_eq!((list[0].text(), list[0].at, list[1].text()), (Some("a"), 23, Some("b c")));
        assert!(list[2].get("k").is_some_and(Node::is_nothing));
        assert!(Node::parse("{\"a\": [\"b\"]}").expect("JSON is YAML").get("a").is_some());
    }

    #[test]
    fn what_others_read_otherwise_is_refused() {
        let told = ["a: &x [b]\nc: *x\n", "a: 1\nb: 2\na: 3\n", "a: 1\n---\nb: 2\n", "a: [b\n", "", &"[".repeat(99)]
            .map(broken)
            .join("\n");
        insta::assert_snapshot!(told, @r#"
        13: an alias (*…) is not followed
        10: the key "a" stands here for the second time, of which others read one
        5: another document begins here
        6: it begins like YAML and is none from here on: while parsing a flow sequence, expected ',' or ']'
        0: it is empty
        33: it is too deep for any list
        "#);
    }
}
