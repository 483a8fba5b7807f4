// What this browser is set to: kept here alone, counts at once.
import { create } from 'zustand'

export const TEXT_SIZES = [90, 100, 112, 125] as const
export type TextSize = (typeof TEXT_SIZES)[number]

interface Local {
  /** Percent of the usual size. */
  text_size: TextSize
  /** Whether Enter alone sends; with Shift it begins a line. */
  enter_sends: boolean
  /** Whether letters are keys where no field has the focus. */
  letters: boolean
}

const SIZE = 'cccc.text-size'
const ENTER = 'cccc.enter-sends'
const LETTERS = 'cccc.letters'

function kept(): Local {
  const size = Number(localStorage.getItem(SIZE))
  return {
    text_size: TEXT_SIZES.find((one) => one === size) ?? 100,
    enter_sends: localStorage.getItem(ENTER) === 'yes',
    letters: localStorage.getItem(LETTERS) !== 'no',
  }
}

export const useLocal = create<Local>(kept)

export function setTextSize(text_size: TextSize): void {
  localStorage.setItem(SIZE, String(text_size))
  document.documentElement.style.fontSize = `${text_size}%`
  useLocal.setState({ text_size })
}

export function setEnterSends(enter_sends: boolean): void {
  localStorage.setItem(ENTER, enter_sends ? 'yes' : 'no')
  useLocal.setState({ enter_sends })
}

export function setLetters(letters: boolean): void {
  localStorage.setItem(LETTERS, letters ? 'yes' : 'no')
  useLocal.setState({ letters })
}
