// The messages of a group as a virtual list that stays where the reader is: at the end when they are at the end,
// otherwise on the same row, also when older ones come in above.
import { useVirtualizer } from '@tanstack/react-virtual'
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { Icon } from '../parts/Icon'
import { say } from '../words'
import { useOutbox } from './outbox'
import { Row } from './Row'
import { rows as toRows, type Row as RowData } from './rows'
import { loadOlder, seen, useChat } from './store'

/** Closer to the end than this is at the end. */
const END_PX = 40
/** Closer to the top than this asks for older ones. */
const TOP_PX = 600
/** How long a row must be seen in a focused window to be read. */
const SEEN_MS = 1_000

/** How far back the message of a link is looked for. */
const TARGET_EVENTS_MAX = 2_000

const HEIGHTS: Record<RowData['kind'], number> = { begin: 27, day: 26, unread: 20, message: 22, unsent: 22, system: 27, fold: 27 }
const FIRST_PX = 46

const estimate = (row: RowData | undefined): number =>
  row === undefined ? 0 : 'first' in row && row.first ? FIRST_PX : HEIGHTS[row.kind]

export function Log({ group_id, title }: { group_id: string; title: string }) {
  const { events, has_more_before, loading_before, error_before, read } = useChat()
  const unsent = useOutbox((state) => state.unsent)
  const [unfolded, setUnfolded] = useState<ReadonlySet<string>>(new Set())
  const [atEnd, setAtEnd] = useState(true)
  const [newestSeen, setNewestSeen] = useState(0)
  const scroller = useRef<HTMLDivElement>(null)

  const mine = useMemo(() => unsent.filter((message) => message.group_id === group_id), [unsent, group_id])
  const rows = useMemo(
    () => toRows(events, mine, { read, unfolded, complete: !has_more_before }),
    [events, mine, read, unfolded, has_more_before],
  )
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => estimate(rows[index]),
    getItemKey: (index) => rows[index]?.key ?? index,
    overscan: 12,
    anchorTo: 'end',
    followOnAppend: true,
    scrollEndThreshold: END_PX,
  })

  // Where it opens: on the message of a link, on the unread line, or at the end.
  const [target] = useState(() => new URLSearchParams(location.search).get('at'))
  const placed = useRef('')
  useLayoutEffect(() => {
    if (rows.length === 0 || placed.current === group_id) return
    const wanted = target === null ? -1 : rows.findIndex((row) => row.kind === 'message' && row.event.id === target)
    if (target !== null && wanted < 0 && has_more_before && events.length < TARGET_EVENTS_MAX && error_before === null) {
      void loadOlder()
      return
    }
    placed.current = group_id
    if (wanted >= 0) {
      virtual.scrollToIndex(wanted, { align: 'center' })
      return
    }
    const unread = rows.findIndex((row) => row.kind === 'unread')
    if (unread >= 0) virtual.scrollToIndex(Math.max(0, unread - 4), { align: 'start' })
    else virtual.scrollToEnd()
  }, [rows, group_id, virtual, target, has_more_before, events.length, error_before])

  // At the end stays at the end, also when the page gets another size.
  const stays = useRef(true)
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
    const end = box.scrollHeight - box.scrollTop - box.clientHeight <= END_PX
    setAtEnd(end)
    if (end) setNewestSeen(newest)
    if (box.scrollTop < TOP_PX && has_more_before && error_before === null) void loadOlder()
  }, [newest, has_more_before, error_before])
  useEffect(look, [look, rows.length])
  const size = useRef('')
  const scrolled = useCallback(() => {
    const box = scroller.current
    if (box === null) return
    // A scroll that comes with another size was not the reader's.
    const now = `${box.clientWidth} ${box.clientHeight}`
    if (size.current === now) stays.current = box.scrollHeight - box.scrollTop - box.clientHeight <= END_PX
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
                <Row row={row} unfold={unfold} target={target} />
              </div>
            )
          })}
        </div>
      </div>
      {!atEnd && (
        <button type="button" className="btn sm jump" onClick={() => { virtual.scrollToEnd() }}>
          {behind > 0 && newestSeen > 0 ? say('chat.new', { n: behind }) : say('chat.newest')}<Icon name="down" size="s12" />
        </button>
      )}
    </div>
  )
}
