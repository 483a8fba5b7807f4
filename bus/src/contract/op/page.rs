//! Ops whose answer may be a page: one row per op. Whoever wants all of a list asks on with the cursor of each page.

use super::{Code, Op, OpError, Reply, actor, group, im, profile, status};

/// An answer that may be one page of several.
trait Page: Sized {
    /// Where the next page begins.
    fn next(&self) -> Option<&str>;
    /// Takes the page that follows.
    fn join(&mut self, page: Self);
}

macro_rules! paged {
    ($($variant:ident $reply:ty, $($rows:ident $(. $of:ident)?),+;)*) => {
        $(impl Page for $reply {
            fn next(&self) -> Option<&str> {
                self.next_cursor.as_deref()
            }

            fn join(&mut self, page: Self) {
                $(self.$rows$(.$of)?.extend(page.$rows$(.$of)?);)+
                (self.has_more, self.next_cursor) = (page.has_more, page.next_cursor);
            }
        })*

        impl Op {
            /// The same question for the page that follows an answer; `None` when nothing follows.
            pub fn after(&self, reply: &Reply) -> Option<Self> {
                match (self, reply) {
                    $((Op::$variant(args), Reply::$variant(page)) => {
                        let cursor = page.next()?.to_owned();
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
    // op             answer              rows
    Groups            group::Listed,      groups;
    GroupShow         group::Shown,       group.scopes, group.actors;
    ActorList         actor::Listed,      actors;
    ActorProfileList  profile::Listed,    profiles;
    ActorProfileGet   profile::Got,       usage;
    ImListAuthorized  im::Authorized,     authorized;
    MessageStatuses   status::StatusesAre, statuses;
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
}
