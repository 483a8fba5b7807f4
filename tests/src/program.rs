//! Where the programs under test are.

use std::path::{Path, PathBuf};

/// The folder of our programs: `CCCC_BIN_DIR`, or the one this test was built into.
///
/// # Panics
///
/// There is none.
pub fn folder() -> PathBuf {
    if let Some(folder) = std::env::var_os("CCCC_BIN_DIR") {
        return PathBuf::from(folder);
    }
    let own = std::env::current_exe().expect("a test knows its own program");
    let mut folder = own.parent().expect("a program is in a folder");
    if folder.ends_with("deps") {
        folder = folder.parent().expect("`deps` is in a folder");
    }
    folder.to_path_buf()
}

/// One of our programs.
///
/// # Panics
///
/// It was not built.
pub fn path(name: &str) -> PathBuf {
    let path = folder().join(name);
    assert!(path.exists(), "{} is missing; build it first: cargo build --workspace --bins", path.display());
    path
}

/// The folder with the programs of a published package, as its users install it.
///
/// # Panics
///
/// It is not installed.
pub fn published(package: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(".venv").join(package);
    assert!(folder.join("installed").exists(), "{} is missing; make it first: make published", folder.display());
    folder.join("bin")
}
