//! `cccc` without a command: everything in the foreground.

use crate::client::Client;
use crate::failure::Failure;
use crate::supervise::{self, Audience};
use bus::contract::version;
use bus::front::listen::Endpoint;
use bus::home::Home;
use std::fmt::Write;
use std::path::PathBuf;

/// Runs everything until Ctrl-C.
///
/// # Errors
///
/// It runs already, or cannot run.
pub fn run(client: &Client) -> Result<(), Failure> {
    let home = client.home();
    let is_new = !home.root().exists();
    let welcome: fn(&Home) -> String = if is_new { |home| welcome(home, true) } else { |home| welcome(home, false) };
    supervise::run(home, Audience::Person, welcome).map_err(Failure::failed)
}

/// What runs, where, how to stop; and on a new home, what to do first.
fn welcome(home: &Home, is_new: bool) -> String {
    let mut text = format!("cccc {} is running.\n\n", version::PRODUCT);
    let path = |path: PathBuf| path.display().to_string();
    // Whoever serves browsers has said where before everything was ready.
    let web = Endpoint::announced(&home.web_endpoint()).map(|endpoint| endpoint.url);
    #[rustfmt::skip]
    let rows = [
        ("web",    web),
        ("home",   Some(path(home.root().to_path_buf()))),
        ("socket", Some(path(home.door_socket()))),
        ("logs",   Some(path(home.logs()))),
    ];
    for (name, place) in rows {
        // Writing into a string cannot fail.
        let _ = place.map(|place| writeln!(text, "  {name:<8}{place}"));
    }
    text += "  stop    Ctrl-C here, or `cccc daemon stop`; both end the agents, too\n";
    if is_new {
        text += FIRST_STEPS;
    }
    text
}

const FIRST_STEPS: &str = r#"
First steps, in another terminal, inside your project:

  cccc attach .
  cccc actor add foreman --runtime claude
  cccc send "Split the task and begin." --to @all
  cccc tail -n 50 -f

`cccc demo` shows it without any agent installed, `cccc doctor` says what is missing.
"#;

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn a_new_home_is_told_the_first_steps() {
        let home = Home::find(Some(Path::new("/tmp/somewhere"))).unwrap();
        let known = welcome(&home, false);
        assert!(known.contains("  socket  /tmp/somewhere/daemon/ccccd.sock\n"), "{known}");
        assert!(!known.contains("First steps"));
        assert_eq!(welcome(&home, true), known + FIRST_STEPS);
    }
}
