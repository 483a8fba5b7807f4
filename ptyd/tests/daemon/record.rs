//! What is on record, whoever keeps it: the real ledgerd or the stand-in for its faults.

use bus::contract::Event;
use bus::home::Home;
use serde_json::Value;

/// A ledger with one group, and its daemon.
pub trait Record {
    /// Starts it in a home that nobody serves yet.
    fn start(home: &Home) -> Self;

    /// Called before ptyd starts: what was prepared is to run.
    fn begin(&self) {}

    /// The group.
    fn group_id(&self) -> &str;

    /// All that was recorded, as far as it can be read.
    fn events(&self) -> Vec<Event>;

    /// What was recorded of a kind, as it travels.
    fn recorded(&self, kind: &str) -> Vec<Value> {
        let events = self.events().into_iter().filter(|event| event.kind() == kind);
        events.map(|event| serde_json::to_value(event).unwrap()["data"].clone()).collect()
    }

    /// The phases of an actor's sessions, in order, without that each of them was about to start.
    fn phases(&self, actor_id: &str) -> Vec<String> {
        let of_actor = self.recorded("x.cccc.session").into_iter().filter(|data| data["actor_id"] == actor_id);
        let phases = of_actor.map(|data| data["phase"].as_str().unwrap().to_owned());
        phases.filter(|phase| phase != "starting").collect()
    }

    /// The reasons for which something was held, in order.
    fn held(&self) -> Vec<String> {
        let held = self.recorded("x.cccc.delivery").into_iter().filter(|data| data["stage"] == "held");
        held.map(|data| data["reason"].as_str().unwrap().to_owned()).collect()
    }

    /// How far each message has come that is not held.
    fn stages(&self) -> Vec<(String, String)> {
        let settled = self.recorded("x.cccc.delivery").into_iter().filter(|data| data["stage"] != "held");
        let each = |data: Value| {
            let stage = data["stage"].as_str().unwrap().to_owned();
            let ids = data["event_ids"].as_array().unwrap().clone();
            ids.into_iter().map(move |id| (id.as_str().unwrap().to_owned(), stage.clone()))
        };
        settled.flat_map(each).collect()
    }
}
