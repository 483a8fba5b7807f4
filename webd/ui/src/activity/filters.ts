// Which lines are looked at: kinds are asked of the server, who had a part in it is seen here. Pure.
import type { Event } from '../wire/contract'

export const SORTS = {
  all: [],
  chat: ['chat.message', 'chat.read', 'chat.ack', 'chat.reply_request.cancelled', 'system.notify', 'system.notify_ack', 'x.cccc.cross_group', 'x.cccc.tracked'],
  delivery: ['x.cccc.delivery', 'x.cccc.hand_over', 'chat.read', 'chat.ack'],
  actors: ['actor.add', 'actor.remove', 'actor.update', 'actor.start', 'actor.stop', 'actor.restart', 'x.cccc.session', 'x.cccc.headless', 'x.cccc.actor_secrets', 'x.cccc.actor_token'],
  rules: ['x.cccc.rule', 'group.automation_update'],
  changes: [
    'context.sync', 'group.create', 'group.start', 'group.stop', 'group.set_state', 'group.update', 'group.settings_update', 'group.attach', 'group.detach_scope',
    'group.set_active_scope', 'x.cccc.prompt', 'x.cccc.template', 'x.cccc.im_chat', 'x.cccc.im_chat_gone', 'x.cccc.im_config', 'x.cccc.im_key_gone', 'x.cccc.im_pending', 'x.cccc.recovered',
  ],
} as const satisfies Record<string, readonly string[]>
export type Sort = keyof typeof SORTS

export const inSort = (event: Event, sort: Sort): boolean => sort === 'all' || (SORTS[sort] as readonly string[]).includes(event.kind)

/** Whether somebody did it, or it was done to them or for them. */
export function involves(event: Event, id: string): boolean {
  const data = (event.data ?? {}) as { actor_id?: unknown; actor_ids?: unknown; target_actor_id?: unknown; to?: unknown; actor?: { id?: unknown } }
  const lists = [data.to, data.actor_ids].filter((one): one is unknown[] => Array.isArray(one)).flat()
  return [event.by, data.actor_id, data.target_actor_id, data.actor?.id, ...lists].includes(id)
}
