// The palette: whether it is open, with what in its field, and what messages were found.
import { create } from 'zustand'
import { useRoute } from '../app/route'
import { useGroups } from '../rail/groups'
import { foundIn, type Found } from '../search/ask'
import { tasksOf } from '../context/sync'
import type { TaskView } from '../wire/contract'
import { endEarly, takeEarly } from './early'

/** Pause in typing after which messages are looked for. */
const PAUSE_MS = 120
/** Most messages that are shown here; the rest is a place of its own. */
export const HITS_MAX = 3
const HITS_ASKED = 20
const RECENT = 'cccc.recent'
const RECENT_MAX = 6

interface Palette {
  open: boolean
  text: string
  /** Looks in every group, not in the open one only. */
  everywhere: boolean
  group_id: string | null
  hits: Found[]
  more: boolean
  looking: boolean
  error: string | null
  tasks: TaskView[]
}

const CLOSED: Palette = { open: false, text: '', everywhere: false, group_id: null, hits: [], more: false, looking: false, error: null, tasks: [] }

export const usePalette = create<Palette>(() => CLOSED)

let opener: Element | null = null

export function openPalette(text: string): void {
  opener ??= document.activeElement
  if (!usePalette.getState().open) takeEarly({ text: () => usePalette.getState().text, type, close: closePalette })
  usePalette.setState({ ...CLOSED, open: true, text })
}

export function closePalette(refocus = true): void {
  clearTimeout(pause)
  endEarly()
  usePalette.setState(CLOSED)
  if (refocus && opener instanceof HTMLElement) opener.focus()
  opener = null
}

/** Which group it is opened in; its tasks are asked for. */
export function openIn(group_id: string | null): void {
  usePalette.setState({ group_id, everywhere: group_id === null })
  if (group_id === null) return
  tasksOf(group_id).then((tasks) => { if (usePalette.getState().group_id === group_id) usePalette.setState({ tasks }) }, () => undefined)
}

let pause: ReturnType<typeof setTimeout> | undefined
let asked = 0

export function type(text: string): void {
  usePalette.setState({ text })
  look()
}

export function setEverywhere(everywhere: boolean): void {
  usePalette.setState({ everywhere })
  look()
}

/** The part of a text that messages are looked for by; empty for what looks for something else. Pure. */
export const messageText = (text: string): string => (/^[>@#]/.test(text) ? '' : text.replace(/^\//, '')).trim()

function look(): void {
  clearTimeout(pause)
  asked += 1
  const mine = asked
  const { text, everywhere, group_id } = usePalette.getState()
  const wanted = messageText(text)
  if (wanted.length < 2) {
    usePalette.setState({ hits: [], more: false, looking: false, error: null })
    return
  }
  usePalette.setState({ looking: true, error: null })
  pause = setTimeout(() => {
    const groups = everywhere || group_id === null ? (useGroups.getState().groups ?? []).map((one) => one.group_id) : [group_id]
    foundIn(groups, { text: wanted, limit: HITS_ASKED }).then(
      ({ found, more }) => { if (mine === asked) usePalette.setState({ hits: found, more, looking: false }) },
      (error: unknown) => { if (mine === asked) usePalette.setState({ hits: [], looking: false, error: (error as Error).message }) },
    )
  }, PAUSE_MS)
}

/** Groups that were open last, the newest first. */
export function recentGroups(): string[] {
  try {
    return JSON.parse(localStorage.getItem(RECENT) ?? '[]') as string[]
  } catch {
    return []
  }
}

useRoute.subscribe(({ place }, before) => {
  if (place.at !== 'chat' || place === before.place) return
  const { group_id } = place
  localStorage.setItem(RECENT, JSON.stringify([group_id, ...recentGroups().filter((one) => one !== group_id)].slice(0, RECENT_MAX)))
})
