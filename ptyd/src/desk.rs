//! What ledgerd says about a group, in the form in which the group's seats need it.

use bus::contract::document::{GroupState, Role};
use bus::contract::op::delivery::{Desk, Place};
use std::sync::Arc;

/// What every seat of a group knows about the group.
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

/// One actor as the others see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its id.
    pub actor_id: String,
    /// Its role now.
    pub role: Role,
    /// Whether it should run when the group runs.
    pub enabled: bool,
}

/// What one seat is told: the newest state of its actor. Only the latest counts.
#[derive(Debug, Clone)]
pub struct Orders {
    /// Which read of the desk this is from; see [`Group::next_read`](crate::group::Group::next_read).
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

/// Takes a desk apart.
pub fn split(desk: Desk) -> (u64, Arc<Facts>, Vec<Arc<Place>>) {
    let member =
        |place: &Place| Member { actor_id: place.actor.id.clone(), role: place.role, enabled: place.actor.enabled };
    let facts = Facts {
        team: desk.places.iter().map(member).collect(),
        group_id: desk.group_id,
        title: desk.title,
        topic: desk.topic,
        state: desk.state,
        min_interval_seconds: desk.min_interval_seconds,
    };
    (desk.head_seq, Arc::new(facts), desk.places.into_iter().map(Arc::new).collect())
}
