// Command lines: words to a line and back as a shell does it, and which words take a program's brakes off. Pure.

/** Words of a line, as a shell splits it without expanding anything; null while a quote is open. */
export function split(line: string): string[] | null {
  const words: string[] = []
  let word: string | null = null
  let quote: '"' | "'" | null = null
  for (let at = 0; at < line.length; at += 1) {
    const one = line.charAt(at)
    if (quote === null && /\s/.test(one)) {
      if (word !== null) words.push(word)
      word = null
    } else if (quote === null && (one === '"' || one === "'")) {
      quote = one
      word ??= ''
    } else if (one === quote) quote = null
    else if (one === '\\' && quote !== "'" && at + 1 < line.length && (quote === null || '"\\$`'.includes(line.charAt(at + 1)))) {
      at += 1
      word = (word ?? '') + line.charAt(at)
    } else word = (word ?? '') + one
  }
  if (quote !== null) return null
  if (word !== null) words.push(word)
  return words
}

const PLAIN = /^[\w@%+=:,./-]+$/

/** A line that splits into the words again. */
export const join = (words: readonly string[]): string =>
  words.map((word) => (PLAIN.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(' ')

/** Words after which a program asks nobody, alone or with their value. */
const RISKY: readonly (readonly [string, string?])[] = [
  ['--dangerously-skip-permissions'], ['--dangerously-bypass-approvals-and-sandbox'], ['--yolo'], ['--full-auto'],
  ['--allow-all'], ['--allow-all-tools'], ['--allow-all-paths'], ['--always-approve'], ['--trust-all-tools'],
  ['--auto', 'high'], ['--auto-approve', 'true'], ['--permission-mode', 'dangerous'], ['--permission-mode', 'bypassPermissions'],
  ['--approval-mode', 'yolo'], ['--ask-for-approval', 'never'], ['--sandbox', 'danger-full-access'],
]

/** For each word whether it is risky. */
export function risks(words: readonly string[]): boolean[] {
  const found = words.map(() => false)
  words.forEach((word, at) => {
    for (const [flag, value] of RISKY) {
      if (value === undefined ? word === flag : word === `${flag}=${value}`) found[at] = true
      if (value !== undefined && word === flag && words[at + 1] === value) {
        found[at] = true
        found[at + 1] = true
      }
    }
  })
  return found
}

export const isRisky = (words: readonly string[]): boolean => risks(words).includes(true)

/** The same command, which asks first as its program does by itself. */
export function asking(words: readonly string[]): string[] {
  const found = risks(words)
  return words.filter((_, at) => !found[at])
}

/** The same command with the risky words of another one, which is its program's usual one. */
export const unasking = (words: readonly string[], usual: readonly string[]): string[] => {
  const found = risks(usual)
  return isRisky(words) ? [...words] : [...words, ...usual.filter((_, at) => found[at])]
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/
export const isVariable = (name: string): boolean => NAME.test(name)

/** An environment as lines, sorted. */
export const linesOf = (env: Record<string, string>): string =>
  Object.keys(env).sort().map((name) => `${name}=${env[name] ?? ''}`).join('\n')

/** An environment out of lines; the first line that is none, where there is one. */
export function environmentOf(text: string): { env: Record<string, string>; wrong: string | null } {
  const env: Record<string, string> = {}
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue
    const at = line.indexOf('=')
    const name = line.slice(0, Math.max(at, 0)).trim()
    if (at < 0 || !isVariable(name)) return { env, wrong: line }
    env[name] = line.slice(at + 1)
  }
  return { env, wrong: null }
}
