//! Ops whose answer may be a page: one row per op. Whoever wants all of a list asks on with the cursor of each page.

use super::{Code, Op, OpError, Reply, actor, group, im, profile, status};
use crate::contract::time;
use std::cmp::Reverse;
use std::collections::HashMap;
use std::hash::Hash;

/// An answer that may be one page of several.
trait Page: Sized {
    /// Where the next page begins.
    fn next(&self) -> Option<&str>;
    /// Takes the page that follows. What is told once more in it, because the list changed meanwhile, is told as it is there.
    fn join(&mut self, page: Self);
}

/// Adds the rows of a page, each key once.
fn merge<T, K: Eq + Hash>(rows: &mut Vec<T>, page: Vec<T>, key: impl Fn(&T) -> K) {
    let mut places: HashMap<K, usize> = rows.iter().enumerate().map(|(place, row)| (key(row), place)).collect();
    for row in page {
        let place = *places.entry(key(&row)).or_insert(rows.len());
        match rows.get_mut(place) {
            Some(known) => *known = row,
            None => rows.push(row),
        }
    }
}

/// Orders groups again, of which some were touched while the pages were asked for.
fn last_touched_first(listed: &mut group::Listed) {
    listed.groups.sort_by_cached_key(|row| Reverse(time::parse(&row.updated_at)));
}

macro_rules! paged {
    ($($variant:ident $reply:ty, $($rows:ident $(. $of:ident)? by $key:expr),+ $(=> $order:path)?;)*) => {
        $(impl Page for $reply {
            fn next(&self) -> Option<&str> {
                self.next_cursor.as_deref()
            }

            fn join(&mut self, page: Self) {
                $(merge(&mut self.$rows$(.$of)?, page.$rows$(.$of)?, $key);)+
                (self.has_more, self.next_cursor) = (page.has_more, page.next_cursor);
                $($order(self);)?
            }
        })*

        impl Op {
            /// The same question for the page that follows the answer to this one; `None` when nothing follows.
            pub fn after(&self, reply: &Reply) -> Option<Self> {
                match (self, reply) {
                    $((Op::$variant(args), Reply::$variant(page)) => {
                        // A cursor that stands still would be asked for without end.
                        let cursor = page.next().filter(|cursor| *cursor != args.cursor)?.to_owned();
                        let mut args = args.clone();
                        args.cursor = cursor;
                        Some(Op::$variant(args))
                    })*
                    _ => None,
                }
            }
        }

        impl Reply {
            /// Takes the page that follows, so that both are one answer.
            ///
            /// # Errors
            ///
            /// `internal_error`: the next one answers another op.
            pub fn join(&mut self, next: Self) -> Result<(), OpError> {
                match (self, next) {
                    $((Reply::$variant(page), Reply::$variant(next)) => page.join(next),)*
                    _ => return Err(OpError::new(Code::InternalError, "a page of a list answers another op")),
                }
                Ok(())
            }
        }
    };
}

paged! {
    // op             answer                rows, each known by
    Groups            group::Listed,        groups by |row| row.group_id.clone() => last_touched_first;
    GroupShow         group::Shown,         group.scopes by |row| row.scope_key.clone(), group.actors by |row| row.id.clone();
    ActorList         actor::Listed,        actors by |row| row.actor.id.clone();
    ActorProfileList  profile::Listed,      profiles by |row| row.profile.id.clone();
    ActorProfileGet   profile::Got,         usage by |row| (row.group_id.clone(), row.actor_id.clone());
    ImListAuthorized  im::Authorized,       authorized by |row| (row.chat_id.clone(), row.thread_id);
    MessageStatuses   status::StatusesAre,  statuses by |row| row.event_id.clone();
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_page_is_asked_for_until_nothing_follows() {
        let read = |value| Reply::ImListAuthorized(serde_json::from_value(value).unwrap());
        let chat = |id: &str| json!({"chat_id": id, "platform": "slack", "authorized_at": 7, "subscribed": true, "verbose": false});
        let op = Op::ImListAuthorized(im::ListAuthorized { group_id: "g".into(), ..Default::default() });
        let mut all = read(json!({"authorized": [chat("a")], "has_more": true, "next_cursor": "1:a"}));
        let Some(Op::ImListAuthorized(next)) = op.after(&all) else { panic!("there is more") };
        assert_eq!((next.group_id.as_str(), next.cursor.as_str()), ("g", "1:a"));
        all.join(read(json!({"authorized": [chat("b")]}))).unwrap();
        assert_eq!(op.after(&all), None);
        assert_eq!(all.to_value(), read(json!({"authorized": [chat("a"), chat("b")]})).to_value());
        assert!(all.to_value().get("has_more").is_none(), "an answer that is whole looks as it always did");
    }

    #[test]
    fn what_a_later_page_tells_once_more_is_told_once() {
        let row = |id: &str, day: u8| json!({"group_id": id, "title": format!("{id}{day}"), "updated_at": format!("2026-01-{day:02}T00:00:00Z")});
        let read = |rows: Vec<serde_json::Value>, cursor: Option<&str>| {
            let rows: Vec<_> = rows.into_iter().map(|row| whole_row(&row)).collect();
            let health = json!({"missing_group_ids": [], "corrupt_group_ids": []});
            let page =
                json!({"groups": rows, "registry_health": health, "has_more": cursor.is_some(), "next_cursor": cursor});
            Reply::Groups(serde_json::from_value(page).unwrap())
        };
        let op = Op::Groups(group::List::default());
        let mut all = read(vec![row("a", 9), row("b", 8)], Some("b"));
        let next = op.after(&all).unwrap();
        all.join(read(vec![row("c", 7), row("d", 10), row("a", 11)], Some("b"))).unwrap();
        let Reply::Groups(listed) = &all else { panic!("groups") };
        let titles: Vec<_> = listed.groups.iter().map(|row| row.title.as_str()).collect();
        assert_eq!(titles, ["a11", "d10", "b8", "c7"]);
        assert_eq!(next.after(&all), None, "the cursor stands still");
    }

    fn whole_row(row: &serde_json::Value) -> serde_json::Value {
        let mut whole = json!({"topic": "", "path": "", "default_scope_key": "", "created_at": "", "running": false});
        whole["registry_health"] = json!("ok");
        whole["state"] = json!("active");
        whole.as_object_mut().unwrap().extend(row.as_object().unwrap().clone());
        whole
    }
}
