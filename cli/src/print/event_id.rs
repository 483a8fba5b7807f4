//! Short event ids: the last eight digits. The first ones are a time, which neighbours share.

use bus::contract::id;

/// Digits shown. Agents see the same ones in front of each message.
pub const SHOWN: usize = id::SHORT_DIGITS;

/// An id as it is shown and may be typed: `#` and its last digits.
pub fn short(event_id: &str) -> String {
    format!("#{}", id::short(event_id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_shown_by_its_end() {
        for (id, shown) in [("0198c0ffee0070008000a1b2c3d4e5f6", "#c3d4e5f6"), ("abc", "#abc"), ("ä审阅", "#ä审阅")]
        {
            assert_eq!(short(id), shown);
        }
    }
}
