//! `make bench`: the budgets of the design, each beside its floor and measured in the same run.
//!
//! Machines differ; ratios hold. The table goes to standard output, the numbers to `target/bench.json`.
//! `CCCC_BENCH_EVENTS` sets how many messages the large ledger has (1,000,000).

mod command;
mod floor;
mod history;
mod idle;
mod load;
mod message;
mod row;
mod size;

use row::Table;
use std::io;

fn main() -> io::Result<()> {
    let mut table = Table::default();
    let floor = floor::measure()?;
    size::measure(&mut table)?;
    command::measure(&mut table);
    message::measure(&mut table, &floor);
    load::measure(&mut table);
    history::measure(&mut table);
    idle::measure(&mut table);
    print!("{table}");
    table.save(concat!(env!("CARGO_MANIFEST_DIR"), "/../target/bench.json"))
}
