//! What makes a text one for a browser and nobody on the way (RFC 8291, RFC 8188), and what tells its service who sends it
//! (VAPID, RFC 8292).
//!
//! By hand on `ring`, which TLS needs anyway: `web-push` and `ece` want OpenSSL, `web-push-native` a second family of
//! ciphers. It is checked against `pywebpush`'s reader.

use super::service::Services;
use base64::Engine as _;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
use bus::contract::private::Hidden;
use bus::contract::time;
use reqwest::Url;
use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::agreement::{ECDH_P256, EphemeralPrivateKey, UnparsedPublicKey, agree_ephemeral};
use ring::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};
use ring::rand::{SecureRandom as _, SystemRandom};
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde::Deserialize;
use serde_json::json;

/// A point of P-256, uncompressed.
const POINT_BYTES: usize = 65;

/// Size of a record: all that services take, so there is one.
const RECORD_BYTES: u32 = 4_096;

/// Says that a record is the last one.
const LAST: u8 = 2;

/// Digits of a device's id.
const ID_DIGITS: usize = 12;

/// How long what we say of ourselves counts; the most is a day.
const CLAIM_SECONDS: i64 = 12 * 60 * 60;

/// Whom services may write to when something goes wrong. They want an address, and ours is nobody's.
const CONTACT: &str = "mailto:owner@example.com";

/// Where a browser is reached, and with which keys.
#[derive(Clone)]
pub struct Subscription {
    endpoint: Url,
    key: [u8; POINT_BYTES],
    auth: Vec<u8>,
}

impl std::fmt::Debug for Subscription {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Subscription").field("service", &self.service()).finish_non_exhaustive()
    }
}

/// As a browser says it (`PushSubscription.toJSON`).
#[derive(Deserialize)]
struct Said {
    endpoint: String,
    keys: Keys,
}

#[derive(Deserialize)]
struct Keys {
    p256dh: String,
    auth: String,
}

impl Subscription {
    /// What a browser has said.
    ///
    /// # Errors
    ///
    /// What is wrong with it: it is something else, its keys are none, or its service is nobody we write to.
    pub fn read(said: &str, services: &Services) -> Result<Self, String> {
        let said: Said = serde_json::from_str(said)
            .map_err(|_| "give endpoint and keys as the browser's PushSubscription says them".to_owned())?;
        let endpoint = Url::parse(&said.endpoint).map_err(|_| "its endpoint is no address".to_owned())?;
        services.check(&endpoint)?;
        let key = decoded(&said.keys.p256dh).and_then(|key| key.try_into().ok());
        let auth = decoded(&said.keys.auth).filter(|auth| auth.len() == 16);
        let keys = key.zip(auth).ok_or_else(|| "its keys are none".to_owned())?;
        let this = Self { endpoint, key: keys.0, auth: keys.1 };
        // A point that is not on the curve is only found by using it.
        this.seal(b"").map(|_| this).ok_or_else(|| "its keys are none".to_owned())
    }

    /// The same for the same browser.
    pub fn device_id(&self) -> String {
        blake3::hash(self.endpoint.as_str().as_bytes()).to_hex()[..ID_DIGITS].to_owned()
    }

    /// Where a text is left for it.
    pub fn endpoint(&self) -> &Url {
        &self.endpoint
    }

    /// The host of its service.
    pub fn service(&self) -> String {
        self.endpoint.host_str().unwrap_or_default().to_owned()
    }

    /// A text that only this browser can read; `None` when its key is none, or the system has no random bytes.
    pub fn seal(&self, text: &[u8]) -> Option<Vec<u8>> {
        let random = SystemRandom::new();
        let own = EphemeralPrivateKey::generate(&ECDH_P256, &random).ok()?;
        let own_public = own.compute_public_key().ok()?;
        let mut salt = [0; 16];
        random.fill(&mut salt).ok()?;
        let theirs = UnparsedPublicKey::new(&ECDH_P256, &self.key);
        let shared = agree_ephemeral(own, &theirs, |secret| Salt::new(HKDF_SHA256, &self.auth).extract(secret)).ok()?;
        let seed: [u8; 32] = expand(&shared, &[b"WebPush: info\0", &self.key, own_public.as_ref()])?;
        let master = Salt::new(HKDF_SHA256, &salt).extract(&seed);
        let key: [u8; 16] = expand(&master, &[b"Content-Encoding: aes128gcm\0"])?;
        let nonce: [u8; 12] = expand(&master, &[b"Content-Encoding: nonce\0"])?;
        let mut record = [text, &[LAST]].concat();
        let cipher = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key).ok()?);
        cipher.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut record).ok()?;
        let head = [&salt[..], &RECORD_BYTES.to_be_bytes(), &[POINT_BYTES as u8], own_public.as_ref()].concat();
        Some([head, record].concat())
    }
}

/// A length that a key is expanded to.
struct Bytes(usize);

impl KeyType for Bytes {
    fn len(&self) -> usize {
        self.0
    }
}

fn expand<const N: usize>(from: &Prk, info: &[&[u8]]) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    from.expand(info, Bytes(N)).ok()?.fill(&mut bytes).ok()?;
    Some(bytes)
}

/// Bytes as browsers write them, with or without padding.
fn decoded(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).or_else(|_| URL_SAFE.decode(text)).ok()
}

/// The key by which services know this home.
pub struct VapidKey(EcdsaKeyPair);

impl std::fmt::Debug for VapidKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("VapidKey")
    }
}

impl VapidKey {
    /// A new one, as it is kept.
    pub fn generate() -> Option<Hidden> {
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).ok()?;
        Some(URL_SAFE_NO_PAD.encode(document).into())
    }

    /// One that was kept.
    pub fn read(kept: &str) -> Option<Self> {
        let document = decoded(kept)?;
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &document, &SystemRandom::new()).ok().map(Self)
    }

    /// Its public half, as browsers want it.
    pub fn public(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0.public_key().as_ref())
    }

    /// What proves to a service that we are who the browser has let in: the value of the header `Authorization`.
    pub fn authorization(&self, endpoint: &Url) -> Option<String> {
        let until = time::now() / 1_000_000 + CLAIM_SECONDS;
        let origin = endpoint.origin().ascii_serialization();
        let encoded = |part: serde_json::Value| URL_SAFE_NO_PAD.encode(part.to_string());
        let claim = [
            encoded(json!({"typ": "JWT", "alg": "ES256"})),
            encoded(json!({"aud": origin, "exp": until, "sub": CONTACT})),
        ]
        .join(".");
        let signature = self.0.sign(&SystemRandom::new(), claim.as_bytes()).ok()?;
        Some(format!("vapid t={claim}.{},k={}", URL_SAFE_NO_PAD.encode(signature), self.public()))
    }
}
