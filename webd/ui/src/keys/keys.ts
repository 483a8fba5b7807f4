// Who does something when a key of the table is pressed, and the one listener that finds them.
import { useEffect, useRef } from 'react'
import { useLocal } from '../settings/local'
import { isPlain, meantBy, spelled, type KeyId } from './table'

/** Does it, or says `false`: then whoever registered before is asked. */
type Act = () => unknown

const acts = new Map<KeyId, Act[]>()

/** Does `act` on a key until it is ended; the last one who registered is asked first. */
export function onKey(id: KeyId, act: Act): () => void {
  acts.set(id, [act, ...(acts.get(id) ?? [])])
  return () => { acts.set(id, (acts.get(id) ?? []).filter((one) => one !== act)) }
}

/** The same for as long as a component is there. */
export function useKeys(table: Partial<Record<KeyId, Act>>): void {
  const now = useRef(table)
  useEffect(() => { now.current = table })
  const ids = Object.keys(table).join(' ')
  useEffect(() => {
    const ends = (ids.split(' ') as KeyId[]).map((id) => onKey(id, () => now.current[id]?.()))
    return () => { for (const end of ends) end() }
  }, [ids])
}

/** Does what a key does; false when nobody is there for it. */
export function doKey(id: KeyId): boolean {
  return (acts.get(id) ?? []).some((act) => act() !== false)
}

/** How long the first of two keys counts. */
const CHORD_MS = 1_500
const LEADER = 'Ctrl .'
const MODIFIERS = new Set(['Control', 'Shift', 'Alt', 'Meta', 'CapsLock'])

const takesText = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || target.closest('textarea, select, input:not([type="checkbox"], [type="radio"], [type="button"]), .xterm') !== null)

let before = ''
let before_at = 0

function press(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing || MODIFIERS.has(event.key)) return
  const spelling = spelled(event)
  const led = before === LEADER && Date.now() - before_at < CHORD_MS
  const first = Date.now() - before_at < CHORD_MS ? before : ''
  before = ''
  if (spelling === LEADER) {
    before = LEADER
    before_at = Date.now()
    event.preventDefault()
    return
  }
  const field = takesText(event.target)
  if (led && spelling === 'Esc') {
    if (event.target instanceof HTMLElement) event.target.blur()
    event.preventDefault()
    return
  }
  if (isPlain(spelling) && !led && (field || !useLocal.getState().letters)) return
  if (document.querySelector('[aria-modal="true"]') !== null && spelling !== 'Ctrl K') return
  const ids = [...meantBy(led ? LEADER : first, spelling), ...(led || first !== '' ? meantBy('', spelling) : [])]
  const candidates = ids.length > 0 ? ids : meantBy('', spelling)
  if (candidates.some(doKey)) {
    event.preventDefault()
    return
  }
  if (spelling === 'G') {
    before = 'G'
    before_at = Date.now()
  }
}

/** Begins to listen. Call once. */
export function watchKeys(): void {
  window.addEventListener('keydown', press)
}
