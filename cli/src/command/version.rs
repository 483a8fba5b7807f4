//! `cccc version`.

use crate::client::Client;
use crate::failure::Failure;
use bus::contract::version;
use serde_json::json;

/// Shows which version this program is.
///
/// # Errors
///
/// The answer cannot be written.
pub fn run(client: &Client) -> Result<(), Failure> {
    let result = json!({
        "version": version::PRODUCT,
        "contract": version::CONTRACT,
        "ipc_v": version::IPC,
        "home_version": version::HOME,
    });
    client.present(&result, |_| format!("cccc {}\n", version::PRODUCT))
}
