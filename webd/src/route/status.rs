//! How far messages have come, put beside them where whoever asks wants that.

use super::{answer, user};
use crate::access::Asked;
use crate::answer::{self as answered, Answer};
use crate::visit::Visit;
use axum::extract::Path;
use bus::contract::op::status::{Status, Statuses};
use bus::contract::{Ask as _, Code, OpError, limit};
use serde_json::{Map, Value, json};

/// What may be asked for beside a message: the name of the flag, and of the field.
const FLAGS: [(&str, &str); 3] = [
    ("with_read_status", "_read_status"),
    ("with_ack_status", "_ack_status"),
    ("with_obligation_status", "_obligation_status"),
];

/// Takes the flags out of arguments: the fields that are wanted.
pub fn take_flags(args: &mut Map<String, Value>) -> Vec<&'static str> {
    let is_on = |value: &Value| match value {
        Value::Bool(flag) => *flag,
        Value::String(word) => ["1", "true", "yes", "on"].contains(&word.to_ascii_lowercase().as_str()),
        _ => false,
    };
    let wanted = FLAGS.iter().filter(|(flag, _)| args.remove(*flag).is_some_and(|value| is_on(&value)));
    wanted.map(|(_, field)| *field).collect()
}

/// Asks for events, and puts what is wanted beside each message.
pub async fn ask(visit: &Visit, op: &str, args: Map<String, Value>, wanted: &[&str]) -> Answer {
    let group_id = args.get("group_id").and_then(Value::as_str).unwrap_or_default().to_owned();
    match with_statuses(visit, op, args, &group_id, wanted).await {
        Ok(told) => answered::value(&told),
        Err(refusal) => answered::refusal(&refusal),
    }
}

async fn with_statuses(
    visit: &Visit,
    op: &str,
    args: Map<String, Value>,
    group_id: &str,
    wanted: &[&str],
) -> Result<Value, OpError> {
    let bus::link::Json(bytes) = answer(visit, op, args).await?;
    let unreadable = |_| OpError::new(Code::InternalError, format!("the answer of {op} is no JSON"));
    let mut told: Value = serde_json::from_slice(&bytes).map_err(unreadable)?;
    let events = told["events"].as_array().into_iter().flatten();
    let messages = events.filter(|event| event["kind"] == "chat.message").filter_map(|event| event["id"].as_str());
    let ids: Vec<String> = messages.map(str::to_owned).collect();
    let mut statuses = Vec::new();
    for ids in ids.chunks(limit::EVENT_IDS_MAX) {
        statuses.extend(of(visit, group_id, ids).await?);
    }
    for event in told["events"].as_array_mut().into_iter().flatten() {
        let Some(status) = statuses.iter().find(|status| event["id"] == status.event_id.as_str()) else { continue };
        for field in wanted {
            let value = match *field {
                "_read_status" => json!(status.read_status),
                "_ack_status" => json!(status.ack_status),
                _ => json!(status.obligation_status),
            };
            // What a message does not ask for is not there.
            if !value.is_null() {
                event[*field] = value;
            }
        }
    }
    Ok(told)
}

/// All pages of the statuses of some messages.
async fn of(visit: &Visit, group_id: &str, ids: &[String]) -> Result<Vec<Status>, OpError> {
    let mut statuses = Vec::new();
    let mut cursor = String::new();
    loop {
        let asked = Statuses { group_id: group_id.to_owned(), event_ids: ids.to_vec(), cursor };
        let page = visit.peers.ask_as(user(), asked).await?;
        statuses.extend(page.statuses);
        match page.next_cursor {
            Some(next) => cursor = next,
            None => return Ok(statuses),
        }
    }
}

/// Who has read one message.
pub async fn read(visit: Visit, Path((group_id, event_id)): Path<(String, String)>) -> Answer {
    if let Err(denied) = visit.access().check(Asked::Op(Statuses::ROW, &group_id)) {
        return denied.refusal().answer();
    }
    match of(&visit, &group_id, std::slice::from_ref(&event_id)).await {
        Ok(statuses) => match statuses.first() {
            Some(status) => answered::value(&json!({"event_id": event_id, "read_status": status.read_status})),
            None => {
                let sentence = format!("no message {event_id} is in {group_id}");
                answered::refusal(&OpError::new(Code::EventNotFound, sentence))
            }
        },
        Err(refusal) => answered::refusal(&refusal),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_taken_out_of_the_arguments() {
        let Value::Object(mut args) = json!({"with_read_status": "true", "with_ack_status": "0", "lines": "5"}) else {
            panic!("no arguments")
        };
        assert_eq!(take_flags(&mut args), ["_read_status"]);
        assert_eq!(Value::from(args), json!({"lines": "5"}));
    }
}
