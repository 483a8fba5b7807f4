// The text of a rule as it will be read: what is filled in, and what nobody knows. Pure.

export interface Piece {
  text: string
  /** The name that was filled in; null for what stands there as it is. */
  name: string | null
  known: boolean
}

/** Splits a text at its `{{names}}`. A name without a value stays as it was written. */
export function pieces(text: string, values: Record<string, string>): Piece[] {
  const all: Piece[] = []
  let at = 0
  for (const found of text.matchAll(/\{\{\s*(\w+)\s*\}\}/g)) {
    const [written, name = ''] = found
    if (found.index > at) all.push({ text: text.slice(at, found.index), name: null, known: true })
    const value = values[name]
    all.push({ text: value ?? written, name, known: value !== undefined })
    at = found.index + written.length
  }
  if (at < text.length) all.push({ text: text.slice(at), name: null, known: true })
  return all
}
