//! What the demo's agents say: a table in place of a mind. Each line is said once, so the conversation ends.

/// The agents, the leading one first.
pub const CAST: [&str; 2] = ["builder", "reviewer"];

/// What the user says to everybody.
pub const OPENING: &str = "Agree on who does what, and tell me when you are done.";

/// One line of an agent.
#[derive(Debug, PartialEq, Eq)]
pub struct ScriptLine {
    /// Who says it.
    pub who: &'static str,
    /// To what: the n-th message of somebody, counted from 1.
    pub hears: (&'static str, usize),
    /// To whom; `""` answers the message.
    pub to: &'static str,
    /// What is said.
    pub says: &'static str,
}

/// Every line, in the order in which the conversation goes.
#[rustfmt::skip]
pub const LINES: &[ScriptLine] = &[
    ScriptLine { who: "builder",  hears: ("user", 1),     to: "reviewer", says: "I write the change. Will you review it?" },
    ScriptLine { who: "reviewer", hears: ("user", 1),     to: "",         says: "Understood: builder writes, I review." },
    ScriptLine { who: "reviewer", hears: ("builder", 1),  to: "",         says: "Gladly. Tell me when it is ready." },
    ScriptLine { who: "builder",  hears: ("reviewer", 1), to: "",         says: "Ready: twelve lines and a test." },
    ScriptLine { who: "reviewer", hears: ("builder", 2),  to: "",         says: "Read it. One name was unclear, otherwise good." },
    ScriptLine { who: "builder",  hears: ("reviewer", 2), to: "user",     says: "Done: written, reviewed, and the name is clear now." },
];

/// What somebody says to the n-th message of somebody else.
pub fn answer(who: &str, from: &str, nth: usize) -> Option<&'static ScriptLine> {
    LINES.iter().find(|line| line.who == who && line.hears == (from, nth))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    /// Plays the script as the agents do, message by message.
    #[test]
    fn the_conversation_says_every_line_and_ends() {
        let mut heard: HashMap<(&str, &str), usize> = HashMap::new();
        let mut open: Vec<(&str, &str)> = CAST.iter().map(|who| (*who, "user")).collect();
        let mut said = Vec::new();
        while let Some((who, from)) = open.pop() {
            assert!(said.len() <= LINES.len(), "it goes round in circles");
            let nth = heard.entry((who, from)).or_default();
            *nth += 1;
            if let Some(line) = answer(who, from, *nth) {
                said.push(line);
                let to = if line.to.is_empty() { from } else { line.to };
                if CAST.contains(&to) {
                    open.insert(0, (to, who));
                }
            }
        }
        assert_eq!(said.len(), LINES.len());
        assert!(LINES.iter().all(|line| said.contains(&line)));
        assert_eq!(answer("builder", "stranger", 1), None);
    }
}
