//! The size of a terminal: a window decides while somebody looks through it, and nobody else.

use super::viewer::{Viewer, until_joined_looking};
use super::world::World;
use bus::contract::Reply;
use nix::sys::signal::Signal;
use serde_json::json;

/// An agent that notes the size of its terminal again and again.
fn measurer() -> World {
    let world = World::with(|ledger, folder| {
        let script = "while :; do stty size > new; mv new size; sleep 0.05; done";
        ledger.add("a", &["sh".into(), "-c".into(), script.into()], json!({}), folder.path());
    });
    until_size(&world, "40 120");
    // It may measure before ptyd has it.
    until_joined_looking(&world);
    world
}

/// Waits until so many viewers have left, the one of [`measurer`] among them.
fn until_left(world: &World, count: usize) {
    let log = |world: &World| std::fs::read_to_string(world.folder.path().join("ptyd.log")).unwrap();
    world.until("a viewer's leaving", |world| log(world).matches("a viewer has left").count() == count);
}

fn until_size(world: &World, rows_cols: &str) {
    let noted = |world: &World| std::fs::read_to_string(world.folder.path().join("size")).unwrap_or_default();
    world.until(&format!("a size of {rows_cols}"), |world| noted(world).trim() == rows_cols);
}

fn resize(world: &World, cols: u16, rows: u16) {
    world.ask("term_resize", json!({"group_id": world.group(), "actor_id": "a", "cols": cols, "rows": rows})).unwrap();
    until_size(world, &format!("{rows} {cols}"));
}

/// A small window is nobody's terminal for ever, however its viewer left. What was asked for without one stays.
#[test]
fn the_size_of_a_window_goes_with_its_viewer() {
    let world = measurer();
    let (first, _) = Viewer::join(&world, "a", "user");
    let (second, _) = Viewer::join(&world, "a", "user");
    let (_looker, _) = Viewer::join_to(&world, "a", "user", false);
    resize(&world, 12, 3);
    resize(&world, 14, 4);
    drop(first);
    until_left(&world, 2);
    until_size(&world, "4 14");
    drop(second);
    until_size(&world, "40 120");

    resize(&world, 90, 30);
    let (viewer, _) = Viewer::join(&world, "a", "user");
    resize(&world, 12, 3);
    drop(viewer);
    until_size(&world, "30 90");
}

/// A viewer may be killed while it asks for the size of its window: what it asked for comes when it is gone, and stays
/// behind with nobody. So it does where ptyd was killed meanwhile.
#[test]
fn a_size_that_comes_when_its_viewer_is_gone_changes_nothing() {
    let mut world = measurer();
    let late = |world: &World, id: String| {
        let args = json!({"group_id": world.group(), "actor_id": "a", "cols": 12, "rows": 3});
        let Reply::TermResize(answer) = world.ask_under(id, "term_resize", args).unwrap() else {
            panic!("another reply")
        };
        assert_eq!((answer.cols, answer.rows), (120, 40), "the answer says which size it has");
        // Of two looks that come behind the answer, the second has begun behind it.
        for _ in 0..2 {
            std::fs::remove_file(world.folder.path().join("size")).unwrap();
            let size = || std::fs::read_to_string(world.folder.path().join("size")).unwrap_or_default();
            world.until("a look at the size", |_| !size().is_empty());
            assert_eq!(size().trim(), "40 120");
        }
    };
    let (viewer, _) = Viewer::join(&world, "a", "user");
    let id = bus::contract::id::unique();
    drop(viewer);
    until_left(&world, 2);
    late(&world, id);

    let (viewer, _) = Viewer::join(&world, "a", "user");
    let id = bus::contract::id::unique();
    world.end(Signal::SIGKILL);
    drop(viewer);
    world.start();
    until_joined_looking(&world);
    late(&world, id);
    resize(&world, 90, 30);
}

/// A ptyd that is killed takes its viewers with it; those that do not come back have no say any more.
#[test]
fn the_size_of_a_window_does_not_outlive_its_viewer_when_ptyd_is_killed() {
    let mut world = measurer();
    let (viewer, _) = Viewer::join(&world, "a", "user");
    resize(&world, 12, 3);
    world.end(Signal::SIGKILL);
    drop(viewer);
    world.start();
    until_size(&world, "40 120");
}
