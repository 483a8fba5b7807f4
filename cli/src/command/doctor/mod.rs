//! `cccc doctor`: looks at everything that can be wrong, and says what to do about what is.

mod check;
mod descriptor;
mod home;
mod machine;
mod process;

use crate::client::Client;
use crate::failure::Failure;
use check::{Verdict, text};
use serde_json::json;

/// Looks at everything; exit code 1 when something is wrong.
///
/// # Errors
///
/// Something is wrong; it has been said what.
pub fn run(client: &Client) -> Result<(), Failure> {
    let mut checks = machine::checks(client.home());
    checks.extend(home::checks(client.home()));
    checks.extend(process::checks(client));
    let is_well = checks.iter().all(|check| check.verdict != Verdict::Failed);
    client.present(&json!({"healthy": is_well, "checks": checks}), |page| text(page, &checks))?;
    if is_well { Ok(()) } else { Err(Failure::told()) }
}
