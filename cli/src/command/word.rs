//! Words of the command line that stand for more than themselves: `K=V`, settings, shell words, a text from
//! standard input.

use crate::failure::Failure;
use bus::contract::limit;
use serde_json::Value;
use std::io::Read;

/// One `K=V` of an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its value, taken as it is.
    pub value: String,
}

/// Reads `K=V`. A word without `=` is refused: dropping it would start an agent without what it needs.
///
/// # Errors
///
/// The sentence for the person who typed it.
pub fn variable(word: &str) -> Result<Variable, String> {
    let (name, value) = split(word)?;
    Ok(Variable { name: name.to_owned(), value: value.to_owned() })
}

/// One `key=value` of a group's settings.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// Its name.
    pub key: String,
    /// Its value: JSON where it is JSON, otherwise text.
    pub value: Value,
}

/// Reads `key=value`.
///
/// # Errors
///
/// The sentence for the person who typed it.
pub fn setting(word: &str) -> Result<Setting, String> {
    let (key, value) = split(word)?;
    let value = serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()));
    Ok(Setting { key: key.to_owned(), value })
}

fn split(word: &str) -> Result<(&str, &str), String> {
    match word.split_once('=') {
        None => Err("there is no `=` in it; write NAME=VALUE".into()),
        Some((name, _)) if name.trim().is_empty() => Err("there is no name before the `=`".into()),
        Some(pair) => Ok(pair),
    }
}

/// A command line, split as a shell would.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words(pub Vec<String>);

/// Splits a command line. Nothing is expanded: no variables, no patterns, no pipes.
///
/// # Errors
///
/// A quote is open.
pub fn words(line: &str) -> Result<Words, String> {
    shell_words::split(line)
        .map(Words)
        .map_err(|_| "a quote is open; close it, or write \\\" for the character itself".into())
}

/// Takes a text as it was typed, also one that begins with a dash, as lists do. A word that can only be meant as an option
/// is none, unless `--` stands before it.
///
/// # Errors
///
/// The sentence for the person who typed it.
pub fn said(word: &str) -> Result<String, String> {
    if is_option(word) && !std::env::args().any(|word| word == "--") {
        return Err(format!("there is no such option; if it is the text, put `--` before it: `-- {word}`"));
    }
    Ok(word.to_owned())
}

/// Whether a word looks like `-x`, `--name` or `--name=value`.
fn is_option(word: &str) -> bool {
    let Some(name) = word.strip_prefix("--").or_else(|| word.strip_prefix('-')) else { return false };
    let name = name.split_once('=').map_or(name, |(name, _)| name);
    name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

/// A text as it was typed; `-` reads it from standard input.
///
/// # Errors
///
/// Standard input cannot be read, is no text, or is longer than a message may be.
pub fn text(typed: String) -> Result<String, Failure> {
    if typed != "-" {
        return Ok(typed);
    }
    let mut bytes = Vec::new();
    let input = std::io::stdin().lock();
    let more_than_allowed = limit::TEXT_BYTES_MAX as u64 + 1;
    let read = input.take(more_than_allowed).read_to_end(&mut bytes);
    read.map_err(|error| Failure::Failed(format!("cannot read the text from standard input: {error}")))?;
    if bytes.len() > limit::TEXT_BYTES_MAX {
        let limit = limit::TEXT_BYTES_MAX;
        return Err(Failure::Usage(format!(
            "the text is longer than {limit} bytes (TEXT_BYTES_MAX); send it as a file"
        )));
    }
    let text = String::from_utf8(bytes);
    text.map_err(|_| Failure::Usage("standard input is no UTF-8 text; send it as a file".into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn variables_and_settings_need_a_name_and_an_equals_sign() {
        #[rustfmt::skip]
        let cases = [
            // word           name and value           value as a setting
            ("A=b",           Some(("A", "b")),        Some(json!("b"))),
            ("A=b=c",         Some(("A", "b=c")),      Some(json!("b=c"))),
            ("A=",            Some(("A", "")),         Some(json!(""))),
            ("A= 5",          Some(("A", " 5")),       Some(json!(5))),
            ("A=true",        Some(("A", "true")),     Some(json!(true))),
            ("A",             None,                    None),
            ("=b",            None,                    None),
            (" =b",           None,                    None),
            ("",              None,                    None),
        ];
        for (word, wanted, value) in cases {
            let read = variable(word).ok();
            assert_eq!(read.as_ref().map(|v| (v.name.as_str(), v.value.as_str())), wanted, "{word:?}");
            assert_eq!(setting(word).ok().map(|setting| setting.value), value, "{word:?}");
        }
    }

    #[test]
    fn a_text_may_begin_with_a_dash_and_an_option_is_no_text() {
        for text in ["- fixed a", "-", "--", "-- done", "-1", "-x is wrong", "--all of it", "---", "–dash", "a"] {
            assert_eq!(said(text).as_deref(), Ok(text));
        }
        for option in ["--typo", "-x", "-xyz", "--a-b", "--to=a"] {
            assert!(said(option).unwrap_err().contains(&format!("`-- {option}`")), "{option}");
        }
    }

    #[test]
    fn a_command_is_split_as_a_shell_would() {
        #[rustfmt::skip]
        let cases = [
            ("claude --model x",        Some(vec!["claude", "--model", "x"])),
            ("sh -c 'echo \"a b\"; $X'", Some(vec!["sh", "-c", "echo \"a b\"; $X"])),
            ("a\\ b",                   Some(vec!["a b"])),
            ("",                        Some(vec![])),
            ("sh -c 'open",             None),
        ];
        for (line, wanted) in cases {
            let wanted = wanted.map(|list| Words(list.into_iter().map(str::to_owned).collect()));
            assert_eq!(words(line).ok(), wanted, "{line}");
        }
    }
}
