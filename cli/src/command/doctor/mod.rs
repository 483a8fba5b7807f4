//! `cccc doctor`: looks at everything that can be wrong, and says what to do about what is.

mod check;
mod descriptor;
mod home;
mod machine;
mod process;

use super::{Context, Failure};
use check::{Verdict, text};
use serde_json::json;

/// Looks at everything; exit code 1 when something is wrong.
///
/// # Errors
///
/// Something is wrong; it has been said what.
pub fn run(context: &Context) -> Result<(), Failure> {
    let mut checks = machine::checks(context.home());
    checks.extend(home::checks(context.home()));
    checks.extend(process::checks(context));
    let is_well = checks.iter().all(|check| check.verdict != Verdict::Failed);
    context.present(&json!({"healthy": is_well, "checks": checks}), |page| text(page, &checks))?;
    if is_well { Ok(()) } else { Err(Failure::told()) }
}
