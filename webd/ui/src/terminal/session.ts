// One terminal on the page: the emulator, the agent's terminal on the socket, and what is known of both. The page draws
// what comes and sends keys; it never writes into the picture itself.
import { SearchAddon } from '@xterm/addon-search'
import { WebLinksAddon } from '@xterm/addon-web-links'
import { Terminal } from '@xterm/xterm'
import { createStore, type StoreApi } from 'zustand/vanilla'
import type { OpError } from '../wire/frames'
import { socket, type Carried } from '../wire/socket'
import { fitting, SCROLLBAR_PX, scaled, type Grid, type Size } from './fit'
import { join } from './join'
import { sent, withCtrl, type RowKey } from './keys'
import { isAsked, linesOf } from './paste'
import { usePrefs } from './prefs'
import { isReport } from './report'
import { onTheme, theme } from './theme'

/** How much of what was put out before is shown above the first screen. */
const EARLIER_BYTES = 128 * 1024
/** Drawn bytes are told when there are so many, or a moment after the last. */
const ACK_BYTES = 64 * 1024
const ACK_MS = 50
/** A tile that is being resized asks for a size when it rests. */
const RESIZE_MS = 80
/** A program that printed nothing for so long rests. */
const REST_MS = 600
const TITLE_CHARS_MAX = 120
const LINE_HEIGHT = 1.35

/** `opening`: nothing was shown yet. `away`: it is not reached, and is tried again. `closed`: nothing more comes. */
export type Phase = 'opening' | 'live' | 'away' | 'closed'

export interface State {
  phase: Phase
  grid: Grid
  /** Whether this page has the keyboard, and who has it. */
  mine: boolean
  holder: string | null
  /** Who took it from here. */
  lost_to: string | null
  focused: boolean
  /** What the program calls itself; text that somebody else wrote. */
  title: string
  /** Since when the picture is old. */
  away_since: number | null
  error: OpError | null
  ended: { code: number | null; signal: number | null } | null
  /** Whether anything was ever drawn. */
  drawn: boolean
  /** Text that is about to be pasted, and waits for a yes. */
  pasting: { text: string; lines: number } | null
  /** Somebody pressed a key here while another has the keyboard. */
  refused: number
  /** Ctrl of the key row: counts for one key. */
  ctrl: boolean
  /** The size this page would give it; asked about on a phone. */
  asking: Grid | null
  /** A link wants Ctrl or Cmd. */
  hint: 'link' | null
}

export interface Session {
  state: StoreApi<State>
  terminal: Terminal
  search: SearchAddon
  attach(host: HTMLElement, room: HTMLElement): void
  /** Opens it again, for a program that was started again. */
  reopen(): void
  focus(): void
  blur(): void
  /** Takes the keyboard; on a phone, with its size or with the picture as it is. */
  take(how?: 'ask' | 'size' | 'keep'): void
  give(): void
  type(data: string): void
  press(id: RowKey['id']): void
  paste(yes: boolean): void
  /** All lines, as text. */
  text(): string
  /** The last lines that hold anything. */
  last(count: number): string[]
  dispose(): void
}

const NEW: Omit<State, 'grid'> = {
  phase: 'opening', mine: false, holder: null, lost_to: null, focused: false, title: '', away_since: null, error: null,
  ended: null, drawn: false, pasting: null, refused: 0, ctrl: false, asking: null, hint: null,
}

const isTouch = (): boolean => window.matchMedia('(pointer: coarse)').matches

/** Only addresses of the web are opened, beside the page, which is not told to whom it leads. */
function openLink(event: MouseEvent, address: string, ask: () => void): void {
  if (!/^https?:\/\//i.test(address)) return
  if (!event.ctrlKey && !event.metaKey && !isTouch()) {
    ask()
    return
  }
  window.open(address, '_blank', 'noopener,noreferrer')
}

const plain = (title: string): string => title.replace(/[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '').trim().slice(0, TITLE_CHARS_MAX)

export function sessionOf(group_id: string, actor_id: string, scrollback: number, shortcut: (event: KeyboardEvent) => boolean): Session {
  const state = createStore<State>(() => ({ ...NEW, grid: { cols: 80, rows: 24 } }))
  const set = (some: Partial<State>): void => { state.setState(some) }
  const get = (): State => state.getState()
  const hint = (): void => {
    set({ hint: 'link' })
    setTimeout(() => { set({ hint: null }) }, 4_000)
  }
  const terminal = new Terminal({
    // The marks of hits are a part of the emulator that may still change; its version is fixed.
    allowProposedApi: true, cols: 80, rows: 24, scrollback, theme: theme(), minimumContrastRatio: 4.5,
    fontFamily: getComputedStyle(document.documentElement).getPropertyValue('--mono'), fontSize: usePrefs.getState().size,
    lineHeight: LINE_HEIGHT, cursorBlink: false, cursorInactiveStyle: 'outline', screenReaderMode: usePrefs.getState().reader,
    macOptionIsMeta: true, rightClickSelectsWord: false, linkHandler: { activate: (event, address) => { openLink(event, address, hint) } },
  })
  const search = new SearchAddon()
  terminal.loadAddon(search)
  terminal.loadAddon(new WebLinksAddon((event, address) => { openLink(event, address, hint) }))

  let host: HTMLElement | null = null
  let room: HTMLElement | null = null
  let disposed = false
  /** Pictures that are being drawn: what they ask was asked long ago. */
  let quiet = 0
  let drawn = 0
  let told = 0
  let opening = 0
  let acking: ReturnType<typeof setTimeout> | undefined
  let resizing: ReturnType<typeof setTimeout> | undefined
  /** The picture keeps its size although we have the keyboard. */
  let keeps = false
  let given = false
  let wanted = false
  let mayPaste = false

  const cell = (): Size => {
    const screen = terminal.element?.querySelector<HTMLElement>('.xterm-screen')
    return { width: (screen?.offsetWidth ?? 0) / terminal.cols, height: (screen?.offsetHeight ?? 0) / terminal.rows }
  }
  const space = (): Size => {
    if (room === null) return { width: 0, height: 0 }
    const style = getComputedStyle(room)
    const px = (name: string): number => parseFloat(style.getPropertyValue(name)) || 0
    return {
      width: room.clientWidth - px('padding-left') - px('padding-right'),
      height: room.clientHeight - px('padding-top') - px('padding-bottom'),
    }
  }
  const letters = (size: number): void => {
    if (terminal.options.fontSize !== size) terminal.options.fontSize = size
  }

  /** The size there is room for at the size of letters that is wanted. */
  const fit = (): Grid | null => {
    letters(usePrefs.getState().size)
    return fitting(space(), cell())
  }

  /** Gives the picture its place: whole for whoever looks on, or as much of it as there is room for. */
  const lay = (): void => {
    if (host === null || room === null || disposed) return
    const size = usePrefs.getState().size
    const { mine } = get()
    if (!mine || keeps) {
      const { width, height } = cell()
      const picture = { width: width * terminal.cols, height: height * terminal.rows }
      letters(scaled(space(), picture, terminal.options.fontSize ?? size, size))
    } else letters(size)
    const { width, height } = cell()
    host.style.width = `${Math.ceil(width * terminal.cols) + SCROLLBAR_PX}px`
    host.style.height = `${Math.ceil(height * terminal.rows)}px`
    reveal()
  }

  /** Where the cursor is, something happens: a picture that is larger than its place is moved there. */
  const reveal = (): void => {
    if (room === null) return
    const { height } = cell()
    room.scrollTop = Math.max(0, (terminal.buffer.active.cursorY + 1) * height - space().height)
  }

  const sendSize = (): void => {
    if (keeps) return
    const grid = fit()
    if (grid !== null && (!get().mine || grid.cols !== terminal.cols || grid.rows !== terminal.rows)) remote.size(grid.cols, grid.rows)
  }

  /** Whoever only looks on needs no keyboard on the glass. */
  const soften = (): void => {
    if (terminal.textarea && isTouch()) terminal.textarea.inputMode = get().mine ? 'text' : 'none'
  }

  const ack = (): void => {
    clearTimeout(acking)
    acking = undefined
    if (drawn === told) return
    told = drawn
    remote.drawn(drawn)
  }

  /** What waits until the screen has found its place below earlier output. */
  let waiting: (() => void)[] | null = null
  let hasEarlier = false
  /** Screens since it was opened: each further one stands for output that was left out. */
  let screens = 0
  let hasGap = false
  /** The picture is begun anew with the next bytes. */
  let isFresh = false
  let healing: ReturnType<typeof setTimeout> | undefined
  const inOrder = (act: () => void): void => {
    if (waiting === null) act()
    else waiting.push(act)
  }

  /** A program that printed faster than we draw has left lines out above the screen: once it rests, they are asked for. */
  const heal = (): void => {
    const { baseY, viewportY } = terminal.buffer.active
    // Whoever types keeps the keyboard, and whoever reads above keeps the place: it is done later.
    if (!hasGap || disposed || get().mine || get().phase !== 'live' || baseY !== viewportY) return
    hasGap = false
    isFresh = true
    open(EARLIER_BYTES)
  }

  const come = (kind: Carried, bytes: Uint8Array): void => {
    if (isFresh) {
      isFresh = false
      inOrder(() => { terminal.write('', () => { terminal.reset() }) })
    }
    if (kind === 'screen' && screens > 0) hasGap = true
    if (kind === 'screen') screens += 1
    clearTimeout(healing)
    if (hasGap) healing = setTimeout(heal, REST_MS)
    if (kind === 'earlier') hasEarlier = true
    if (kind !== 'screen' || !hasEarlier) {
      inOrder(() => { write(kind, bytes) })
      return
    }
    hasEarlier = false
    const mine = opening
    waiting ??= []
    terminal.write('', () => {
      if (disposed) return
      join(terminal, bytes, (between) => {
        if (disposed || mine !== opening) return
        const held = waiting ?? []
        waiting = null
        terminal.write(between)
        write(kind, bytes)
        for (const act of held) act()
      })
    })
  }

  const write = (kind: Carried, bytes: Uint8Array): void => {
    const mine = opening
    const isPicture = kind !== 'output'
    if (isPicture) quiet += 1
    terminal.write(bytes, () => {
      if (isPicture) quiet -= 1
      if (mine !== opening || disposed) return
      drawn += bytes.length
      if (drawn - told >= ACK_BYTES) ack()
      else acking ??= setTimeout(ack, ACK_MS)
      if (kind === 'screen') {
        set({ drawn: true })
        lay()
      }
    })
  }

  const open = (earlier_bytes: number): void => {
    opening += 1
    hasEarlier = false
    waiting = null
    screens = 0
    drawn = 0
    told = 0
    remote.open(earlier_bytes)
  }

  const remote = socket.terminal(group_id, actor_id, {
    bytes: come,
    is({ cols, rows, mine, holder }) {
      const before = get()
      const taken = before.mine && !mine && !given && holder !== null
      // What was sent before is drawn before.
      if (cols !== before.grid.cols || rows !== before.grid.rows || cols !== terminal.cols || rows !== terminal.rows) {
        inOrder(() => {
          terminal.write('', () => {
            if (disposed) return
            terminal.resize(cols, rows)
            lay()
          })
        })
      }
      set({
        phase: 'live', grid: { cols, rows }, mine, holder, away_since: null, error: null, ended: null,
        lost_to: mine || holder === null ? null : taken ? holder : before.lost_to,
      })
      if (!mine) {
        given = false
        keeps = false
        if (hasGap) {
          clearTimeout(healing)
          healing = setTimeout(heal, REST_MS)
        }
      }
      if (mine !== before.mine) lay()
      soften()
      if (mine && !before.mine) sendSize()
      if (wanted && !mine && holder === null) {
        wanted = false
        take('size')
      }
    },
    away(error) {
      set({ phase: 'away', away_since: get().away_since ?? Date.now(), error })
    },
    closed({ error, code, signal }) {
      set({ phase: 'closed', mine: false, holder: null, lost_to: null, error, ended: error === null ? { code, signal } : null, asking: null, pasting: null })
    },
    lost() {
      wanted ||= get().mine
      if (get().phase !== 'closed') set({ phase: get().drawn ? 'away' : 'opening', away_since: get().away_since ?? Date.now(), mine: false, holder: null })
    },
    back() {
      // What was above stays above: the screen alone is drawn again.
      if (get().phase !== 'closed' || get().error !== null) open(get().drawn ? 0 : EARLIER_BYTES)
    },
  })

  function take(how: 'ask' | 'size' | 'keep' = 'ask'): void {
    if (get().phase !== 'live') return
    if (how === 'ask' && isTouch()) {
      const grid = fit()
      lay()
      if (grid !== null && (grid.cols !== terminal.cols || grid.rows !== terminal.rows)) {
        set({ asking: grid })
        return
      }
    }
    set({ asking: null, lost_to: null })
    keeps = how === 'keep'
    sendSize()
    remote.take()
  }

  function typed(data: string): void {
    const { mine, holder, phase, ctrl } = get()
    if (isReport(data)) {
      if (mine && quiet === 0 && phase === 'live') remote.keys(data)
      return
    }
    if (phase !== 'live') return
    if (!mine && holder !== null) {
      set({ refused: get().refused + 1 })
      return
    }
    if (!mine) {
      if (isTouch()) {
        take()
        return
      }
      sendSize()
    }
    remote.keys(ctrl ? withCtrl(data) : data)
    if (ctrl) set({ ctrl: false })
  }

  const paste = (text: string): void => {
    if (text === '' || get().phase !== 'live') return
    const { mine, holder } = get()
    if (!mine && holder !== null) set({ refused: get().refused + 1 })
    else if (isAsked(text) && !mayPaste) set({ pasting: { text, lines: linesOf(text) } })
    else terminal.paste(text)
  }

  terminal.onData(typed)
  terminal.onBinary((data) => { if (isReport(data)) typed(data) })
  terminal.onTitleChange((title) => { set({ title: plain(title) }) })
  terminal.attachCustomKeyEventHandler((event) => !shortcut(event))
  // A program may ask for the clipboard to be written, or read: it is not.
  terminal.parser.registerOscHandler(52, () => true)

  const onPaste = (event: ClipboardEvent): void => {
    event.preventDefault()
    event.stopPropagation()
    paste(event.clipboardData?.getData('text/plain') ?? '')
  }
  const onFocus = (): void => {
    set({ focused: true })
    const { mine, holder, phase } = get()
    if (phase === 'live' && !mine && holder === null && !isTouch()) take('size')
  }
  const onBlur = (event: FocusEvent): void => {
    if (!(event.relatedTarget instanceof Node && host?.contains(event.relatedTarget))) set({ focused: false })
  }
  const resized = (): void => {
    clearTimeout(resizing)
    resizing = setTimeout(() => {
      if (get().mine) sendSize()
      lay()
    }, RESIZE_MS)
  }
  const seen = new ResizeObserver(resized)
  const unTheme = onTheme(() => { terminal.options.theme = theme() })
  const unPrefs = usePrefs.subscribe(({ reader }) => {
    terminal.options.screenReaderMode = reader
    resized()
  })

  return {
    state, terminal, search,
    attach(into, around) {
      host = into
      room = around
      terminal.open(into)
      soften()
      into.addEventListener('paste', onPaste, true)
      into.addEventListener('focusin', onFocus)
      into.addEventListener('focusout', onBlur)
      seen.observe(around)
      lay()
      open(EARLIER_BYTES)
    },
    reopen() {
      if (get().phase !== 'closed') return
      terminal.reset()
      set({ ...NEW, focused: get().focused, grid: get().grid })
      open(EARLIER_BYTES)
    },
    focus: () => { terminal.focus() },
    blur: () => { terminal.blur() },
    take,
    give() {
      given = true
      wanted = false
      remote.give()
    },
    type: typed,
    press(id) {
      if (id === 'ctrl') set({ ctrl: !get().ctrl })
      else typed(sent(id, terminal.modes.applicationCursorKeysMode))
    },
    paste(yes) {
      const { pasting } = get()
      set({ pasting: null })
      if (yes && pasting) {
        mayPaste = true
        terminal.paste(pasting.text)
      }
      terminal.focus()
    },
    text() {
      const lines: string[] = []
      const { active } = terminal.buffer
      for (let at = 0; at < active.length; at += 1) {
        const line = active.getLine(at)
        const text = line?.translateToString(active.getLine(at + 1)?.isWrapped !== true) ?? ''
        if (line?.isWrapped && lines.length > 0) lines[lines.length - 1] += text
        else lines.push(text)
      }
      return `${lines.join('\n').trimEnd()}\n`
    },
    last(count) {
      return this.text().split('\n').map((line) => line.trimEnd()).filter((line) => line !== '').slice(-count)
    },
    dispose() {
      disposed = true
      clearTimeout(acking)
      clearTimeout(resizing)
      clearTimeout(healing)
      seen.disconnect()
      unTheme()
      unPrefs()
      remote.close()
      host?.removeEventListener('paste', onPaste, true)
      host?.removeEventListener('focusin', onFocus)
      host?.removeEventListener('focusout', onBlur)
      terminal.dispose()
    },
  }
}
