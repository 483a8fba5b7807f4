//! What programs ask their terminal. A real terminal answers; where no person looks on, we do, or the program
//! would wait for ever.

/// Answers that have not been fetched.
const ANSWERS_BYTES_MAX: usize = 1_024;

/// The answers to what was asked so far.
#[derive(Debug, Default)]
pub struct Queries {
    answers: Vec<u8>,
}

impl Queries {
    /// The answers since the last call.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.answers)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.answers.is_empty()
    }

    fn answer(&mut self, bytes: &[u8]) {
        // A program that asks thousands of times without reading an answer gets no more of them.
        if self.answers.len() + bytes.len() <= ANSWERS_BYTES_MAX {
            self.answers.extend_from_slice(bytes);
        }
    }
}

impl vt100::Callbacks for Queries {
    fn unhandled_csi(
        &mut self,
        screen: &mut vt100::Screen,
        i1: Option<u8>,
        _i2: Option<u8>,
        params: &[&[u16]],
        last: char,
    ) {
        let first = params.first().and_then(|param| param.first()).copied().unwrap_or(0);
        match (i1, first, last) {
            (None, 5, 'n') => self.answer(b"\x1b[0n"),
            (None, 6, 'n') => {
                let (row, col) = screen.cursor_position();
                self.answer(format!("\x1b[{};{}R", row + 1, col + 1).as_bytes());
            }
            // A VT220 with colours, as most terminals say.
            (None, 0, 'c') => self.answer(b"\x1b[?62;22c"),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Screen;

    #[test]
    fn the_usual_questions_are_answered() {
        #[rustfmt::skip]
        let cases: &[(&str, &str)] = &[
            ("\x1b[2;4H\x1b[6n", "\x1b[2;4R"),
            ("\x1b[5n",          "\x1b[0n"),
            ("\x1b[c",           "\x1b[?62;22c"),
            ("\x1b[0c",          "\x1b[?62;22c"),
            ("\x1b[>c",          ""),
            ("text",             ""),
        ];
        for (asked, answered) in cases {
            let mut screen = Screen::new(40, 5, 0, false);
            screen.feed(asked.as_bytes());
            assert_eq!(screen.answers(), answered.as_bytes(), "{asked:?}");
        }
        let mut screen = Screen::new(40, 5, 0, false);
        screen.feed("\x1b[6n".repeat(100_000).as_bytes());
        assert!(screen.answers().len() <= super::ANSWERS_BYTES_MAX);
    }
}
