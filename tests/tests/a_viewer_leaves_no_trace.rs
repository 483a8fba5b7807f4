//! Whoever looks at an agent's terminal has their own back afterwards, whatever the agent has switched on in it and
//! however the look ended; and a restart of ptyd ends none.

use bus::contract::mode;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::pty::{Winsize, openpty};
use nix::sys::signal::Signal;
use nix::sys::termios::{LocalFlags, Termios, tcgetattr};
use serde_json::json;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::AsRawFd;
use std::process::{Child, ExitStatus};
use tests::{Stack, process, until, until_some};

/// What leaves a trace: the other screen, a region, no wrapping, drawing sets, a shape of the cursor, colours, reports,
/// keys.
const SWITCHES: &str = "\\033[?1049h\\033[2;4r\\033[?7l\\033[4h\\033)0\\033[5 q\\033]11;#102030\\007\\033[?1004h\\033[?1002h\
                        \\033[?1006h\\033[>7u\\033[>4;2m\\033[?2004h\\033[?1h\\033=\\033[?25l";

/// A person's terminal with a viewer in it.
struct ViewerTerminal {
    /// The emulator's end.
    master: File,
    /// The end that the shell behind the viewer reads, too.
    slave: File,
    before: Termios,
    viewer: Child,
    seen: Vec<u8>,
    is_answered: bool,
}

impl ViewerTerminal {
    fn open(stack: &Stack, group_id: &str) -> Self {
        let size = Winsize { ws_row: 20, ws_col: 70, ws_xpixel: 0, ws_ypixel: 0 };
        let pty = openpty(&size, None).expect("a terminal");
        let (master, slave) = (File::from(pty.master), File::from(pty.slave));
        for end in [&master, &slave] {
            fcntl(end.as_raw_fd(), FcntlArg::F_SETFL(OFlag::O_NONBLOCK)).expect("an end that does not block");
        }
        let before = tcgetattr(&slave).expect("its settings");
        let mut command = stack.command("cccc");
        // Opened anew: what does not block here shall block there.
        let open = || File::options().read(true).write(true).open(format!("/proc/self/fd/{}", slave.as_raw_fd()));
        let viewer = command
            .args(["attach-terminal", "a", "-g", group_id])
            .stdin(open().expect("its input"))
            .stdout(open().expect("its output"))
            .stderr(open().expect("its errors"))
            .spawn()
            .expect("a viewer");
        Self { master, slave, before, viewer, seen: Vec::new(), is_answered: false }
    }

    /// Reads what was written, and answers as terminals do, late.
    fn look(&mut self) -> String {
        let mut bytes = [0; 4096];
        while let Ok(count) = self.master.read(&mut bytes) {
            if count == 0 {
                break;
            }
            self.seen.extend_from_slice(&bytes[..count]);
        }
        if !self.is_answered && self.seen.ends_with(b"\x1b[c") {
            self.is_answered = true;
            self.types("\x1b[12;40R\x1b[I\x1b]11;rgb:00/00/00\x07ls\r\x1b[?62;22c");
        }
        String::from_utf8_lossy(&self.seen).into_owned()
    }

    fn until_seen(&mut self, text: &str) {
        until(text, || self.look().contains(text));
    }

    fn types(&mut self, keys: &str) {
        self.master.write_all(keys.as_bytes()).expect("room for keys");
    }

    fn forget(&mut self) {
        self.look();
        self.seen.clear();
    }

    /// The viewer's end, and that nothing is left of it.
    fn until_left(mut self, why: &str) -> (ExitStatus, String) {
        let status = until_some(&format!("the viewer's end: {why}"), || {
            self.look();
            self.viewer.try_wait().expect("a child")
        });
        let said = self.look();
        assert!(said.contains(&mode::reset()), "{why}: its modes are put back: {said:?}");
        assert!(said.contains(mode::COLOURS_OFF), "{why}: its colours, too: {said:?}");
        assert_eq!(tcgetattr(&self.slave).expect("its settings"), self.before, "{why}: it is no longer raw");
        let mut left = [0; 64];
        let read = self.slave.read(&mut left);
        assert!(read.is_err(), "{why}: nothing waits for the shell: {:?}", left.escape_ascii().to_string());
        (status, said)
    }
}

impl Drop for ViewerTerminal {
    fn drop(&mut self) {
        // It has ended, where the test went well.
        let _ = self.viewer.kill();
        let _ = self.viewer.wait();
    }
}

/// An agent that switches everything on, shows a word, and keeps what it reads.
fn agent(stack: &Stack) -> String {
    let (group_id, _) = stack.group(&[]);
    let script = format!("stty raw -echo; printf '{SWITCHES}ready'; exec cat > {}", keys(stack));
    let args = json!({
        "group_id": group_id, "actor_id": "a", "runtime": "custom", "command": ["sh", "-c", script],
    });
    stack.ask("actor_add", &args);
    stack.ask("actor_start", &json!({"group_id": group_id, "actor_id": "a"}));
    group_id
}

fn keys(stack: &Stack) -> String {
    stack.folder().join("keys").display().to_string()
}

fn typed(stack: &Stack) -> String {
    String::from_utf8_lossy(&std::fs::read(keys(stack)).unwrap_or_default()).into_owned()
}

#[test]
fn a_viewer_leaves_no_trace() {
    let stack = Stack::start();
    let group_id = agent(&stack);
    let signal = |terminal: &ViewerTerminal, signal| {
        let pid = i32::try_from(terminal.viewer.id()).expect("a process id is small");
        nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), signal).expect("a viewer");
    };
    type Leave<'a> = (&'a str, &'a dyn Fn(&mut ViewerTerminal));
    let ways: [Leave<'_>; 6] = [
        ("Ctrl-\\", &|terminal| terminal.types("\x1c")),
        ("Ctrl-\\ as kitty sends it", &|terminal| terminal.types("\x1b[92;5u")),
        ("SIGTERM", &|terminal| signal(terminal, Signal::SIGTERM)),
        ("SIGHUP", &|terminal| signal(terminal, Signal::SIGHUP)),
        ("SIGINT", &|terminal| signal(terminal, Signal::SIGINT)),
        ("SIGQUIT", &|terminal| signal(terminal, Signal::SIGQUIT)),
    ];
    for (why, leave) in ways {
        let mut terminal = ViewerTerminal::open(&stack, &group_id);
        terminal.until_seen("Ctrl-\\ detaches");
        terminal.until_seen("ready");
        // Behind the picture, so that the viewer has passed on all of it: the last of what draws the modes.
        terminal.until_seen("\x1b]11;#102030");
        assert!(!tcgetattr(&terminal.slave).expect("settings").local_flags.contains(LocalFlags::ICANON), "raw");
        // The region went with the size of the first viewer's window, as it does in every terminal.
        assert!(why != "Ctrl-\\" || terminal.look().contains("\x1b[2;4r"), "{why}");
        for wanted in ["\x1b[?7l", "\x1b[5 q", "\x1b[>7u", "\x1b[>4;2m", "\x1b[?1004h", "\x1b[?1002h"] {
            assert!(terminal.look().contains(wanted), "{why}: {wanted:?}");
        }
        leave(&mut terminal);
        let (status, said) = terminal.until_left(why);
        assert!(status.success() && said.contains("detached"), "{why}: {status} {said:?}");
    }

    let mut terminal = ViewerTerminal::open(&stack, &group_id);
    terminal.until_seen("\x1b]11;#102030");
    let keys = "a\x1b[13;2ub\x1b\rc\x1b[27;2;13~";
    terminal.types(keys);
    until("keys with modifiers", || typed(&stack) == keys);
    stack.ask("actor_stop", &json!({"group_id": group_id, "actor_id": "a"}));
    let (_, said) = terminal.until_left("the end of the session");
    assert!(said.contains("was closed"), "{said:?}");
}

/// The window waits, says so, and goes on. What is typed meanwhile is typed at nothing: neither at the agent nor at the
/// shell behind the window.
#[test]
fn a_viewer_survives_a_restart_of_ptyd() {
    let stack = Stack::start();
    let group_id = agent(&stack);
    let mut terminal = ViewerTerminal::open(&stack, &group_id);
    terminal.until_seen("\x1b]11;#102030");
    terminal.types("before ");
    until("the first keys", || typed(&stack) == "before ");

    let agent = until_some("the agent", || stack.processes("cat").into_iter().next()).pid;
    terminal.forget();
    stack.kill("ptyd");
    terminal.until_seen("ptyd is away");
    terminal.until_seen("ready");
    terminal.until_seen("\x1b]11;#102030");
    assert!(process::is_alive(agent), "the agent is the same");
    terminal.types("after");
    until("the keys behind it", || typed(&stack) == "before after");

    // While it cannot come back, keys are dropped with a bell, and Ctrl-\ works.
    let supervisor = stack.process("supervisor");
    assert!(supervisor.signal(Signal::SIGSTOP), "a supervisor");
    terminal.forget();
    stack.kill("ptyd");
    terminal.until_seen("ptyd is away");
    terminal.types("rm -rf x\r");
    terminal.until_seen("\u{7}");
    assert!(!tcgetattr(&terminal.slave).expect("settings").local_flags.contains(LocalFlags::ICANON), "still raw");
    terminal.types("\x1c");
    let (_, said) = terminal.until_left("Ctrl-\\ while ptyd is away");
    assert!(said.contains("detached"), "{said:?}");
    assert!(supervisor.signal(Signal::SIGCONT), "a supervisor");
    assert_eq!(typed(&stack), "before after", "nothing else reached the agent");
}
