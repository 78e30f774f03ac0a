//! `sasl.jaas.config`: `CLASS FLAG key=value …;`, read as Kafka's `JaasConfig` reads it, but with an error
//! where Java would silently lose a part. Comments, which nobody writes there, are refused.

use std::collections::BTreeMap;
use std::iter::Peekable;
use std::str::Chars;

use secrecy::SecretString;

use super::JavaError;

const FLAGS: [&str; 4] = ["required", "requisite", "sufficient", "optional"];

/// User name and password of a PLAIN or SCRAM login.
pub(super) fn credentials(text: &str) -> Result<(String, SecretString), JavaError> {
    let refused = |cause| JavaError::Jaas { cause };
    let mut tokens = Tokens(text.chars().peekable());
    let module = match tokens.next().map_err(refused)? {
        // Whatever else stands first might be a password that slipped.
        Some(Token::Text(text)) if text.ends_with("LoginModule") => text,
        _ => return Err(refused("does not start with a login module's class")),
    };
    if !matches!(module.rsplit('.').next(), Some("PlainLoginModule" | "ScramLoginModule")) {
        return Err(JavaError::LoginModule { module });
    }
    let mut options = options(&mut tokens).map_err(refused)?;
    if options.get("tokenauth").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
        return Err(refused("logs in with a delegation token (tokenauth), which librdkafka cannot"));
    }
    let mut given = |key| options.remove(key).filter(|value| !value.is_empty());
    let username = given("username").ok_or(refused("has no username"))?;
    let password = given("password").ok_or(refused("has no password"))?;
    Ok((username, password.into()))
}

/// Everything after the class.
fn options(tokens: &mut Tokens<'_>) -> Result<BTreeMap<String, String>, &'static str> {
    match tokens.next()? {
        Some(Token::Text(flag)) if FLAGS.contains(&flag.to_lowercase().as_str()) => {}
        _ => return Err("has no `required` after the login module"),
    }
    let mut options = BTreeMap::new();
    loop {
        let key = match tokens.next()? {
            Some(Token::Text(key)) => key,
            Some(Token::Sign(';')) => break,
            None => return Err("does not end with a semicolon"),
            Some(Token::Sign(_)) => return Err("has a sign where an option's name should be"),
        };
        let (Some(Token::Sign('=')), Some(Token::Text(value))) = (tokens.next()?, tokens.next()?) else {
            return Err("has an option without =\"value\" (Java wants quotes around all but plain words)");
        };
        options.insert(key, value);
    }
    match tokens.next()? {
        None => Ok(options),
        Some(_) => Err("goes on after its semicolon, and only one login module is allowed"),
    }
}

enum Token {
    /// A bare word, or what stands between quotes.
    Text(String),
    Sign(char),
}

/// `java.io.StreamTokenizer` as `JaasConfig` sets it up.
struct Tokens<'a>(Peekable<Chars<'a>>);

impl Tokens<'_> {
    fn next(&mut self) -> Result<Option<Token>, &'static str> {
        while self.0.next_if(|c| *c <= ' ').is_some() {}
        let Some(first) = self.0.next() else { return Ok(None) };
        if matches!(first, '"' | '\'') {
            return self.quoted(first).map(|text| Some(Token::Text(text)));
        }
        // A word that starts like a number is a number to Java, which it then refuses.
        if !starts_word(first) {
            return Ok(Some(Token::Sign(first)));
        }
        let mut word = String::from(first);
        while let Some(c) = self.0.next_if(|c| starts_word(*c) || matches!(c, '0'..='9' | '.' | '-')) {
            word.push(c);
        }
        Ok(Some(Token::Text(word)))
    }

    fn quoted(&mut self, quote: char) -> Result<String, &'static str> {
        let mut text = String::new();
        loop {
            match self.0.next() {
                Some(c) if c == quote => return Ok(text),
                None | Some('\n' | '\r') => return Err("has a quote that is not closed"),
                Some('\\') => text.push(self.escaped().ok_or("has a quote that is not closed")?),
                Some(c) => text.push(c),
            }
        }
    }

    /// What follows a backslash: C's escapes, octal up to `\377`, or the character itself.
    fn escaped(&mut self) -> Option<char> {
        Some(match self.0.next()? {
            'a' => '\x07',
            'b' => '\x08',
            'f' => '\x0c',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\x0b',
            first @ '0'..='7' => self.octal(first),
            other => other,
        })
    }

    fn octal(&mut self, first: char) -> char {
        let mut code = first.to_digit(8).unwrap_or_default();
        let more = if first <= '3' { 2 } else { 1 };
        for _ in 0..more {
            let Some(digit) = self.0.peek().and_then(|c| c.to_digit(8)) else { break };
            self.0.next();
            code = code * 8 + digit;
        }
        char::from_u32(code).unwrap_or_default()
    }
}

fn starts_word(c: char) -> bool {
    c.is_ascii_alphabetic() || matches!(c, '_' | '$') || c >= '\u{a0}'
}
