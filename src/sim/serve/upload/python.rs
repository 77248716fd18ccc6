//! How Python shows a string in an error.

/// `repr`: single quotes, unless there are only single ones inside.
pub(in crate::sim::serve) fn repr(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut shown = String::from(quote);
    for c in text.chars() {
        match c {
            '\\' => shown.push_str("\\\\"),
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            c if c == quote => shown.extend(['\\', c]),
            c if u32::from(c) < 0x80 && c.is_control() => shown.push_str(&format!("\\x{:02x}", u32::from(c))),
            c => shown.push(c),
        }
    }
    shown.push(quote);
    shown
}

#[cfg(test)]
mod tests {
    use super::repr;

    #[test]
    fn strings_look_as_in_python() {
        for (text, shown) in
            [("acme", "'acme'"), ("it's", "\"it's\""), ("a'b\"c", "'a\\'b\"c'"), ("a\n\u{1}", "'a\\n\\x01'")]
        {
            assert_eq!(repr(text), shown);
        }
    }
}
