//! How large the programs are.

use crate::row::{Budget, Table};
use std::io;
use tests::program;

/// Sizes of the release programs.
///
/// # Errors
///
/// One cannot be looked at.
pub fn measure(table: &mut Table) -> io::Result<()> {
    for (name, most_mb) in [("ledgerd", 7.0), ("ptyd", 7.0), ("ptyhold", 1.0)] {
        let bytes = std::fs::metadata(program::path(name))?.len();
        table.add(format!("size of {name}"), bytes as f64 / 1e6, "MB", Budget::AtMost(most_mb));
    }
    for name in ["mcpd", "webd", "cccc"] {
        let bytes = std::fs::metadata(program::path(name))?.len();
        table.add(format!("size of {name}"), bytes as f64 / 1e6, "MB", Budget::Shown);
    }
    Ok(())
}
