// Every key of the page: one row a key. The keyboard map is drawn from it, and whoever does something is found by its id.
import type { Key } from '../words'

export type Section = 'anywhere' | 'dock' | 'messages' | 'waiting' | 'composer' | 'terminal'

export interface KeyRow {
  id: string
  /** As it is pressed: `Ctrl K`, `Shift D`, `G W` (one after the other), `?`. */
  keys: string
  section: Section
  word: Key
  /** Shown only: the field or the terminal itself listens for it. */
  shown?: true
}

export const KEYS = [
  { id: 'palette', keys: 'Ctrl K', section: 'anywhere', word: 'keys.palette' },
  { id: 'search', keys: '/', section: 'anywhere', word: 'keys.search' },
  { id: 'map', keys: '?', section: 'anywhere', word: 'keys.map' },
  { id: 'group.above', keys: 'Alt ↑', section: 'anywhere', word: 'keys.group.above' },
  { id: 'group.below', keys: 'Alt ↓', section: 'anywhere', word: 'keys.group.below' },
  { id: 'group.unread', keys: 'Alt U', section: 'anywhere', word: 'keys.group.unread' },
  { id: 'waiting', keys: 'G W', section: 'anywhere', word: 'keys.waiting' },
  { id: 'undo', keys: 'Z', section: 'anywhere', word: 'keys.undo' },

  { id: 'dock', keys: 'D', section: 'dock', word: 'keys.dock' },
  { id: 'dock.full', keys: 'Shift D', section: 'dock', word: 'keys.dock.full' },
  { id: 'dock.terminals', keys: 'G T', section: 'dock', word: 'term.tab' },
  { id: 'dock.tasks', keys: 'G K', section: 'dock', word: 'task.tab' },
  { id: 'dock.context', keys: 'G C', section: 'dock', word: 'ctx.tab' },
  { id: 'dock.activity', keys: 'G A', section: 'dock', word: 'act.tab' },

  { id: 'next', keys: 'J', section: 'messages', word: 'keys.next' },
  { id: 'before', keys: 'K', section: 'messages', word: 'keys.before' },
  { id: 'reply', keys: 'R', section: 'messages', word: 'keys.reply' },
  { id: 'quote', keys: 'Q', section: 'messages', word: 'keys.quote' },
  { id: 'acknowledge', keys: 'E', section: 'messages', word: 'keys.acknowledge' },
  { id: 'who', keys: 'I', section: 'messages', word: 'keys.who' },
  { id: 'link', keys: 'Y', section: 'messages', word: 'keys.link' },
  { id: 'first', keys: 'N', section: 'messages', word: 'keys.first' },
  { id: 'newest', keys: 'End', section: 'messages', word: 'keys.newest' },

  { id: 'remind', keys: 'M', section: 'waiting', word: 'keys.remind' },
  { id: 'withdraw', keys: 'W', section: 'waiting', word: 'keys.withdraw' },
  { id: 'look', keys: 'O', section: 'waiting', word: 'keys.look' },
  { id: 'deliver', keys: 'D', section: 'waiting', word: 'keys.deliver' },
  { id: 'terminal', keys: 'T', section: 'waiting', word: 'keys.terminal' },
  { id: 'resume', keys: 'P', section: 'waiting', word: 'keys.resume' },

  { id: 'write', keys: 'C', section: 'composer', word: 'keys.write' },
  { id: 'send', keys: 'Ctrl ↵', section: 'composer', word: 'keys.send', shown: true },
  { id: 'mode', keys: 'Ctrl . M', section: 'composer', word: 'keys.mode' },
  { id: 'mention', keys: '@', section: 'composer', word: 'keys.mention', shown: true },
  { id: 'leave', keys: 'Esc', section: 'composer', word: 'keys.leave', shown: true },

  { id: 'term.choose', keys: 'Ctrl . 1–6', section: 'terminal', word: 'keys.term.choose', shown: true },
  { id: 'term.leave', keys: 'Ctrl . Esc', section: 'terminal', word: 'keys.term.leave', shown: true },
  { id: 'term.search', keys: 'Ctrl Shift F', section: 'terminal', word: 'keys.term.search', shown: true },
  { id: 'term.copy', keys: 'Ctrl Shift C', section: 'terminal', word: 'keys.term.copy', shown: true },
] as const satisfies KeyRow[]

export type KeyId = (typeof KEYS)[number]['id']

export const SECTIONS: { section: Section; word: Key }[] = [
  { section: 'anywhere', word: 'keys.anywhere' },
  { section: 'dock', word: 'keys.section.dock' },
  { section: 'messages', word: 'keys.messages' },
  { section: 'waiting', word: 'keys.section.waiting' },
  { section: 'composer', word: 'keys.composer' },
  { section: 'terminal', word: 'keys.terminal.section' },
]

const NAMES: Record<string, string> = { ArrowUp: '↑', ArrowDown: '↓', Escape: 'Esc', Enter: '↵' }

interface Pressed {
  key: string
  code: string
  ctrlKey: boolean
  metaKey: boolean
  altKey: boolean
  shiftKey: boolean
}

/** A press as the table writes it. Signs such as `?` carry their Shift in themselves. Pure. */
export function spelled(press: Pressed): string {
  // Alt changes the letter on some keyboards: the place of the key counts there.
  const letter = press.altKey && /^Key[A-Z]$/.test(press.code) ? press.code.slice(3) : press.key
  const isLetter = /^\p{L}$/u.test(letter)
  const name = NAMES[letter] ?? (isLetter ? letter.toUpperCase() : letter)
  const sign = letter.length === 1 && !isLetter
  return [press.ctrlKey || press.metaKey ? 'Ctrl' : '', press.altKey ? 'Alt' : '', press.shiftKey && !sign ? 'Shift' : '', name].filter(Boolean).join(' ')
}

/** Ids of the rows that a spelling means, after what was pressed before it. Pure. */
export function meantBy(before: string, spelling: string): KeyId[] {
  const whole = before === '' ? spelling : `${before} ${spelling}`
  return (KEYS as readonly KeyRow[]).filter((row) => row.keys === whole && !row.shown).map(({ id }) => id as KeyId)
}

/** Whether a spelling is a letter or sign alone, or ends alone: those can be switched off, and stay out of fields. */
export const isPlain = (spelling: string): boolean => !/^(?:Ctrl|Alt) /.test(spelling)
