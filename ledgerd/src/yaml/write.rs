//! Writing YAML that every reader reads alike, whichever version of the language it knows.
//!
//! A text stands without quotes only when nobody can take it for anything else, over several lines only when no reader
//! ends a line elsewhere, and otherwise in double quotes with everything escaped that is not plainly printable.

use super::scalar::is_plain;
use serde_json::{Map, Number, Value};
use std::fmt::Write as _;

/// Characters up to which a key may stand on one line with its value.
const KEY_CHARS_MAX: usize = 120;

/// Writes a document, mappings in the order of their keys here, long texts over several lines.
pub fn write(value: &Value) -> String {
    let mut text = String::new();
    match value {
        Value::Object(map) if !map.is_empty() => mapping(&mut text, map, 0),
        Value::Array(list) if !list.is_empty() => sequence(&mut text, list, 0),
        other => {
            text.push_str(&scalar(other));
            text.push('\n');
        }
    }
    text
}

fn mapping(out: &mut String, map: &Map<String, Value>, depth: usize) {
    for (number, (key, value)) in map.iter().enumerate() {
        // The first key of a mapping in a list stands behind its dash.
        if number > 0 || !out.ends_with("- ") {
            indent(out, depth);
        }
        let key = inline(key);
        if key.chars().count() > KEY_CHARS_MAX {
            let _ = writeln!(out, "? {key}");
            indent(out, depth);
            out.push(':');
        } else {
            let _ = write!(out, "{key}:");
        }
        match value {
            Value::Object(inner) if !inner.is_empty() => {
                out.push('\n');
                mapping(out, inner, depth + 1);
            }
            Value::Array(list) if !list.is_empty() => {
                out.push('\n');
                sequence(out, list, depth + 1);
            }
            other => leaf(out, other, depth + 1),
        }
    }
}

fn sequence(out: &mut String, list: &[Value], depth: usize) {
    for value in list {
        indent(out, depth);
        match value {
            Value::Object(inner) if !inner.is_empty() => {
                out.push_str("- ");
                mapping(out, inner, depth + 1);
            }
            Value::Array(inner) if !inner.is_empty() => {
                out.push_str("-\n");
                sequence(out, inner, depth + 1);
            }
            other => {
                out.push('-');
                leaf(out, other, depth + 1);
            }
        }
    }
}

/// A value on the line of its key or dash, or a text below it.
fn leaf(out: &mut String, value: &Value, depth: usize) {
    match value {
        Value::String(text) if is_block(text) => {
            out.push_str(if text.ends_with('\n') { " |\n" } else { " |-\n" });
            for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
                if !line.is_empty() {
                    indent(out, depth);
                    out.push_str(line);
                }
                out.push('\n');
            }
        }
        other => {
            let _ = writeln!(out, " {}", scalar(other));
        }
    }
}

fn indent(out: &mut String, depth: usize) {
    out.extend(std::iter::repeat_n("  ", depth));
}

fn scalar(value: &Value) -> String {
    match value {
        Value::Null => "null".into(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => numeral(number),
        Value::String(text) => inline(text),
        Value::Array(_) => "[]".into(),
        Value::Object(_) => "{}".into(),
    }
}

/// A number that nobody takes for a text: with a point when it has a fraction or an exponent, and a signed exponent.
fn numeral(number: &Number) -> String {
    let text = number.to_string();
    let Some((mantissa, exponent)) = text.split_once('e') else { return text };
    let point = if mantissa.contains('.') { "" } else { ".0" };
    let sign = if exponent.starts_with(['-', '+']) { "" } else { "+" };
    format!("{mantissa}{point}e{sign}{exponent}")
}

fn inline(text: &str) -> String {
    if is_plain(text) { text.to_owned() } else { quoted(text) }
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        let _ = match c {
            '"' => out.write_str("\\\""),
            '\\' => out.write_str("\\\\"),
            '\n' => out.write_str("\\n"),
            '\t' => out.write_str("\\t"),
            '\r' => out.write_str("\\r"),
            c if is_printable(c) => out.write_char(c),
            c if u32::from(c) > 0xFFFF => write!(out, "\\U{:08X}", u32::from(c)),
            c => write!(out, "\\u{:04X}", u32::from(c)),
        };
    }
    out.push('"');
    out
}

/// Whether every reader takes a character for itself: no control, no end of a line, no mark of an order of bytes.
fn is_printable(c: char) -> bool {
    match c {
        '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}' => false,
        c if u32::from(c) & 0xFFFE == 0xFFFE => false,
        c => !c.is_control(),
    }
}

/// Whether a text can stand over several lines: it has more than one, none of them begins or ends in a way that a
/// reader could take for indentation, and it ends with its last line or one newline.
fn is_block(text: &str) -> bool {
    let lines = || text.strip_suffix('\n').unwrap_or(text).split('\n');
    text.contains('\n')
        && lines().next().is_some_and(|first| !first.is_empty() && !first.starts_with([' ', '\t']))
        && lines().next_back().is_some_and(|last| !last.is_empty())
        && lines().all(|line| line.is_empty() || !line.trim_matches([' ', '\t']).is_empty())
        && text.chars().all(|c| c == '\n' || c == '\t' || is_printable(c))
}
