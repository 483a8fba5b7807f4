//! Ops about access from other machines: ledgerd records what is wanted; what the provider's program does, and where the web
//! server really listens, is done and seen here.

use super::{Answered, Asked};
use crate::tailscale;
use bus::contract::op::remote::{Configure, RemoteIs, Start, State, Stop};
use bus::contract::remote::{Provider, RemoteAccess, Seen};
use bus::contract::{Ask, OpError};
use bus::front::listen::Endpoint;
use bus::peer::Question;
use std::time::Duration;
use tokio::time::sleep;

/// How long the web server may take to go where it is sent, and how often is looked.
const MOVES_MAX: u32 = 50;
const LOOK_EVERY: Duration = Duration::from_millis(40);

/// `remote_access_state`: what is set, and how it really is.
pub async fn state(asked: &Asked<'_>, op: State) -> Answered<State> {
    let told = asked.forward(op).await?;
    Ok(RemoteIs { remote_access: seen(asked, told.remote_access).await })
}

/// `remote_access_configure`: whoever takes the provider away takes its network down that we have brought up.
pub async fn configure(asked: &Asked<'_>, op: Configure) -> Answered<Configure> {
    let before = asked.allowed().await?;
    let at = endpoint(asked);
    let after = asked.forward(op).await?.remote_access;
    end(&before, &after).await;
    let place = |access: &RemoteAccess| (access.config.web_host.clone(), access.config.web_port);
    if at.is_some() && place(&before) != place(&after) {
        for _ in 0..MOVES_MAX {
            if endpoint(asked) != at {
                break;
            }
            sleep(LOOK_EVERY).await;
        }
    }
    Ok(RemoteIs { remote_access: seen(asked, after).await })
}

/// `remote_access_start`: what the provider's program must do is done before it is recorded, and undone when it is not.
pub async fn start(asked: &Asked<'_>, _op: Start) -> Answered<Start> {
    let before = asked.allowed().await?;
    let diagnostics = &before.diagnostics;
    // What ledgerd refuses anyway is no reason to bring anything up.
    let is_possible = diagnostics.web_bind_reachable && (diagnostics.web_token_present || !before.enforce_web_token);
    let brought_up = match before.provider {
        Provider::Tailscale if is_possible => blocking(tailscale::bring_up).await?,
        Provider::Tailscale | Provider::Manual | Provider::Off => false,
    };
    match asked.forward(Start { brought_up }).await {
        Ok(after) => Ok(RemoteIs { remote_access: seen(asked, after.remote_access).await }),
        Err(refusal) => {
            if brought_up {
                take_down().await;
            }
            Err(refusal)
        }
    }
}

/// `remote_access_stop`
pub async fn stop(asked: &Asked<'_>, op: Stop) -> Answered<Stop> {
    let before = asked.allowed().await?;
    let after = asked.forward(op).await?.remote_access;
    end(&before, &after).await;
    Ok(RemoteIs { remote_access: seen(asked, after).await })
}

impl Asked<'_> {
    /// How it is now, for whoever may change it: ledgerd is asked to change nothing.
    async fn allowed(&self) -> Result<RemoteAccess, OpError> {
        let nothing = Question::new(self.principal.clone(), Configure::default());
        let answer = self.service.ledgerd.ask(nothing.within(Duration::from_millis(self.deadline_ms))).await?;
        Ok(Configure::answer(answer)?.remote_access)
    }
}

/// Takes down what was ours and is wanted no more.
async fn end(before: &RemoteAccess, after: &RemoteAccess) {
    if before.diagnostics.tailscale_brought_up && !after.diagnostics.tailscale_brought_up {
        take_down().await;
    }
}

async fn take_down() {
    if let Err(error) = blocking(tailscale::take_down).await {
        tracing::warn!(%error, "the tailnet that was brought up for this home stays up");
    }
}

/// Does what waits for a program.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.expect("it does not panic")
}

fn endpoint(asked: &Asked<'_>) -> Option<Endpoint> {
    Endpoint::announced(&asked.service.web_endpoint)
}

async fn seen(asked: &Asked<'_>, mut access: RemoteAccess) -> RemoteAccess {
    let tailscale = match access.provider {
        Provider::Tailscale => Some(blocking(tailscale::look).await),
        Provider::Manual | Provider::Off => None,
    };
    let endpoint = endpoint(asked);
    let (web_url, web_trouble) = endpoint.map_or((None, None), |is| (Some(is.url), is.trouble));
    access.look(Seen { tailscale, web_url, web_trouble });
    access
}
