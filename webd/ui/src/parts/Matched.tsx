// A text in which what was looked for is marked.
export function Matched({ text, wanted }: { text: string; wanted: string }) {
  const look = wanted.trim().toLowerCase()
  if (look === '') return <>{text}</>
  const parts: { part: string; hit: boolean }[] = []
  const lower = text.toLowerCase()
  let from = 0
  // Lower case may be longer than what it comes from (İ): then places do not agree, and nothing is marked.
  while (lower.length === text.length) {
    const at = lower.indexOf(look, from)
    if (at < 0) break
    parts.push({ part: text.slice(from, at), hit: false }, { part: text.slice(at, at + look.length), hit: true })
    from = at + look.length
  }
  parts.push({ part: text.slice(from), hit: false })
  return <>{parts.map(({ part, hit }, at) => (hit ? <mark key={at}>{part}</mark> : part))}</>
}
