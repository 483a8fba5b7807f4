//! What a template makes of a group: worked out once, shown by a preview, and written by an import.

use super::request::{EventWriter, RequestContext, under};
use super::{actor_config, actor_row, profile, prompt, ruleset};
use crate::permission::{self, Asker};
use crate::state::actor::ActorState;
use crate::state::group::Group;
use crate::state::settings::Settings;
use crate::template::{PROMPTS, Template, source};
use bus::contract::document::Role;
use bus::contract::event::{self, ActorAdded};
use bus::contract::op::prompt::Set as SetPrompt;
use bus::contract::op::template::{Diff, FromTo, PromptChange};
use bus::contract::op::{actor, group};
use bus::contract::prompt::PromptKind;
use bus::contract::{Actor, Ask, Code, OpError};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// What a template makes of a group.
pub struct Makeover<'a> {
    group: &'a Group,
    template: &'a Template,
}

impl<'a> Makeover<'a> {
    /// Of a group, by a template.
    pub fn new(group: &'a Group, template: &'a Template) -> Self {
        Self { group, template }
    }

    /// Actors that are in the group only.
    fn leaving(&self) -> impl Iterator<Item = &'a ActorState> {
        let stays =
            |actor_state: &&ActorState| self.template.actors.iter().any(|actor| actor.id == actor_state.actor.id);
        self.group.actor_states.iter().filter(move |actor_state| !stays(actor_state))
    }

    /// Actors that are in the template only.
    fn joining(&self) -> impl Iterator<Item = &'a Actor> {
        self.template.actors.iter().filter(|actor| self.group.actor_state(&actor.id).is_none())
    }

    /// Actors that are in both and differ, and what they are to be. A template has no environment and no directory, so
    /// those stay what they are.
    fn changing(&self) -> impl Iterator<Item = (&'a ActorState, Actor)> {
        self.template.actors.iter().filter_map(|wanted| {
            let actor_state = self.group.actor_state(&wanted.id)?;
            let before = &actor_state.actor;
            let after = Actor {
                title: wanted.title.clone(),
                runtime: wanted.runtime.clone(),
                runner: wanted.runner,
                command: wanted.command.clone(),
                submit: wanted.submit,
                enabled: wanted.enabled,
                restart: wanted.restart,
                deliver: wanted.deliver,
                resume: wanted.resume,
                ..before.clone()
            };
            (after != *before).then_some((actor_state, after))
        })
    }

    /// Settings whose effective value is to be another one, before and after.
    fn settings(&self) -> BTreeMap<String, FromTo> {
        let (before, after) = (self.group.settings().effective(), Settings(&self.template.settings).effective());
        let pairs = after.into_iter().map(|(key, to)| (before.get(&key).cloned().unwrap_or_default(), key, to));
        pairs.filter(|(from, _, to)| from != to).map(|(from, key, to)| (key, FromTo { from, to })).collect()
    }

    /// The same as it is stored. What the template does not name has its default again, which null says.
    fn settings_patch(&self) -> Map<String, Value> {
        let named = |key: &str| self.template.settings.get(key).cloned().unwrap_or_default();
        let mut patch: Map<String, Value> = self.settings().into_keys().map(|key| (key.clone(), named(&key))).collect();
        // A default may follow another setting; a value that was set must not stay where the template follows.
        let stale = |(key, value): &(&String, &Value)| !value.is_null() && !self.template.settings.contains_key(*key);
        patch.extend(self.group.settings.iter().filter(stale).map(|(key, _)| (key.clone(), Value::Null)));
        patch
    }

    /// What would change, for people.
    pub fn diff(&self) -> Diff {
        let prompt = |kind: PromptKind| {
            let (before, after) = (self.group.prompts.own(kind), self.template.prompts.get(&kind).map(String::as_str));
            let chars = |text: Option<&str>| text.map_or(0, |text| text.chars().count() as u64);
            let change = PromptChange {
                changed: before != after,
                current_chars: chars(before),
                new_chars: chars(after),
                current_source: source(before),
                new_source: source(after),
            };
            (kind, change)
        };
        Diff {
            actors_add: self.joining().map(|actor| actor.id.clone()).collect(),
            actors_update: self.changing().map(|(actor_state, _)| actor_state.actor.id.clone()).collect(),
            actors_remove: self.leaving().map(|actor_state| actor_state.actor.id.clone()).collect(),
            settings_changed: self.settings(),
            prompts_changed: PROMPTS.into_iter().map(prompt).collect(),
        }
    }

    /// Checks that whoever asks may ask for every op that this stands for.
    ///
    /// # Errors
    ///
    /// `permission_denied`; what of the template it is about is in the sentence.
    fn check_may(&self, asker: Asker<'_>) -> Result<(), OpError> {
        let (group, by) = (self.group, asker.by);
        let may = |row, what: &str, id: &str| {
            permission::check(asker, row, Some(group), id).map_err(|error| because(error, &format!("{what} {id}")))
        };
        if group.running {
            may(group::Stop::ROW, "stop the group", "")?;
        }
        for actor_state in self.leaving() {
            may(actor::Remove::ROW, "remove", &actor_state.actor.id)?;
        }
        for actor in self.joining() {
            may(actor::Add::ROW, "add", &actor.id)?;
            actor_config::check_copy(group, by, actor).map_err(|error| because(error, &format!("add {}", actor.id)))?;
        }
        for (actor_state, _) in self.changing() {
            may(actor::Update::ROW, "change", &actor_state.actor.id)?;
        }
        if self.reorders() {
            // Who is first leads. No op of its own says so: it is a change of actors.
            may(actor::Update::ROW, "put actors in another order", "")?;
        }
        if !self.settings_patch().is_empty() {
            may(group::SettingsUpdate::ROW, "change settings", "")?;
        }
        let prompt = |kind: PromptKind| self.template.prompts.get(&kind).map_or("", String::as_str);
        if PROMPTS.into_iter().any(|kind| group.prompts.own(kind).unwrap_or_default() != prompt(kind)) {
            may(SetPrompt::ROW, "change the guidance", "")?;
        }
        ruleset::check_may(group, by, &group.automation.ruleset, &self.template.automation)
    }

    /// Whether the roster is to be in another order than one that actors leave and join at the end.
    fn reorders(&self) -> bool {
        let stays = |id: &&String| self.template.actors.iter().any(|actor| actor.id == **id);
        let before = self.group.actor_states.iter().map(|actor_state| &actor_state.actor.id).filter(stays);
        !self.template.actors.iter().map(|actor| &actor.id).zip(before).all(|(after, before)| after == before)
    }

    /// Writes it. Everything that runs is stopped first, and nothing is started again: what a template says should be
    /// looked at before it runs.
    ///
    /// # Errors
    ///
    /// `permission_denied`: an op that this stands for is not for whoever asks. `template_apply_failed`: the secrets
    /// of a profile are lost that an actor would have to keep.
    pub fn write(&self, cx: &RequestContext<'_>, writer: &mut EventWriter<'_>) -> Result<(), OpError> {
        self.check_may(cx.asker())?;
        let group = self.group;
        let automation = &group.automation;
        if group.running {
            let stopped = group.actor_states.iter().map(|actor_state| actor_state.actor.id.clone()).collect();
            writer.write(&group.id, event::GroupStop { stopped });
        }
        for actor_state in self.leaving() {
            let actor_id = actor_state.actor.id.clone();
            writer.write(&group.id, event::ActorRemove { actor_id, runner: None, runner_effective: None });
            if !actor_state.secrets.version.is_empty() {
                writer.forget_secrets(&group.id);
            }
        }
        let leads = self.template.actors.iter().find(|actor| actor.enabled).map(|actor| &actor.id);
        for actor in self.joining() {
            let role = if leads == Some(&actor.id) { Role::Foreman } else { Role::Peer };
            let actor = ActorAdded { actor: actor.clone(), role: Some(role.word().into()) };
            writer.write(&group.id, event::ActorAdd { actor });
        }
        for actor_state in &group.actor_states {
            self.write_change(cx, writer, actor_state)?;
        }
        let patch = self.settings_patch();
        if !patch.is_empty() {
            writer.write(&group.id, event::GroupSettingsUpdate { patch });
        }
        for kind in PROMPTS {
            prompt::write(writer, group, kind, self.template.prompts.get(&kind).map_or("", String::as_str));
        }
        if automation.ruleset != self.template.automation {
            writer.write(&group.id, ruleset::event(automation, &self.template.automation, Vec::new(), "template"));
        }
        let Diff { actors_add, actors_update, actors_remove, .. } = self.diff();
        writer.write(
            &group.id,
            event::TemplateApplied {
                title: self.template.title.clone(),
                removed: actors_remove,
                added: actors_add,
                updated: actors_update,
                order: self.template.actors.iter().map(|actor| actor.id.clone()).collect(),
            },
        );
        Ok(())
    }

    /// Writes what becomes of an actor that stays, which the stop before may have disabled.
    fn write_change(
        &self,
        cx: &RequestContext<'_>,
        writer: &mut EventWriter<'_>,
        actor_state: &ActorState,
    ) -> Result<(), OpError> {
        let group = self.group;
        let Some(wanted) = self.template.actors.iter().find(|actor| actor.id == actor_state.actor.id) else {
            return Ok(());
        };
        let after = self.changing().find(|(changing, _)| changing.actor.id == actor_state.actor.id);
        let after = after.map_or_else(|| actor_state.actor.clone(), |(_, after)| after);
        let mut stopped = actor_state.clone();
        stopped.actor.enabled &= !group.running;
        let patch = actor_row::difference(&stopped.actor, &after);
        let linked =
            actor_state.actor.profile_id.as_ref().and_then(|profile_id| cx.state.home.profile(profile_id).ok());
        if let Some(kept) = linked.filter(|_| profile::FIELDS.iter().any(|field| patch.contains_key(*field))) {
            return profile::unlink(cx, writer, group, &stopped, &after, kept)
                .map_err(|error| under(Code::TemplateApplyFailed, error));
        }
        if !patch.is_empty() {
            let actor_id = wanted.id.clone();
            writer.write(&group.id, event::ActorUpdate { actor_id, patch, profile_id: None, profile_action: None });
        }
        Ok(())
    }
}

/// A refusal of an op that a template stands for, as one of the template.
fn because(error: OpError, what: &str) -> OpError {
    let message = format!("{}; the template would {}", error.message, what.trim_end());
    OpError { code: Code::PermissionDenied, message, ..error }
}
