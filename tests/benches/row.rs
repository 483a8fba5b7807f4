//! The table of results: what was measured, its floor in the same run, its budget, and whether it is kept.

use serde_json::{Value, json};
use std::fmt;
use std::io;
use std::time::{Duration, Instant};

/// How a number is held against its budget.
#[derive(Debug, Clone, Copy)]
pub enum Budget {
    /// It may not be larger.
    AtMost(f64),
    /// It may not be smaller.
    AtLeast(f64),
    /// It is shown for comparison only.
    Shown,
}

/// One measured number.
#[derive(Debug, Clone)]
struct Row {
    name: String,
    value: f64,
    unit: &'static str,
    budget: Budget,
}

/// Everything that was measured.
#[derive(Debug, Default)]
pub struct Table {
    rows: Vec<Row>,
}

impl Table {
    /// Adds a number.
    pub fn add(&mut self, name: impl Into<String>, value: f64, unit: &'static str, budget: Budget) {
        let name = name.into();
        eprintln!("{name}: {value:.3} {unit}");
        self.rows.push(Row { name, value, unit, budget });
    }

    /// Writes the numbers as JSON.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn save(&self, path: &str) -> io::Result<()> {
        let rows: Vec<Value> = self.rows.iter().map(Row::to_value).collect();
        std::fs::write(path, serde_json::to_vec_pretty(&rows)?)
    }
}

impl Row {
    fn budget(&self) -> String {
        match self.budget {
            Budget::AtMost(most) => format!("≤ {most}"),
            Budget::AtLeast(least) => format!("≥ {least}"),
            Budget::Shown => String::new(),
        }
    }

    fn verdict(&self) -> &'static str {
        match self.budget {
            Budget::AtMost(most) if self.value > most => "missed",
            Budget::AtLeast(least) if self.value < least => "missed",
            Budget::AtMost(_) | Budget::AtLeast(_) => "kept",
            Budget::Shown => "",
        }
    }

    fn to_value(&self) -> Value {
        json!({"name": self.name, "value": self.value, "unit": self.unit, "budget": self.budget(), "verdict": self.verdict()})
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<66} {:>14} {:<6} {:>12} ", "what", "measured", "unit", "budget")?;
        for row in &self.rows {
            let (budget, verdict) = (row.budget(), row.verdict());
            writeln!(f, "{:<66} {:>14.3} {:<6} {budget:>12} {verdict}", row.name, row.value, row.unit)?;
        }
        Ok(())
    }
}

/// Runs something many times and returns how long each took, sorted.
pub fn times(count: usize, mut run: impl FnMut(usize)) -> Vec<Duration> {
    let mut times: Vec<Duration> = (0..count)
        .map(|number| {
            let begin = Instant::now();
            run(number);
            begin.elapsed()
        })
        .collect();
    times.sort_unstable();
    times
}

/// A quantile of sorted times, in milliseconds.
pub fn quantile(sorted: &[Duration], share: f64) -> f64 {
    let last = sorted.len().saturating_sub(1);
    let at = (last as f64 * share).round() as usize;
    sorted.get(at).map_or(0.0, |time| time.as_secs_f64() * 1e3)
}
