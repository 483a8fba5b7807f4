// The mention menu: what stands after `@` at the caret, and whom it could mean. Pure.
import { BROADCASTS, isBroadcast, type Person } from './recipients'

/** What is typed after an `@`: where it begins and the letters so far. */
export interface Query {
  from: number
  text: string
}

/** The query at the caret; null when no menu belongs there. */
export function queryAt(text: string, caret: number): Query | null {
  const before = text.slice(0, caret)
  const found = /(?:^|\s)@([\p{L}\p{N}_.-]*)$/u.exec(before)
  if (found === null) return null
  const query = found[1] ?? ''
  return { from: caret - query.length - 1, text: query }
}

export interface Candidate {
  /** What it puts into `to`. */
  to: string
  title: string
  /** Letters of the title that match, for drawing. */
  match: number[]
}

/** Where each letter of `wanted` is in `text`, in order; null when one is missing. */
export function letters(wanted: string, text: string): number[] | null {
  const inner = text.indexOf(wanted)
  if (inner >= 0) return Array.from(wanted, (_, index) => inner + index)
  const found: number[] = []
  let from = 0
  for (const letter of wanted) {
    const at = text.indexOf(letter, from)
    if (at < 0) return null
    found.push(at)
    from = at + letter.length
  }
  return found
}

/** 0 exact, 1 prefix, 2 inner, 3 scattered; null no match. */
export function rank(wanted: string, text: string): number | null {
  if (wanted === '' || text.startsWith(wanted)) return text === wanted ? 0 : 1
  if (text.includes(wanted)) return 2
  return letters(wanted, text) === null ? null : 3
}

/**
 * Whom a query could mean, the likeliest first. Words for several are only there when typed in full, and stand last, so
 * that the first one, which is preselected, is an actor whenever one matches.
 */
export function candidates(query: string, people: Person[]): Candidate[] {
  const wanted = query.toLowerCase()
  const ranked = people.flatMap((person, order) => {
    const ranks = [rank(wanted, person.title.toLowerCase()), rank(wanted, person.id.toLowerCase())].filter((one) => one !== null)
    return ranks.length === 0 ? [] : [{ person, order, rank: Math.min(...ranks) }]
  })
  ranked.sort((a, b) => a.rank - b.rank || a.order - b.order)
  const found: Candidate[] = ranked.map(({ person }) => {
    const title = person.title || person.id
    return { to: person.id, title, match: wanted === '' ? [] : (letters(wanted, title.toLowerCase()) ?? []) }
  })
  const word = BROADCASTS.find((one) => one === `@${wanted}`)
  if (word !== undefined) found.push({ to: word, title: word, match: [] })
  return found
}

/** The text with the candidate in place of the query, and where the caret is then. */
export function insert(text: string, query: Query, caret: number, candidate: Candidate): { text: string; caret: number } {
  const name = isBroadcast(candidate.to) ? candidate.to : `@${candidate.to}`
  const rest = text.slice(caret)
  const put = name + (/^\s/.test(rest) ? '' : ' ')
  return { text: text.slice(0, query.from) + put + rest, caret: query.from + put.length }
}
