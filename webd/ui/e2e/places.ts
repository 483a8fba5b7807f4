// Every place of the page, and a group in which there is something to see at each.
import type { Stack } from './stack'

/** A place by its name: the path, for a group. */
export const PLACES: Record<string, (group_id: string) => string> = {
  chat: (group_id) => `/ui/g/${group_id}`,
  terminals: (group_id) => `/ui/g/${group_id}?dock=terminals&term=lead`,
  tasks: (group_id) => `/ui/g/${group_id}?dock=tasks`,
  context: (group_id) => `/ui/g/${group_id}?dock=context`,
  activity: (group_id) => `/ui/g/${group_id}?dock=activity`,
  search: (group_id) => `/ui/g/${group_id}?dock=search`,
  waiting: () => '/ui/waiting',
  new: () => '/ui/new',
  add: (group_id) => `/ui/g/${group_id}/actors/new`,
  actor: (group_id) => `/ui/g/${group_id}/actors/lead`,
  ...Object.fromEntries(['general', 'messaging', 'automation', 'platforms', 'folders', 'guidance', 'template', 'delete']
    .map((page) => [`group-${page}`, (group_id: string) => `/ui/g/${group_id}/settings/${page}`])),
  ...Object.fromEntries(['general', 'notifications', 'profiles', 'groups', 'from-template', 'remote', 'access', 'logs']
    .map((page) => [`home-${page}`, () => `/ui/settings/${page}`])),
}

/** Those that a person sees all day. */
export const DAILY = ['chat', 'terminals', 'tasks', 'waiting', 'add', 'home-general']

/** A group at work: an agent in a terminal, one beside it, and what they and their person said and planned. */
export function furnish(stack: Stack): string {
  const group_id = stack.group('lead')
  stack.ask('group_update', { group_id, patch: { title: 'web-shop' } })
  stack.ask('actor_add', { group_id, actor_id: 'reviewer', title: 'Reviewer', runner: 'headless', runtime: 'custom' })
  const say = (text: string, more: object = {}): string =>
    stack.ask<{ event: { id: string } }>('send', { group_id, text, to: ['lead'], ...more }).event.id
  const first = say('The cart total is wrong when a discount code is used twice. Find out why, and **mend it with a test**.', { reply_required: true })
  stack.ask('reply', { group_id, reply_to: first, by: 'lead', text: 'The code is applied again on every reload: `applyDiscount` adds to the total that it has changed before.\n\n```ts\ntotal -= discount(code)\n```\n\nI compute it from the items instead. Two tests fail without it.' })
  say('Please look at the change before I merge it.', { by: 'lead', to: ['reviewer'], reply_required: true })
  say('Shall old carts be corrected too? About 40 have a wrong total.', { by: 'lead', to: ['user'], reply_required: true })
  say('The nightly backup did not run.', { by: 'reviewer', to: ['user'], priority: 'attention' })
  say('Thanks. Everybody: no deploys until the carts are right.', { to: ['@all'] })
  const task = (name: string, goal: string, more: object = {}): object => ({ op: 'task.create', name, goal, ...more })
  stack.ask('context_sync', { group_id, ops: [
    { op: 'vision.update', vision: 'A shop whose totals can be trusted.' },
    task('Mend the cart total', 'Every total is computed from its items', { assignee: 'lead', steps: [{ name: 'Find the cause' }, { name: 'Write a test' }] }),
    task('Correct old carts', 'No cart has a wrong total'),
    { op: 'note.add', content: 'Discount codes count once per cart.' },
  ] })
  return group_id
}
