// What the palette offers, and how what is typed finds it. Pure but for the words.
import { letters, rank } from '../composer/mention'

export type Kind = 'place' | 'act' | 'actor' | 'task' | 'message'

export interface Item {
  id: string
  kind: Kind
  icon: string
  /** Whose chip stands there instead of the icon. */
  chip?: string
  title: string
  sub: string
  /** Keys that do the same. */
  keys?: string
  /** Asked before it is done, when it ends something. */
  asks?: string
  run: (beside: boolean) => unknown
}

export interface Hit extends Item {
  /** Letters of the title that match. */
  match: number[]
}

const PREFIXES: Record<string, Kind[]> = { '>': ['act'], '@': ['actor'], '#': ['task'], '/': [] }

/** Most of each section. */
export const SHOWN_MAX = 7

/** Items that a text means, the likeliest first; with a prefix only those of its kind. */
export function matching(text: string, items: Item[]): Hit[] {
  const prefix = PREFIXES[text[0] ?? '']
  const wanted = (prefix ? text.slice(1) : text).trim().toLowerCase()
  const kinds = prefix ?? (wanted === '' ? ['place'] : null)
  const ranked = items.flatMap((item, order) => {
    if (kinds !== null && !kinds.includes(item.kind)) return []
    const title = item.title.toLowerCase()
    const words = title.split(/\s+/)
    // The beginning of a word is nearly as good as that of the whole.
    const ranks = [rank(wanted, title), ...words.map((word) => { const one = rank(wanted, word); return one === null || one > 1 ? null : one + 0.5 })].filter((one) => one !== null)
    return ranks.length === 0 ? [] : [{ item, order, at: Math.min(...ranks) }]
  })
  ranked.sort((a, b) => a.at - b.at || a.order - b.order)
  return ranked.map(({ item }) => ({ ...item, match: wanted === '' ? [] : (letters(wanted, item.title.toLowerCase()) ?? []) }))
}

/** A line of a long text around what was looked for. */
export function around(text: string, wanted: string, chars: number): string {
  const line = text.replace(/\s+/g, ' ').trim()
  const at = line.toLowerCase().indexOf(wanted.toLowerCase())
  if (line.length <= chars || at < chars / 2) return line.slice(0, chars)
  return `…${line.slice(at - Math.floor(chars / 3), at - Math.floor(chars / 3) + chars)}`
}
