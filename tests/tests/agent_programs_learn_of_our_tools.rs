//! Agent programs learn of our tools in one command, from a fresh home: what they are told is what they would run, and it
//! is taken back as easily. An agent that was not told works without them, and says so.

use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tests::{AgentLog, Stack, until};

/// A user with three programs: one that has a command for it, and two whose file is merged.
struct User {
    home: PathBuf,
    bin: PathBuf,
}

/// What the stub does that has a command: it writes down how it was called, and keeps its file as the real one does.
const CLAUDE: &str = r#"#!/bin/sh
echo "$*" >> "$HOME/calls"
case "$*" in
    --version) echo "9.9 (stub)" ;;
    "mcp add -s user cccc -- "*) printf '{"mcpServers":{"cccc":{"type":"stdio","command":"%s","args":["%s"]}}}\n' "$7" "$8" > "$HOME/.claude.json" ;;
    "mcp remove"*) printf '{"mcpServers":{}}\n' > "$HOME/.claude.json" ;;
    "mcp get cccc") echo cccc ;;
    mcp*) echo "not that way" >&2; exit 1 ;;
    *) exec @AGENT@ ;;
esac
"#;

const OTHER: &str = "#!/bin/sh\ncase \"$*\" in --version) echo 1.0 ;; *) cat \"$HOME/.codex/config.toml\" ;; esac\n";

impl User {
    fn new(stack: &Stack, agent: &str) -> Self {
        let user = Self { home: stack.folder().join("user"), bin: stack.folder().join("bin") };
        for folder in [&user.home, &user.bin, &user.home.join(".cursor")] {
            fs::create_dir_all(folder).expect("a folder");
        }
        for (name, script) in
            [("claude", &*CLAUDE.replace("@AGENT@", agent)), ("codex", OTHER), ("cursor-agent", OTHER)]
        {
            let path = user.bin.join(name);
            fs::write(&path, script).expect("a stub");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("it can be run");
        }
        fs::write(
            user.home.join(".cursor/mcp.json"),
            "{\n  // mine\n  \"mcpServers\": {\"other\": {\"command\": \"x\"}}\n}\n",
        )
        .expect("a file");
        user
    }

    fn command(&self, stack: &Stack) -> Command {
        let mut command = stack.command("cccc");
        let path = format!("{}:/usr/bin:/bin", self.bin.display());
        command.env("HOME", &self.home).env("PATH", path).stdin(Stdio::null());
        for name in ["CLAUDE_CONFIG_DIR", "CODEX_HOME", "XDG_CONFIG_HOME"] {
            command.env_remove(name);
        }
        command
    }

    /// Runs `cccc`, and returns whether it succeeded and what it answered.
    fn ask(&self, stack: &Stack, words: &[&str]) -> (bool, Value) {
        let output = self.command(stack).args(words).arg("--json").output().expect("cccc starts");
        let answer: Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{words:?}: {error}: {}", String::from_utf8_lossy(&output.stderr)));
        (output.status.success(), answer["result"].clone())
    }

    /// What each program's row says in a field.
    fn each(&self, stack: &Stack, words: &[&str], field: &str) -> Vec<(String, String)> {
        let (is_well, answer) = self.ask(stack, words);
        assert!(is_well, "{words:?}: {answer}");
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let rows = answer["runtimes"].as_array().unwrap_or_else(|| panic!("{answer}")).clone();
        let name = |row: &Value| if row["runtime"].is_string() { text(&row["runtime"]) } else { text(&row["name"]) };
        let meant = ["claude", "codex", "cursor"];
        rows.iter().map(|row| (name(row), text(&row[field]))).filter(|(name, _)| meant.contains(&&**name)).collect()
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.home.join(name)).unwrap_or_default()
    }
}

fn rows(word: &str) -> Vec<(String, String)> {
    ["claude", "codex", "cursor"].map(|name| (name.to_owned(), word.to_owned())).into()
}

#[test]
fn agent_programs_learn_of_our_tools() {
    let stack = Stack::new();
    let user = User::new(&stack, "true");
    let all = |more: &[&str], field| user.each(&stack, &[&["setup", "--all"], more].concat(), field);

    assert_eq!(user.each(&stack, &["runtime", "list"], "tools"), rows("missing"));
    assert_eq!(all(&["--dry-run"], "outcome"), rows("planned"));
    assert!(!user.home.join(".claude.json").exists() && !user.home.join(".codex").exists());
    assert_eq!(all(&[], "outcome"), rows("added"));
    assert_eq!(user.each(&stack, &["runtime", "list", "--all"], "tools"), rows("ready"));
    let calls = user.read("calls");
    assert_eq!(all(&[], "outcome"), rows("unchanged"));
    assert_eq!(user.read("calls").replace("--version\n", ""), calls.replace("--version\n", ""), "nobody is told twice");
    assert!(user.read(".cursor/mcp.json").contains("// mine"));
    assert!(!stack.home().join("home").exists(), "nothing was started for it");

    // What is written down runs, and serves tools.
    let entry: Value = serde_json::from_str(&user.read(".claude.json")).expect("JSON");
    let entry = &entry["mcpServers"]["cccc"];
    let program = Path::new(entry["command"].as_str().expect("a command"));
    assert!(program.is_absolute() && entry["args"] == json!(["mcp"]), "{entry}");
    assert!(tools_of(&stack, program).contains("cccc_bootstrap"));

    // An entry of another time is mended.
    fs::write(
        user.home.join(".claude.json"),
        r#"{"mcpServers":{"cccc":{"command":"cccc","args":["mcp"],"env":{"CCCC_ACTOR_ID":"a"}}}}"#,
    )
    .expect("a file");
    let (is_well, mended) = user.ask(&stack, &["setup", "--runtime", "claude"]);
    let row = &mended["runtimes"][0];
    assert!(is_well && row["outcome"] == "repaired" && row["before"] == "stale", "{mended}");
    assert!(row["faults"].to_string().contains("CCCC_ACTOR_ID"), "{mended}");

    // What is no configuration stays what it is, and the others are set up all the same.
    fs::write(user.home.join(".cursor/mcp.json"), "{ broken").expect("a file");
    let (is_well, answer) = user.ask(&stack, &["setup", "--all"]);
    let failed = answer["runtimes"].as_array().expect("rows").iter().find(|row| row["runtime"] == "cursor");
    assert!(!is_well && failed.is_some_and(|row| row["outcome"] == "failed"), "{answer}");
    assert_eq!(user.read(".cursor/mcp.json"), "{ broken");

    let (_, undone) = user.ask(&stack, &["setup", "--runtime", "codex", "--undo"]);
    assert_eq!(undone["runtimes"][0]["outcome"], "removed", "{undone}");
    assert!(!user.read(".codex/config.toml").contains("cccc"));
    let unknown = user.command(&stack).args(["setup", "--runtime", "nobody"]).output().expect("cccc starts");
    assert_eq!(unknown.status.code(), Some(2));
}

/// Asks a server, as an agent program does, which tools it has.
fn tools_of(stack: &Stack, program: &Path) -> String {
    let mut command = Command::new(program);
    command.arg("mcp").env("CCCC_HOME", stack.home()).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut server = command.spawn().expect("the server starts");
    let mut input = server.stdin.take().expect("its input");
    let mut lines = BufReader::new(server.stdout.take().expect("its output")).lines();
    let mut ask = |request: Value| {
        writeln!(input, "{request}").expect("it reads");
        lines.next().expect("an answer").expect("a line")
    };
    let client =
        json!({"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}});
    ask(json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": client}));
    let tools = ask(json!({"jsonrpc": "2.0", "id": 2, "method": "tools/list"}));
    drop(input);
    server.wait().expect("it ends");
    tools
}

#[test]
fn an_agent_without_tools_works_and_says_so() {
    let mut stack = Stack::new();
    let log = AgentLog::new(stack.folder(), "agent");
    let user = User::new(&stack, &log.command());
    let mut supervisor = user.command(&stack);
    let supervisor = supervisor.args(["daemon", "run"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    stack.adopt(supervisor.expect("the supervisor starts"));
    stack.until_answered();
    stack.ok(&["attach", "."]);
    stack.ok(&["actor", "add", "a", "--runtime", "claude"]);
    stack.ok(&["actor", "add", "b", "--runtime", "custom", "--command", &log.command()]);
    stack.ok(&["group", "start"]);
    let word = |actor: usize| stack.json(&["actor", "list"])["actors"][actor]["tools"].clone();
    until("the word", || word(0) == "missing");
    assert_eq!(word(1), Value::Null, "nothing is said of a program that nobody knows");
    let way_out = "`cccc setup --runtime claude` and `cccc actor restart a` give a the tools of cccc";
    assert!(stack.ok(&["status"]).contains(way_out));
    assert_eq!(stack.json(&["actor", "list"])["actors"][0]["running"], true);

    let (is_well, answer) = user.ask(&stack, &["setup", "--runtime", "claude"]);
    assert!(is_well, "{answer}");
    stack.ok(&["actor", "restart", "a"]);
    until("the end of the word", || word(0) == Value::Null);
}
