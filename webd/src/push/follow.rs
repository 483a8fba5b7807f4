//! Reads what happens in all groups and tells browsers what concerns the user.

use super::cursor::Cursor;
use super::notice::{Notice, gathered};
use super::{Device, Devices};
use crate::serve::Site;
use bus::contract::op::group::Show;
use bus::contract::op::ledger::{Heads, Range};
use bus::contract::{Code, OpError, Principal, id, time};
use futures_util::future::join_all;
use std::collections::BTreeSet;
use std::time::Duration;

/// What comes so soon after something that was told is told together.
const GATHER: Duration = Duration::from_secs(1);

/// Pause before ledgerd is asked again.
const RETRY: Duration = Duration::from_secs(1);

/// Pause after ledgerd has refused to say who is told.
const AWAY: Duration = Duration::from_secs(60);

/// Older events are no news any more: what was written while this machine slept was.
const AGE_MAX: Duration = Duration::from_secs(60 * 60);

/// Events that are looked back at when somebody is told for the first time: since then some may have come already.
const LOOK_BACK_EVENTS: u64 = 100;

/// Tells, for ever.
pub async fn follow(site: &Site) {
    let mut cursor = Cursor::open(site.home.web_push_cursor());
    let mut moves = site.feed.moves();
    let mut pending: BTreeSet<String> = BTreeSet::new();
    let mut known: Option<Devices> = None;
    loop {
        let moved = tokio::select! {
            moved = moves.next() => moved,
            // Something could not be read.
            () = tokio::time::sleep(RETRY), if !pending.is_empty() => Vec::new(),
        };
        if moved.iter().any(|ledger| ledger == id::HOME) {
            known = None;
        }
        pending.extend(moved.into_iter().filter(|ledger| ledger != id::HOME));
        let Some(devices) = (match known.take() {
            Some(devices) => Some(devices),
            None => devices(site).await,
        }) else {
            continue;
        };
        if devices.devices.is_empty() {
            cursor.clear();
            pending.clear();
        } else {
            if !cursor.is_begun() {
                begin(site, &mut cursor, &mut pending).await;
            }
            let notices = read_all(site, &mut cursor, &mut pending).await;
            let is_any = !notices.is_empty();
            tell(site, &devices, notices).await;
            cursor.keep();
            if is_any {
                tokio::time::sleep(GATHER).await;
            }
        }
        known = Some(devices);
    }
}

/// Who is told, as soon as ledgerd says it. Where it refuses to, what moves waits until the home does.
async fn devices(site: &Site) -> Option<Devices> {
    loop {
        match site.push.devices(&site.peers).await {
            Ok(devices) => return Some(devices),
            Err(error) if error.code.is_retryable() => tokio::time::sleep(RETRY).await,
            Err(error) => {
                tracing::error!(%error, "nobody knows which browsers are told; told are none");
                tokio::time::sleep(AWAY).await;
                return None;
            }
        }
    }
}

/// Begins near the end of all ledgers that there are. One that comes later is looked at from its beginning.
async fn begin(site: &Site, cursor: &mut Cursor, pending: &mut BTreeSet<String>) {
    let heads = loop {
        match site.peers.ask_as(Principal::system(), Heads {}).await {
            Ok(heads) => break heads.heads,
            Err(error) => tracing::warn!(%error, "not known how far groups have come"),
        }
        tokio::time::sleep(RETRY).await;
    };
    let groups = heads.into_iter().filter(|(ledger, _)| ledger != id::HOME);
    cursor.begin(groups.map(|(group_id, seq)| (group_id, seq.saturating_sub(LOOK_BACK_EVENTS))).collect());
    pending.extend(cursor.groups());
}

/// What concerns the user of what is new in some groups. What cannot be read now stays pending.
async fn read_all(site: &Site, cursor: &mut Cursor, pending: &mut BTreeSet<String>) -> Vec<Notice> {
    let mut notices = Vec::new();
    for group_id in std::mem::take(pending) {
        match read(site, cursor, &group_id).await {
            Ok(told) => notices.extend(told),
            Err(error) if error.code == Code::GroupNotFound => cursor.forget(&group_id),
            Err(error) => {
                tracing::warn!(%error, group_id, "cannot be read for notifications");
                if error.code.is_retryable() {
                    pending.insert(group_id);
                }
            }
        }
    }
    notices
}

/// What concerns the user of what is new in a group.
async fn read(site: &Site, cursor: &mut Cursor, group_id: &str) -> Result<Vec<Notice>, OpError> {
    let mut notices = Vec::new();
    let since = time::now() - i64::try_from(AGE_MAX.as_micros()).unwrap_or(i64::MAX);
    loop {
        let known = cursor.seq(group_id);
        let after_seq = Some(i64::try_from(known).unwrap_or(i64::MAX));
        let ask = Range { group_id: group_id.into(), after_seq, limit: None, for_speaker: true };
        let range = site.peers.ask_as(crate::route::user(), ask).await?;
        notices.extend(range.events.iter().filter_map(Notice::of).filter(|notice| notice.at >= since));
        // It may be an older copy that was restored.
        cursor.set(group_id, range.through_seq.min(range.head_seq));
        if range.through_seq >= range.head_seq || range.through_seq <= known {
            return Ok(gathered(notices));
        }
    }
}

/// Tells every browser what it wants to know, all of them at once.
async fn tell(site: &Site, devices: &Devices, notices: Vec<Notice>) {
    for mut notice in notices {
        name(site, &mut notice).await;
        let wants = |device: &&Device| {
            let is_wanted = notice.topic.is_some_and(|topic| device.told.topics.contains(&topic));
            let is_since = time::parse(&device.told.created_at).is_none_or(|created| created <= notice.at);
            is_wanted && is_since && site.tokens.sees(device.told.token_id.as_deref(), &notice.group_id)
        };
        let telling = devices.devices.iter().filter(wants);
        // What went wrong is in the log and on the page.
        join_all(telling.map(|device| site.push.tell(&site.peers, devices, device, &notice))).await;
    }
}

/// Puts the names of people into it that they know; where they cannot be learnt, ids will do.
async fn name(site: &Site, notice: &mut Notice) {
    let show = Show { group_id: notice.group_id.clone(), ..Show::default() };
    let Ok(shown) = site.peers.ask_as(crate::route::user(), show).await else { return };
    notice.group_title = shown.group.title;
    let actor = shown.group.actors.into_iter().find(|actor| actor.id == notice.by);
    if let Some(title) = actor.map(|actor| actor.title).filter(|title| !title.is_empty()) {
        notice.by = title;
    }
}
