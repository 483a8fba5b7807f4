//! The published Python clients, both generations, unmodified: every op of the wire that we serve, every method they have.

use std::path::Path;
use tests::{Stack, published};

fn drive(package: &str, script: &str) {
    let stack = Stack::start();
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut command = stack.command("cccc");
    let program = std::process::Command::new(published(package).join("python"))
        .arg(here.join("published").join(script))
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

#[test]
fn the_published_client_works() {
    drive("cccc-sdk==0.4.3", "drive_0_4_3.py");
}

#[test]
fn the_newer_published_client_works() {
    drive("cccc-sdk==0.4.41", "drive_0_4_41.py");
}
