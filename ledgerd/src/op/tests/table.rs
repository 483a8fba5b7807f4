//! Every op is served as the contract's table says.

use super::world::World;
use bus::contract::Code;
use bus::contract::op::{Server, TABLE};
use serde_json::json;

#[test]
fn every_op_is_decided_or_read_as_its_access_says() {
    let mut world = World::new();
    for row in TABLE {
        match world.ask("user", row.name, json!({})) {
            Err(refusal) if row.server == Server::Door => {
                assert_eq!(refusal.code, Code::InvalidRequest, "{}", row.name)
            }
            Err(refusal) => assert_ne!(refusal.code, Code::InternalError, "{}: {}", row.name, refusal.message),
            Ok(_) => assert_ne!(row.server, Server::Door, "{}", row.name),
        }
    }
}
