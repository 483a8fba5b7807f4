//! The append-only file of one ledger, and the only code that writes it.
//!
//! Events are staged in memory, written with one `write` and made safe with one `fdatasync`, however many there are.
//! Only then are they *settled*: readers never see an event that is not. A torn tail is cut off before the first
//! write, never by a reader, so no reader ever sees one.

use super::files::Files;
use super::index::{Index, Span};
use super::line::{self, Req, TooLong};
use super::scan::Place;
use super::{StoreError, disk, is_short, layout};
use bus::contract::{Event, time};
use bus::identity::Identity;
use std::fs::{self, File};
use std::io;
use std::ops::RangeInclusive;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// One ledger.
#[derive(Debug)]
pub struct Ledger {
    path: PathBuf,
    files: Arc<Files>,
    /// False until the first write to a new ledger.
    is_made: bool,
    /// Whether its name is on disk for certain: whoever made the file may have died before that.
    is_named: bool,
    /// Which file it is, as it was found or made.
    identity: Option<Identity>,
    /// Its file, from a write until [`Ledger::release`] or [`Ledger::retreat`]: it is synced, and cut back, as it was
    /// written, also when there are no more descriptors.
    written: Option<Arc<File>>,
    /// Its folder, from a write that made the file until its name there is synced, too.
    folder: Option<File>,
    /// Of settled and of staged events.
    index: Index,
    /// What lies from here on was written by this process.
    own_offset: u64,
    /// After the last settled event.
    settled: Place,
    /// After the last staged event; its offset is that of `index`.
    sum: line::Sum,
    staged: Vec<u8>,
    /// Bytes after the last whole request, which are not ours to keep but were not saved yet.
    torn_bytes: u64,
    /// Why it can only be read.
    damage: Option<String>,
    /// The file is a device in place of the ledger's own.
    #[cfg(test)]
    is_lost: bool,
    /// The disk takes nothing more.
    #[cfg(test)]
    pub is_full: bool,
}

/// A torn tail that was cut off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// How much.
    pub bytes: u64,
    /// The file beside the ledger that has it.
    pub saved_as: String,
}

impl Ledger {
    /// A ledger that does not exist yet. Its file is made by the first [`Ledger::write`].
    pub fn new(path: PathBuf, files: Arc<Files>) -> Self {
        Self::restored(path, files, false, Index::default(), Place::START, None, 0)
    }

    /// A ledger as it was found on disk: `index` and `settled` end with its last whole request.
    pub fn restored(
        path: PathBuf,
        files: Arc<Files>,
        is_made: bool,
        index: Index,
        settled: Place,
        damage: Option<String>,
        torn_bytes: u64,
    ) -> Self {
        let (own_offset, sum, staged, written, folder) = (settled.offset, settled.sum, Vec::new(), None, None);
        let identity = if is_made { Identity::at(&path).ok() } else { None };
        Self {
            path,
            files,
            is_made,
            is_named: false,
            identity,
            written,
            folder,
            index,
            own_offset,
            settled,
            sum,
            staged,
            torn_bytes,
            damage,
            #[cfg(test)]
            is_lost: false,
            #[cfg(test)]
            is_full: false,
        }
    }

    /// From where on this process has written what lies in the file.
    pub fn own_offset(&self) -> u64 {
        self.own_offset
    }

    /// After the last event that is safe on disk.
    pub fn settled(&self) -> Place {
        self.settled
    }

    /// Sequence number of the last staged event.
    pub fn staged_seq(&self) -> u64 {
        self.index.len()
    }

    /// Why it can only be read, if so.
    pub fn damage(&self) -> Option<&str> {
        self.damage.as_deref()
    }

    /// From now on it can only be read.
    pub fn set_damage(&mut self, why: String) {
        assert!(!self.is_staged(), "damage is noted between two batches");
        self.damage = Some(why);
    }

    /// Looks whether the file at its path is still the one that was found or made, as long as it was written; one that is not can only be
    /// read from now on. Somebody may have removed it, put another in its place (an editor, a sync tool) or cut it: what
    /// would be written then is lost, or stands where nobody finds it.
    pub fn check_place(&mut self) {
        if self.damage.is_none()
            && let Some(what) = self.misplaced()
        {
            let path = self.path.display();
            self.damage = Some(format!(
                "{path} {what} while it was in use; nothing is written until it is put right and cccc is restarted"
            ));
        }
    }

    /// What has happened to the file since it was found or made, if anything has.
    fn misplaced(&self) -> Option<String> {
        let ours = self.identity?;
        #[cfg(test)]
        if self.is_lost {
            return None;
        }
        let there = match fs::symlink_metadata(&self.path) {
            Ok(there) => there,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Some("was removed".into()),
            Err(e) => return Some(format!("could not be looked at ({e})")),
        };
        if Identity::of(&there) != ours {
            return Some("was replaced by another file".into());
        }
        let bytes = self.settled.offset + self.torn_bytes;
        (there.len() != bytes).then(|| format!("was changed: it has {} bytes, and {bytes} were written", there.len()))
    }

    /// The open file, for reading elsewhere; `None` when there is none yet.
    ///
    /// # Errors
    ///
    /// It cannot be opened.
    pub fn file(&self) -> Result<Option<Arc<File>>, StoreError> {
        if !self.is_made {
            return Ok(None);
        }
        let file = self.written.clone().map_or_else(|| self.files.get(&self.path), Ok);
        file.map(Some).map_err(|e| self.failed("open", e))
    }

    /// Where settled events lie; `None` when one of them is not settled.
    pub fn span(&self, seqs: RangeInclusive<u64>) -> Option<Span> {
        if *seqs.end() > self.settled.seq { None } else { self.index.span(seqs) }
    }

    /// Where the settled events after `after` lie: as many as both limits allow, at least one if there is one.
    pub fn span_after(&self, after: u64, events_max: usize, bytes_max: u64) -> Option<Span> {
        let last = self.index.run(after, events_max, bytes_max)?.min(self.settled.seq);
        self.span(after + 1..=last)
    }

    /// The event with a sequence number, when it is settled.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or what is there is no event.
    pub fn event(&self, seq: u64) -> Result<Option<Event>, StoreError> {
        Ok(self.record(seq)?.map(|record| record.event))
    }

    /// The line with a sequence number, when it is settled.
    ///
    /// # Errors
    ///
    /// As [`Ledger::event`].
    pub fn record(&self, seq: u64) -> Result<Option<line::Record>, StoreError> {
        let (Some(span), Some(file)) = (self.span(seq..=seq), self.file()?) else { return Ok(None) };
        let bytes = read_span(&file, span).map_err(|e| StoreError::io("read", &self.path, e))?;
        let record = line::read_loose(bytes.strip_suffix(b"\n").unwrap_or(&bytes));
        record.map(Some).map_err(|why| StoreError::Unreadable { path: self.path.clone(), seq, why })
    }

    /// Stages the events of one request: they are in line, and on disk after [`Ledger::write`] and [`Ledger::sync`].
    ///
    /// # Errors
    ///
    /// One of them is too long; then none is staged.
    pub fn stage(&mut self, events: &[&Event], req: &Req) -> Result<(), TooLong> {
        let (bytes, seq, sum) = (self.staged.len(), self.index.len(), self.sum);
        for (place, event) in events.iter().enumerate() {
            assert_eq!(event.seq, self.index.len() + 1, "an event is decided for the place it takes");
            let start = self.staged.len();
            let more = place + 1 < events.len();
            match line::write(&mut self.staged, event, (place == 0).then_some(req), more, &self.sum) {
                Ok(link) => self.sum = link,
                Err(too_long) => {
                    self.staged.truncate(bytes);
                    self.index.truncate(seq);
                    self.sum = sum;
                    return Err(too_long);
                }
            }
            self.index.push(self.staged.len() - start);
        }
        Ok(())
    }

    /// Whether something is staged.
    pub fn is_staged(&self) -> bool {
        !self.staged.is_empty()
    }

    /// Writes what is staged. Makes the file, and its folder, if this is the first time.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSpace`] means that [`Ledger::retreat`] brings back a ledger one can go on with. After any other
    /// error nobody knows what is on disk.
    pub fn write(&mut self) -> Result<(), StoreError> {
        self.save_torn()?;
        let file = self.make_file()?;
        self.put(&file, &self.staged)
    }

    /// Writes bytes after the last settled event.
    fn put(&self, file: &File, bytes: &[u8]) -> Result<(), StoreError> {
        #[cfg(test)]
        if self.is_full {
            return Err(self.failed("write", io::Error::from_raw_os_error(nix::libc::EFBIG)));
        }
        disk::write_at(file, bytes, self.settled.offset).map_err(|e| self.failed("write", e))
    }

    /// Makes what was written survive a power cut. There is no second try: after a failed sync the system may have
    /// dropped what it could not write.
    ///
    /// # Errors
    ///
    /// [`StoreError::Io`]: nobody knows what is on disk.
    pub fn sync(&self) -> Result<(), StoreError> {
        let Some(file) = &self.written else { return Ok(()) };
        if let Some(folder) = &self.folder {
            disk::sync(folder).map_err(|e| StoreError::io("sync the folder of", &self.path, e))?;
        }
        disk::sync_data(file).map_err(|e| StoreError::io("sync", &self.path, e))
    }

    /// What was synced is settled: readers may see it. Returns where the ledger was before, for whoever still has to take
    /// it back; the file stays open until [`Ledger::release`].
    ///
    /// # Errors
    ///
    /// What was written is not at the ledger's path: nobody knows what is on disk.
    pub fn settle(&mut self) -> Result<Place, StoreError> {
        let before = self.settled;
        self.settled = Place { seq: self.index.len(), offset: self.index.end(), sum: self.sum };
        self.staged.clear();
        self.is_named |= self.folder.take().is_some();
        match self.misplaced() {
            None => Ok(before),
            Some(what) => Err(StoreError::io("find what was written in", &self.path, io::Error::other(what))),
        }
    }

    /// Lets go of the file that was written: nothing of it is taken back any more.
    pub fn release(&mut self) {
        self.written = None;
    }

    /// Forgets what is staged.
    pub fn unstage(&mut self) {
        self.staged.clear();
        self.index.truncate(self.settled.seq);
        self.sum = self.settled.sum;
    }

    /// Goes back to an earlier place, as if nothing had been staged or written since, and returns once that survives a
    /// power cut.
    ///
    /// # Errors
    ///
    /// The file cannot be cut: nobody knows what is on disk.
    pub fn retreat(&mut self, to: Place) -> Result<(), StoreError> {
        let is_longer = self.written.is_some() || to.offset < self.settled.offset;
        self.settled = to;
        self.unstage();
        // A torn tail that could not be saved stays where it is.
        if is_longer && self.torn_bytes == 0 {
            let file = self.written.take().map_or_else(|| self.files.get(&self.path), Ok);
            // What was refused must not be there again after a power cut, so the cut is synced.
            let cut = file.and_then(|file| disk::set_len(&file, to.offset).and_then(|()| disk::sync(&file)));
            cut.map_err(|e| StoreError::io("cut back", &self.path, e))?;
        }
        (self.written, self.folder) = (None, None);
        Ok(())
    }

    /// Copies a torn tail aside and cuts it off, if there is one.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSpace`]: it is still there, and [`Ledger::write`] will try again.
    pub fn save_torn(&mut self) -> Result<Option<Cut>, StoreError> {
        let bytes @ 1.. = self.torn_bytes else { return Ok(None) };
        let Some(file) = self.file()? else { return Ok(None) };
        let stamp = time::format(time::now()).replace([':', '-'], "");
        let saved_as = format!("{}.torn-{stamp}", self.path.file_name().unwrap_or_default().to_string_lossy());
        let path = self.path.with_file_name(&saved_as);
        let copied = copy_tail(&file, self.settled.offset, &path);
        if copied.is_err() {
            // Half a copy helps nobody; that it cannot be removed is not worth another error.
            let _ = disk::remove_file(&path);
        }
        copied.map_err(|e| self.failed("save the torn tail of", e))?;
        disk::set_len(&file, self.settled.offset).map_err(|e| StoreError::io("cut back", &self.path, e))?;
        disk::sync_data(&file).map_err(|e| StoreError::io("sync", &self.path, e))?;
        self.torn_bytes = 0;
        Ok(Some(Cut { bytes, saved_as }))
    }

    /// Whether there is room for `bytes` more, found out by taking it for a moment. What is left behind by a crash
    /// in between is a torn tail.
    ///
    /// # Errors
    ///
    /// Anything but a lack of room.
    pub fn has_room(&mut self, bytes: usize) -> Result<bool, StoreError> {
        assert!(!self.is_staged(), "room is looked for between two batches");
        let taken =
            self.save_torn().and_then(|_| self.make_file()).and_then(|file| self.put(&file, &vec![b' '; bytes]));
        match taken {
            Ok(()) => self.retreat(self.settled).map(|()| true),
            Err(StoreError::NoSpace { .. }) => self.retreat(self.settled).map(|()| false),
            Err(other) => Err(other),
        }
    }

    /// Puts something in the place of the file that takes every write and cannot be synced.
    #[cfg(test)]
    pub fn lose_disk(&mut self) {
        let device = File::options().read(true).write(true).open("/dev/null").expect("every system has it");
        self.files.put(&self.path, Arc::new(device));
        self.is_lost = true;
    }

    fn make_file(&mut self) -> Result<Arc<File>, StoreError> {
        if self.is_named
            && let Some(file) = self.file()?
        {
            self.written = Some(Arc::clone(&file));
            return Ok(file);
        }
        let folder = self.path.parent().expect("a ledger lies in a folder");
        layout::make_folder(folder).map_err(|e| self.failed("make the folder of", e))?;
        let file = match self.file()? {
            Some(file) => file,
            None => Arc::new(disk::open_private(&self.path).map_err(|e| self.failed("make", e))?),
        };
        // Opened now, while a shortage of descriptors can still be refused; synced with the file.
        self.folder = Some(File::open(folder).map_err(|e| self.failed("open the folder of", e))?);
        self.identity = Some(Identity::of(&file.metadata().map_err(|e| self.failed("look at", e))?));
        self.files.put(&self.path, file.clone());
        (self.is_made, self.written) = (true, Some(file.clone()));
        Ok(file)
    }

    fn failed(&self, action: &'static str, source: io::Error) -> StoreError {
        if is_short(&source) {
            return StoreError::NoSpace { path: self.path.clone(), source };
        }
        StoreError::io(action, &self.path, source)
    }
}

/// Reads a piece of a ledger's file.
///
/// # Errors
///
/// As `pread`; the file is shorter than it was.
pub fn read_span(file: &File, span: Span) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; usize::try_from(span.bytes).expect("answers have a size")];
    file.read_exact_at(&mut bytes, span.offset)?;
    Ok(bytes)
}

fn copy_tail(ledger: &File, from: u64, path: &Path) -> io::Result<()> {
    let copy = disk::create_private(path)?;
    disk::copy(&mut TailReader { ledger, at: from }, &copy)?;
    disk::sync(&copy)?;
    disk::sync_folder(path.parent().unwrap_or(path))
}

/// Reads a ledger's file from some place on without moving the offset that others may use.
#[derive(Debug)]
pub struct TailReader<'a> {
    /// The file.
    pub ledger: &'a File,
    /// Where the next byte is read.
    pub at: u64,
}

impl io::Read for TailReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let bytes = self.ledger.read_at(buffer, self.at)?;
        self.at += bytes as u64;
        Ok(bytes)
    }
}
