//! Which group a command means that names none: the agent's own, the one of the directory, the active one.

use crate::client::Client;
use crate::failure::Failure;
use bus::contract::document::{Group, GroupRow};
use bus::contract::op::group;
use bus::contract::{Code, Op, OpError, id};
use bus::scope;
use clap::Args;
use std::path::Path;

/// Groups whose every directory is looked at; of more only the active directories are.
const GROUPS_OPENED_MAX: usize = 32;

/// The option that names a group.
#[derive(Debug, Clone, Default, Args)]
pub struct GroupArg {
    /// Group, by id or title [default: $CCCC_GROUP_ID, else the group of this directory, else the active one]
    #[arg(long, short = 'g', value_name = "GROUP")]
    pub group: Option<String>,
}

/// The option that names a speaker.
#[derive(Debug, Clone, Default, Args)]
pub struct SpeakerArg {
    /// Who asks [default: inside an agent $CCCC_ACTOR_ID, else user]
    #[arg(long, value_name = "WHO")]
    pub by: Option<String>,
}

/// Both: which group is meant, and who asks.
#[derive(Debug, Clone, Default, Args)]
pub struct Address {
    /// Which group.
    #[command(flatten)]
    pub place: GroupArg,
    /// Who asks.
    #[command(flatten)]
    pub speaker: SpeakerArg,
}

impl SpeakerArg {
    /// The one who was named.
    pub fn name(&self) -> Option<&str> {
        self.by.as_deref()
    }
}

impl Address {
    /// Asks for something of the group that is meant, and shows the answer.
    ///
    /// # Errors
    ///
    /// The refusal, or there is no such group.
    pub fn ask<O: Into<Op>>(&self, client: &Client, op: impl FnOnce(String) -> O) -> Result<(), Failure> {
        client.run(op(client.group(&self.place)?), self.speaker.name())
    }
}

impl Client {
    /// The id of the group that is meant.
    ///
    /// # Errors
    ///
    /// `missing_group_id`, or nobody answers.
    pub fn group(&self, place: &GroupArg) -> Result<String, Failure> {
        match place.group.as_deref().map(str::trim) {
            Some(named) => {
                self.note_place(named);
                self.named_group(named)
            }
            None => match self.identity().group_id() {
                Some(own) => Ok(own.to_owned()),
                None => self.group_here(),
            },
        }
    }

    /// The id of a group that was named by its id or its title.
    ///
    /// # Errors
    ///
    /// Several groups have that title. A name of none is left for the daemon to refuse.
    pub fn named_group(&self, named: &str) -> Result<String, Failure> {
        if id::is_group(named) {
            return Ok(named.to_owned());
        }
        let groups = self.groups()?;
        let titled: Vec<_> = groups.iter().filter(|group| group.title.eq_ignore_ascii_case(named)).collect();
        match titled.as_slice() {
            [] => Ok(named.to_owned()),
            [one] => Ok(one.group_id.clone()),
            several => {
                let ids: Vec<_> = several.iter().map(|group| group.group_id.as_str()).collect();
                let sentence =
                    format!("several groups have the title {named:?}: {}; name one by its id", ids.join(", "));
                Err(OpError::new(Code::GroupNotFound, sentence).into())
            }
        }
    }

    /// The id of the active group, or `""`.
    ///
    /// # Errors
    ///
    /// Nobody answers.
    pub fn active_group(&self) -> Result<String, Failure> {
        Ok(self.ask(group::ActiveGet {}, None)?.active_group_id)
    }

    /// The groups, last touched first.
    ///
    /// # Errors
    ///
    /// Nobody answers.
    pub fn groups(&self) -> Result<Vec<GroupRow>, Failure> {
        Ok(self.ask(group::List::default(), None)?.groups)
    }

    fn group_here(&self) -> Result<String, Failure> {
        let (groups, active) = (self.groups()?, self.active_group()?);
        let found = std::env::current_dir().ok().and_then(|here| self.group_of(&here, &groups, &active));
        let meant = found.unwrap_or(active);
        if meant.is_empty() {
            return Err(OpError::new(Code::MissingGroupId, "no group is named and none is active").into());
        }
        Ok(meant)
    }

    fn group_of(&self, here: &Path, groups: &[GroupRow], active: &str) -> Option<String> {
        // Paths first: they cost nothing. Asking what the directory is may start `git`.
        if let Some(found) = by_path(here, groups, active) {
            return Some(found);
        }
        if groups.is_empty() {
            return None;
        }
        let scope = scope::identify(here).ok()?;
        by_scope(&scope.scope_key, groups, active).or_else(|| {
            let opened: Vec<_> =
                groups.iter().take(GROUPS_OPENED_MAX).filter_map(|row| self.open(&row.group_id)).collect();
            by_any_scope(here, &scope.scope_key, &opened)
        })
    }

    /// A group that cannot be opened is not the one of this directory.
    fn open(&self, group_id: &str) -> Option<Group> {
        let show = group::Show { group_id: group_id.into(), ..Default::default() };
        self.ask(show, None).ok().map(|shown| shown.group)
    }
}

/// The group whose active directory is the nearest one above `here`.
fn by_path(here: &Path, groups: &[GroupRow], active: &str) -> Option<String> {
    let above = groups.iter().filter(|group| !group.path.is_empty() && here.starts_with(&group.path));
    // Of several the active one, else the one that was touched last, which is the first.
    let best = above.rev().max_by_key(|group| (Path::new(&group.path).components().count(), group.group_id == active));
    best.map(|group| group.group_id.clone())
}

/// The group that has a scope as its active one, such as that of another clone of the same repository.
fn by_scope(scope_key: &str, groups: &[GroupRow], active: &str) -> Option<String> {
    let best = groups.iter().rev().filter(|group| group.default_scope_key == scope_key);
    best.max_by_key(|group| group.group_id == active).map(|group| group.group_id.clone())
}

/// The group that has a directory attached, active or not.
fn by_any_scope(here: &Path, scope_key: &str, groups: &[Group]) -> Option<String> {
    let has = |group: &&Group| group.scopes.iter().any(|s| s.scope_key == scope_key || here.starts_with(&s.url));
    groups.iter().find(has).map(|group| group.group_id.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::print::group::tests::row;

    #[test]
    fn a_directory_means_the_nearest_group_above_it() {
        let groups = [row("g_a", "a", "/w"), row("g_b", "b", "/w/one"), row("g_c", "c", "/w/one"), row("g_d", "d", "")];
        #[rustfmt::skip]
        let cases = [
            // here            active   meant
            ("/w",             "",      Some("g_a")),
            ("/w/two/x",       "",      Some("g_a")),
            ("/w/one/src",     "",      Some("g_b")),
            ("/w/one/src",     "g_c",   Some("g_c")),
            ("/w/one/src",     "g_a",   Some("g_b")),
            ("/w/onesie",      "",      Some("g_a")),
            ("/elsewhere",     "g_a",   None),
        ];
        for (here, active, meant) in cases {
            assert_eq!(by_path(Path::new(here), &groups, active).as_deref(), meant, "{here} {active}");
        }
    }

    #[test]
    fn another_clone_means_the_group_of_its_repository() {
        let mut groups = [row("g_a", "a", "/w"), row("g_b", "b", "/v")];
        groups.iter_mut().for_each(|group| group.default_scope_key = "s_1".into());
        assert_eq!(by_scope("s_1", &groups, "").as_deref(), Some("g_a"));
        assert_eq!(by_scope("s_1", &groups, "g_b").as_deref(), Some("g_b"));
        assert_eq!(by_scope("s_2", &groups, "g_b"), None);
    }
}
