//! Secrets that a decision hands out, and hashes that take long: made where a request arrives, off the thread that owns
//! state, so that deciding needs no randomness and holds nobody up.

use argon2::password_hash::{PasswordHasher as _, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use bus::contract::private::Hidden;
use bus::contract::{Op, id};

/// Memory of one hash in KiB, passes over it, and lanes: the least that is recommended for passwords that people think of,
/// because `web_token` may be one. It takes less than 50 ms of an older core. Our own tokens have 244 random bits, which nobody
/// guesses however quickly. Our tests make thousands of them.
const MEMORY_KIB: u32 = if cfg!(test) { 64 } else { 19 * 1024 };
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// What was made for a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Minted {
    /// The secret.
    pub secret: Hidden,
    /// Its argon2id hash, as a text that says how it was made.
    pub hash: String,
}

/// What an op needs of it; nothing, for nearly all.
pub fn for_op(op: &Op) -> Option<Minted> {
    match op {
        Op::WebTokenAdd(_) => Some(minted(id::token())),
        Op::RemoteAccessConfigure(args) if !args.web_token.text().is_empty() => {
            Some(minted(args.web_token.text().to_owned()))
        }
        _ => None,
    }
}

fn minted(secret: String) -> Minted {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).expect("allowed by argon2");
    let salt = id::bytes(&id::token()[..32]).expect("hex digits");
    let salt = SaltString::encode_b64(&salt).expect("16 bytes");
    let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let hash = hasher.hash_password(secret.as_bytes(), &salt).expect("not too long: the wire allows less").to_string();
    Minted { secret: Hidden::from(secret), hash }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_new_each_time_and_its_hash_says_nothing_of_it() {
        let (one, other) = (minted("hunter2".into()), minted("hunter2".into()));
        assert!(one.hash.starts_with("$argon2id$v=19$m=64,t=2,p=1$"), "{}", one.hash);
        assert!(one.hash != other.hash && !format!("{one:?}").contains("hunter2"));
    }
}
