//! Java's `.properties` text, read as `java.util.Properties.load` reads it. Knows no key.
//!
//! Written here because the crate for it had its last release in 2023 and this is one screen.

use std::{collections::BTreeMap, iter::Peekable, str::Chars};

/// A `.properties` text that Java would refuse too.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} has a malformed \\uXXXX escape; write four hexadecimal digits after \\u")]
pub struct PropertiesError {
    /// From 1; of the first line where lines are continued.
    pub line: usize,
}

/// Keys and values; the last of a repeated key wins. Trailing blanks stay in the value, as in Java.
///
/// # Errors
/// Only a malformed `\u` escape: everything else means something.
pub fn parse_properties(text: &str) -> Result<BTreeMap<String, String>, PropertiesError> {
    logical_lines(text)
        .into_iter()
        .map(|(line, content)| entry(&content).ok_or(PropertiesError { line }))
        .collect()
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\x0c')
}

/// Lines with their number: comments and blank lines gone, continued lines joined.
fn logical_lines(text: &str) -> Vec<(usize, String)> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut lines: Vec<(usize, String)> = Vec::new();
    let mut continued = false;
    for (index, natural) in text.split('\n').enumerate() {
        let natural = natural.trim_start_matches(is_blank);
        if !continued && (natural.is_empty() || natural.starts_with(['#', '!'])) {
            continue;
        }
        let backslashes = natural.chars().rev().take_while(|c| *c == '\\').count();
        let goes_on = backslashes % 2 == 1;
        let content = if goes_on { &natural[..natural.len() - 1] } else { natural };
        match lines.last_mut() {
            Some((_, line)) if continued => line.push_str(content),
            _ => lines.push((index + 1, content.to_owned())),
        }
        continued = goes_on;
    }
    lines
}

/// `key`, then blanks, at most one `=` or `:`, blanks, and the value. `None`: a malformed escape.
fn entry(line: &str) -> Option<(String, String)> {
    let mut rest = line.chars().peekable();
    let key = unescaped(&mut rest, |c| c == '=' || c == ':' || is_blank(c))?;
    skip_blanks(&mut rest);
    if rest.next_if(|c| *c == '=' || *c == ':').is_some() {
        skip_blanks(&mut rest);
    }
    let value = unescaped(&mut rest, |_| false)?;
    Some((key, value))
}

fn skip_blanks(rest: &mut Peekable<Chars<'_>>) {
    while rest.next_if(|c| is_blank(*c)).is_some() {}
}

/// Reads up to an unescaped `end`. In UTF-16 units, because two `\u` escapes may make one character.
fn unescaped(rest: &mut Peekable<Chars<'_>>, end: impl Fn(char) -> bool) -> Option<String> {
    let mut units = Vec::new();
    let mut buffer = [0; 2];
    while let Some(c) = rest.next_if(|c| !end(*c)) {
        let plain = match c {
            '\\' => match rest.next() {
                Some('u') => {
                    units.push(hex_unit(rest)?);
                    continue;
                }
                Some('t') => '\t',
                Some('n') => '\n',
                Some('r') => '\r',
                Some('f') => '\x0c',
                Some(other) => other,
                None => break,
            },
            c => c,
        };
        units.extend_from_slice(plain.encode_utf16(&mut buffer));
    }
    Some(String::from_utf16_lossy(&units))
}

fn hex_unit(rest: &mut Peekable<Chars<'_>>) -> Option<u16> {
    (0..4).try_fold(0, |unit: u16, _| {
        let digit = rest.next()?.to_digit(16)?;
        Some(unit << 4 | u16::try_from(digit).ok()?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &[(&str, &str)]) {
        let expect: BTreeMap<_, _> = expect.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        assert_eq!(parse_properties(text).unwrap(), expect, "{text:?}");
    }

    #[test]
    fn the_separator_is_an_equals_sign_a_colon_or_blanks() {
        check("a=1\nb : 2\nc 3\n  d\t=4", &[("a", "1"), ("b", "2"), ("c", "3"), ("d", "4")]);
    }

    #[test]
    fn only_the_first_separator_separates() {
        check("a==b:c", &[("a", "=b:c")]);
    }

    #[test]
    fn a_key_alone_has_an_empty_value() {
        check("a\nb=", &[("a", ""), ("b", "")]);
    }

    #[test]
    fn comments_and_blank_lines_are_nothing() {
        check("# a=1\n  ! b=2\n\n \t\nc=3", &[("c", "3")]);
    }

    #[test]
    fn a_comment_is_not_continued_but_a_continuation_may_look_like_a_comment() {
        check("# a \\\nb=1 \\\n  #2", &[("b", "1 #2")]);
    }

    #[test]
    fn a_line_goes_on_after_an_odd_number_of_backslashes() {
        check("a=1,\\\n    2,\\\r\n\t3\nb=x\\\\\nc=4", &[("a", "1,2,3"), ("b", "x\\"), ("c", "4")]);
    }

    #[test]
    fn a_backslash_at_the_end_of_the_text_is_dropped() {
        check("a=1\\", &[("a", "1")]);
    }

    #[test]
    fn escapes_are_resolved_and_unknown_ones_lose_the_backslash() {
        check(r"a\=b\ c=\t\u0041\ud83d\ude00\q", &[("a=b c", "\tA😀q")]);
    }

    #[test]
    fn trailing_blanks_belong_to_the_value_and_the_last_of_a_key_wins() {
        check("a=1\na=2  ", &[("a", "2  ")]);
    }

    #[test]
    fn a_malformed_unicode_escape_is_refused_with_its_line() {
        assert_eq!(parse_properties("a=1\n\nb=\\u00g1"), Err(PropertiesError { line: 3 }));
    }
}
