//! The input line of a terminal program: keys in, submissions out. A paste may have line ends in it; only a line
//! end outside of one submits.

/// Asks the terminal to mark pastes.
pub const PASTE_ON: &[u8] = b"\x1b[?2004h";

const PASTE_BEGIN: &[u8] = b"\x1b[200~";
const PASTE_END: &[u8] = b"\x1b[201~";

/// Longest text that is kept; of a longer one the beginning is forgotten.
const TEXT_BYTES_MAX: usize = 64 * 1024;

/// What a key has done.
#[derive(Debug, PartialEq, Eq)]
pub enum Typed {
    /// It is part of the text.
    More,
    /// It may be part of a marker of a paste, which is not shown.
    Marked,
    /// The text was submitted.
    Submitted(String),
    /// The person wants to leave: Ctrl-C or Ctrl-D.
    Left,
}

/// What has been typed so far, and whether a paste is going on.
#[derive(Debug, Default)]
pub struct Composer {
    text: Vec<u8>,
    is_pasting: bool,
}

impl Composer {
    /// Takes one byte.
    pub fn take(&mut self, byte: u8) -> Typed {
        match (self.is_pasting, byte) {
            (false, b'\r' | b'\n') => {
                return Typed::Submitted(String::from_utf8_lossy(&std::mem::take(&mut self.text)).into_owned());
            }
            (false, 0x03 | 0x04) => return Typed::Left,
            (false, 0x08 | 0x7f) => {
                self.text.pop();
                return Typed::More;
            }
            (_, _) => self.text.push(byte),
        }
        let marker = if self.is_pasting { PASTE_END } else { PASTE_BEGIN };
        if self.text.ends_with(marker) {
            self.text.truncate(self.text.len() - marker.len());
            self.is_pasting = !self.is_pasting;
        } else if (1..marker.len()).all(|length| !self.text.ends_with(&marker[..length])) {
            if self.text.len() > TEXT_BYTES_MAX {
                self.text.drain(..TEXT_BYTES_MAX / 2);
            }
            return Typed::More;
        }
        Typed::Marked
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_end_submits_unless_it_is_pasted() {
        #[rustfmt::skip]
        let cases: &[(&[u8], &[&str])] = &[
            (b"hello\r",                                        &["hello"]),
            (b"a\rb\n",                                         &["a", "b"]),
            (b"\x1b[200~one\ntwo\x1b[201~\r",                   &["one\ntwo"]),
            (b"x\x1b[200~\r\x1b[201~y\r",                       &["x\ry"]),
            (b"ab\x7fc\r",                                      &["ac"]),
            (b"open",                                           &[]),
        ];
        for (keys, wanted) in cases {
            let mut composer = Composer::default();
            let submitted: Vec<_> = keys
                .iter()
                .filter_map(|byte| match composer.take(*byte) {
                    Typed::Submitted(text) => Some(text),
                    Typed::More | Typed::Marked | Typed::Left => None,
                })
                .collect();
            assert_eq!(&submitted, wanted, "{keys:?}");
        }
        assert_eq!(Composer::default().take(3), Typed::Left);
    }

    #[test]
    fn a_text_without_an_end_does_not_grow_for_ever() {
        let mut composer = Composer::default();
        (0..10 * TEXT_BYTES_MAX).for_each(|_| assert_eq!(composer.take(b'x'), Typed::More));
        assert!(composer.text.len() <= TEXT_BYTES_MAX);
    }
}
