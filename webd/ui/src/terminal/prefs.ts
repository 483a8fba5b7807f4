// How terminals are shown in this browser: the size of their letters, and whether they are read aloud.
import { create } from 'zustand'

const SIZE = 'cccc.terminal.size'
const READER = 'cccc.terminal.reader'
export const SIZE_MIN = 8
export const SIZE_MAX = 24

const usual = (): number => (window.matchMedia('(max-width: 640px)').matches ? 11.5 : 12)

interface Prefs {
  /** In pixels. */
  size: number
  reader: boolean
}

export const usePrefs = create<Prefs>(() => {
  const size = Number(localStorage.getItem(SIZE))
  return { size: size >= SIZE_MIN && size <= SIZE_MAX ? size : usual(), reader: localStorage.getItem(READER) === 'yes' }
})

export function setSize(wanted: number): void {
  const size = Math.max(SIZE_MIN, Math.min(SIZE_MAX, wanted))
  localStorage.setItem(SIZE, String(size))
  usePrefs.setState({ size })
}

export function setReader(reader: boolean): void {
  localStorage.setItem(READER, reader ? 'yes' : 'no')
  usePrefs.setState({ reader })
}
