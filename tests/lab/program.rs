//! The programs of the lab: where they are, what they are set up with, and what they ask.

use crate::model::Model;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use tests::{DEADLINE, Person, Stack};

/// How often a condition is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// How long two programs at once may take to start: without a network, some wait long for what they look for there.
const BOTH_WITHIN: Duration = Duration::from_secs(300);

/// One agent program.
#[derive(Debug)]
pub struct Program {
    /// Its row in the table of runtimes.
    pub runtime: &'static str,
    /// Where npm has put it.
    pub path: &'static str,
    /// Words of what it asks a new user; none if it asks nothing.
    pub asks_first: Option<&'static str>,
    /// What it asks before it runs something, where it can be made to ask.
    pub permission: Option<Permission>,
    /// Whether it has a place for a draft that is put aside.
    pub stashes: bool,
    /// Files of a user who has set it up: path below the home, and content, in which `{port}` and `{work}` are filled in.
    pub files: &'static [(&'static str, &'static str)],
}

/// How a program asks for permission.
#[derive(Debug)]
pub struct Permission {
    /// Its command line.
    pub command: &'static [&'static str],
    /// Words of its question.
    pub question: &'static str,
    /// The keys that say no.
    pub no: &'static str,
}

/// Claude Code.
pub const CLAUDE: Program = Program {
    runtime: "claude",
    path: "node_modules/@anthropic-ai/claude-code-linux-x64/claude",
    asks_first: Some("Choose the text style"),
    permission: Some(Permission {
        command: &["claude", "--model", "sonnet", "--permission-mode", "default"],
        question: "Do you want to proceed?",
        no: "\x1b",
    }),
    stashes: true,
    files: &[(
        ".claude.json",
        r#"{"hasCompletedOnboarding":true,"theme":"dark","bypassPermissionsModeAccepted":true,
            "projects":{"{work}":{"hasTrustDialogAccepted":true}}}"#,
    )],
};

/// Codex CLI.
pub const CODEX: Program = Program {
    runtime: "codex",
    path: "node_modules/@openai/codex-linux-x64/vendor/x86_64-unknown-linux-musl/bin/codex",
    asks_first: Some("Choose how you want to use Codex"),
    permission: Some(Permission {
        command: &["codex", "-a", "on-request", "-s", "read-only"],
        question: "Would you like to run the following command?",
        no: "\x1b",
    }),
    stashes: false,
    files: &[(
        ".codex/config.toml",
        "model_provider=\"fake\"\n[model_providers.fake]\nname=\"fake\"\nbase_url=\"http://127.0.0.1:{port}/v1\"\nwire_api=\"responses\"\n\
         env_key=\"LAB_KEY\"\n[projects.\"{work}\"]\ntrust_level=\"trusted\"\n",
    )],
};

/// OpenCode.
pub const OPENCODE: Program = Program {
    runtime: "opencode",
    path: "node_modules/opencode-linux-x64/bin/opencode",
    asks_first: None,
    permission: None,
    stashes: false,
    files: &[(
        ".config/opencode/opencode.json",
        r#"{"provider":{"fake":{"npm":"@ai-sdk/openai-compatible","name":"fake","options":{"baseURL":"http://127.0.0.1:{port}/v1",
            "apiKey":"x"},"models":{"m":{"name":"m"}}}},"model":"fake/m"}"#,
    )],
};

/// One program with a stack, a model, and a home of its own.
#[derive(Debug)]
pub struct World {
    stack: Stack,
    model: Model,
    group_id: String,
    is_set_up: bool,
}

impl World {
    /// A user who has never started it.
    pub fn fresh(program: &Program) -> Self {
        Self::start(program, Self::files_of_the_first_start(program), None)
    }

    /// A user of a program that asks something first, with nothing attached and nobody added.
    pub fn empty(program: &Program) -> Self {
        Self::bare(program, Self::files_of_the_first_start(program))
    }

    /// A user who has set it up, with nothing attached and nobody added.
    pub fn empty_and_set_up(program: &Program) -> Self {
        Self::bare(program, program.files)
    }

    /// Without an account, one that asks nothing would look for a model elsewhere.
    fn files_of_the_first_start(program: &Program) -> &'static [(&'static str, &'static str)] {
        if program.asks_first.is_none() { program.files } else { &[] }
    }

    /// A user who has set it up.
    pub fn set_up(program: &Program) -> Self {
        Self::start(program, program.files, None)
    }

    /// A user who wants to be asked.
    pub fn careful(program: &Program) -> Self {
        let command = program.permission.as_ref().map(|permission| permission.command);
        Self::start(program, program.files, command)
    }

    fn start(program: &Program, files: &[(&str, &str)], command: Option<&[&str]>) -> Self {
        let mut world = Self::bare(program, files);
        let stack = &world.stack;
        let attached = stack.ask("attach", &json!({"path": stack.work()}));
        let group_id = attached["group_id"].as_str().expect("a group id").to_owned();
        let mut args = json!({"group_id": group_id, "actor_id": "a", "runtime": program.runtime});
        if let Some(command) = command {
            args["command"] = json!(command);
        }
        stack.ask("actor_add", &args);
        stack.ask("group_start", &json!({"group_id": group_id}));
        world.group_id = group_id;
        world
    }

    fn bare(program: &Program, files: &[(&str, &str)]) -> Self {
        let installed = Path::new(env!("CARGO_MANIFEST_DIR")).join(".lab").join(program.path);
        assert!(installed.exists(), "{} is not installed; `make lab` does that", installed.display());
        let (mut stack, model) = (Stack::new(), Model::start());
        let folder = |name: &str| {
            let folder = stack.folder().join(name);
            fs::create_dir_all(&folder).expect("a folder");
            folder
        };
        let (user, bin) = (folder("user"), folder("bin"));
        fs::write(stack.work().join("precious"), "").expect("a file");
        std::os::unix::fs::symlink(installed, bin.join(program.runtime)).expect("a link");
        for (path, content) in files {
            let file = user.join(path);
            fs::create_dir_all(file.parent().expect("a folder")).expect("the folder");
            let work = stack.work().canonicalize().expect("the work folder");
            let content =
                content.replace("{port}", &model.port().to_string()).replace("{work}", &work.to_string_lossy());
            fs::write(file, content).expect("a file");
        }
        let mut command_line = stack.command("cccc");
        let path = std::env::var("PATH").unwrap_or_default();
        command_line
            .args(["daemon", "run"])
            .env("PATH", format!("{}:{path}", bin.display()))
            .env("HOME", &user)
            .env("LAB_KEY", "x")
            .env("IS_SANDBOX", "1")
            .env("ANTHROPIC_BASE_URL", format!("http://127.0.0.1:{}", model.port()))
            .env("ANTHROPIC_AUTH_TOKEN", "x")
            .env("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1")
            // The model is shown all tools at once; otherwise it would have to look for them first.
            .env("ENABLE_TOOL_SEARCH", "false")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        stack.adopt(command_line.spawn().expect("the supervisor starts"));
        stack.until_answered();
        Self { stack, model, group_id: String::new(), is_set_up: !files.is_empty() }
    }

    /// Whether its user has set the program up.
    pub fn is_set_up(&self) -> bool {
        self.is_set_up
    }

    /// A line that is typed into a shell in the folder, on whose `PATH` our programs are.
    pub fn shell(&self, line: &str) -> Command {
        let path = std::env::var("PATH").unwrap_or_default();
        let mut command = Command::new("sh");
        command.args(["-c", line]).current_dir(self.stack.work()).stdin(Stdio::null());
        command.env("PATH", format!("{}:{path}", tests::program::folder().display()));
        command.env("CCCC_HOME", self.stack.home()).env("NO_COLOR", "1");
        for name in ["CCCC_GROUP_ID", "CCCC_ACTOR_ID", "CCCC_ACTOR_TOKEN", "CCCC_SESSION_ID", "CCCC_OUTPUT"] {
            command.env_remove(name);
        }
        command
    }

    /// Runs `cccc` as the program's user does, who has it on the `PATH`.
    pub fn as_user(&self, words: &[&str]) -> String {
        let path = std::env::var("PATH").unwrap_or_default();
        let folder = self.stack.folder();
        let mut command = self.stack.command("cccc");
        command.args(words).env("HOME", folder.join("user")).stdin(Stdio::null());
        command.env("PATH", format!("{}:{path}", folder.join("bin").display()));
        let output = command.output().expect("cccc starts");
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{words:?}: {said}");
        said
    }

    /// What the list of actors says of its tools.
    pub fn tools(&self) -> Value {
        let listed = self.stack.ask("actor_list", &json!({"group_id": self.group_id}));
        listed["actors"][0]["tools"].clone()
    }

    /// Waits until an actor has a message.
    pub fn until_at(&self, actor: &str, id: &str) {
        let end = Instant::now() + BOTH_WITHIN;
        while self.stage(id, actor) != "handed" {
            let seen = || self.stack.ok(&["terminal", "tail", actor]) + &self.stack.ok(&["status"]);
            assert!(Instant::now() < end, "{actor} has not got it: {}", seen());
            thread::sleep(LOOK_EVERY);
        }
    }

    /// How far a message has come to an actor.
    pub fn stage(&self, id: &str, actor: &str) -> String {
        let groups = self.stack.json(&["groups"]);
        let group_id = groups["groups"][0]["group_id"].as_str().unwrap_or_default().to_owned();
        let is = |event: &Value| {
            let data = &event["data"];
            let is_its = data["event_ids"].as_array().is_some_and(|ids| ids.iter().any(|of| of == id));
            event["kind"] == "x.cccc.delivery" && data["actor_id"] == actor && is_its
        };
        let last = self.stack.events(&group_id).into_iter().rev().find(is);
        last.map(|event| event["data"]["stage"].as_str().unwrap_or_default().to_owned()).unwrap_or_default()
    }

    /// The stack.
    pub fn stack(&self) -> &Stack {
        &self.stack
    }

    /// The model.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Changes the actor as a person does.
    pub fn update(&self, words: &[&str]) {
        self.stack.ok(&[&["actor", "update", "a", "-g", &self.group_id], words].concat());
    }

    /// Ends its program and starts it again.
    pub fn restart(&self) {
        self.stack.ok(&["actor", "restart", "a", "-g", &self.group_id]);
    }

    /// Somebody at its terminal.
    pub fn person(&self) -> Person {
        Person::sit_down(&self.stack, &self.group_id, "a")
    }

    /// Sends it a message.
    pub fn send(&self, text: &str) -> String {
        let sent = self.stack.ask("send", &json!({"group_id": self.group_id, "text": text, "to": ["a"]}));
        sent["event"]["id"].as_str().expect("an id").to_owned()
    }

    /// The same, and asks for a reply.
    pub fn send_and_ask(&self, text: &str) -> String {
        let args = json!({"group_id": self.group_id, "text": text, "to": ["a"], "reply_required": true});
        let sent = self.stack.ask("send", &args);
        sent["event"]["id"].as_str().expect("an id").to_owned()
    }

    /// What was replied to a message, as it is in the ledger.
    pub fn reply_to(&self, id: &str) -> Option<Value> {
        let events = self.stack.events(&self.group_id);
        events.into_iter().find(|event| event["kind"] == "chat.message" && event["data"]["reply_to"] == id)
    }

    /// Whether the actor has marked it as read, as it is in the ledger.
    pub fn has_read(&self, id: &str) -> bool {
        let events = self.stack.events(&self.group_id);
        let is_mark =
            |event: &Value| event["kind"] == "chat.read" && event["by"] == "a" && event["data"]["event_id"] == id;
        events.iter().any(is_mark)
    }

    fn record(&self, id: &str) -> Value {
        let is = |event: &Value| {
            event["kind"] == "x.cccc.delivery"
                && event["data"]["event_ids"].as_array().is_some_and(|ids| ids.iter().any(|of| of == id))
        };
        let last = self.stack.events(&self.group_id).into_iter().rev().find(is);
        last.map(|event| event["data"].clone()).unwrap_or_default()
    }

    /// Waits until a message is held for a reason.
    pub fn until_held(&self, id: &str, reason: &str) {
        let end = Instant::now() + DEADLINE;
        while self.record(id)["reason"] != reason {
            assert!(Instant::now() < end, "{reason:?} is not why; {}\n{}", self.record(id), self.screen());
            thread::sleep(LOOK_EVERY);
        }
    }

    /// Waits until a message is handed over.
    pub fn until_handed(&self, id: &str) {
        let end = Instant::now() + DEADLINE;
        while self.record(id)["stage"] != "handed" {
            assert!(Instant::now() < end, "it is not handed over; {}\n{}", self.record(id), self.screen());
            thread::sleep(LOOK_EVERY);
        }
    }

    /// Waits until the terminal shows a text.
    pub fn until_shown(&self, text: &str) {
        let end = Instant::now() + DEADLINE;
        while !self.screen().contains(text) {
            assert!(Instant::now() < end, "{text:?} is not to be seen:\n{}", self.screen());
            thread::sleep(LOOK_EVERY);
        }
    }

    /// What the terminal shows.
    pub fn screen(&self) -> String {
        let args = json!({"group_id": self.group_id, "actor_id": "a"});
        let tail = self.stack.client().try_ask("terminal_tail", &args).expect("the door");
        tail.map(|tail| tail["text"].as_str().unwrap_or_default().to_owned()).unwrap_or_default()
    }

    /// How the list of actors says it is.
    pub fn state(&self) -> String {
        let listed = self.stack.ask("actor_list", &json!({"group_id": self.group_id}));
        listed["actors"][0]["terminal_state"].as_str().unwrap_or_default().to_owned()
    }

    /// Whether there is a file in the folder it works in.
    pub fn has_file(&self, name: &str) -> bool {
        self.stack.work().join(name).exists()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // Some leave helpers of their own running, which name the folder.
        let folder: PathBuf = self.stack.folder().to_path_buf();
        for process in tests::process::of_home(&folder.join("user")) {
            process.signal(nix::sys::signal::Signal::SIGKILL);
        }
    }
}
