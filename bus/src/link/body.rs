//! What stands behind a header: MessagePack with named fields, which is what every type of the contract has on the bus.
//! Events are the exception: they are JSON wherever they are, and travel inside as bytes (see [`Event`]).
//!
//! [`Event`]: crate::contract::Event

use crate::contract::Request;
use crate::contract::limit::NESTING_MAX;
use rmp_serde::Deserializer;
use rmp_serde::decode::Error;
use serde::{Deserialize, Serialize};

/// Most levels of lists and maps in a request: what a [client may send](NESTING_MAX), the object of the arguments among
/// them, and the request and the op around it. Whoever asks on the bus itself is no exception: what goes deeper could be
/// written into a ledger and not be read again.
const REQUEST_LEVELS_MAX: usize = NESTING_MAX + 2;

/// The same of anything else: what was taken, and ours around it.
const LEVELS_MAX: usize = NESTING_MAX + 24;

/// A request, an answer or a hint, ready for the bus.
///
/// # Panics
///
/// Never for a type of the contract: all of them are plain data.
pub fn write<T: Serialize>(value: &T) -> Vec<u8> {
    rmp_serde::to_vec_named(value).expect("the contract is plain data")
}

/// The same, off the bus.
///
/// # Errors
///
/// It is none, one of another build of ours, or deeper than anything that a client may send.
pub fn read<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, Error> {
    T::deserialize(&mut reader(bytes))
}

/// A request, off the bus.
///
/// # Errors
///
/// As [`read`]; its arguments have more levels than [`NESTING_MAX`].
pub fn read_request(bytes: &[u8]) -> Result<Request, Error> {
    let mut reader = reader(bytes);
    reader.set_max_depth(REQUEST_LEVELS_MAX);
    Request::deserialize(&mut reader)
}

/// Reads the same step by step.
pub fn reader(bytes: &[u8]) -> Deserializer<rmp_serde::decode::ReadRefReader<'_, [u8]>> {
    let mut reader = Deserializer::from_read_ref(bytes);
    reader.set_max_depth(LEVELS_MAX);
    reader
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{Op, Principal};
    use serde_json::{Value, json};

    #[test]
    fn any_value_comes_over_as_it_is() {
        let value = json!({"null": null, "yes": true, "text": "ü\"\n\u{0}", "list": [1, -2, 1.5, 1e300, []],
            "big": u64::MAX, "small": i64::MIN, "": {"x": {}}});
        assert_eq!(read::<Value>(&write(&value)).unwrap(), value);
    }

    #[test]
    fn a_request_is_as_deep_as_a_client_may_send() {
        let read = |levels: usize| {
            let deep = (2..levels).fold(json!([]), |inner, _| json!([inner]));
            let (op, by) = Op::from_wire("send", json!({"refs": deep}).as_object().unwrap().clone()).unwrap();
            let (id, peer) = ("r".into(), "test".into());
            read_request(&write(&Request { id, peer, principal: Principal::claimed(by), deadline_ms: 1, op }))
        };
        assert!(read(NESTING_MAX).is_ok(), "{:?}", read(NESTING_MAX));
        assert!(read(NESTING_MAX + 1).is_err());
    }

    #[test]
    fn what_is_too_deep_is_an_error() {
        let nested = |levels: usize| [vec![0x91; levels], vec![0xC0]].concat();
        assert!(read::<Value>(&nested(LEVELS_MAX - 1)).is_ok());
        assert!(read::<Value>(&nested(100_000)).is_err());
    }
}
