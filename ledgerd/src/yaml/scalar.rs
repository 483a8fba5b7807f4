//! What a word without quotes means: as PyYAML and the older implementation read it, by YAML 1.1.
//!
//! `yes` is true there, `010` is eight, `1_000` a thousand and `1:30` ninety; `0o755` and `1e3` are texts. Dates are texts
//! here, because nothing of ours is one.

use serde_json::{Number, Value};

const TRUE: [&str; 9] = ["yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"];
const FALSE: [&str; 9] = ["no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"];
const NULL: [&str; 5] = ["", "~", "null", "Null", "NULL"];

/// The value of a word.
pub fn value(word: &str) -> Value {
    if NULL.contains(&word) {
        return Value::Null;
    }
    if TRUE.contains(&word) || FALSE.contains(&word) {
        return Value::Bool(TRUE.contains(&word));
    }
    // Infinity and the like have no place in what we read.
    if is_endless(word) {
        return Value::Null;
    }
    let number = integer(word).map(Number::from).or_else(|| float(word).and_then(Number::from_f64));
    number.map_or_else(|| Value::String(word.to_owned()), Value::Number)
}

/// Whether a text may stand without quotes: it begins like a word, has nothing in it that means something, and is read
/// back as itself by every reader.
pub fn is_plain(text: &str) -> bool {
    let begins = |c: char| c.is_alphabetic() || c == '/';
    let goes_on = |c: char| c.is_alphanumeric() || " _./@+-".contains(c);
    text.starts_with(begins)
        && text.chars().all(goes_on)
        && !text.ends_with(' ')
        // YAML 1.1 knows them, PyYAML does not.
        && !text.eq_ignore_ascii_case("y")
        && !text.eq_ignore_ascii_case("n")
        && value(&text.to_lowercase()).is_string()
        && value(text).is_string()
}

fn is_endless(word: &str) -> bool {
    let unsigned = word.strip_prefix(['-', '+']).unwrap_or(word);
    [".inf", ".Inf", ".INF"].contains(&unsigned) || [".nan", ".NaN", ".NAN"].contains(&word)
}

fn integer(word: &str) -> Option<i64> {
    let (sign, digits) = signed(word);
    let all = |digits: &str, is_one: fn(&char) -> bool| {
        !digits.is_empty() && digits.chars().all(|c| c == '_' || is_one(&c)) && digits.chars().any(|c| c != '_')
    };
    let radix = |digits: &str, radix| i64::from_str_radix(&format!("{sign}{}", digits.replace('_', "")), radix).ok();
    if let Some(digits) = digits.strip_prefix("0b") {
        return all(digits, |c| matches!(c, '0' | '1')).then(|| radix(digits, 2))?;
    }
    if let Some(digits) = digits.strip_prefix("0x") {
        return all(digits, char::is_ascii_hexdigit).then(|| radix(digits, 16))?;
    }
    if digits.len() > 1 && digits.starts_with('0') {
        return all(digits, |c| matches!(c, '0'..='7')).then(|| radix(digits, 8))?;
    }
    if !digits.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    if digits.contains(':') {
        let whole = sexagesimal(digits).filter(|_| !digits.starts_with('0'))?;
        return Some(if sign == "-" { -whole } else { whole });
    }
    all(digits, char::is_ascii_digit).then(|| radix(digits, 10))?
}

fn float(word: &str) -> Option<f64> {
    let (sign, digits) = signed(word);
    let (mantissa, exponent) = match digits.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (digits, None),
    };
    // Without its sign the exponent is none.
    let is_exponent = |text: &str| {
        text.strip_prefix(['-', '+']).is_some_and(|rest| !rest.is_empty() && rest.chars().all(|c| c.is_ascii_digit()))
    };
    if !exponent.is_none_or(is_exponent) {
        return None;
    }
    let (whole, part) = mantissa.split_once('.')?;
    let is_digits = |text: &str| text.chars().all(|c| c.is_ascii_digit() || c == '_');
    if !is_digits(part) {
        return None;
    }
    let negative = if sign == "-" { -1.0 } else { 1.0 };
    if whole.contains(':') {
        let whole = sexagesimal(whole).filter(|_| exponent.is_none())?;
        let part: f64 = format!("0.{}0", part.replace('_', "")).parse().ok()?;
        return Some(negative * (whole as f64 + part));
    }
    let begins_well = match whole {
        "" => sign.is_empty() && part.starts_with(|c: char| c.is_ascii_digit()),
        whole => whole.starts_with(|c: char| c.is_ascii_digit()) && is_digits(whole),
    };
    let text = format!("0{whole}.{part}0e{}", exponent.unwrap_or("0")).replace('_', "");
    begins_well.then(|| text.parse::<f64>().ok().map(|number| negative * number))?
}

fn signed(word: &str) -> (&str, &str) {
    let digits = word.strip_prefix(['-', '+']).unwrap_or(word);
    (if word.starts_with('-') { "-" } else { "" }, digits)
}

/// Hours, minutes and seconds, or as many of them as there are.
fn sexagesimal(text: &str) -> Option<i64> {
    let mut parts = text.split(':');
    let is_number = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit() || c == '_');
    let first = parts.next().filter(|part| is_number(part) && part.starts_with(|c: char| c.is_ascii_digit()))?;
    let mut sum: i64 = first.replace('_', "").parse().ok()?;
    for part in parts {
        let number: i64 = part.parse().ok().filter(|_| part.len() <= 2 && part.chars().all(|c| c.is_ascii_digit()))?;
        sum = sum.checked_mul(60)?.checked_add(number).filter(|_| number < 60)?;
    }
    Some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_word_means_what_it_means_to_pyyaml() {
        #[rustfmt::skip]
        let cases = [
            ("yes", json!(true)),         ("Off", json!(false)),        ("y", json!("y")),
            ("", json!(null)),            ("~", json!(null)),           ("nULL", json!("nULL")),
            ("12", json!(12)),            ("-12", json!(-12)),          ("+12", json!(12)),
            ("010", json!(8)),            ("08", json!("08")),          ("0o755", json!("0o755")),
            ("0x1F", json!(31)),          ("0b11", json!(3)),           ("1_000", json!(1000)),
            ("1:30", json!(90)),          ("1:90", json!("1:90")),      ("2026-01-13", json!("2026-01-13")),
            ("1e3", json!("1e3")),        ("1.5e3", json!("1.5e3")),    ("1.5e+3", json!(1500.0)),
            ("1.", json!(1.0)),           (".5", json!(0.5)),           ("-.5", json!("-.5")),
            ("0.5", json!(0.5)),          ("1:30.5", json!(90.5)),      ("1.2.3", json!("1.2.3")),
            (".inf", json!(null)),        ("=", json!("=")),            ("_1", json!("_1")),
        ];
        for (word, wanted) in cases {
            assert_eq!(value(word), wanted, "{word:?}");
        }
    }
}
