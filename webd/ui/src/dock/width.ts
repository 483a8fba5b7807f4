// How wide the dock is, in pixels, kept in this browser.

export const WIDTH_MIN = 360
export const WIDTH_MAX = 960
const WIDTH_USUAL = 560
const KEPT = 'cccc.dock-width'

export const within = (width: number): number => Math.round(Math.min(WIDTH_MAX, Math.max(WIDTH_MIN, width)))

export function kept(): number {
  const width = Number(localStorage.getItem(KEPT))
  return Number.isFinite(width) && width > 0 ? within(width) : WIDTH_USUAL
}

export function keepWidth(width: number): void {
  localStorage.setItem(KEPT, String(width))
}
