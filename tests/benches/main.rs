//! `make bench`: the budgets of the design, each beside its floor and measured in the same run.
//!
//! Machines differ; ratios hold. The table goes to standard output, the numbers to `target/bench.json`.
//! `CCCC_BENCH_EVENTS` sets how many messages the large ledger has (1,000,000). Arguments choose parts:
//! `cargo bench -p tests --bench budgets -- message idle`; without any, all are measured.

mod command;
mod floor;
mod history;
mod idle;
mod load;
mod message;
mod page;
mod row;
mod size;
mod tool;

use floor::Floor;
use row::Table;
use std::io;

/// Measures one part, and adds its rows.
type Measure = fn(&mut Table, &Floor);

const PARTS: [(&str, Measure); 8] = [
    ("size", |table, _| size::measure(table).expect("the programs are there")),
    ("command", |table, _| command::measure(table)),
    ("message", |table, floor| message::measure(table, floor)),
    ("tool", |table, _| tool::measure(table)),
    ("page", |table, _| page::measure(table)),
    ("load", |table, _| load::measure(table)),
    ("history", |table, _| history::measure(table)),
    ("idle", |table, _| idle::measure(table)),
];

fn main() -> io::Result<()> {
    // `cargo bench` adds an option of its own harness.
    let chosen: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if let Some(unknown) = chosen.iter().find(|name| PARTS.iter().all(|(part, _)| part != name)) {
        let parts = PARTS.map(|(part, _)| part).join(", ");
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("no part is named {unknown}; there are {parts}"),
        ));
    }
    let mut table = Table::default();
    let floor = floor::measure()?;
    for (_, measure) in PARTS.iter().filter(|(part, _)| chosen.is_empty() || chosen.iter().any(|name| name == part)) {
        measure(&mut table, &floor);
    }
    print!("{table}");
    table.save(concat!(env!("CARGO_MANIFEST_DIR"), "/../target/bench.json"))
}
