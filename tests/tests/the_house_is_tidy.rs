//! A line of code knows its room: the rules of the house that the compiler cannot check.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Our crates; each may import `bus` and no other.
const CRATES: &[&str] = &["bus", "ledgerd", "ptyd", "mcpd", "webd", "cli", "tests"];

/// Longest source file. A longer one holds two things.
const LINES_MAX: usize = 450;

/// Tables that grow with what there is: a row for each.
const TABLES: &[&str] = &["bus/src/contract/event", "bus/src/contract/op/table.rs"];

/// Words that belong to few rooms: the word, where it may stand, why.
#[rustfmt::skip]
const WORDS: &[(&str, &[&str], &str)] = &[
    ("nng_sys",           &["bus/src/link/"],                                  "one module knows the bus library"),
    ("unsafe {",          &["bus/src/link/nng", "bus/src/daemon/", "ptyd/src/hold/", "ptyd/src/bin/ptyhold", "cli/src/supervise/"],
                                                                               "unsafe only where the system forces it"),
    ("portable_pty",      &["ptyd/src/hold/holder/"],                          "a holder opens its terminal, and nobody else any"),
    ("vt100",             &["ptyd/src/", "tests/"],                            "screens are read by ptyd"),
];

/// What writes to the file system outside the store, and why it may. A folder or a file each.
#[rustfmt::skip]
const WRITERS: &[(&str, &str)] = &[
    ("ledgerd/src/import/place.rs", "puts a group that is brought over in its place, whole; ledgerd does not run then"),
    ("bus/src/atomic_file.rs",       "run files, whole or not at all"),
    ("bus/src/private_socket.rs",    "sockets"),
    ("bus/src/home",                 "makes the folders of the home, and keeps hold of its root"),
    ("bus/src/link/",                "sockets"),
    ("bus/src/key/",                 "the key file of daemons that stand alone"),
    ("bus/src/front/files.rs",       "opens a file that is sent, to read it"),
    ("bus/src/front/listen.rs",      "where a front listens, in the run file that says so"),
    ("bus/src/plain.rs",             "opens a file in the way that its caller asks for"),
    ("bus/src/setup/file.rs",        "configurations of agent programs, when their user asks for it"),
    ("ledgerd/src/store/",           "state"),
    ("ptyd/src/hold/",               "a session's run files"),
    ("ptyd/src/bin/ptyhold",         "a session's run files"),
    ("ptyd/src/session/",            "notes about a session, and the readline settings of agents"),
    ("cli/src/door/",                "the descriptor and the socket"),
    ("cli/src/supervise/",           "run files and logs"),
    ("cli/src/demo/",                "a throwaway home"),
    ("cli/src/command/blob.rs",      "a file that a person fetches"),
    ("cli/src/command/doctor",       "tries whether the home can be written"),
    ("webd/src/ws/manual.rs",        "the documents of the socket, when they are asked for"),
    ("webd/build.rs",                "the list of the built page's files, where cargo wants it"),
    ("tests/",                       "throwaway homes"),
];

/// Calls that write to the file system.
const WRITES: &[&str] = &[
    "File::create",
    "File::options",
    "OpenOptions",
    "fs::write(",
    "fs::rename(",
    "fs::copy(",
    "fs::remove_",
    "fs::create_dir",
    "fs::hard_link(",
    "DirBuilder",
];

/// Rooms in which every change on disk goes through one file, so that it can be recorded, and the file.
const RECORDED: (&[&str], &str) = (&["ledgerd/src/store/", "ledgerd/src/import/"], "ledgerd/src/store/disk.rs");

/// Calls that change what is on disk, or make a change survive.
const CHANGES: &[&str] = &[
    "File::create",
    ".create(true)",
    ".create_new(",
    "fs::write(",
    "fs::rename(",
    "fs::copy(",
    "fs::remove_",
    "fs::create_dir",
    "fs::hard_link(",
    "DirBuilder",
    ".write_all(",
    ".write_all_at(",
    ".set_len(",
    ".sync_all(",
    ".sync_data(",
];

struct Source {
    path: String,
    text: String,
}

impl Source {
    /// The text before the tests at its foot.
    fn code(&self) -> &str {
        self.text.split("#[cfg(test)]").next().unwrap_or_default()
    }

    fn is_in(&self, places: &[&str]) -> bool {
        places.iter().any(|place| self.path.starts_with(place))
    }

    fn is_test(&self) -> bool {
        self.path.contains("/tests/") || self.path.ends_with("/tests.rs") || self.path.starts_with("tests/")
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_path_buf()
}

fn sources() -> Vec<Source> {
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = CRATES.iter().map(|name| root().join(name)).collect();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of ours").flatten() {
            let path = entry.path();
            if path.is_dir() {
                let name = entry.file_name();
                if name != "target" && !name.to_string_lossy().starts_with('.') {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).expect("source text");
                let path = path.strip_prefix(root()).expect("below the root").to_string_lossy().into_owned();
                found.push(Source { path, text });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(found.len() > 50, "the sources were not found");
    found
}

fn assert_none(rule: &str, offenders: Vec<String>) {
    assert!(offenders.is_empty(), "{rule}:\n  {}", offenders.join("\n  "));
}

#[test]
fn every_crate_imports_bus_and_no_other_crate_of_ours() {
    let mut offenders = Vec::new();
    for name in CRATES {
        let manifest = fs::read_to_string(root().join(name).join("Cargo.toml")).expect("a manifest");
        for other in CRATES.iter().filter(|other| **other != "bus" && *other != name) {
            if manifest
                .lines()
                .any(|line| line.starts_with(&format!("{other}.")) || line.starts_with(&format!("{other} ")))
            {
                offenders.push(format!("{name} imports {other}"));
            }
        }
    }
    assert_none("every crate may import bus and no other crate of ours", offenders);
}

#[test]
fn the_contract_does_no_input_or_output() {
    let words = ["std::fs", "std::net", "std::process", "std::thread", "tokio", "tracing", "std::env"];
    let mut offenders = Vec::new();
    for source in sources().iter().filter(|source| source.path.starts_with("bus/src/contract/")) {
        for word in words.iter().filter(|word| source.code().contains(**word)) {
            offenders.push(format!("{}: {word}", source.path));
        }
    }
    assert_none("bus::contract is tables and plain types", offenders);
}

#[test]
fn words_stay_in_their_rooms() {
    let mut offenders = Vec::new();
    for source in sources().iter().filter(|source| source.path != "tests/tests/the_house_is_tidy.rs") {
        for (word, places, why) in WORDS {
            if source.code().contains(word) && !source.is_in(places) {
                offenders.push(format!("{}: {word} ({why})", source.path));
            }
        }
    }
    assert_none("a word stands outside its room", offenders);
}

#[test]
fn only_the_store_and_a_few_named_places_write_files() {
    let places: Vec<_> = WRITERS.iter().map(|(place, _)| *place).collect();
    let mut offenders = Vec::new();
    for source in sources().iter().filter(|source| !source.is_in(&places) && !source.is_test()) {
        for word in WRITES.iter().filter(|word| source.code().contains(**word)) {
            offenders.push(format!("{}: {word}", source.path));
        }
    }
    assert_none("only ledgerd's store writes state; run files are written where WRITERS says", offenders);
}

/// What a test of power cuts does not see, it does not try.
#[test]
fn every_change_of_state_goes_through_one_file() {
    let (rooms, place) = RECORDED;
    let is_meant = |source: &&Source| source.is_in(rooms) && !source.path.starts_with("ledgerd/src/store/disk");
    let mut offenders = Vec::new();
    for source in sources().iter().filter(|source| !source.is_test()).filter(is_meant) {
        for word in CHANGES.iter().filter(|word| source.code().contains(**word)) {
            offenders.push(format!("{}: {word}", source.path));
        }
    }
    assert_none(&format!("changes on disk are made by {place}"), offenders);
}

#[test]
fn every_file_says_what_it_is_for_and_holds_one_thing() {
    let mut offenders = Vec::new();
    for source in sources() {
        if !source.text.starts_with("//!") {
            offenders.push(format!("{} does not begin with //!", source.path));
        }
        let lines = source.text.lines().count();
        if lines > LINES_MAX && !TABLES.iter().any(|table| source.path.starts_with(table)) {
            offenders.push(format!("{} has {lines} lines, the limit is {LINES_MAX}", source.path));
        }
        if source
            .text
            .lines()
            .any(|line| line.trim_start().starts_with("#[allow(") || line.trim_start().starts_with("#![allow("))
        {
            offenders.push(format!("{}: use #[expect(lint, reason = \"…\")]", source.path));
        }
    }
    assert_none("files", offenders);
}

/// Names that say nothing hide two things in one file.
#[test]
fn files_are_named_after_things() {
    let nothing = ["utils", "util", "helpers", "helper", "common", "manager", "misc", "types"];
    let named = |source: &Source| {
        let path = Path::new(&source.path);
        path.components()
            .any(|part| nothing.iter().any(|word| part.as_os_str().to_string_lossy().trim_end_matches(".rs") == *word))
    };
    assert_none(
        "a name from the field, please",
        sources().into_iter().filter(named).map(|source| source.path).collect(),
    );
}

/// The same noun has the same file name in every room.
#[test]
fn every_noun_of_the_contract_has_its_file_in_ledgerd() {
    let nouns = fs::read_dir(root().join("bus/src/contract/op")).expect("the ops").flatten();
    let missing: Vec<_> = nouns
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| !["mod.rs", "row.rs", "shape.rs", "terminal.rs"].contains(&name.as_str()))
        .filter(|name| !root().join("ledgerd/src/op").join(name).exists())
        .collect();
    assert_none("ledgerd/src/op has no file of this name", missing);
}

/// What git keeps is what a stranger gets: no build output, no environment, no machine's own path.
#[test]
fn nothing_of_this_machine_is_kept() {
    let listed = Command::new("git").args(["ls-files", "-z"]).current_dir(root()).output().expect("git");
    if !listed.status.success() {
        // A source archive has no history, and nothing to check.
        return;
    }
    let own = root().to_string_lossy().into_owned();
    let names = String::from_utf8(listed.stdout).expect("names are text");
    let mut offenders = Vec::new();
    for name in names.split('\0').filter(|name| !name.is_empty()) {
        let text = fs::read(root().join(name)).unwrap_or_default();
        if name.starts_with("target/") || name.contains(".venv") {
            offenders.push(format!("{name} is made by the build"));
        }
        if own.len() > 5 && String::from_utf8_lossy(&text).contains(&own) {
            offenders.push(format!("{name} names {own}"));
        }
    }
    assert_none("files that git keeps", offenders);
}
