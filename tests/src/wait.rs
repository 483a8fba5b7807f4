//! Waiting for something that will come true.

use std::time::{Duration, Instant};

/// Nothing that a test waits for takes this long unless it hangs; generous, because the machine may be slow and busy.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// Between two looks at a condition.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Waits until a condition holds.
///
/// # Panics
///
/// It does not hold within [`DEADLINE`]; `what` says what was waited for.
pub fn until(what: &str, mut is_true: impl FnMut() -> bool) {
    until_some(what, || is_true().then_some(()));
}

/// Waits until there is something, and returns it.
///
/// # Panics
///
/// There is nothing within [`DEADLINE`].
pub fn until_some<T>(what: &str, mut find: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + DEADLINE;
    loop {
        if let Some(found) = find() {
            return found;
        }
        assert!(Instant::now() < end, "{what} did not happen within {DEADLINE:?}");
        std::thread::sleep(LOOK_EVERY);
    }
}
