//! Ops about templates. An import is one decision: all of it is on disk, or none.

use super::group::{UNTITLED, check_room};
use super::reading;
use super::request::{RequestContext, named, required, within, written_as};
use super::scope::identified;
use super::template_plan::Makeover;
use crate::decision::{Decision, Needs};
use crate::state::State;
use crate::state::group::Group;
use crate::template;
use bus::contract::event::{self, TemplateApplied};
use bus::contract::op::template as wire;
use bus::contract::{Body, Code, Event, OpError, Reply, Scope, id, limit, time};

/// `group_template_export`
///
/// # Errors
///
/// `missing_group_id`, `group_not_found`, `template_export_failed`.
pub fn export(cx: &RequestContext<'_>, args: &wire::Export) -> Result<Reply, OpError> {
    let group = cx.group(&args.group_id)?;
    let template = template::write(group, &time::format(cx.stamp.now()))?;
    let filename = format!("cccc-group-template--{}.yaml", slug(&group.title));
    Ok(Reply::GroupTemplateExport(wire::Exported { template, filename }))
}

/// A title as part of a file's name.
fn slug(title: &str) -> String {
    let mut slug = String::new();
    for letter in title.chars().flat_map(char::to_lowercase).take(60) {
        if letter.is_alphanumeric() {
            slug.push(letter);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { "group".into() } else { slug.to_owned() }
}

/// `group_template_preview`
///
/// # Errors
///
/// `missing_group_id`, `group_not_found`, `permission_denied`, `missing_template`, `invalid_template`, a limit.
pub fn preview(cx: &RequestContext<'_>, args: &wire::Preview) -> Result<Reply, OpError> {
    let group = cx.group(&args.group_id)?;
    let template = template::read(&args.template, &time::format(cx.stamp.now()), Some(group))?;
    let diff = Makeover::new(group, &template).diff();
    Ok(Reply::GroupTemplatePreview(wire::Previewed { template: template.summary(), diff }))
}

/// Secrets of the profiles that actors follow: they may have to keep what those have.
pub fn needs(state: &State, args: &wire::ImportReplace) -> Needs {
    let actor_states = state.group(&args.group_id).into_iter().flat_map(|group| &group.actor_states);
    let profiles = actor_states.filter_map(|actor_state| actor_state.actor.profile_id.as_deref());
    let all = profiles.flat_map(|profile_id| reading::secrets_of_profile(state, profile_id).secrets);
    reading::secrets(all)
}

/// `group_template_import_replace`
///
/// # Errors
///
/// `missing_group_id`, `group_not_found`, `permission_denied`, `confirmation_required`, `missing_template`,
/// `invalid_template`, `template_apply_failed`, a limit.
pub fn import(cx: &RequestContext<'_>, args: &wire::ImportReplace) -> Result<Decision, OpError> {
    let group = cx.group(&args.group_id)?;
    if args.confirm != group.id {
        let sentence =
            format!("this replaces what is in {}; give confirm={} to show that it is meant", group.id, group.id);
        return Err(OpError::new(Code::ConfirmationRequired, sentence));
    }
    let mut writer = cx.writer();
    let template = template::read(&args.template, &writer.time(&group.id), Some(group))?;
    Makeover::new(group, &template).write(cx, &mut writer)?;
    Ok(writer.done())
}

/// Answer of `group_template_import_replace`.
///
/// # Errors
///
/// The group has been deleted since.
pub fn imported(state: &State, args: &wire::ImportReplace, events: &[Event]) -> Result<Reply, OpError> {
    let applied = |body: &Body| if let Body::TemplateApplied(applied) = body { Some(applied.clone()) } else { None };
    let (_, TemplateApplied { removed, added, updated, .. }) = written_as(events, applied)?;
    let group = state.group(&args.group_id)?;
    let path = format!("groups/{}/ledger.jsonl", group.id);
    let patch = events.iter().find_map(|event| match &event.body {
        Body::GroupSettingsUpdate(update) => Some(update.patch.clone()),
        _ => None,
    });
    let prompt_paths = events.iter().filter_map(|event| match &event.body {
        Body::PromptSet(set) => Some((set.kind, path.clone())),
        _ => None,
    });
    let ruleset = &group.automation.ruleset;
    Ok(Reply::GroupTemplateImportReplace(wire::ImportReplaced {
        group_id: group.id.clone(),
        applied: true,
        removed,
        added,
        updated,
        settings_patch: patch.unwrap_or_default(),
        prompt_paths: prompt_paths.collect(),
        automation: wire::Named {
            rule_ids: ruleset.rules.iter().map(|rule| rule.id.clone()).collect(),
            snippet_ids: ruleset.snippets.keys().cloned().collect(),
        },
    }))
}

/// `group_create_from_template`: a group of a directory that no group has yet. Nothing is started.
///
/// # Errors
///
/// `missing_path`, `invalid_path`, `missing_template`, `invalid_template`, `scope_already_attached`, a limit.
pub fn create(cx: &RequestContext<'_>, args: &wire::Create) -> Result<Decision, OpError> {
    required(&args.path, Code::MissingPath)?;
    let scope = identified(&args.path, args.scope.as_ref())?;
    let mut writer = cx.writer();
    let template = template::read(&args.template, &time::format(cx.stamp.now()), None)?;
    let home = &cx.state.home;
    let taken = home.scope_defaults.get(&scope.scope_key).filter(|group_id| home.groups.contains(*group_id));
    if let Some(group_id) = taken {
        let sentence = format!("{} belongs to {group_id} already; import the template there", scope.url);
        return Err(OpError::new(Code::ScopeAlreadyAttached, sentence).with("group_id", group_id.as_str()));
    }
    check_room(cx.state)?;
    // What is not said is what the template says.
    let said = |given: &str, template: &str| if given.is_empty() { template.to_owned() } else { given.to_owned() };
    let (title, topic) = (said(&args.title, &template.title), said(&args.topic, &template.topic));
    named("the title", &title)?;
    within("the topic", &topic, limit::TOPIC_BYTES_MAX, "TOPIC_BYTES_MAX")?;
    let group_id = format!("g_{}", id::digest12(&writer.id()));
    let title = if title.is_empty() { UNTITLED.to_owned() } else { title };
    let Scope { scope_key, url, label, git_remote } = scope;
    writer.write(&group_id, event::GroupCreate { title, topic });
    writer.scoped(&group_id, &scope_key, event::GroupAttach { url, label, git_remote });
    Makeover::new(&Group::new(&group_id), &template).write(cx, &mut writer)?;
    writer.home(event::GroupKnown { known_group_id: group_id.clone() });
    writer.home(event::ScopeDefault { scope_key, default_group_id: group_id });
    Ok(writer.done())
}

/// Answer of `group_create_from_template`.
///
/// # Errors
///
/// None that a client can bring about.
pub fn created(events: &[Event]) -> Result<Reply, OpError> {
    let create = |body: &Body| matches!(body, Body::GroupCreate(_)).then_some(());
    let (event, ()) = written_as(events, create)?;
    Ok(Reply::GroupCreateFromTemplate(wire::CreatedFromTemplate { group_id: event.group_id, applied: true }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_becomes_part_of_a_files_name() {
        #[rustfmt::skip]
        let cases = [
            ("My Team",          "my-team"),
            (" -- a/../b -- ",   "a-b"),
            ("审阅 Team",         "审阅-team"),
            ("???",              "group"),
            ("",                 "group"),
        ];
        for (title, wanted) in cases {
            assert_eq!(slug(title), wanted, "{title:?}");
        }
        assert!(slug(&"é".repeat(200)).len() < 200);
    }
}
