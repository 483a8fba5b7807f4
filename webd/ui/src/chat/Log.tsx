// The messages of a group as a virtual list that stays where the reader is: at the end when they are at the end,
// otherwise on the same row, also when older ones come in above.
import { useVirtualizer } from '@tanstack/react-virtual'
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { Icon } from '../parts/Icon'
import { say } from '../words'
import { useOutbox } from './outbox'
import { show, useRoute } from '../app/route'
import { useKeys } from '../keys/keys'
import { roots, threads } from '../thread/threads'
import { isMessage, type Message } from '../wire/events'
import { acknowledge } from './acks'
import { answer, copyLink, quote } from './actions'
import { Day, Row } from './Row'
import { rows as toRows, type Row as RowData } from './rows'
import { owed } from './receipt'
import { jumpTo, loadNewer, loadOlder, seen, toNewest, useChat } from './store'

/** Closer to the end than this is at the end. */
const END_PX = 40
/** Closer to the top than this asks for older ones. */
const TOP_PX = 600
/** How long a row must be seen in a focused window to be read. */
const SEEN_MS = 1_000

const HEIGHTS: Record<RowData['kind'], number> = { begin: 27, day: 26, unread: 20, message: 22, unsent: 22, system: 27, fold: 27 }
const FIRST_PX = 46

const estimate = (row: RowData | undefined): number =>
  row === undefined ? 0 : 'first' in row && row.first ? FIRST_PX : HEIGHTS[row.kind]

/** The day of the first row that is seen, unless its own line is seen. Pure. */
function dayAt(rows: RowData[], items: { index: number; end: number; start: number }[], top: number): string | null {
  const first = items.find(({ end }) => end > top + 1)
  for (let index = first?.index ?? -1; index >= 0; index -= 1) {
    const row = rows[index]
    if (row?.kind === 'day') return index === first?.index && first.start >= top - 1 ? null : row.ts
  }
  const shown = first === undefined ? undefined : rows[first.index]
  return shown?.kind === 'message' || shown?.kind === 'system' ? shown.event.ts : null
}

/** The message whose row has the focus, or is lit. */
function focused(): string | null {
  const row = document.activeElement?.closest('.log .msg') ?? document.querySelector('.log .msg.lit')
  return row === null ? null : row.id.replace(/^m-/, '')
}

export function Log({ group_id, title }: { group_id: string; title: string }) {
  const { events, has_more_before, loading_before, error_before, read, has_more_after, loading_after, error_after, missed, unread, error_jump } = useChat()
  const unsent = useOutbox((state) => state.unsent)
  const [unfolded, setUnfolded] = useState<ReadonlySet<string>>(new Set())
  const [atEnd, setAtEnd] = useState(true)
  const [newestSeen, setNewestSeen] = useState(0)
  const [day, setDay] = useState<string | null>(null)
  const scroller = useRef<HTMLDivElement>(null)
  const stays = useRef(true)

  const mine = useMemo(() => unsent.filter((message) => message.group_id === group_id), [unsent, group_id])
  const rows = useMemo(
    () => toRows(events, has_more_after ? [] : mine, { read, unfolded, complete: !has_more_before, ...(has_more_after ? { unread } : {}) }),
    [events, mine, read, unfolded, has_more_before, has_more_after, unread],
  )
  const said = useMemo(() => ({ roots: roots(events.filter(isMessage)), threads: threads(events) }), [events])
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => estimate(rows[index]),
    getItemKey: (index) => rows[index]?.key ?? index,
    overscan: 12,
    anchorTo: 'end',
    // What is loaded behind the last one is not new: the reader stays where they are.
    followOnAppend: !has_more_after,
    scrollEndThreshold: END_PX,
  })

  // A jump to a message of whatever age: it is lit until the next key or click.
  const at = useRoute(({ view }) => view.at)
  const [lit, setLit] = useState(at)
  const [jump, setJump] = useState(at)
  useEffect(() => {
    if (at === null) return
    let here = true
    void jumpTo(at).then((found) => {
      if (!here || !found) return
      setLit(at)
      setJump(at)
    })
    return () => { here = false }
  }, [at])
  useEffect(() => {
    if (lit === null) return
    const end = (): void => {
      setLit(null)
      if (useRoute.getState().view.at !== null) show({ at: null }, 'replace')
    }
    // The press that led here is not the next one.
    const timer = setTimeout(() => {
      document.addEventListener('pointerdown', end)
      document.addEventListener('keydown', end)
    })
    return () => {
      clearTimeout(timer)
      document.removeEventListener('pointerdown', end)
      document.removeEventListener('keydown', end)
    }
  }, [lit])

  // Where it opens: on the message of a link, on the unread line, or at the end.
  const placed = useRef('')
  useLayoutEffect(() => {
    if (rows.length === 0) return
    if (jump !== null) {
      const wanted = rows.findIndex((row) => row.kind === 'message' && row.event.id === jump)
      if (wanted < 0) return
      placed.current = group_id
      stays.current = false
      virtual.scrollToIndex(wanted, { align: 'center' })
      setJump(null)
      return
    }
    if (placed.current === group_id) return
    placed.current = group_id
    const line = rows.findIndex((row) => row.kind === 'unread')
    if (line >= 0) virtual.scrollToIndex(Math.max(0, line - 4), { align: 'start' })
    else virtual.scrollToEnd()
  }, [rows, group_id, virtual, jump])

  // At the end stays at the end, also when the page gets another size.
  useEffect(() => {
    const box = scroller.current
    if (box === null) return
    const observer = new ResizeObserver(() => {
      if (stays.current) requestAnimationFrame(() => { virtual.scrollToEnd() })
    })
    observer.observe(box)
    return () => { observer.disconnect() }
  }, [virtual])

  const newest = events.at(-1)?.seq ?? 0
  const look = useCallback(() => {
    const box = scroller.current
    if (box === null) return
    const left = box.scrollHeight - box.scrollTop - box.clientHeight
    const end = left <= END_PX && !has_more_after
    setAtEnd(end)
    if (end) setNewestSeen(newest)
    if (box.scrollTop < TOP_PX && has_more_before && error_before === null) void loadOlder()
    if (left < TOP_PX && has_more_after && error_after === null) void loadNewer()
    setDay(dayAt(rows, virtual.getVirtualItems(), box.scrollTop))
  }, [newest, has_more_before, error_before, has_more_after, error_after, rows, virtual])
  useEffect(look, [look, rows.length])
  const size = useRef('')
  const scrolled = useCallback(() => {
    const box = scroller.current
    if (box === null) return
    // A scroll that comes with another size was not the reader's.
    const now = `${box.clientWidth} ${box.clientHeight}`
    if (size.current === now) stays.current = box.scrollHeight - box.scrollTop - box.clientHeight <= END_PX && !useChat.getState().has_more_after
    size.current = now
    look()
  }, [look])

  // What was on the screen for a second, in a focused window, was read.
  const shown = virtual.getVirtualItems()
  const lastShown = shown.at(-1)?.index ?? -1
  useEffect(() => {
    const timer = setTimeout(() => {
      if (!document.hasFocus()) return
      const box = scroller.current
      const bottom = box === null ? 0 : box.scrollTop + box.clientHeight
      const item = virtual.getVirtualItems().filter(({ start }) => start < bottom).at(-1)
      for (let index = item?.index ?? -1; index >= 0; index -= 1) {
        const row = rows[index]
        if (row?.kind !== 'message') continue
        void seen(group_id, row.event.seq)
        return
      }
    }, SEEN_MS)
    return () => { clearTimeout(timer) }
  }, [lastShown, rows, group_id, virtual])

  // Keys: the row that has the focus is the one that is meant; without one, the last that is seen.
  const goTo = (index: number): void => {
    const row = rows[index]
    if (row?.kind !== 'message') return
    const { id } = row.event
    if (document.getElementById(`m-${id}`) === null) virtual.scrollToIndex(index, { align: 'auto' })
    requestAnimationFrame(() => {
      const found = document.getElementById(`m-${id}`)
      found?.focus({ preventScroll: true })
      found?.scrollIntoView({ block: 'nearest' })
    })
  }
  const move = (step: 1 | -1) => (): boolean => {
    const id = focused()
    const seenLast = virtual.getVirtualItems().filter(({ start }) => start < (scroller.current?.scrollTop ?? 0) + (scroller.current?.clientHeight ?? 0)).at(-1)?.index ?? rows.length
    const from = id === null ? seenLast + (step === 1 ? -1 : 1) : rows.findIndex((row) => row.kind === 'message' && row.event.id === id)
    for (let index = from + step; index >= 0 && index < rows.length; index += step) {
      if (rows[index]?.kind !== 'message') continue
      goTo(index)
      return true
    }
    return false
  }
  const withRow = (act: (event: Message) => void) => (): boolean => {
    const id = focused()
    const event = events.find((one) => one.id === id)
    if (event === undefined || !isMessage(event)) return false
    act(event)
    return true
  }
  useKeys({
    next: move(1),
    before: move(-1),
    reply: withRow(answer),
    quote: withRow(quote),
    link: withRow(copyLink),
    who: withRow((event) => { document.getElementById(`m-${event.id}`)?.querySelector<HTMLElement>('.rm')?.click() }),
    acknowledge: withRow((event) => {
      const status = useChat.getState().statuses[event.id]
      if (status && owed(status) === 'acknowledge') acknowledge(event.group_id, event.id)
    }),
    first: () => {
      const line = rows.findIndex((row) => row.kind === 'unread')
      if (line < 0) return false
      virtual.scrollToIndex(line, { align: 'start' })
      goTo(line + 1)
      return true
    },
    newest: () => { newestNow() },
  })
  const newestNow = (): void => {
    if (has_more_after) void toNewest().then(() => { requestAnimationFrame(() => { virtual.scrollToEnd() }) })
    else virtual.scrollToEnd()
  }

  const unfold = useCallback((id: string) => { setUnfolded((old) => new Set([...old, id])) }, [])
  const behind = rows.filter((row) => row.kind === 'message' && row.event.seq > newestSeen).length
  return (
    <div className="logbox">
      <div className="log" ref={scroller} role="log" aria-live="off" aria-label={say('chat.label', { group: title })} tabIndex={0} onScroll={scrolled}>
        {loading_before && <p className="older f12 m3" role="status">{say('chat.older')}</p>}
        {error_before !== null && (
          <p className="older err" role="alert">{say('chat.error', { reason: error_before })} <button type="button" className="lk" onClick={() => void loadOlder()}>{say('chat.again')}</button></p>
        )}
        <div className="vlist" style={{ height: virtual.getTotalSize() }}>
          {shown.map((item) => {
            const row = rows[item.index]
            return row && (
              <div key={item.key} className="vrow" data-index={item.index} ref={virtual.measureElement} style={{ top: item.start }}>
                <Row row={row} unfold={unfold} target={lit} root={row.kind === 'message' ? (said.roots.get(row.event.id) ?? row.event.id) : ''} thread={row.kind === 'message' ? said.threads.get(row.event.id) : undefined} />
              </div>
            )
          })}
        </div>
        {loading_after && <p className="f12 m3 newer" role="status">{say('chat.newer')}</p>}
        {error_after !== null && (
          <p className="newer err" role="alert">{say('chat.error', { reason: error_after })} <button type="button" className="lk" onClick={() => void loadNewer()}>{say('chat.again')}</button></p>
        )}
      </div>
      {day !== null && <Day ts={day} top />}
      {error_jump !== null && <p className="jumperr err" role="alert">{say('chat.jump.error', { reason: error_jump })}</p>}
      {!atEnd && (
        <button type="button" className="btn sm jump" onClick={newestNow}>
          {has_more_after
            ? (missed > 0 ? say('chat.return.n', { n: missed }) : say('chat.return'))
            : behind > 0 && newestSeen > 0 ? say('chat.new', { n: behind }) : say('chat.newest')}<Icon name="down" size="s12" />
        </button>
      )}
    </div>
  )
}
