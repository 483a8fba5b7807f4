// The keys of the row on a phone, as a terminal sends them. Pure.

export interface RowKey {
  id: 'esc' | 'tab' | 'ctrl' | 'interrupt' | 'up' | 'down' | 'left' | 'right'
  /** What stands on it. */
  face: string
  /** Held, it comes again and again. */
  repeats: boolean
}

export const ROW: RowKey[] = [
  { id: 'esc', face: 'Esc', repeats: false },
  { id: 'tab', face: 'Tab', repeats: false },
  { id: 'ctrl', face: 'Ctrl', repeats: false },
  { id: 'interrupt', face: '^C', repeats: false },
  { id: 'up', face: '↑', repeats: true },
  { id: 'down', face: '↓', repeats: true },
  { id: 'left', face: '←', repeats: true },
  { id: 'right', face: '→', repeats: true },
]

const ARROWS: Partial<Record<RowKey['id'], string>> = { up: 'A', down: 'B', right: 'C', left: 'D' }
const PLAIN: Partial<Record<RowKey['id'], string>> = { esc: '\x1b', tab: '\t', interrupt: '\x03' }

/** What a key sends; arrows depend on what the program has asked for. */
export function sent(id: RowKey['id'], application: boolean): string {
  const arrow = ARROWS[id]
  return arrow ? `\x1b${application ? 'O' : '['}${arrow}` : (PLAIN[id] ?? '')
}

/** A character with Ctrl: letters and the few signs that have one. Others stay as they are. */
export function withCtrl(data: string): string {
  if (data.length !== 1) return data
  if (data === ' ') return '\x00'
  const code = data.toUpperCase().charCodeAt(0)
  return code >= 0x40 && code <= 0x5f ? String.fromCharCode(code & 0x1f) : data
}
