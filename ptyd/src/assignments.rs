//! What ledgerd says about a group, in the form in which the group's runners need it.

mod reads;

use bus::contract::document::GroupState;
use bus::contract::op::delivery::{self, Desk};
use bus::contract::{Code, Event, OpError};
use std::collections::{HashMap, HashSet};
use std::ops::Deref;
use std::sync::Arc;

pub use bus::contract::op::delivery::Member;
pub use reads::Reads;

/// What every runner of a group knows about the group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Which group.
    pub group_id: String,
    /// Its title.
    pub title: String,
    /// Its topic.
    pub topic: String,
    /// Paused holds every delivery.
    pub state: GroupState,
    /// Seconds between two deliveries to one actor.
    pub min_interval_seconds: u64,
    /// The roster, in order.
    pub team: Vec<Member>,
}

/// One actor's place, and what waits for it: what ledgerd said, with the texts that it only named.
#[derive(Debug, Clone)]
pub struct Place {
    said: delivery::Place,
    /// The oldest messages and notifications that wait, in order.
    pub queue: Vec<Queued>,
}

/// One message that waits. Whoever else waits for it has the same.
#[derive(Debug, Clone)]
pub struct Queued {
    /// The message or notification.
    pub event: Arc<Event>,
    /// The reason recorded with `held`, or `""`.
    pub held: String,
}

/// A place is what was said of it, and more.
impl Deref for Place {
    type Target = delivery::Place;

    fn deref(&self) -> &delivery::Place {
        &self.said
    }
}

/// What one runner is told: the newest state of its actor. Only the latest counts.
#[derive(Debug, Clone)]
pub struct Orders {
    /// Which read this is from; see [`Reads::next`].
    pub read: u64,
    /// Sequence number of the last event this knows.
    pub head_seq: u64,
    /// The group; `None` when the group is gone.
    pub facts: Option<Arc<Facts>>,
    /// The actor; `None` when it is gone.
    pub place: Option<Arc<Place>>,
}

impl Orders {
    /// The actor is gone, or its group.
    pub fn gone(read: u64) -> Self {
        Self { read, head_seq: 0, facts: None, place: None }
    }
}

/// The assignments of a group, put together from their pages.
#[derive(Debug)]
pub struct Assignments {
    /// Sequence number of the last event that every page knows.
    pub head_seq: u64,
    /// What every runner knows.
    pub facts: Arc<Facts>,
    /// In roster order, as far as read.
    pub places: Vec<Arc<Place>>,
    missing: Vec<String>,
}

impl Assignments {
    /// Begins with the page of everybody.
    ///
    /// # Errors
    ///
    /// As [`Assignments::add`].
    pub fn begin(mut page: Desk) -> Result<Self, OpError> {
        let facts = Facts {
            team: std::mem::take(&mut page.team),
            group_id: std::mem::take(&mut page.group_id),
            title: std::mem::take(&mut page.title),
            topic: std::mem::take(&mut page.topic),
            state: page.state,
            min_interval_seconds: page.min_interval_seconds,
        };
        let missing = facts.team.iter().map(|member| member.actor_id.clone()).collect();
        let (head_seq, facts) = (page.head_seq, Arc::new(facts));
        page.team.clone_from(&facts.team);
        let mut assignments = Self { head_seq, facts, places: Vec::new(), missing };
        assignments.add(page)?;
        Ok(assignments)
    }

    /// Whose places are still to be asked for; none when they are complete.
    pub fn missing(&self) -> &[String] {
        &self.missing
    }

    /// Takes the page with some of those that were missing. Whoever has left since is missed no more.
    ///
    /// # Errors
    ///
    /// `internal_error`: nothing of it was missing, so asking on would never end.
    pub fn add(&mut self, page: Desk) -> Result<(), OpError> {
        let before = self.missing.len();
        let there: HashSet<&str> = page.team.iter().map(|member| member.actor_id.as_str()).collect();
        let said: HashSet<&str> = page.places.iter().map(|place| place.actor.id.as_str()).collect();
        self.missing.retain(|actor_id| there.contains(actor_id.as_str()) && !said.contains(actor_id.as_str()));
        if before > 0 && self.missing.len() == before {
            let sentence = format!("ledgerd tells nothing of {}", self.missing.join(", "));
            return Err(OpError::new(Code::InternalError, sentence));
        }
        let texts: HashMap<u64, Arc<Event>> =
            page.messages.into_iter().map(|event| (event.seq, Arc::new(event))).collect();
        for mut said in page.places {
            let queue = std::mem::take(&mut said.queue).into_iter();
            // In order, so nothing is told before what it follows.
            let queue = queue.map_while(|one| Some(Queued { event: texts.get(&one.seq)?.clone(), held: one.held }));
            let queue = queue.collect();
            self.places.push(Arc::new(Place { said, queue }));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn page(team: &[&str], places: &[&str]) -> Desk {
        let member = |id: &&str| json!({"actor_id": id, "role": "peer", "enabled": true});
        let place = |id: &&str| {
            json!({"actor": {"v": 1, "id": id, "runtime": "custom", "created_at": "", "updated_at": ""}, "role": "peer",
                   "directory": {"Ok": "/"}, "wanted": true, "generation": 1, "session": null, "handed_at": "",
                   "queue": [{"seq": 7, "held": ""}, {"seq": 8, "held": ""}], "queue_len": 2})
        };
        let message = json!({"seq": 7, "id": "e", "ts": "", "kind": "chat.message", "group_id": "g", "by": "user",
                             "data": {"text": "t"}});
        let page = json!({"group_id": "g", "title": "", "topic": "", "head_seq": 9, "state": "active", "running": true,
                          "min_interval_seconds": 0, "team": team.iter().map(member).collect::<Value>(),
                          "places": places.iter().map(place).collect::<Value>(), "messages": [message]});
        serde_json::from_value(page).unwrap()
    }

    #[test]
    fn assignments_are_complete_when_everybody_who_is_there_was_told_of() {
        let mut assignments = Assignments::begin(page(&["a", "b", "c", "d"], &["a"])).unwrap();
        assert_eq!(assignments.missing(), ["b", "c", "d"]);
        assignments.add(page(&["a", "b", "d"], &["b"])).unwrap();
        assert_eq!(assignments.missing(), ["d"], "c has left meanwhile");
        assert_eq!(assignments.add(page(&["a", "b", "d"], &[])).unwrap_err().code, Code::InternalError);
        assignments.add(page(&["a", "b", "d"], &["d"])).unwrap();
        assert!(assignments.missing().is_empty());
        let ids: Vec<_> = assignments.places.iter().map(|place| place.actor.id.as_str()).collect();
        assert_eq!((ids, assignments.facts.team.len()), (vec!["a", "b", "d"], 4));
        let queue: Vec<_> = assignments.places[1].queue.iter().map(|queued| queued.event.seq).collect();
        assert_eq!(queue, [7], "what was not sent along is told later");
        assert!(Assignments::begin(page(&[], &[])).unwrap().missing().is_empty());
    }
}
