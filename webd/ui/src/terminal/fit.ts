// How big a terminal is drawn: whole rows for whoever has the keyboard, the picture as it is for whoever looks on. Pure.

export interface Size {
  width: number
  height: number
}

export interface Grid {
  cols: number
  rows: number
}

/** Least that the server takes. */
const COLS_MIN = 10
const ROWS_MIN = 2
const COLS_MAX = 1_000
const ROWS_MAX = 1_000

/** Room at the right for the scrollbar of the terminal. */
export const SCROLLBAR_PX = 14

/** Below this nobody reads: the picture keeps its size and is moved about instead. */
export const FONT_PX_MIN = 8

const within = (value: number, least: number, most: number): number => Math.max(least, Math.min(most, Math.floor(value)))

/** How many whole columns and rows there is room for; null before anything was measured. */
export function fitting(room: Size, cell: Size): Grid | null {
  if (cell.width <= 0 || cell.height <= 0 || room.width <= 0 || room.height <= 0) return null
  return {
    cols: within((room.width - SCROLLBAR_PX) / cell.width, COLS_MIN, COLS_MAX),
    rows: within(room.height / cell.height, ROWS_MIN, ROWS_MAX),
  }
}

/** The size of letters at which all of a picture is seen, at most what is wanted; what is wanted when it cannot be. */
export function scaled(room: Size, picture: Size, font: number, wanted: number): number {
  const width = picture.width / font
  const height = picture.height / font
  if (width <= 0 || height <= 0) return wanted
  const most = Math.min((room.width - SCROLLBAR_PX) / width, room.height / height)
  const fits = Math.floor(most * 2) / 2
  return fits < FONT_PX_MIN ? wanted : Math.min(wanted, fits)
}
