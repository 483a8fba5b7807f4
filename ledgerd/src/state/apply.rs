//! Applies an event to the group in whose ledger it is, by families: what the group is, what is set, its actors, and what
//! is said.

use super::actor::ActorState;
use super::group::{Cursor, Group};
use super::secret::Secrets;
use crate::decision::Head;
use crate::recipient::is_addressed;
use bus::contract::document::{GroupState, MessageMode, NotifyKind, NotifyPriority, Priority, Role, Stage};
use bus::contract::event::{self, ChatMessage, SystemNotify};
use bus::contract::{Body, Event, Scope};
use serde_json::Value;

impl Group {
    /// Takes the next event.
    #[rustfmt::skip]
    pub fn apply(&mut self, event: &Event, head: Head) {
        self.head = Some(head);
        self.index.push(event, head.ts);
        match &event.body {
            Body::GroupCreate(_) | Body::GroupUpdate(_) | Body::GroupAttach(_) | Body::GroupDetachScope(_)
            | Body::GroupSetActiveScope(_) => self.apply_identity(event),
            Body::GroupStart(_) | Body::GroupStop(_) | Body::GroupSetState(_) | Body::GroupSettingsUpdate(_)
            | Body::GroupAutomationUpdate(_) | Body::TemplateApplied(_) | Body::PromptSet(_) | Body::ImConfig(_) => {
                self.apply_setting(event);
            }
            Body::ActorAdd(_) | Body::ActorUpdate(_) | Body::ActorSecrets(_) | Body::ActorToken(_) | Body::ActorStart(_)
            | Body::ActorStop(_) | Body::ActorRestart(_) | Body::ActorRemove(_) | Body::Session(_)
            | Body::Headless(_) => self.apply_actor(event, head),
            Body::ChatMessage(_) | Body::ChatAck(_) | Body::ChatRead(_) | Body::ReplyRequestCancelled(_)
            | Body::Tracked(_) | Body::HandOver(_) | Body::SystemNotify(_) | Body::Delivery(_) => {
                self.apply_message(event);
            }
            Body::RuleRan(run) => self.automation.take_run(run, &event.ts),
            Body::ImPending(asks) => self.im.ask(asks, head.ts),
            Body::ImKeyGone(gone) => self.im.forget_key(gone),
            Body::ImChat(set) => self.im.let_in(set),
            Body::ImChatGone(gone) => self.im.let_out(gone),
            Body::ContextSync(sync) => self.context.apply(sync),
            // An acknowledged notification is a fact for people; nothing here depends on it.
            Body::SystemNotifyAck(_) | Body::Recovered(_) | Body::Unknown { .. } => {}
            Body::Unread(_) => debug_assert!(false, "an event is applied that was not read"),
            // Kinds of the home ledger.
            Body::Opened(_) | Body::GroupKnown(_) | Body::GroupDeleted(_) | Body::ScopeDefault(_) | Body::ProfileSet(_)
            | Body::ProfileDeleted(_) | Body::ProfileSecrets(_) | Body::StrictPrincipals(_) | Body::RemoteAccessSet(_)
            | Body::WebTokenAdded(_) | Body::WebTokenRevoked(_)
            | Body::WebPushSet(_)
            | Body::WebPushRemoved(_)
            | Body::WebPushKept(_) | Body::CrossGroup(_) | Body::ObservabilitySet(_) | Body::ActiveGroup(_) => {}
        }
        let foreman = self.actor_states.iter().find(|actor_state| actor_state.actor.enabled);
        self.automation.follow(foreman.map_or("", |actor_state| &actor_state.actor.id), &event.ts);
    }

    /// What the group is, and where.
    fn apply_identity(&mut self, event: &Event) {
        match &event.body {
            Body::GroupCreate(create) => {
                self.title.clone_from(&create.title);
                self.topic.clone_from(&create.topic);
                self.created_at.clone_from(&event.ts);
                self.automation.resume(&event.ts);
            }
            Body::GroupUpdate(update) => {
                let text = |key: &str| update.patch.get(key).and_then(Value::as_str).map(str::to_owned);
                self.title = text("title").filter(|title| !title.is_empty()).unwrap_or_else(|| self.title.clone());
                self.topic = text("topic").unwrap_or_else(|| self.topic.clone());
            }
            Body::GroupAttach(attach) => self.attach(&event.scope_key, attach),
            Body::GroupDetachScope(detach) => {
                self.scopes.retain(|scope| scope.scope_key != detach.scope_key);
                if self.active_scope_key == detach.scope_key {
                    self.active_scope_key =
                        self.scopes.first().map(|scope| scope.scope_key.clone()).unwrap_or_default();
                }
            }
            Body::GroupSetActiveScope(_) => self.active_scope_key.clone_from(&event.scope_key),
            _ => {}
        }
        self.touch(event);
    }

    /// Whether it runs, and what is set.
    fn apply_setting(&mut self, event: &Event) {
        match &event.body {
            Body::GroupStart(start) => {
                self.states_named(&start.started).for_each(|actor_state| actor_state.ask_to_run(event.seq));
                self.running = true;
                self.automation.resume(&event.ts);
            }
            Body::GroupStop(stop) => {
                self.states_named(&stop.stopped).for_each(|actor_state| actor_state.actor.enabled = false);
                self.running = false;
            }
            Body::GroupSetState(set) => self.set_state(set.new_state, &event.ts),
            Body::GroupSettingsUpdate(update) => self.settings.extend(update.patch.clone()),
            Body::GroupAutomationUpdate(update) => self.automation.update(update, &event.ts),
            Body::TemplateApplied(applied) => {
                let place = |actor_state: &ActorState| applied.order.iter().position(|id| *id == actor_state.actor.id);
                self.actor_states.sort_by_key(place);
            }
            Body::PromptSet(set) => self.prompts.apply(set),
            Body::ImConfig(set) => self.im.configure(set),
            _ => {}
        }
        self.change(event);
    }

    /// Who is in it, and what runs for them.
    fn apply_actor(&mut self, event: &Event, head: Head) {
        let seq = event.seq;
        match &event.body {
            Body::ActorAdd(add) => {
                self.actor_states.retain(|actor_state| actor_state.actor.id != add.actor.actor.id);
                self.actor_states.push(ActorState::new(add.actor.actor.clone(), seq));
                // What was said before it came was not said to it.
                let cursor = Cursor { seq, event_id: event.id.clone(), updated_at: event.ts.clone() };
                self.cursors.insert(add.actor.actor.id.clone(), cursor);
                self.change(event);
            }
            Body::ActorUpdate(update) => self.change_actor(&update.actor_id, event, |actor_state| {
                actor_state.patch(&update.patch, seq);
                actor_state.link(update.profile_id.as_ref(), update.profile_action.as_ref());
            }),
            Body::ActorSecrets(secrets) => self.with_actor(&secrets.actor_id, |actor_state| {
                actor_state.secrets = Secrets { version: secrets.version.clone(), keys: secrets.keys.clone() };
            }),
            Body::ActorToken(token) => self.with_actor(&token.actor_id, |actor_state| {
                actor_state.take_token(token.token_sha256.clone());
            }),
            Body::ActorStart(start) => {
                self.change_actor(&start.actor_id, event, |actor_state| actor_state.ask_to_run(seq));
                self.running = true;
            }
            Body::ActorStop(stop) => {
                self.change_actor(&stop.actor_id, event, |actor_state| actor_state.actor.enabled = false);
            }
            Body::ActorRestart(restart) => {
                self.change_actor(&restart.actor_id, event, |actor_state| actor_state.ask_anew(seq));
            }
            Body::ActorRemove(remove) => {
                self.actor_states.retain(|actor_state| actor_state.actor.id != remove.actor_id);
                self.cursors.remove(&remove.actor_id);
                self.context.forget_actor(&remove.actor_id);
                self.rest_if_nobody_is_enabled();
                self.change(event);
            }
            Body::Session(session) => self.with_actor(&session.actor_id, |actor_state| {
                actor_state.take_session(session, &event.ts, head.ts);
            }),
            Body::Headless(report) => self.with_actor(&report.actor_id, |actor_state| {
                actor_state.take_report(report, &event.ts);
            }),
            _ => {}
        }
    }

    /// What is said, and how far it has come.
    fn apply_message(&mut self, event: &Event) {
        let seq = event.seq;
        match &event.body {
            Body::ChatMessage(message) => {
                self.take_message(event, message);
                self.touch(event);
            }
            Body::ChatAck(ack) => {
                if let Some(message) = self.index.find(&ack.event_id) {
                    self.acks.add(message, &ack.actor_id);
                }
            }
            Body::ChatRead(read) => {
                if let Some(target) = self.index.find(&read.event_id) {
                    self.read(&read.actor_id, target, &read.event_id, event);
                }
            }
            Body::ReplyRequestCancelled(cancel) => {
                if let Some(message) = self.index.find(&cancel.source_event_id) {
                    self.replies.cancel(message, seq);
                }
            }
            Body::Tracked(tracked) => {
                if let Some(message) = self.index.find(&tracked.event_id) {
                    self.tracked.add(&event.by, tracked, message, seq);
                }
            }
            Body::HandOver(wish) => {
                if let Some(message) = self.index.find(&wish.event_id) {
                    let named = self.states_named(&wish.actor_ids).filter(|actor_state| actor_state.takes_typed());
                    named.for_each(|actor_state| actor_state.queue.again(message, wish.forced));
                }
            }
            Body::SystemNotify(notify) => self.take_notice(seq, notify),
            Body::Delivery(delivery) => self.take_delivery(delivery, event),
            _ => {}
        }
    }

    fn with_actor(&mut self, actor_id: &str, change: impl FnOnce(&mut ActorState)) {
        if let Some(actor_state) = self.seat_mut(actor_id) {
            change(actor_state);
        }
    }

    fn touch(&mut self, event: &Event) {
        self.touched_at.clone_from(&event.ts);
        self.change(event);
    }

    fn change(&mut self, event: &Event) {
        self.changed_at.clone_from(&event.ts);
    }

    fn attach(&mut self, scope_key: &str, attach: &event::GroupAttach) {
        let scope = Scope {
            scope_key: scope_key.to_owned(),
            url: attach.url.clone(),
            label: attach.label.clone(),
            git_remote: attach.git_remote.clone(),
        };
        match self.scopes.iter_mut().find(|known| known.scope_key == scope_key) {
            Some(known) => *known = scope,
            None => self.scopes.push(scope),
        }
        scope_key.clone_into(&mut self.active_scope_key);
    }

    fn set_state(&mut self, state: GroupState, ts: &str) {
        if state == GroupState::Active && self.state != GroupState::Active {
            self.automation.resume(ts);
            self.actor_states.iter_mut().for_each(|actor_state| actor_state.queue.fade());
        }
        self.state = state;
    }

    fn seat_mut(&mut self, actor_id: &str) -> Option<&mut ActorState> {
        self.actor_states.iter_mut().find(|actor_state| actor_state.actor.id == actor_id)
    }

    fn states_named<'a>(&'a mut self, ids: &'a [String]) -> impl Iterator<Item = &'a mut ActorState> {
        self.actor_states.iter_mut().filter(|actor_state| ids.contains(&actor_state.actor.id))
    }

    fn change_actor(&mut self, actor_id: &str, event: &Event, change: impl FnOnce(&mut ActorState)) {
        if let Some(actor_state) = self.seat_mut(actor_id) {
            change(actor_state);
            actor_state.actor.updated_at.clone_from(&event.ts);
        }
        self.rest_if_nobody_is_enabled();
        self.change(event);
    }

    fn rest_if_nobody_is_enabled(&mut self) {
        self.running &= self.foreman().is_some();
    }

    fn take_message(&mut self, event: &Event, message: &ChatMessage) {
        self.unread.add_message(event.seq, &event.by, &message.to);
        if message.dst_group_id.is_none() {
            if message.reply_required {
                self.replies.asked.push(event.seq, &event.by, &message.to);
            }
            if message.priority == Priority::Attention {
                self.acks.asked.push(event.seq, &event.by, &message.to);
            }
        }
        if let Some(answered) = message.reply_to.as_deref().and_then(|event_id| self.index.find(event_id)) {
            let name = if event.by.is_empty() { "user" } else { &event.by };
            self.replies.add(answered, name);
            let read = self.unread.answer(name, answered);
            if let Some(actor_state) = self.seat_mut(name) {
                read.into_iter().for_each(|seq| actor_state.queue.answered(seq));
            }
        }
        if message.message_mode == Some(MessageMode::Mail) {
            return;
        }
        let foreman = self.foreman().map(|actor_state| actor_state.actor.id.clone());
        for actor_state in self
            .actor_states
            .iter_mut()
            .filter(|actor_state| actor_state.takes_typed() && actor_state.actor.id != event.by)
        {
            let role = if foreman.as_ref() == Some(&actor_state.actor.id) { Role::Foreman } else { Role::Peer };
            if is_addressed(&message.to, &actor_state.actor.id, role) {
                actor_state.queue.push(event.seq, false);
            }
        }
    }

    fn take_notice(&mut self, seq: u64, notify: &SystemNotify) {
        let target = notify.target_actor_id.as_deref().map(str::trim).filter(|target| !target.is_empty());
        let tells_of = notify.related_event_id.as_deref().filter(|_| notify.kind == NotifyKind::Info);
        let message = tells_of.and_then(|event_id| self.index.find(event_id));
        self.unread.add_notice(seq, target, message);
        match notify.priority {
            NotifyPriority::Low | NotifyPriority::Normal => return,
            NotifyPriority::High | NotifyPriority::Urgent => {}
        }
        let is_for = |actor_state: &&mut ActorState| {
            actor_state.takes_typed() && target.is_none_or(|target| target == actor_state.actor.id)
        };
        self.actor_states
            .iter_mut()
            .filter(is_for)
            .for_each(|actor_state| actor_state.queue.push(seq, fades(notify.kind)));
    }

    fn take_delivery(&mut self, delivery: &event::Delivery, event: &Event) {
        let seqs: Vec<u64> = delivery.event_ids.iter().filter_map(|id| self.index.find(id)).collect();
        if let Some(actor_state) =
            self.actor_states.iter_mut().find(|actor_state| actor_state.actor.id == delivery.actor_id)
        {
            let is_chat = |seq| self.index.kind(seq) == "chat.message";
            actor_state.take_delivery(delivery, &seqs, is_chat, &event.ts);
        }
        let is_with_the_agent = matches!(delivery.stage, Stage::Handed | Stage::Accepted);
        if is_with_the_agent
            && self.settings().marks_on_delivery()
            && let Some((seq, event_id)) = seqs.iter().copied().zip(&delivery.event_ids).max()
        {
            self.read(&delivery.actor_id, seq, event_id, event);
        }
    }

    /// Moves a cursor forward; never back.
    fn read(&mut self, name: &str, seq: u64, event_id: &str, event: &Event) {
        if self.cursors.get(name).is_some_and(|cursor| cursor.seq >= seq) {
            return;
        }
        let (event_id, updated_at) = (event_id.to_owned(), event.ts.clone());
        self.cursors.insert(name.to_owned(), Cursor { seq, event_id, updated_at });
        self.unread.read(name, seq);
        if let Some(actor_state) = self.seat_mut(name) {
            actor_state.queue.read(seq);
        }
    }
}

/// Whether a notification is only about the moment: worth nothing any more once the group becomes active again.
fn fades(kind: NotifyKind) -> bool {
    match kind {
        NotifyKind::Nudge
        | NotifyKind::Keepalive
        | NotifyKind::HelpNudge
        | NotifyKind::ActorIdle
        | NotifyKind::SilenceCheck
        | NotifyKind::Automation => true,
        NotifyKind::StatusChange | NotifyKind::Error | NotifyKind::Info => false,
    }
}
