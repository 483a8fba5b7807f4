//! The keys of a person on their way to an agent, and the one among them that detaches.
//!
//! Everything else passes unchanged: what a terminal sends for a key is between it and the agent's program. Pure.

/// Ctrl-\ as a terminal sends it plainly.
const CTRL_BACKSLASH: u8 = 0x1c;

/// What begins Ctrl-\ in the two ways that programs can ask for: kitty's, and xterm's.
const BEGINS: [&[u8]; 2] = [b"\x1b[92", b"\x1b[27;"];

/// Longest of these that is waited for when it comes in pieces.
const HELD_BYTES_MAX: usize = 32;

/// Ctrl, and the locks of a keyboard, among the modifiers that a key is sent with.
const CTRL: u16 = 4;
const LOCKS: u16 = 64 | 128;

/// Keys as they are read.
#[derive(Debug, Default)]
pub struct Keys {
    /// The beginning of what may be Ctrl-\, too long for a person to have typed it key by key.
    held: Vec<u8>,
}

impl Keys {
    /// What reaches the agent of keys that were just read, and whether Ctrl-\ is behind them.
    pub fn take(&mut self, read: &[u8]) -> (Vec<u8>, bool) {
        let mut keys = std::mem::take(&mut self.held);
        keys.extend_from_slice(read);
        let mut at = 0;
        while at < keys.len() {
            match detach(&keys[at..]) {
                Sent::Detach => {
                    keys.truncate(at);
                    return (keys, true);
                }
                Sent::Begun => {
                    self.held = keys.split_off(at);
                    return (keys, false);
                }
                Sent::Other => at += 1,
            }
        }
        (keys, false)
    }
}

enum Sent {
    Detach,
    Begun,
    Other,
}

fn detach(keys: &[u8]) -> Sent {
    if keys[0] == CTRL_BACKSLASH {
        return Sent::Detach;
    }
    let Some(begin) = BEGINS.iter().find(|begin| keys.starts_with(begin)) else { return Sent::Other };
    let rest = &keys[begin.len()..];
    let Some(end) = rest.iter().position(|byte| (0x40..=0x7e).contains(byte)) else {
        return if keys.len() < HELD_BYTES_MAX { Sent::Begun } else { Sent::Other };
    };
    let Ok(numbers) = std::str::from_utf8(&rest[..end]) else { return Sent::Other };
    let is_detach = match (begin.len(), rest[end]) {
        // Key and its other forms; modifiers and what happened; text.
        (4, b'u') => numbers.split(';').nth(1).is_some_and(|sent| {
            let (modifiers, event) = sent.split_once(':').unwrap_or((sent, "1"));
            numbers.starts_with([';', ':']) && is_ctrl(modifiers) && event != "3"
        }),
        (5, b'~') => numbers.strip_suffix(";92").is_some_and(is_ctrl),
        _ => false,
    };
    if is_detach { Sent::Detach } else { Sent::Other }
}

fn is_ctrl(modifiers: &str) -> bool {
    modifiers.parse::<u16>().is_ok_and(|sent| sent.wrapping_sub(1) & !LOCKS == CTRL)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ctrl_backslash_detaches_however_it_is_sent() {
        type Case<'a> = (&'a [&'a [u8]], &'a [u8], bool);
        #[rustfmt::skip]
        let cases: &[Case<'_>] = &[
            // read                           reach the agent       detached
            (&[b"ls\r"],                      b"ls\r",              false),
            (&[b"\x1c"],                      b"",                  true),
            (&[b"ls\x1cmore"],                b"ls",                true),
            (&[b"a\x1b[92;5ub\x1c"],          b"a",                 true),
            (&[b"\x1b[92;5:1u"],              b"",                  true),
            (&[b"\x1b[92::92;69u"],           b"",                  true),
            (&[b"\x1b[92;133u"],              b"",                  true),
            (&[b"\x1b[92;5:3u"],              b"\x1b[92;5:3u",      false),
            (&[b"\x1b[92;7u"],                b"\x1b[92;7u",        false),
            (&[b"\x1b[92u\x1b[920;5u"],       b"\x1b[92u\x1b[920;5u", false),
            (&[b"\x1b[27;5;92~"],             b"",                  true),
            (&[b"x\x1b[92", b";5", b"u"],     b"x",                 true),
            (&[b"x\x1b[92", b";2u"],          b"x\x1b[92;2u",       false),
            (&[b"\x1b[27;", b"5;92~"],        b"",                  true),
            (&[b"\x1b[A\x03\x04\\"],          b"\x1b[A\x03\x04\\",  false),
            (&[b""],                          b"",                  false),
        ];
        for (reads, reached, detached) in cases {
            let (mut keys, mut typed, mut is_detached) = (Keys::default(), Vec::new(), false);
            for read in *reads {
                let (more, is_last) = keys.take(read);
                typed.extend(more);
                is_detached |= is_last;
            }
            assert_eq!((typed.as_slice(), is_detached), (*reached, *detached), "{reads:?}");
        }
    }

    /// Escape alone, and what Alt makes of a key, wait for nothing.
    #[test]
    fn every_other_key_passes_at_once() {
        for key in [
            "\x1b",
            "\x1b[",
            "\x1b\r",
            "\r",
            "\n",
            "\x1b[13;2u",
            "\x1b[27;2;13~",
            "\x1b[A",
            "\x1bOA",
            "\x1b[9",
            "\x1b[97;1:3u",
            "\x1b[200~pasted\x1b[201~",
            "\x1b[<35;10;4M",
            "\x1b[I",
            "é",
        ] {
            assert_eq!(Keys::default().take(key.as_bytes()), (key.as_bytes().to_vec(), false), "{key:?}");
        }
    }
}
