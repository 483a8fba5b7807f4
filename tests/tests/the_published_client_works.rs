//! The published Python client, unmodified, drives every op of the wire that we serve.

use std::path::Path;
use tests::{Stack, published};

#[test]
fn the_published_client_works() {
    let stack = Stack::start();
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = published("cccc-sdk==0.4.3").join("python");
    let mut command = stack.command("cccc");
    let program = std::process::Command::new(&python)
        .arg(here.join("published/drive_0_4_3.py"))
        .arg(stack.work())
        .env("CCCC_HOME", stack.home())
        .env("CCCC_PROGRAM", command.get_program())
        .current_dir(stack.work())
        .output()
        .expect("python starts");
    let said = String::from_utf8_lossy(&program.stdout).into_owned() + &String::from_utf8_lossy(&program.stderr);
    assert!(program.status.success(), "{said}");
    command.arg("status");
    assert!(command.output().expect("cccc starts").status.success());
}
