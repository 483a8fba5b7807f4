// The small part of ICU messages that the tables use: `{name}` and `{n, plural, one {…} other {…}}` with `#`.

export type Values = Record<string, string | number>

/** Where the brace that opens at `from` closes. */
function closing(text: string, from: number): number {
  let depth = 0
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === '{') depth += 1
    if (text[at] === '}') {
      depth -= 1
      if (depth === 0) return at
    }
  }
  throw new Error(`a brace of "${text}" does not close`)
}

function plural(choices: string, n: number, language: string, values: Values): string {
  const wanted = new Intl.PluralRules(language).select(n)
  const found = new Map<string, string>()
  let at = 0
  while (at < choices.length) {
    const open = choices.indexOf('{', at)
    if (open < 0) break
    const close = closing(choices, open)
    found.set(choices.slice(at, open).trim(), choices.slice(open + 1, close))
    at = close + 1
  }
  const chosen = found.get(`=${n}`) ?? found.get(wanted) ?? found.get('other') ?? ''
  const number = new Intl.NumberFormat(language).format(n)
  return format(chosen.replaceAll('#', number), values, language)
}

/** A message with its values filled in. A value that is missing stays visible as `{name}`. */
export function format(message: string, values: Values, language: string): string {
  let out = ''
  let at = 0
  for (;;) {
    const open = message.indexOf('{', at)
    if (open < 0) return out + message.slice(at)
    out += message.slice(at, open)
    const close = closing(message, open)
    const inside = message.slice(open + 1, close)
    const [, name = inside, choices] = /^\s*(\w+)\s*,\s*plural\s*,([\s\S]*)$/.exec(inside) ?? []
    if (choices !== undefined) out += plural(choices, Number(values[name] ?? 0), language, values)
    else out += String(values[inside.trim()] ?? `{${inside}}`)
    at = close + 1
  }
}
