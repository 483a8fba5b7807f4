//! The machine: git, terminals, the clock, open files, agent programs.

use super::check::Check;
use super::descriptor::OPEN_FILES_MIN;
use crate::command::runtime::{self, SearchPath};
use bus::contract::time;
use bus::home::Home;
use bus::program;
use bus::setup::State;
use nix::pty::openpty;
use nix::sys::resource::{Resource, getrlimit};

/// A clock that shows an earlier time was never set: this version is younger than that.
const EARLIEST_SANE: &str = "2026-01-01T00:00:00Z";

/// Looks at the machine.
pub fn checks(home: &Home) -> Vec<Check> {
    let search = SearchPath::of(home);
    let git = match program::find("git", search.path()) {
        Some(git) => Check::good("git", git.display().to_string()),
        None => Check::note("git", "not on PATH", "install git, so that worktrees and includes are understood"),
    };
    vec![
        git,
        terminals(),
        clock(time::now(), jiff::tz::TimeZone::system().iana_name()),
        open_files(),
        Check::good("programs are on", search.describe()),
        runtimes(&runtime::installed(&search)),
    ]
    .into_iter()
    .chain(tools(&search))
    .collect()
}

/// Whether each program that is installed knows our tools.
fn tools(search: &SearchPath) -> Vec<Check> {
    let Ok(world) = runtime::surroundings(search, None) else { return Vec::new() };
    runtime::known(&world, search, true)
        .into_iter()
        .filter(|known| known.installed.path.is_some())
        .map(|known| {
            let version = known.version.map_or_else(String::new, |version| format!(" {version}"));
            standing(&format!("{}{version}", known.installed.name), &known.tools, known.remedy)
        })
        .collect()
}

/// How one of them is. Whether a person has told it is not known, and is nothing to be mended then.
fn standing(program: &str, tools: &str, remedy: String) -> Check {
    let seen = format!("{program}: tools {tools}");
    if tools == State::Ready.word() {
        Check::good("tools", seen)
    } else if tools == State::ByHand.word() {
        Check::good("tools", format!("{seen}, as {remedy} says"))
    } else {
        Check::note("tools", seen, remedy)
    }
}

fn terminals() -> Check {
    match openpty(None, None) {
        Ok(_) => Check::good("terminals", "can be made"),
        Err(error) => {
            Check::failed("terminals", format!("cannot be made: {error}"), "mount /dev/pts, or close some terminals")
        }
    }
}

fn clock(now: time::Micros, zone: Option<&str>) -> Check {
    let is_sane = time::parse(EARLIEST_SANE).is_some_and(|earliest| now >= earliest);
    match (is_sane, zone) {
        (false, _) => {
            Check::failed("clock", format!("it shows {}", time::format(now)), "set the clock of this machine")
        }
        (true, Some(zone)) => Check::good("clock", format!("{}, time zone {zone}", time::format(now))),
        (true, None) => Check::good("clock", format!("{}, time zone without a name", time::format(now))),
    }
}

fn open_files() -> Check {
    match getrlimit(Resource::RLIMIT_NOFILE) {
        Ok((_, hard)) if hard < OPEN_FILES_MIN => {
            let seen = format!("at most {hard}, {OPEN_FILES_MIN} are needed");
            Check::failed("open files", seen, format!("raise the hard limit: ulimit -Hn {OPEN_FILES_MIN}"))
        }
        Ok((soft, hard)) => Check::good("open files", format!("{soft}, can be raised to {hard}")),
        Err(error) => Check::note("open files", format!("unknown: {error}"), ""),
    }
}

fn runtimes(installed: &[&str]) -> Check {
    match installed {
        [] => {
            let remedy = "`cccc runtime list --all` shows what can be; any program works with --runtime custom";
            Check::note("agent programs", "none is installed", remedy)
        }
        some => Check::good("agent programs", some.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::doctor::check::Verdict;

    #[test]
    fn what_only_a_person_can_do_is_no_problem() {
        let remedy = || "`cccc setup --runtime x`".to_owned();
        assert_eq!(standing("x 1.0", "by hand", remedy()).verdict, Verdict::Good);
        assert_eq!(standing("x", "by hand", remedy()).seen, "x: tools by hand, as `cccc setup --runtime x` says");
        assert_eq!(standing("x", "ready", String::new()), Check::good("tools", "x: tools ready"));
        assert_eq!(standing("x", "missing", remedy()), Check::note("tools", "x: tools missing", remedy()));
    }

    #[test]
    fn a_clock_that_was_never_set_is_found() {
        for (now, verdict) in [("1970-01-01T00:00:09Z", Verdict::Failed), ("2026-11-25T00:00:00Z", Verdict::Good)] {
            assert_eq!(clock(time::parse(now).unwrap(), Some("Europe/Berlin")).verdict, verdict, "{now}");
        }
        assert_eq!((runtimes(&[]).verdict, runtimes(&["claude"]).verdict), (Verdict::Note, Verdict::Good));
    }
}
