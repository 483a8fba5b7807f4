//! One thing that was looked at, and what was seen.

use crate::print::table::{Table, cell};
use crate::print::{Page, Tone};
use serde::Serialize;

/// What a look has shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// As it should be.
    Good,
    /// It works, and there is something to know.
    Note,
    /// It does not work.
    Failed,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What.
    pub name: &'static str,
    /// How it is.
    pub verdict: Verdict,
    /// What was seen.
    pub seen: String,
    /// What to do, or `""`.
    #[serde(rename = "do")]
    pub remedy: String,
}

impl Check {
    /// As it should be.
    pub fn good(name: &'static str, seen: impl Into<String>) -> Self {
        Self { name, verdict: Verdict::Good, seen: seen.into(), remedy: String::new() }
    }

    /// Worth knowing; `remedy` may be empty.
    pub fn note(name: &'static str, seen: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { name, verdict: Verdict::Note, seen: seen.into(), remedy: remedy.into() }
    }

    /// Wrong, and this is what to do.
    pub fn failed(name: &'static str, seen: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { name, verdict: Verdict::Failed, seen: seen.into(), remedy: remedy.into() }
    }
}

/// The checks, one per line, and how many failed.
pub fn text(page: &Page, checks: &[Check]) -> String {
    let mut table = Table::default();
    for check in checks {
        let (mark, tone) = match check.verdict {
            Verdict::Good => ("✓", Tone::Good),
            Verdict::Note => ("·", Tone::Warn),
            Verdict::Failed => ("✗", Tone::Bad),
        };
        table.row([cell(tone, mark), cell(Tone::Head, check.name), cell(Tone::Plain, &check.seen)]);
        if !check.remedy.is_empty() {
            table.row([cell(Tone::Plain, ""), cell(Tone::Plain, ""), cell(tone, format!("→ {}", check.remedy))]);
        }
    }
    let failed = checks.iter().filter(|check| check.verdict == Verdict::Failed).count();
    let end = match failed {
        0 => page.paint(Tone::Good, "all is well"),
        1 => page.paint(Tone::Bad, "1 check failed"),
        count => page.paint(Tone::Bad, &format!("{count} checks failed")),
    };
    table.text(page, 0) + "\n" + &end + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::print::tests::page;

    #[test]
    fn a_failed_check_says_what_to_do() {
        let checks = [
            Check::good("git", "/usr/bin/git"),
            Check::note("runtimes", "none is installed", "`cccc runtime list --all`"),
            Check::failed("disk", "9 MiB free", "make room"),
        ];
        let wanted = "✓  git       /usr/bin/git\n·  runtimes  none is installed\n             → `cccc runtime list --all`\n\
                      ✗  disk      9 MiB free\n             → make room\n\n1 check failed\n";
        assert_eq!(text(&page(), &checks), wanted);
        assert!(text(&page(), &checks[..2]).ends_with("\nall is well\n"));
    }
}
