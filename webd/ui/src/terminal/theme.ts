// The colours of terminals, from the tokens of the page.
import type { ITheme } from '@xterm/xterm'

/** The colours as they are now. */
export function theme(): ITheme {
  const style = getComputedStyle(document.documentElement)
  const token = (name: string): string => style.getPropertyValue(`--${name}`).trim()
  const [ground, ink, dim] = [token('term-bg'), token('term-ink'), token('term-dim')]
  const colours = {
    red: token('t-red'), green: token('t-green'), yellow: token('t-yellow'),
    blue: token('t-blue'), magenta: token('t-magenta'), cyan: token('t-cyan'),
  }
  const { red, green, yellow, blue, magenta, cyan } = colours
  return {
    background: ground, foreground: ink, cursor: ink, cursorAccent: ground,
    selectionBackground: token('accent-line'), selectionInactiveBackground: token('line-2'),
    scrollbarSliderBackground: token('line-2'), scrollbarSliderHoverBackground: token('edge'), scrollbarSliderActiveBackground: token('edge'),
    // Black on its own ground would not be seen.
    black: dim, white: ink, brightBlack: dim, brightWhite: ink, ...colours,
    brightRed: red, brightGreen: green, brightYellow: yellow, brightBlue: blue, brightMagenta: magenta, brightCyan: cyan,
  }
}

/** Calls `then` whenever the theme changes. */
export function onTheme(then: () => void): () => void {
  const seen = new MutationObserver(then)
  seen.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] })
  return () => { seen.disconnect() }
}
