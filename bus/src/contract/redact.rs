//! What is withheld of ops: some from every door, and the secrets in others from whatever remembers them.

use super::op::{Op, actor, bridge, im, profile, push, remote, secret};
use super::private::Hidden;
use std::borrow::Cow;

/// Ops that only our own daemons ask for: no door passes them on, whoever asks.
pub const FOR_DAEMONS: [&str; 6] =
    ["im_secrets_get", "secrets_get", "web_access_get", "web_push_get", "web_push_set", "web_push_key_set"];

impl Op {
    /// Whether it is one of [`FOR_DAEMONS`].
    pub fn is_for_daemons_only(&self) -> bool {
        FOR_DAEMONS.contains(&self.row().name)
    }

    /// The op as it may be remembered: with the names of private variables, without their values.
    ///
    /// Not even a digest of a value may be kept: a short one could be guessed from it.
    pub fn without_values(&self) -> Cow<'_, Op> {
        match self {
            Op::ActorAdd(args) if !args.env_private.0.is_null() => {
                Cow::Owned(Op::ActorAdd(actor::Add { env_private: args.env_private.names_only(), ..args.clone() }))
            }
            Op::ActorEnvPrivateUpdate(args) => {
                Cow::Owned(Op::ActorEnvPrivateUpdate(secret::EnvUpdate { set: args.set.names_only(), ..args.clone() }))
            }
            Op::ActorProfileSecretUpdate(args) => Cow::Owned(Op::ActorProfileSecretUpdate(profile::SecretUpdate {
                set: args.set.names_only(),
                ..args.clone()
            })),
            Op::RemoteAccessConfigure(args) => Cow::Owned(Op::RemoteAccessConfigure(remote::Configure {
                web_token: Hidden::default(),
                ..args.clone()
            })),
            Op::WebPushSet(args) => {
                Cow::Owned(Op::WebPushSet(push::Set { subscription: Hidden::default(), ..args.clone() }))
            }
            Op::WebPushKeySet(_) => Cow::Owned(Op::WebPushKeySet(push::KeySet::default())),
            Op::ImConfigSet(args) => {
                Cow::Owned(Op::ImConfigSet(bridge::Set { config: args.config.names_only(), ..args.clone() }))
            }
            Op::ImBindChat(args) => Cow::Owned(Op::ImBindChat(im::Bind { key: Hidden::default(), ..args.clone() })),
            Op::ImRejectPending(args) => {
                Cow::Owned(Op::ImRejectPending(im::Reject { key: Hidden::default(), ..args.clone() }))
            }
            Op::ImPendingAdd(args) => {
                Cow::Owned(Op::ImPendingAdd(im::PendingAdd { key: Hidden::default(), ..args.clone() }))
            }
            _ => Cow::Borrowed(self),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_only_daemons_ask_for_are_ops() {
        for name in FOR_DAEMONS {
            let (op, _) = Op::from_wire(name, serde_json::Map::new()).unwrap();
            assert!(op.is_for_daemons_only(), "{name}");
        }
        assert!(!Op::from_wire("ping", serde_json::Map::new()).unwrap().0.is_for_daemons_only());
    }

    #[test]
    fn what_is_remembered_of_an_op_has_no_private_value() {
        let cases = [
            ("actor_add", json!({"actor_id": "a", "env_private": {"K": "hunter2"}})),
            ("actor_env_private_update", json!({"actor_id": "a", "set": {"K": "hunter2"}})),
            ("actor_profile_secret_update", json!({"profile_id": "a", "set": {"K": "hunter2"}})),
            ("im_config_set", json!({"group_id": "g", "config": {"bot_token": "hunter2"}})),
            ("remote_access_configure", json!({"web_token": "hunter2"})),
            ("web_push_set", json!({"subscription": "hunter2"})),
            ("web_push_key_set", json!({"key": "hunter2"})),
            ("im_bind_chat", json!({"group_id": "g", "key": "hunter2"})),
            ("im_reject_pending", json!({"group_id": "g", "key": "hunter2"})),
            ("im_pending_add", json!({"group_id": "g", "key": "hunter2"})),
        ];
        for (name, given) in cases {
            let (op, _) = Op::from_wire(name, given.as_object().cloned().unwrap()).unwrap();
            let kept = serde_json::to_string(&op.without_values()).unwrap();
            assert!(!kept.contains("hunter2"), "{kept}");
            assert!(!format!("{op:?}").contains("hunter2"), "{op:?}");
            assert_eq!(op.without_values().row().name, name);
        }
    }
}
