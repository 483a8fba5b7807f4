//! Starting a session: the folder, the socket, the terminal, the agent, and the meta that makes it findable.
//!
//! Either all of it is there, or nothing is left.

use super::not_started::NotStarted;
use super::place::{Place, home_of};
use super::signals::Signals;
use super::terminal::Terminal;
use super::trampoline::spare_the_user_database;
use super::watch::Watch;
use super::{Holder, Phase, Transcript, now_us, reaper, trouble};
use crate::hold::document::{Failure, Meta};
use crate::hold::folder::Folder;
use crate::hold::process::{self, ProcessMark};
use crate::hold::protocol::VERSION;
use crate::hold::spec::Spec;
use bus::private_socket::listen;
use nix::sys::resource::{Resource, getrlimit};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use std::path::Path;
use std::process::Child;
use std::time::Instant;

/// Starts what an order asks for, in a new folder.
///
/// # Errors
///
/// The agent does not run, the folder is not there, and why.
pub fn start(path: &Path, order: &[u8]) -> Result<(Holder, Meta), NotStarted> {
    let bad = |message| NotStarted { failure: Failure::Spec, message };
    let spec = Spec::from_order(order).map_err(bad)?;
    if path.file_name().is_none_or(|name| name != spec.session_id.as_str()) || !path.is_absolute() {
        return Err(bad(format!("{} is not the folder of session {}", path.display(), spec.session_id)));
    }

    let folder = Folder::make(path).map_err(|error| folder_failed("make", path, &error))?;
    trouble::note_panics(&folder);
    start_in(folder.clone(), spec).inspect_err(|_| {
        // Why the start failed is told; a folder that also cannot be removed is swept later.
        drop(folder.remove());
    })
}

fn start_in(folder: Folder, spec: Spec) -> Result<(Holder, Meta), NotStarted> {
    let socket = folder.socket();
    let listener = listen(&socket).map_err(|error| folder_failed("listen at", &socket, &error))?;
    let home = home_of(&spec, folder.path());
    let watch = Watch::on(folder.path(), folder.lifelines(), &home, Instant::now());
    let watch = watch.map_err(|error| folder_failed("watch", folder.path(), &error))?;
    let system = |message: String| NotStarted { failure: Failure::Terminal, message };
    // Before there is an agent that could end.
    let signals = Signals::take().map_err(|error| system(format!("cannot take signals: {error}")))?;
    if let Err(errno) = reaper::adopt_orphans() {
        // Most of what loses its parent is found by its environment all the same.
        trouble::note(&folder, &format!("cannot take orphans over: {errno}"));
    }
    // SAFETY: a holder has one thread.
    unsafe { spare_the_user_database() };
    let terminal =
        Terminal::open(spec.cols, spec.rows).map_err(|error| system(format!("cannot open a terminal: {error}")))?;
    let mut agent = terminal.start(&spec, &folder)?;

    let meta = meta(&spec, &agent);
    if let Err(error) = folder.write_meta(&meta) {
        // The program must not run where nobody can find it.
        let killed = killpg(Pid::from_raw(agent.id() as i32), Signal::SIGKILL);
        let reaped = killed.map_err(std::io::Error::from).and_then(|()| agent.wait());
        let left = reaped.map_or_else(|error| format!(", and its program is left: {error}"), |_| String::new());
        return Err(folder_failed("describe the session in", folder.path(), &error).and(&left));
    }
    let place = Place::new(meta.clone(), folder.path(), home);
    let holder = Holder {
        transcript: Transcript::new(folder.path(), spec.log_bytes_max.min(file_bytes_max())),
        size: (spec.cols, spec.rows),
        folder,
        agent,
        listener,
        accept_at: None,
        signals,
        watch,
        place,
        keyboard: super::Keyboard::default(),
        connections: Vec::new(),
        connections_ever: 0,
        chunk: Vec::new(),
        ending: None,
        is_asked: false,
        is_told_to_end: false,
        phase: Phase::Running(terminal),
    };
    Ok((holder, meta))
}

/// How long a file may get that we write (`ulimit -f`); a log that minds it loses nothing to it.
fn file_bytes_max() -> u64 {
    getrlimit(Resource::RLIMIT_FSIZE).map_or(u64::MAX, |(soft, _)| soft)
}

fn meta(spec: &Spec, agent: &Child) -> Meta {
    Meta {
        protocol: VERSION,
        session_id: spec.session_id.clone(),
        group_id: spec.group_id.clone(),
        actor_id: spec.actor_id.clone(),
        generation: spec.generation,
        command: spec.command.clone(),
        directory: spec.directory.clone(),
        holder: ProcessMark::of(std::process::id()),
        agent: ProcessMark::of(agent.id()),
        boot_id: process::boot_id().to_owned(),
        started_us: now_us(),
        cols: spec.cols,
        rows: spec.rows,
        log_bytes_max: spec.log_bytes_max,
    }
}

fn folder_failed(action: &str, path: &Path, error: &std::io::Error) -> NotStarted {
    NotStarted { failure: Failure::Folder, message: format!("cannot {action} {}: {error}", path.display()) }
}
