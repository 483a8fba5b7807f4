//! What somebody else has put in the place of our files: it keeps nobody waiting, and nothing of it is believed.

use super::*;

/// Pipes without a writer, devices, links and files that fill the memory: none of them keeps a daemon from its start.
#[test]
fn what_is_no_plain_file_of_ours_blocks_nobody() {
    let home = Home::new();
    let (mut store, _) = home.open();
    [A, B].iter().for_each(|group| create(&mut store, group));
    store.commit(None).unwrap();
    drop(store);
    let layout = Layout::new(home.folder.path());
    let pipe = |path: &Path| nix::unistd::mkfifo(path, nix::sys::stat::Mode::S_IRWXU).unwrap();
    layout::make_folder(&layout.cache()).unwrap();
    pipe(&layout.snapshot(HOME));
    File::create(layout.snapshot(B)).unwrap().set_len(20_000_000_000).unwrap();
    pipe(&layout.search_index(A));
    fs::remove_file(home.ledger(A)).unwrap();
    pipe(&home.ledger(A));
    layout::make_folder(&layout.secrets(B)).unwrap();
    pipe(&layout.secret(B, "1"));

    let (mut store, ids) = home.open();
    assert!(ids.damaged[A].contains("it is no plain file"), "{:?}", ids.damaged);
    assert!(!ids.damaged.contains_key(B) && store.is_open(B).unwrap().is_ok());
    assert!(store.secret(B, "1").is_err());
    drop(store);

    // A tail that nobody can have torn is not copied aside.
    let file = File::options().write(true).open(home.ledger(B)).unwrap();
    file.set_len(20_000_000_000).unwrap();
    let (_, ids) = home.open();
    assert!(ids.damaged[B].contains("is damaged"), "{:?}", ids.damaged);

    fs::remove_file(layout.lock()).unwrap();
    pipe(&layout.lock());
    let refusal = Store::open(home.folder.path(), &mut Ids::default(), &Life::unwatched()).unwrap_err();
    assert!(matches!(refusal, StoreError::Io { action: "open", .. }), "{refusal}");
}

/// A snapshot proves what was there, and each ledger says whose it is.
#[test]
fn what_does_not_belong_together_is_told_and_not_believed() {
    let home = Home::new();
    let (mut store, _) = home.open();
    [A, B].iter().for_each(|group| create(&mut store, group));
    stage(&mut store, A, "one", 3);
    store.commit(None).unwrap();
    snapshots::make::<Ids>(store.layout(), A, store.settled(A).unwrap().offset).unwrap();
    drop(store);
    let (whole, other) = (fs::read(home.ledger(A)).unwrap(), fs::read(home.ledger(B)).unwrap());
    let cut = whole.iter().position(|byte| *byte == b'\n').unwrap() + 1;

    fs::write(home.ledger(A), &whole[..cut]).unwrap();
    fs::write(home.ledger(B), &whole).unwrap();
    let (mut store, ids) = home.open();
    assert!(ids.damaged[A].contains("it has 1 events, and 4 were there"), "{:?}", ids.damaged);
    assert!(ids.damaged[B].contains(&format!("is the ledger of {A}")), "{:?}", ids.damaged);
    assert!(matches!(store.is_open(A), Ok(Err(Closed::Damaged(_)))) && matches!(store.is_open(B), Ok(Err(_))));
    assert!(!ids.ids.contains_key(B), "nothing of it is believed");
    drop(store);

    fs::write(home.ledger(A), &whole).unwrap();
    fs::write(home.ledger(B), &other).unwrap();
    let (store, ids) = home.open();
    assert_eq!((ids.damaged.len(), store.head(A)), (0, 4));
    drop(store);
}

/// A home that has lost its own ledger would begin anew, with nobody asked for a proof.
#[test]
fn a_home_without_its_own_ledger_is_refused() {
    let home = Home::new();
    let (mut store, _) = home.open();
    create(&mut store, A);
    drop(store);
    let own = fs::read(home.ledger(HOME)).unwrap();
    for harm in [|path: &Path| fs::remove_file(path).unwrap(), |path: &Path| fs::write(path, "").unwrap()] {
        harm(&home.ledger(HOME));
        let refusal = Store::open(home.folder.path(), &mut Ids::default(), &Life::unwatched()).unwrap_err();
        assert!(matches!(&refusal, StoreError::Headless { group, .. } if group == A), "{refusal}");
        assert_eq!(fs::read(home.ledger(HOME)).unwrap_or_default(), b"", "nothing was written");
    }
    fs::write(home.ledger(HOME), own).unwrap();
    assert_eq!(home.open().0.head(A), 1);
}
