//! What nobody has read yet, for anybody who asks, under the roles of the moment.
//!
//! A role change moves messages to `@foreman` and `@peers` in and out of inboxes, so nothing is stored per reader that
//! depends on a role. Each message is put once into the list of everybody, of the peers or of the foreman, and into
//! the list of each name it has; what is in two lists of one reader, is its own, or was answered by it, is remembered as an
//! exception of that reader. Then a count is a sum of list lengths behind the cursor, and a listing is a merge that stops early:
//! neither looks at the messages that were read, however many there are.

use super::seq_list::SeqList;
use bus::contract::document::{KindFilter, Role};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Lists of messages and notifications by whom they are for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unread {
    everyone: SeqList,
    peers: SeqList,
    foreman: SeqList,
    notices: SeqList,
    names: BTreeMap<String, Named>,
}

/// What concerns one name only.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Named {
    /// Messages from others that name it and are not for everyone anyway.
    chat: SeqList,
    /// Notifications for it alone.
    notices: SeqList,
    /// Messages for everyone that are its own.
    not_everyone: SeqList,
    /// Messages for the peers that are its own or name it.
    not_peers: SeqList,
    /// Messages for the foreman that are its own or name it.
    not_foreman: SeqList,
    /// Notifications for everybody that it has answered.
    not_notices: SeqList,
    /// What it has answered.
    answered: SeqList,
    /// Messages that it has not read, each with a notification for it alone that is about it.
    about: BTreeSet<(u64, u64)>,
}

/// Whose inbox: the name, its role now, and up to where it has read.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    /// An actor, `user`, or any other name.
    pub name: &'a str,
    /// Its role now; whoever is not in the roster counts as a peer.
    pub role: Role,
    /// Sequence number of the last event it has read; 0 is none.
    pub read_seq: u64,
}

impl Unread {
    /// Adds a message under its resolved recipients.
    pub fn add_message(&mut self, seq: u64, by: &str, to: &[String]) {
        let has = |token: &str| to.iter().any(|to| to == token);
        let (peers, foreman) = (has("@peers"), has("@foreman"));
        // Everybody is one or the other.
        if to.is_empty() || has("@all") || peers && foreman {
            self.everyone.push(seq);
            self.named(by).not_everyone.push(seq);
            return;
        }
        if peers {
            self.peers.push(seq);
            self.named(by).not_peers.push(seq);
        }
        if foreman {
            self.foreman.push(seq);
            self.named(by).not_foreman.push(seq);
        }
        for name in to.iter().filter(|name| !name.starts_with('@') && *name != by) {
            let named = self.named(name);
            named.chat.push(seq);
            if peers {
                named.not_peers.push(seq);
            }
            if foreman {
                named.not_foreman.push(seq);
            }
        }
    }

    /// Adds a notification: for one name, or for everybody. One about a `message` says only that there is one.
    pub fn add_notice(&mut self, seq: u64, target: Option<&str>, message: Option<u64>) {
        let Some(name) = target else { return self.notices.push(seq) };
        let named = self.named(name);
        named.notices.push(seq);
        named.about.extend(message.map(|message| (message, seq)));
    }

    /// Notes that a name has answered an event: that counts as read by it, and so do the notifications that it is there.
    /// What lies before it stays as it was. Returns all of them.
    pub fn answer(&mut self, name: &str, seq: u64) -> Vec<u64> {
        let about: Vec<u64> = self.names.get(name).into_iter().flat_map(|named| named.notices_about(seq)).collect();
        let read: Vec<u64> = std::iter::once(seq).chain(about).collect();
        self.named(name);
        let Self { everyone, peers, foreman, notices, names } = self;
        let named = names.get_mut(name).expect("it was just put there");
        for seq in &read {
            for (list, but) in [
                (&*everyone, &mut named.not_everyone),
                (&*peers, &mut named.not_peers),
                (&*foreman, &mut named.not_foreman),
                (&*notices, &mut named.not_notices),
            ] {
                if list.has(*seq) {
                    but.insert(*seq);
                }
            }
            named.chat.remove(*seq);
            named.notices.remove(*seq);
            named.answered.insert(*seq);
        }
        read
    }

    /// Notes that a name has read up to an event, so that less has to be remembered.
    pub fn read(&mut self, name: &str, read_seq: u64) {
        if let Some(named) = self.names.get_mut(name) {
            named.about = named.about.split_off(&(read_seq + 1, 0));
        }
    }

    /// Whether somebody has read an event: its cursor is there, or it has answered it.
    pub fn has_read(&self, reader: Reader<'_>, seq: u64) -> bool {
        reader.read_seq >= seq || self.names.get(reader.name).is_some_and(|named| named.answered.has(seq))
    }

    /// The same of many events: which of them somebody has read.
    pub fn read_of<'a>(&'a self, reader: Reader<'_>, seqs: &'a [u64]) -> impl Iterator<Item = u64> {
        let answered = self.names.get(reader.name).map(|named| &named.answered).filter(|answered| !answered.is_empty());
        let has_read = move |seq: &u64| reader.read_seq >= *seq || answered.is_some_and(|answered| answered.has(*seq));
        seqs.iter().copied().filter(has_read)
    }

    fn named(&mut self, name: &str) -> &mut Named {
        if !self.names.contains_key(name) {
            self.names.insert(name.to_owned(), Named::default());
        }
        self.names.get_mut(name).expect("it was just put there")
    }

    /// How many events a reader has not read. Logarithmic.
    pub fn count(&self, reader: Reader<'_>, filter: KindFilter) -> u64 {
        let lists = self.lists(reader, filter);
        lists.iter().map(|list| (list.has.len() - list.but.len()) as u64).sum()
    }

    /// What a reader has not read, oldest first.
    pub fn iter(&self, reader: Reader<'_>, filter: KindFilter) -> impl Iterator<Item = u64> {
        let mut lists = self.lists(reader, filter);
        std::iter::from_fn(move || {
            lists.iter_mut().for_each(List::skip);
            let next = lists.iter().filter_map(|list| list.has.first().copied()).min()?;
            for list in &mut lists {
                if let [first, rest @ ..] = list.has
                    && *first == next
                {
                    list.has = rest;
                }
            }
            Some(next)
        })
    }

    /// The newest event a reader has not read.
    pub fn newest(&self, reader: Reader<'_>, filter: KindFilter) -> Option<u64> {
        self.lists(reader, filter).into_iter().filter_map(List::newest).max()
    }

    fn lists(&self, reader: Reader<'_>, filter: KindFilter) -> [List<'_>; 5] {
        let after = reader.read_seq;
        let named = self.names.get(reader.name);
        let of = |pick: fn(&Named) -> &SeqList| named.map_or(&[][..], |named| pick(named).after(after));
        let nothing = List { has: &[], but: &[] };
        let (chat, notices) = match filter {
            KindFilter::All => (true, true),
            KindFilter::Chat => (true, false),
            KindFilter::Notify => (false, true),
        };
        let by_role = match reader.role {
            Role::Foreman => List { has: self.foreman.after(after), but: of(|named| &named.not_foreman) },
            Role::Peer => List { has: self.peers.after(after), but: of(|named| &named.not_peers) },
        };
        let everyone = List { has: self.everyone.after(after), but: of(|named| &named.not_everyone) };
        let direct = List { has: of(|named| &named.chat), but: &[] };
        let to_all = List { has: self.notices.after(after), but: of(|named| &named.not_notices) };
        let to_one = List { has: of(|named| &named.notices), but: &[] };
        let only = |wanted: bool, list| if wanted { list } else { nothing };
        [only(chat, everyone), only(chat, by_role), only(chat, direct), only(notices, to_all), only(notices, to_one)]
    }
}

impl Named {
    fn notices_about(&self, message: u64) -> impl Iterator<Item = u64> {
        self.about.range((message, 0)..=(message, u64::MAX)).map(|(_, notice)| *notice)
    }
}

/// A list without its exceptions; every exception is in the list.
#[derive(Clone, Copy)]
struct List<'a> {
    has: &'a [u64],
    but: &'a [u64],
}

impl List<'_> {
    fn skip(&mut self) {
        while let ([first, rest @ ..], [but, others @ ..]) = (self.has, self.but)
            && first == but
        {
            (self.has, self.but) = (rest, others);
        }
    }

    fn newest(mut self) -> Option<u64> {
        while let ([rest @ .., last], [others @ .., but]) = (self.has, self.but)
            && last == but
        {
            (self.has, self.but) = (rest, others);
        }
        self.has.last().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipient::is_addressed;

    /// Who sent it and to whom; no sender is a notification.
    type Sent = (Option<&'static str>, Vec<String>);

    fn sent() -> Vec<Sent> {
        let lists: [&[&str]; 12] = [
            &[],
            &["@all"],
            &["@peers"],
            &["@foreman"],
            &["@peers", "@foreman"],
            &["a"],
            &["b", "user"],
            &["@peers", "a"],
            &["@foreman", "a", "b"],
            &["user"],
            &["@all", "a"],
            &["@peers", "b", "user"],
        ];
        let mut sent = Vec::new();
        for by in [Some("a"), Some("b"), Some("user"), Some("stranger"), None] {
            for to in lists.iter().filter(|to| by.is_some() || to.len() < 2 && to.iter().all(|to| !to.starts_with('@')))
            {
                sent.push((by, to.iter().map(|to| (*to).to_owned()).collect()));
            }
        }
        sent
    }

    /// The rule of the standard, read literally over every message.
    fn naive(sent: &[Sent], reader: Reader<'_>, filter: KindFilter) -> Vec<u64> {
        let is_for = |(by, to): &Sent| match by {
            Some(by) => {
                filter != KindFilter::Notify && *by != reader.name && is_addressed(to, reader.name, reader.role)
            }
            None => filter != KindFilter::Chat && (to.is_empty() || to[0] == reader.name),
        };
        let numbered = sent.iter().zip(1..);
        numbered.filter(|(sent, seq)| *seq > reader.read_seq && is_for(sent)).map(|(_, seq)| seq).collect()
    }

    #[test]
    fn lists_and_counts_agree_with_reading_every_message() {
        let sent = sent();
        let mut unread = Unread::default();
        for ((by, to), seq) in sent.iter().zip(1..) {
            match by {
                Some(by) => unread.add_message(seq, by, to),
                None => unread.add_notice(seq, to.first().map(String::as_str), None),
            }
        }
        check(&unread, &sent, &BTreeSet::new());
        // Every other event is answered by everybody, in no order.
        let names = ["user", "a", "nobody", "b"];
        let mut answered = BTreeSet::new();
        for step in 1..sent.len() as u64 {
            let (seq, name) = (step * 37 % sent.len() as u64 + 1, names[step as usize % names.len()]);
            unread.answer(name, seq);
            answered.insert((name, seq));
        }
        check(&unread, &sent, &answered);
    }

    fn check(unread: &Unread, sent: &[Sent], answered: &BTreeSet<(&str, u64)>) {
        for name in ["a", "b", "user", "stranger", "nobody"] {
            for role in [Role::Foreman, Role::Peer] {
                for filter in [KindFilter::All, KindFilter::Chat, KindFilter::Notify] {
                    for read_seq in 0..=sent.len() as u64 {
                        let reader = Reader { name, role, read_seq };
                        let mut wanted = naive(sent, reader, filter);
                        wanted.retain(|seq| !answered.contains(&(name, *seq)));
                        assert_eq!(unread.iter(reader, filter).collect::<Vec<_>>(), wanted, "{reader:?} {filter}");
                        assert_eq!(unread.count(reader, filter), wanted.len() as u64, "{reader:?} {filter}");
                        assert_eq!(unread.newest(reader, filter), wanted.last().copied(), "{reader:?} {filter}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_notification_about_a_message_is_read_with_its_answer() {
        let mut unread = Unread::default();
        unread.add_message(1, "user", &["a".into()]);
        unread.add_notice(2, Some("a"), Some(1));
        unread.add_notice(3, Some("a"), None);
        unread.add_notice(4, Some("b"), Some(1));
        let reader = |name, read_seq| Reader { name, role: Role::Peer, read_seq };
        let listed = |unread: &Unread, name| unread.iter(reader(name, 0), KindFilter::All).collect::<Vec<_>>();
        assert_eq!(unread.answer("a", 1), [1, 2]);
        assert_eq!((listed(&unread, "a"), listed(&unread, "b")), (vec![3], vec![4]));
        assert!(unread.has_read(reader("a", 0), 2) && !unread.has_read(reader("a", 0), 3));
        assert!(unread.has_read(reader("a", 3), 3) && !unread.has_read(reader("b", 0), 1));
        // What was read needs no more to be known.
        unread.read("b", 4);
        assert_eq!(unread.answer("b", 1), [1]);
    }
}
