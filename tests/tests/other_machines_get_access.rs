//! Access from other machines is what the ops about it say, with a program `tailscale` that is ours.

use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Stdio;
use tests::Stack;

/// A `tailscale` that keeps its state in a file and writes down what it was asked.
struct Tailscale {
    folder: PathBuf,
}

impl Tailscale {
    /// Where nobody has installed it yet.
    fn at(folder: PathBuf) -> Self {
        fs::create_dir_all(&folder).expect("a folder");
        Self { folder }
    }

    fn install(&self) {
        let folder = self.folder.display();
        let script = format!(
            "#!/bin/sh\n\
             echo \"$1\" >> {folder}/asked\n\
             read -r state < {folder}/state\n\
             case \"$1\" in\n\
             status) echo \"{{\\\"BackendState\\\": \\\"$state\\\", \\\"Self\\\": {{\\\"TailscaleIPs\\\": [\\\"fd7a::1\\\", \\\"100.64.0.7\\\"]}}}}\" ;;\n\
             up) if [ -e {folder}/broken ]; then echo 'no route to anywhere' >&2; exit 1; fi; echo Running > {folder}/state ;;\n\
             down) echo Stopped > {folder}/state ;;\n\
             esac\n"
        );
        self.is("Stopped");
        let program = self.folder.join("tailscale");
        fs::write(&program, script).expect("a script");
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("a program");
    }

    fn is(&self, state: &str) {
        fs::write(self.folder.join("state"), format!("{state}\n")).expect("it is said");
    }

    fn state(&self) -> String {
        fs::read_to_string(self.folder.join("state")).expect("it was said").trim().to_owned()
    }

    /// How often it was asked to do something.
    fn asked(&self, word: &str) -> usize {
        let asked = fs::read_to_string(self.folder.join("asked")).unwrap_or_default();
        asked.lines().filter(|line| *line == word).count()
    }
}

#[test]
fn a_tailnet_is_brought_up_and_only_what_we_brought_up_is_taken_down() {
    let mut stack = Stack::new();
    let tailscale = Tailscale::at(stack.folder().join("bin"));
    let mut command = stack.command("cccc");
    command.args(["daemon", "run"]).env("PATH", &tailscale.folder);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let child = command.spawn().expect("the supervisor starts");
    stack.adopt(child);
    stack.until_answered();
    let ask = |op: &str, args: &Value| stack.ask(op, args)["remote_access"].clone();
    let state = || ask("remote_access_state", &json!({}));
    let refused = |args: &Value| {
        let refusal = stack.client().refused("remote_access_start", args);
        (refusal.code, refusal.message)
    };

    let told =
        ask("remote_access_configure", &json!({"provider": "tailscale", "web_public_url": "https://a.example/"}));
    assert_eq!((&told["status"], &told["diagnostics"]["tailscale_installed"]), (&json!("stopped"), &json!(false)));
    assert!(told["diagnostics"]["web_url"].as_str().is_some_and(|url| url.starts_with("http://127.0.0.1:")), "{told}");
    assert_eq!(refused(&json!({})).0, "remote_access_invalid_config", "nobody could prove to be let in");
    stack.ok(&["web", "token", "add", "phone"]);
    assert_eq!(refused(&json!({})).0, "remote_access_not_installed");

    tailscale.install();
    tailscale.is("NeedsLogin");
    assert_eq!(refused(&json!({})).0, "remote_access_not_authenticated");
    tailscale.is("Stopped");
    assert_eq!(refused(&json!({"by": "lead"})).0, "permission_denied");
    assert_eq!(tailscale.asked("up"), 0, "nothing is done for who may not, or what cannot be");
    fs::write(tailscale.folder.join("broken"), "").expect("it breaks");
    let (code, why) = refused(&json!({}));
    assert!(code == "remote_access_start_failed" && why.contains("no route to anywhere"), "{code}: {why}");
    fs::remove_file(tailscale.folder.join("broken")).expect("it is mended");
    assert_eq!((&state()["enabled"], &state()["status"]), (&json!(false), &json!("stopped")));

    let told = ask("remote_access_start", &json!({}));
    assert_eq!((&told["status"], &told["endpoint"]), (&json!("running"), &json!("https://a.example/")), "{told}");
    assert_eq!((tailscale.state().as_str(), &told["diagnostics"]["tailscale_brought_up"]), ("Running", &json!(true)));
    tailscale.is("NeedsLogin");
    assert_eq!(state()["status"], "not_authenticated");
    tailscale.is("Stopped");
    assert_eq!(state()["status"], "error");
    tailscale.is("Running");
    assert_eq!(ask("remote_access_stop", &json!({}))["status"], "stopped");
    assert_eq!((tailscale.state().as_str(), tailscale.asked("down")), ("Stopped", 1));

    // A tailnet that was up already stays up.
    tailscale.is("Running");
    assert_eq!(ask("remote_access_start", &json!({}))["diagnostics"]["tailscale_brought_up"], false);
    ask("remote_access_stop", &json!({}));
    assert_eq!((tailscale.state().as_str(), tailscale.asked("down")), ("Running", 1));

    // Off ends it, too.
    tailscale.is("Stopped");
    ask("remote_access_start", &json!({}));
    let told = ask("remote_access_configure", &json!({"provider": "off"}));
    assert_eq!((&told["status"], tailscale.state().as_str()), (&json!("stopped"), "Stopped"));
}
