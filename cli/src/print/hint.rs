//! What to do now: one row per refusal, and per reason that holds a message, that has a usual way out.

use bus::contract::document::ActorView;
use bus::contract::held::Reason;
use bus::contract::{Actor, Code, runtime};

/// Stands for the option that names the group, where a command needs it.
const PLACE: &str = "{place}";

/// The usual way out of a refusal. Refusals that say it themselves have no row.
#[rustfmt::skip]
const HINTS: &[(Code, &str)] = &[
    (Code::PermissionDenied,    "ask the foreman or the user to do it"),
    (Code::NoSpace,             "make room on the disk and try again; nothing was lost"),
    (Code::GroupDamaged,        "`cccc ledger verify` says where; the group can still be read"),
    (Code::MissingGroupId,      "name a group with --group (`group_id` in a call), or run `cccc attach .` in your project"),
    (Code::MissingProjectRoot,  "run `cccc attach .{place}` in your project"),
    (Code::ScopeNotAttached,    "run `cccc attach <path>{place}` first"),
    (Code::InvalidProjectRoot,  "attach a folder that exists: `cccc attach <path>{place}`"),
    (Code::GroupNotFound,       "`cccc groups` lists them"),
    (Code::ActorNotFound,       "`cccc actor list{place}` lists them"),
    (Code::UnknownActor,        "`cccc actor list{place}` lists them"),
    (Code::TaskNotFound,        "`cccc task list{place}` lists them"),
    (Code::WebTokenNotFound,    "`cccc web token list` lists them"),
    (Code::ProfileNotFound,     "`cccc profile list` lists them"),
    (Code::SourceProfileNotFound, "`cccc profile list` lists them"),
    (Code::BlobNotFound,        "`cccc tail{place}` shows what was attached, and where it is"),
    (Code::EventNotFound,       "`cccc tail{place}` shows ids"),
    (Code::InvalidRecipient,    "recipients are actor ids or titles, user, @all, @peers and @foreman"),
    (Code::NoEnabledRecipients, "add an actor with `cccc actor add{place}`, or start the group with `cccc group start{place}`"),
    (Code::UnsupportedRuntime,  "`cccc runtime list --all` lists them"),
    (Code::MissingCommand,      "give the program with --command \"<words>\""),
    (Code::ActorNotRunning,     "start it with `cccc actor start <actor>{place}`"),
    (Code::UnknownOp,           "`cccc call` lists them"),
];

/// What to do about a refusal, or `""`. `place` is the option that names the group, or `""`.
pub fn of(code: Code, place: &str) -> String {
    HINTS.iter().find(|(known, _)| *known == code).map_or_else(String::new, |(_, hint)| hint.replace(PLACE, place))
}

/// What a person can do for messages that wait; nothing where they only have to wait, too. `place` is the option that
/// names the group, or `""`.
pub fn of_waiting(reason: Reason, actor: &str, place: &str) -> Option<String> {
    match reason {
        Reason::NoSession => Some(format!("`cccc actor start {actor}{place}` starts {actor}")),
        Reason::Paused => Some(format!("`cccc group set-state active{place}` lets messages go")),
        Reason::NotReady => {
            Some(format!("`cccc actor update {actor} --deliver typed{place}` types to {actor} all the same"))
        }
        Reason::Draft | Reason::OldDraft | Reason::Shell | Reason::Elsewhere => {
            Some(format!("`cccc attach-terminal {actor}{place}` shows what is in the way and lets you answer it"))
        }
        Reason::Stuck => Some(format!("`cccc attach-terminal {actor}{place}` shows what {actor} is busy with")),
        Reason::NoNotes => Some("`cccc doctor` looks at permissions and free space".to_owned()),
        Reason::Inbox | Reason::Starting | Reason::Busy | Reason::Person | Reason::Interval => None,
    }
}

/// What a person can do about an actor whose program does not know our tools.
pub fn of_tools(view: &ActorView, place: &str) -> Option<String> {
    let word = view.tools.as_deref()?;
    let name = runtime::executable(&view.actor.command)?;
    let runtime = runtime::TABLE.iter().find(|runtime| runtime.executable == name)?;
    let (runtime, id) = (runtime.id, &view.actor.id);
    Some(format!(
        "`cccc setup --runtime {runtime}` and `cccc actor restart {id}{place}` give {id} the tools of cccc (now {word})"
    ))
}

/// What a person can do about an actor that [cannot go on](Actor::cannot_resume) with its last conversation.
pub fn of_no_resume(actor: &Actor, place: &str) -> String {
    let (id, program) = (&actor.id, actor.command.first().map_or("its program", String::as_str));
    format!(
        "`cccc actor update {id} --resume no{place}` settles it: {program} cannot be told to go on with its last conversation"
    )
}

/// What a person can do about two actors of which the first goes on with what may be the other's conversation.
pub fn of_shared_conversation([one, other]: [&str; 2], place: &str) -> String {
    format!(
        "`cccc actor update {one} --scope <path>{place}` gives {one} a folder of its own: the last conversation in this one \
         may be that of {other}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_has_one_way_out() {
        for (at, (code, hint)) in HINTS.iter().enumerate() {
            assert!(!hint.is_empty() && !hint.ends_with('.') && !hint.contains('\n'), "{hint}");
            assert!(HINTS[at + 1..].iter().all(|(other, _)| other != code), "{code:?} has two rows");
        }
        #[rustfmt::skip]
        let cases = [
            (Code::InternalError, " -g x", ""),
            (Code::GroupNotFound, " -g x", "`cccc groups` lists them"),
            (Code::ActorNotFound, "",      "`cccc actor list` lists them"),
            (Code::ActorNotFound, " -g x", "`cccc actor list -g x` lists them"),
        ];
        for (code, place, hint) in cases {
            assert_eq!(of(code, place), hint);
        }
    }
}
