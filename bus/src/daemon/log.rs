//! The log of a daemon: one event, one line, on standard error, with the time in UTC and without colours.

use crate::contract::op::observability::LogLevel;
use crate::contract::time;
use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::io::{self, Write};
use std::sync::{Mutex, OnceLock, PoisonError};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Registry, reload};

/// What is logged until somebody says otherwise.
const USUAL: LogLevel = LogLevel::Info;

/// Libraries that have a line for every request among what they think everybody wants to know.
const CHATTY: [&str; 1] = ["rmcp"];

/// How loud this process is, where that is the home's to say.
static LOUDNESS: OnceLock<Loudness> = OnceLock::new();

struct Loudness {
    filter: reload::Handle<Targets, Registry>,
    level: Mutex<LogLevel>,
}

/// Starts logging, and logs panics as well. Does nothing when the process logs already.
pub fn start() {
    let wanted = std::env::var("CCCC_LOG").ok().filter(|wanted| !wanted.trim().is_empty());
    let (filter, complaint) = match wanted.as_deref().map_or_else(|| Ok(targets(USUAL)), str::parse) {
        Ok(filter) => (filter, None),
        Err(error) => (targets(USUAL), Some(error)),
    };
    let (filter, handle) = reload::Layer::new(filter);
    let lines = tracing_subscriber::fmt::layer().with_ansi(false).with_timer(Utc).with_writer(|| Lines(io::stderr()));
    if tracing_subscriber::registry().with(lines.with_filter(filter)).try_init().is_err() {
        return;
    }
    if let Some(error) = &complaint {
        tracing::warn!(%error, "CCCC_LOG cannot be read; logging {USUAL}");
    }
    if wanted.is_none() || complaint.is_some() {
        // It is the first one, because the process has not logged before.
        let _ = LOUDNESS.set(Loudness { filter: handle, level: Mutex::new(USUAL) });
    }
    std::panic::set_hook(Box::new(|panic| tracing::error!("{panic}")));
}

/// Has this process log more or less from now on, as the home says it. One that was started with `CCCC_LOG` was told
/// what to log, and goes on with that.
pub fn log_at(level: LogLevel) {
    let Some(loudness) = LOUDNESS.get() else { return };
    let mut now = loudness.level.lock().unwrap_or_else(PoisonError::into_inner);
    if *now == level {
        return;
    }
    tracing::info!(%level, "logs more or less from now on");
    match loudness.filter.reload(targets(level)) {
        Ok(()) => {
            *now = level;
            tracing::debug!(%level, "what developers want to know is logged, too");
        }
        // Only a process that does not log any more.
        Err(error) => tracing::warn!(%error, "cannot log at {level}"),
    }
}

fn targets(level: LogLevel) -> Targets {
    let filter = match level {
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Warning => LevelFilter::WARN,
        LogLevel::Error | LogLevel::Critical => LevelFilter::ERROR,
    };
    let chatty = CHATTY.map(|library| (library, if filter == LevelFilter::INFO { LevelFilter::WARN } else { filter }));
    Targets::new().with_default(filter).with_targets(chatty)
}

/// An error and what caused it, in one line.
pub fn with_causes(error: &dyn Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        line.push_str(": ");
        line.push_str(&error.to_string());
        cause = error.source();
    }
    line
}

struct Utc;

impl FormatTime for Utc {
    fn format_time(&self, writer: &mut Writer<'_>) -> fmt::Result {
        writer.write_str(&time::format(time::now()))
    }
}

/// Keeps an event on its line, whatever a field contains.
struct Lines<W>(W);

impl<W: Write> Write for Lines<W> {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        self.0.write_all(&on_one_line(event))?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

fn on_one_line(event: &[u8]) -> Cow<'_, [u8]> {
    let text = event.strip_suffix(b"\n").unwrap_or(event);
    if !text.iter().any(u8::is_ascii_control) {
        return Cow::Borrowed(event);
    }
    let mut line: Vec<u8> = Vec::with_capacity(event.len() + 16);
    for byte in text {
        if byte.is_ascii_control() {
            line.extend(byte.escape_ascii());
        } else {
            line.push(*byte);
        }
    }
    line.extend_from_slice(&event[text.len()..]);
    Cow::Owned(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_library_says_of_every_request_is_for_developers() {
        let is_logged = |level, of: &str, loudness| targets(level).would_enable(of, &loudness);
        let info = tracing::Level::INFO;
        assert!(is_logged(LogLevel::Info, "mcpd", info) && !is_logged(LogLevel::Info, "rmcp::service", info));
        assert!(is_logged(LogLevel::Info, "rmcp::service", tracing::Level::WARN));
        assert!(is_logged(LogLevel::Debug, "rmcp::service", info));
        assert!(!is_logged(LogLevel::Error, "rmcp::service", tracing::Level::WARN));
    }

    #[test]
    fn an_event_stays_on_its_line() {
        #[rustfmt::skip]
        let cases = [
            // event                  logged as
            ("all is well\n",         "all is well\n"),
            ("two\nlines\n",          "two\\nlines\n"),
            ("a \x1b[31mcolour\n",    "a \\x1b[31mcolour\n"),
            ("grün\r\n",              "grün\\r\n"),
            ("no end",                "no end"),
        ];
        for (event, logged) in cases {
            let mut lines = Lines(Vec::new());
            lines.write_all(event.as_bytes()).unwrap();
            assert_eq!(String::from_utf8(lines.0).unwrap(), logged);
        }
    }

    #[test]
    fn an_error_is_told_with_its_causes() {
        #[derive(Debug, thiserror::Error)]
        #[error("cannot open the ledger")]
        struct Outer(#[source] io::Error);
        assert_eq!(with_causes(&Outer(io::Error::other("disk on fire"))), "cannot open the ledger: disk on fire");
    }
}
