// What can be done with a message, wherever it stands: in the chat, in a thread, among what waits.
import { go, hrefOf, show, useRoute } from '../app/route'
import { write } from '../composer/store'
import { later, toast } from '../parts/toast'
import { call } from '../wire/http'
import type { Message } from '../wire/events'
import { say } from '../words'

/** How much of a message is repeated where it is answered or quoted. */
const QUOTE_CHARS = 140

export const short = (text: string): string => {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > QUOTE_CHARS ? `${line.slice(0, QUOTE_CHARS)}…` : line
}

/** Puts the cursor into the composer of the chat, where it is to be seen. */
function toComposer(): void {
  if (useRoute.getState().place.at !== 'chat') return
  const chat = document.querySelector<HTMLElement>('.center')
  if (chat?.offsetParent === null) show({ dock: null, thread: null, width: 'usual' })
  requestAnimationFrame(() => document.getElementById('message')?.focus())
}

export function answer(event: Message): void {
  // In a thread the composer of the thread answers.
  const field = document.getElementById('thread-message')
  if (field !== null && document.activeElement?.closest('.thread')) {
    field.focus()
    return
  }
  write({ answers: { event_id: event.id, by: event.by, asked: event.data.reply_required, text: short(event.data.text) } })
  toComposer()
}

export function quote(event: Message): void {
  const lines = event.data.text.split('\n').map((line) => `> ${line}`).join('\n')
  write({ text: `${lines}\n\n` })
  toComposer()
}

function copy(text: string, said: string): void {
  navigator.clipboard.writeText(text).then(() => { toast(said) }, (error: unknown) => { toast(say('toast.failed', { reason: (error as Error).message })) })
}

export const copyLink = (event: Message): void => {
  copy(`${location.origin}${hrefOf({ at: 'chat', group_id: event.group_id }, { at: event.id, dock: null, thread: null, task: null, term: [], width: 'usual' })}`, say('toast.copied'))
}
export const copyText = (event: Message): void => { copy(event.data.text, say('toast.copied.text')) }
export const copyId = (event: Message): void => { copy(event.id, say('toast.copied.id')) }

/** What stood in the dock before a thread took its place. */
let before: ReturnType<typeof useRoute.getState>['view']['dock'] = null

export function openThread(root: string, group_id: string): void {
  const { place, view: { dock } } = useRoute.getState()
  if (place.at !== 'chat') {
    go({ at: 'chat', group_id }, 'push', { dock: 'thread', thread: root, at: root })
    return
  }
  if (dock !== 'thread') before = dock
  show({ dock: 'thread', thread: root, at: null })
}

/** Closes the thread, and gives the dock back what it had. */
export function closeThread(root: string): void {
  show({ dock: before, thread: null, ...(before === null ? { width: 'usual' as const } : {}) })
  before = null
  requestAnimationFrame(() => document.getElementById(`m-${root}`)?.focus())
}

const failed = (error: unknown): void => { toast(say('toast.failed', { reason: (error as Error).message })) }

/** Has a message handed over once more; that it may arrive twice is accepted. */
export async function deliverAgain(group_id: string, source_event_id: string, actor_ids: string[]): Promise<boolean> {
  try {
    const { delivery_state } = await call('message_deliver', { group_id, source_event_id, actor_ids, force_ambiguous: true })
    toast(say(delivery_state === 'claimed' ? 'toast.delivered' : 'toast.unchanged'))
    return true
  } catch (error) {
    failed(error)
    return false
  }
}

/** Takes back that a message asks for answers, in a moment. */
export function withdraw(group_id: string, source_event_id: string, back: () => void = () => undefined): void {
  later(say('toast.withdrawn'), () => {
    call('reply_request_cancel', { group_id, source_event_id }).catch((error: unknown) => {
      back()
      failed(error)
    })
  }, back)
}

export const resumeGroup = (group_id: string): Promise<unknown> => call('group_set_state', { group_id, state: 'active' })

export function openTerminal(actor_id: string, group_id: string): void {
  const { place } = useRoute.getState()
  if (place.at !== 'chat') go({ at: 'chat', group_id }, 'push', { dock: 'terminals', term: [actor_id] })
  else show({ dock: 'terminals', term: [actor_id], thread: null })
}
