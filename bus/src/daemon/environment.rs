//! The environment that our daemons, and through them the agents, have from whoever started us: one table of what is
//! taken out, with the reasons.
//!
//! A variable is taken out when it speaks of the starter's own session, terminal, folder or moment: it would be untrue
//! in another process. What a person has chosen for every program (language, colours, proxies, keys, addresses,
//! settings of an agent program) stays. A pattern that ends in `*` stands for every name that begins so.
//!
//! Nobody loses the means to set what is taken out: an actor's own environment (`cccc actor add --env`) is added
//! afterwards, as it is.

use std::collections::{BTreeMap, HashSet};
use std::ffi::{OsStr, OsString};

/// The variable that lists, separated by spaces, the names of what ptyd gave an agent beyond what it had inherited.
/// Names only, never values. A daemon that is started from inside that agent does not take them over.
pub const GIVEN: &str = "CCCC_ACTOR_GIVEN";

/// Variables that a daemon, and any agent of its, can hardly do without. Where an actor's own value stands in front of the
/// one that was inherited, that one is [kept](before) for a daemon that is started from inside the agent. No others: an
/// actor may have been given another key so that it does not see the user's.
pub const NEEDED: [&str; 7] = ["HOME", "PATH", "USER", "LOGNAME", "SHELL", "TMPDIR", "LANG"];

/// The name under which an agent has what a [needed](NEEDED) variable was before it was given another value.
pub fn before(name: &str) -> String {
    format!("CCCC_ACTOR_BEFORE_{name}")
}

/// The variable by which everything is found that an agent has started. A daemon that is started from inside an agent
/// belongs to nobody, and is known by not having it.
pub const SESSION_VARIABLE: &str = "CCCC_SESSION_ID";

/// Where programs are looked for when there is no `PATH`.
pub const PATH_DEFAULT: &str = "/usr/local/bin:/usr/bin:/bin";

/// Variables of one kind, and why they are taken out.
#[derive(Debug)]
struct Kind {
    why: &'static str,
    names: &'static [&'static str],
    /// Names of the same beginning that a person sets.
    except: &'static [&'static str],
}

#[rustfmt::skip]
const TAKEN_OUT: &[Kind] = &[
    Kind {
        why: "an actor's identity and token are its own; with them a daemon, and every agent below it, would pass for it",
        names: &["CCCC_ACTOR_*", "CCCC_GROUP_ID", SESSION_VARIABLE],
        except: &[],
    },
    Kind {
        why: "a service manager means it for the one process that it has started",
        names: &[
            "NOTIFY_SOCKET", "CCCC_KEY_FD", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES", "FDSTORE",
            "INVOCATION_ID", "JOURNAL_STREAM", "MAINPID", "MANAGERPID", "SYSTEMD_EXEC_PID",
            "MEMORY_PRESSURE_WATCH", "MEMORY_PRESSURE_WRITE",
        ],
        except: &[],
    },
    Kind {
        // By name and not as CLAUDE_CODE_*: most of that prefix, and CLAUDE_CONFIG_DIR, are settings of a person, such as
        // CLAUDE_CODE_USE_BEDROCK, CLAUDE_CODE_OAUTH_TOKEN or CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC.
        why: "marks a session of claude: another one takes itself for nested, speaks to the editor of the first, or \
              reads a descriptor that it does not have",
        names: &[
            "CLAUDECODE", "CLAUDE_CODE", "CLAUDE_CODE_ENTRYPOINT", "CLAUDE_CODE_EXECPATH", "CLAUDE_CODE_SSE_PORT",
            "CLAUDE_CODE_SESSION*", "CLAUDE_CODE_PARENT_*", "CLAUDE_CODE_CHILD_SESSION", "CLAUDE_CODE_REMOTE*",
            "CLAUDE_CODE_CONTAINER_ID", "CLAUDE_CODE_AGENT_ID", "CLAUDE_CODE_AGENT_NAME", "CLAUDE_CODE_AGENT_TYPE",
            "CLAUDE_CODE_TEAM_NAME", "CLAUDE_CODE_TASK_LIST_ID", "CLAUDE_CODE_TASK_ID", "CLAUDE_CODE_ACTION",
            "CLAUDE_CODE_PLAN_MODE_REQUIRED", "CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR",
            "CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR", "CLAUDE_CODE_WEBSOCKET_AUTH_FILE_DESCRIPTOR",
            "CLAUDE_SESSION_ID", "CLAUDE_PROJECT_DIR", "CLAUDE_PLUGIN_*", "CLAUDE_ENV_FILE", "CLAUDE_AGENT_SDK_VERSION",
            "ENABLE_IDE_INTEGRATION",
        ],
        except: &[],
    },
    Kind {
        // CODEX_HOME, CODEX_API_KEY and their like are a person's.
        why: "marks a session of codex and the sandbox around it",
        names: &[
            "CODEX_SANDBOX*", "CODEX_THREAD_ID", "CODEX_SESSION*", "CODEX_TURN_*", "CODEX_CI", "CODEX_SHELL",
            "CODEX_INTERNAL_*", "CODEX_MANAGED_*", "CODEX_NETWORK_*", "CODEX_PROXY_*",
        ],
        except: &[],
    },
    Kind {
        // GEMINI_API_KEY, GEMINI_MODEL, GEMINI_CLI_HOME and their like are a person's.
        why: "marks a session of gemini or of a program made from it",
        names: &[
            "GEMINI_CLI", "GEMINI_CLI_IDE_*", "GEMINI_CLI_NO_RELAUNCH", "GEMINI_SESSION*", "QWEN_CODE",
            "QWEN_CODE_IDE_*", "QWEN_CODE_NO_RELAUNCH", "QWEN_SESSION*",
        ],
        except: &[],
    },
    Kind {
        // OPENCODE_CONFIG* and OPENCODE_DISABLE_* are a person's.
        why: "marks a session of opencode",
        names: &[
            "OPENCODE", "OPENCODE_PID", "OPENCODE_RUN_ID", "OPENCODE_PROCESS_ROLE", "OPENCODE_SESSION*",
            "OPENCODE_CALLER", "OPENCODE_TERMINAL", "OPENCODE_BIN_PATH", "OPENCODE_SERVER", "OPENCODE_PORT",
        ],
        except: &[],
    },
    Kind {
        why: "marks a session of cursor, its editor or its agent",
        names: &["CURSOR_*"],
        except: &["CURSOR_API_KEY", "CURSOR_CONFIG_DIR"],
    },
    Kind {
        // AIDER_* is no mark: it is how aider is configured.
        why: "marks a session of another agent program",
        names: &[
            "AI_AGENT", "AGENT", "AGENT_SESSION_ID", "AMP_CURRENT_THREAD_ID", "AMP_THREAD_ID", "ANTIGRAVITY_AGENT",
            "AUGMENT_AGENT", "CLINE_ACTIVE", "COPILOT_AGENT_*", "COPILOT_CLI", "CRUSH", "GOOSE_TERMINAL", "KILO_PID",
            "KILOCODE", "PI_CODING_AGENT", "Q_TERM", "QTERM_SESSION_ID", "REPLIT_AGENT", "ROO_ACTIVE",
            "TRAE_AI_SHELL_ID", "TRAE_SANDBOX_*", "WINDSURF_SESSION*",
        ],
        except: &[],
    },
    Kind {
        // All of them: which of them a person has set and which a git above has set for a hook, an alias or an editor cannot
        // be told. What shall last is in git's own configuration, where an agent's git finds it.
        why: "git tells its hooks the repository, the index and the author of the moment; an agent's commit must not \
              land there",
        names: &["GIT_*", "PRE_COMMIT", "PRE_COMMIT_FROM_REF", "PRE_COMMIT_TO_REF"],
        except: &[],
    },
    Kind {
        why: "names a terminal multiplexer and a place in it that are not the agent's; what it drew would go there",
        names: &["TMUX*", "STY", "WINDOW", "ZELLIJ*", "BYOBU_*", "ABDUCO_*", "DVTM*", "CMUX_*"],
        except: &["TMUX_TMPDIR", "ZELLIJ_CONFIG_*"],
    },
    Kind {
        // COLORTERM stays: colours are a preference, and our terminals have all of them.
        why: "describes a terminal that is not the agent's: what it can do, how large it is, how to talk to it",
        names: &[
            "TERM", "TERMCAP", "TERMINFO", "COLUMNS", "LINES", "TERM_PROGRAM*", "TERM_SESSION_ID", "TERM_FEATURES",
            "TERMINAL_EMULATOR", "LC_TERMINAL*", "COLORFGBG", "WINDOWID", "VTE_VERSION", "GPG_TTY", "SSH_TTY", "TTY",
            "ALACRITTY_*", "CONTOUR_*", "FOOT_*", "GHOSTTY_*", "GNOME_TERMINAL_*", "ITERM*", "KITTY_*", "KONSOLE_*",
            "SHELL_SESSION_ID", "TERMINATOR_*", "TILIX_ID", "WARP_*", "WAVETERM*", "WEZTERM_*", "WT_SESSION",
            "WT_PROFILE_ID", "XTERM_*", "ZED_TERM",
        ],
        except: &["KITTY_CONFIG_DIRECTORY", "WEZTERM_CONFIG_FILE"],
    },
    Kind {
        why: "leads into an editor that somebody sits at: its socket, its files, its way to ask for a password",
        names: &[
            "VSCODE_*", "NVIM", "NVIM_LISTEN_ADDRESS", "VIM", "VIMRUNTIME", "MYVIMRC", "VIM_SERVERNAME", "VIM_TERMINAL",
            "EMACS", "INSIDE_EMACS", "ELECTRON_RUN_AS_NODE", "JPY_PARENT_PID", "JPY_SESSION_NAME", "CHROME_DESKTOP",
        ],
        except: &[],
    },
    Kind {
        why: "belongs to one run of a build tool: a job server's descriptors, which nobody below us has, or the package",
        names: &[
            "MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "MAKE_TERMOUT", "MAKE_TERMERR", "CARGO_MAKEFLAGS",
            "CARGO", "CARGO_PKG_*", "CARGO_MANIFEST_*", "CARGO_BIN_*", "CARGO_CRATE_NAME", "CARGO_PRIMARY_PACKAGE",
            "CARGO_TARGET_TMPDIR", "CARGO_CFG_*", "CARGO_FEATURE_*", "RUST_RECURSION_COUNT",
            "npm_*", "INIT_CWD", "PNPM_SCRIPT_SRC_DIR", "BERRY_BIN_FOLDER", "PROJECT_CWD", "BUILD_WORKSPACE_DIRECTORY",
            "BUILD_WORKING_DIRECTORY", "PYTEST_CURRENT_TEST", "PYTEST_VERSION", "PYTEST_XDIST_*", "NEXTEST", "NEXTEST_*",
        ],
        except: &[],
    },
    Kind {
        why: "a shell says where it is and how deep; another program is elsewhere",
        names: &["PWD", "OLDPWD", "SHLVL", "_"],
        except: &[],
    },
];

/// What a daemon of ours takes over of an environment: everything but what the table names, and what an actor
/// [was given](GIVEN), in place of which it has what was there [before], where that is kept.
pub fn for_daemon(inherited: impl IntoIterator<Item = (OsString, OsString)>) -> BTreeMap<OsString, OsString> {
    let mut ours: BTreeMap<OsString, OsString> = inherited.into_iter().collect();
    let list = ours.remove(OsStr::new(GIVEN)).unwrap_or_default();
    let list = list.to_string_lossy();
    let given: HashSet<&str> = list.split(' ').collect();
    let instead: Vec<_> = NEEDED
        .iter()
        .filter(|name| given.contains(*name))
        .filter_map(|name| Some((OsString::from(name), ours.remove(OsStr::new(&before(name)))?)))
        .collect();
    // A name that is not text is none of the table's.
    ours.retain(|name, _| name.to_str().is_none_or(|name| !given.contains(name) && why_not(name).is_none()));
    ours.extend(instead);
    ours
}

/// Whether an environment is an actor's: it says who somebody is, or what somebody was given.
pub fn is_an_actors(mut names: impl Iterator<Item = OsString>) -> bool {
    names.any(|name| name.to_str().is_some_and(|name| name.starts_with("CCCC_ACTOR_")))
}

/// Why a variable is taken out; `None` for one that stays.
fn why_not(name: &str) -> Option<&'static str> {
    let is_one = |patterns: &[&str]| patterns.iter().any(|pattern| fits(pattern, name));
    TAKEN_OUT.iter().find(|kind| is_one(kind.names) && !is_one(kind.except)).map(|kind| kind.why)
}

fn fits(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(beginning) => name.starts_with(beginning),
        None => pattern == name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(inherited: &[(&str, &str)]) -> Vec<String> {
        let pairs = inherited.iter().map(|(name, value)| (name.into(), value.into()));
        for_daemon(pairs).into_keys().map(|name| name.into_string().unwrap()).collect()
    }

    #[test]
    fn what_marks_another_session_is_taken_out_and_what_a_person_prefers_stays() {
        #[rustfmt::skip]
        let cases = [
            // taken out                                              stays, though it looks alike
            ("CLAUDECODE CLAUDE_CODE_ENTRYPOINT CLAUDE_CODE_SSE_PORT CLAUDE_CODE_SESSION_ID CLAUDE_PROJECT_DIR",
             "CLAUDE_CODE_USE_BEDROCK CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC CLAUDE_CODE_OAUTH_TOKEN CLAUDE_CONFIG_DIR"),
            ("CODEX_SANDBOX CODEX_SANDBOX_NETWORK_DISABLED CODEX_THREAD_ID", "CODEX_HOME CODEX_API_KEY"),
            ("GEMINI_CLI GEMINI_CLI_IDE_SERVER_PORT QWEN_CODE",       "GEMINI_API_KEY GEMINI_MODEL"),
            ("OPENCODE OPENCODE_PID",                                 "OPENCODE_CONFIG OPENCODE_CONFIG_CONTENT"),
            ("CURSOR_TRACE_ID CURSOR_AGENT",                          "CURSOR_API_KEY"),
            ("AI_AGENT GOOSE_TERMINAL",                               "AIDER_MODEL GOOSE_MODEL AGENT_BROWSER"),
            ("GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_AUTHOR_NAME GIT_EDITOR GIT_CONFIG_PARAMETERS GIT_EXEC_PATH",
             "GITHUB_TOKEN GITLAB_TOKEN EDITOR VISUAL PAGER"),
            ("TMUX TMUX_PANE STY ZELLIJ ZELLIJ_SESSION_NAME",         "TMUX_TMPDIR"),
            ("TERM TERM_PROGRAM TERM_PROGRAM_VERSION KITTY_WINDOW_ID WEZTERM_PANE ITERM_SESSION_ID LC_TERMINAL",
             "COLORTERM LC_ALL LC_CTYPE LANG NO_COLOR FORCE_COLOR TERMUX_VERSION"),
            ("VSCODE_IPC_HOOK_CLI NVIM INSIDE_EMACS ELECTRON_RUN_AS_NODE", "VIMINIT ALTERNATE_EDITOR"),
            ("MAKEFLAGS MAKELEVEL CARGO_MAKEFLAGS CARGO_PKG_NAME CARGO_MANIFEST_DIR npm_package_name npm_lifecycle_event",
             "CARGO_HOME CARGO_TARGET_DIR RUSTUP_HOME NODE_OPTIONS NPM_CONFIG_REGISTRY CC MAKE"),
            ("PWD OLDPWD SHLVL _",                                    "HOME PATH SHELL USER TMPDIR XDG_RUNTIME_DIR"),
            ("NOTIFY_SOCKET CCCC_KEY_FD WATCHDOG_USEC LISTEN_FDS JOURNAL_STREAM", "SSH_AUTH_SOCK DISPLAY DBUS_SESSION_BUS_ADDRESS"),
            ("CCCC_ACTOR_ID CCCC_ACTOR_TOKEN CCCC_GROUP_ID CCCC_SESSION_ID","CCCC_HOME CCCC_LOG CCCC_LIBEXEC"),
            ("",                                                      "HTTPS_PROXY no_proxy ANTHROPIC_BASE_URL AWS_PROFILE"),
            ("",                                                      "ANTHROPIC_AUTH_TOKEN OPENAI_API_KEY IS_SANDBOX"),
        ];
        for (out, stays) in cases {
            for name in out.split_whitespace() {
                assert!(kept(&[(name, "1")]).is_empty(), "{name} stays");
            }
            for name in stays.split_whitespace() {
                assert_eq!(kept(&[(name, "1")]), [name], "{name}: {:?}", why_not(name));
            }
        }
    }

    #[test]
    fn every_kind_has_its_reason_and_no_name_is_said_twice() {
        let mut names: Vec<_> = TAKEN_OUT.iter().flat_map(|kind| kind.names).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
        for kind in TAKEN_OUT {
            assert!(!kind.why.is_empty());
            let is_needed = |except: &&str| kind.names.iter().any(|pattern| fits(pattern, except));
            assert!(kind.except.iter().all(is_needed), "{:?}", kind.except);
        }
    }

    #[test]
    fn what_an_actor_was_given_is_taken_out_by_name() {
        let env = [(GIVEN, "KEY LANG"), ("KEY", "secret"), ("LANG", "C"), ("KEYS", "kept"), ("HOME", "/h")];
        assert_eq!(kept(&env), ["HOME", "KEYS"]);
        let env = env.into_iter().chain([("CCCC_ACTOR_BEFORE_LANG", "de"), ("CCCC_ACTOR_BEFORE_KEY", "x")]);
        let env: Vec<_> = env.chain([("CCCC_ACTOR_BEFORE_HOME", "/of nobody")]).collect();
        assert_eq!(kept(&env), ["HOME", "KEYS", "LANG"], "what it had before is taken up again");
        let all = for_daemon(env.iter().map(|(name, value)| (name.into(), value.into())));
        assert_eq!((&all[OsStr::new("LANG")], &all[OsStr::new("HOME")]), (&"de".into(), &"/h".into()));
        assert!(is_an_actors(env.iter().map(|(name, _)| name.into())));
        assert!(!is_an_actors(["HOME", "CCCC_HOME"].iter().map(OsString::from)));
    }
}
