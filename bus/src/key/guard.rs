//! What a daemon that is asked checks before it reads on: who has sent a request, and whether its [row](LINKS) allows it.

use super::LinkKey;
use crate::contract::links::{LINKS, Process, check};
use crate::contract::{Code, OpError, Request};
use crate::link::{Incoming, Seal, body};

/// The detail of a refusal that says what is wrong with the sender's key.
const KEY: &str = "key";

/// What [`KEY`] says of one that is not of this start.
const OF_ANOTHER_START: &str = "of_another_start";

/// Checks the requests to one daemon. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Guard {
    asked: Process,
    keys: Vec<LinkKey>,
}

impl Guard {
    /// The guard of a daemon. `keys` are those of its [askers](super::RootKey::askers); whoever has none is not believed.
    pub fn new(asked: Process, keys: Vec<LinkKey>) -> Self {
        Self { asked, keys }
    }

    /// The request that came, from whom it says, and as one who may ask for it.
    ///
    /// # Errors
    ///
    /// `permission_denied`: its proof is wrong, or its sender may not ask this; `invalid_request`: it is none.
    pub fn admit(&self, incoming: &Incoming) -> Result<Request, OpError> {
        let asks = self.sender(&incoming.seal, &incoming.bytes)?;
        let request = body::read_request(&incoming.bytes)
            .map_err(|e| OpError::new(Code::InvalidRequest, "invalid request").with("error", e.to_string()))?;
        check(asks, self.asked, &request)?;
        Ok(request)
    }

    fn sender(&self, seal: &Seal, bytes: &[u8]) -> Result<Process, OpError> {
        let Seal::Of(process, tag) = *seal else { return Ok(Process::Client) };
        let has_row = LINKS.iter().any(|link| (link.asks, link.asked) == (process, self.asked));
        match self.keys.iter().find(|key| key.asks() == process) {
            Some(key) if key.proves(bytes, tag) => Ok(process),
            Some(_) => {
                let (process, asked) = (process.name(), self.asked.name());
                let sentence = format!(
                    "permission denied: the key of {process} is of another start than the one of {asked}, so it is not \
                     believed to be {process}; `cccc daemon restart` gives new keys to all, and daemons without a \
                     supervisor have to be started again, each"
                );
                let refusal = OpError::denied(Code::PermissionDenied, sentence).with("asked_by", process);
                Err(refusal.with(KEY, OF_ANOTHER_START))
            }
            None if has_row => {
                let (process, asked) = (process.name(), self.asked.name());
                let sentence = format!(
                    "permission denied: {asked} was given no key by which it would know {process}: its supervisor is of an \
                     earlier version and hands down none for it; `cccc daemon restart` brings all to one version"
                );
                Err(OpError::denied(Code::PermissionDenied, sentence).with("asked_by", process))
            }
            // Whoever has no row is refused for that.
            None => Ok(process),
        }
    }
}

/// Whether a daemon was refused because its key is of another start than that of the daemon it has asked. While one start
/// follows another that passes: the old ones end.
pub fn is_of_another_start(refusal: &OpError) -> bool {
    refusal.code == Code::PermissionDenied && refusal.details.get(KEY).is_some_and(|is| is == OF_ANOTHER_START)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::op::core::Ping;
    use crate::contract::{Op, Principal};
    use crate::key::{RootKey, TAG_BYTES, Tag};

    /// What a guard of ledgerd says to a request that was sealed in some way.
    fn told(seal: impl Fn(&[u8]) -> Seal, peer: &str, principal: Principal) -> Result<Process, OpError> {
        let guard = Guard::new(Process::Ledgerd, root().askers(Process::Ledgerd));
        let op = Op::Ping(Ping::default());
        let request = Request { id: "r".into(), peer: peer.into(), principal, deadline_ms: 1, op };
        let bytes = body::write(&request);
        let asks = guard.sender(&seal(&bytes), &bytes)?;
        check(asks, Process::Ledgerd, &request).map(|()| asks)
    }

    fn root() -> RootKey {
        RootKey([7; super::super::KEY_BYTES])
    }

    #[test]
    fn a_daemon_is_believed_with_the_key_of_this_start_only() {
        let by = |root: RootKey, process: Process| {
            move |bytes: &[u8]| Seal::Of(process, root.of(process).to_ask(Process::Ledgerd).tag(bytes))
        };
        let system = Principal::system;
        assert_eq!(told(by(root(), Process::Ptyd), "ptyd", system()), Ok(Process::Ptyd));
        assert_eq!(told(by(root(), Process::Door), "door", system()), Ok(Process::Door));
        assert_eq!(told(|_| Seal::None, "cli", Principal::claimed("user")), Ok(Process::Client));

        let stale = told(by(RootKey::random(), Process::Ptyd), "ptyd", system()).unwrap_err();
        assert!(stale.is_denied() && is_of_another_start(&stale) && stale.message.contains("cccc daemon restart"));
        let forged = |_: &[u8]| Seal::Of(Process::Ptyd, Tag::from([0; TAG_BYTES]));
        assert!(told(forged, "ptyd", Principal::claimed("user")).unwrap_err().is_denied(), "not even as a client");
        let posing =
            |bytes: &[u8]| Seal::Of(Process::Ptyd, root().of(Process::Door).to_ask(Process::Ledgerd).tag(bytes));
        assert!(told(posing, "ptyd", system()).unwrap_err().is_denied(), "the door is not ptyd");
        for (seal, peer) in
            [(Seal::None, "cli"), (Seal::None, "ptyd"), (Seal::Of(Process::Ledgerd, [0; TAG_BYTES]), "ledgerd")]
        {
            let refusal = told(|_| seal, peer, system()).unwrap_err();
            assert!(refusal.is_denied() && !is_of_another_start(&refusal), "{peer}: {refusal}");
        }
    }

    #[test]
    fn whose_key_a_guard_does_not_have_is_not_believed() {
        let guard = Guard::new(Process::Ledgerd, Vec::new());
        for process in Process::ALL.iter().copied().filter(|process| process.is_daemon()) {
            let seal = Seal::Of(process, root().of(process).to_ask(Process::Ledgerd).tag(b"request"));
            let has_row = LINKS.iter().any(|link| (link.asks, link.asked) == (process, Process::Ledgerd));
            let refusal = guard.sender(&seal, b"request").err();
            assert_eq!(refusal.is_some(), has_row, "{process:?}");
            // To ask again would not help: nobody hands a key down later.
            let is_told = |refusal: &OpError| refusal.message.contains("supervisor is of an earlier version");
            assert!(refusal.is_none_or(|refusal| is_told(&refusal) && !is_of_another_start(&refusal)), "{process:?}");
        }
        assert_eq!(guard.sender(&Seal::None, b"request").unwrap(), Process::Client);
    }
}
