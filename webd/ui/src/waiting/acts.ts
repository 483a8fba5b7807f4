// What can be done about a row of what waits. What was acted on is gone at once, and comes back when it was refused.
import { go } from '../app/route'
import { acknowledge, useAcks } from '../chat/acks'
import { deliverAgain, resumeGroup, withdraw } from '../chat/actions'
import { toast } from '../parts/toast'
import type { KeyId } from '../keys/table'
import { call } from '../wire/http'
import { YOU } from '../wire/server'
import { say, type Key } from '../words'
import type { WaitingRow } from './rows'
import { setDone } from './store'

export type Verb = 'reply' | 'acknowledge' | 'remind' | 'withdraw' | 'look' | 'deliver' | 'terminal' | 'resume'

/** The letter, the key of the table and the word of each. */
export const VERBS: Record<Verb, { key: KeyId; letter: string; word: Key }> = {
  reply: { key: 'reply', letter: 'R', word: 'wait.reply' },
  acknowledge: { key: 'acknowledge', letter: 'E', word: 'wait.acknowledge' },
  remind: { key: 'remind', letter: 'M', word: 'wait.remind' },
  withdraw: { key: 'withdraw', letter: 'W', word: 'wait.withdraw' },
  look: { key: 'look', letter: 'O', word: 'wait.look' },
  deliver: { key: 'deliver', letter: 'D', word: 'wait.deliver' },
  terminal: { key: 'terminal', letter: 'T', word: 'wait.terminal' },
  resume: { key: 'resume', letter: 'P', word: 'wait.resume' },
}

/** What a row offers, the likeliest first. Pure. */
export function verbsOf(row: WaitingRow): Verb[] {
  switch (row.head) {
    case 'you': return row.what === 'reply' ? ['reply'] : ['acknowledge', 'reply']
    case 'owes': {
      const { reached } = row.receipt
      const mine = row.event.by === YOU ? ['withdraw' as const] : []
      if (reached === 'uncertain' || reached === 'failed') return ['look', 'deliver', ...mine]
      if (reached === 'held' && row.receipt.reason === 'group is paused') return ['resume', ...mine, 'look']
      return reached === 'held' ? ['terminal', ...mine, 'look'] : ['remind', ...mine, 'look']
    }
    case 'stuck': {
      if (row.what === 'paused') return ['resume']
      if (row.what === 'asks') return ['terminal']
      return row.receipt.reached === 'held' ? ['terminal', 'look'] : ['deliver', 'terminal', 'look']
    }
  }
}

const failed = (error: unknown): void => { toast(say('toast.failed', { reason: (error as Error).message })) }

/** Shows a row where it belongs. */
export function look(row: WaitingRow): void {
  go({ at: 'chat', group_id: row.group_id }, 'push', row.event === null ? {} : { at: row.event.id })
}

/** How long the composer beside may take to be there. */
const COMPOSER_MS_MAX = 3_000

function focusComposer(until: number): void {
  const field = document.getElementById('thread-message')
  if (field !== null && field.offsetParent !== null) field.focus()
  else if (Date.now() < until) requestAnimationFrame(() => { focusComposer(until) })
}

/** Does it; true when the row is done with and the next one is meant. */
export async function act(verb: Verb, row: WaitingRow): Promise<boolean> {
  const { group_id, key } = row
  switch (verb) {
    case 'reply':
      if (row.event !== null) go({ at: 'waiting', event_id: row.event.id }, 'replace')
      focusComposer(Date.now() + COMPOSER_MS_MAX)
      return false
    case 'look':
      look(row)
      return false
    case 'terminal':
      if ('actor_id' in row) go({ at: 'chat', group_id }, 'push', { dock: 'terminals', term: [row.actor_id] })
      return false
    case 'acknowledge': {
      if (row.event === null) return false
      const { id } = row.event
      acknowledge(group_id, id)
      setDone(key, true)
      // Taken back, or refused: it waits again.
      const end = useAcks.subscribe(({ given }) => {
        if (given[id] === true) return
        end()
        setDone(key, false)
      })
      return true
    }
    case 'withdraw':
      if (row.event === null) return false
      setDone(key, true)
      withdraw(group_id, row.event.id, () => { setDone(key, false) })
      return true
    case 'remind': {
      if (row.head !== 'owes') return false
      const { actor_id, event } = row
      try {
        await call('system_notify', {
          group_id, kind: 'nudge', priority: 'high', target_actor_id: actor_id, title: say('wait.nudge.title'),
          message: say('wait.nudge', { id: event.id, text: event.data.text.slice(0, 200) }), context: { event_id: event.id },
        })
        toast(say('wait.reminded', { name: actor_id }))
        return true
      } catch (error) {
        failed(error)
        return false
      }
    }
    case 'deliver':
      if (!('receipt' in row)) return false
      return deliverAgain(group_id, row.event.id, [row.actor_id])
    case 'resume':
      try {
        await resumeGroup(group_id)
        return true
      } catch (error) {
        failed(error)
        return false
      }
  }
}
