// Where earlier output ends and the screen begins: the screen is drawn over the last lines of that output, which it shows
// too, mostly. A screen that was smaller once shows fewer of them: the others are moved up, or they would be lost.
import { Terminal } from '@xterm/xterm'

/** How many of the lines at the end of earlier output the screen does not show. Without anything in common, none. Pure. */
export function unshown(earlier: string[], screen: string[]): number {
  for (let shared = Math.min(earlier.length, screen.length); shared > 0; shared -= 1) {
    const from = earlier.length - shared
    if (screen.slice(0, shared).every((line, at) => line === earlier[from + at])) return from
  }
  return 0
}

/** The lines of a screen, without the empty ones at its end. */
function shownBy({ buffer: { active }, rows }: Terminal): string[] {
  const lines = Array.from({ length: rows }, (_, y) => active.getLine(active.baseY + y)?.translateToString(true) ?? '')
  while (lines.at(-1) === '') lines.pop()
  return lines
}

/** Calls `then` with what has to be written between earlier output, which was drawn, and a screen. */
export function join(terminal: Terminal, screen: Uint8Array, then: (between: string) => void): void {
  const { cols, rows } = terminal
  // What a program has drawn all over the screen has no lines that go on above it.
  if (terminal.buffer.active.type === 'alternate') {
    then('')
    return
  }
  const sketch = new Terminal({ cols, rows, scrollback: 0 })
  sketch.write(screen, () => {
    const lines = sketch.buffer.active.type === 'alternate' ? 0 : unshown(shownBy(terminal), shownBy(sketch))
    sketch.dispose()
    then(lines === 0 ? '' : `\x1b[m\x1b[r\x1b[${rows};1H${'\n'.repeat(lines)}`)
  })
}
