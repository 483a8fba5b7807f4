// Light, dark, or as the system. `public/theme.js` sets it before the first paint; this changes it.
import { create } from 'zustand'

export type Theme = 'system' | 'light' | 'dark'
const KEPT = 'cccc.theme'
const dark = (): MediaQueryList => window.matchMedia('(prefers-color-scheme: dark)')

const kept = (): Theme => {
  const said = localStorage.getItem(KEPT)
  return said === 'light' || said === 'dark' ? said : 'system'
}

export const useTheme = create<{ theme: Theme }>(() => ({ theme: kept() }))

function apply(theme: Theme): void {
  document.documentElement.dataset.theme = theme === 'system' ? (dark().matches ? 'dark' : 'light') : theme
}

const NEXT: Record<Theme, Theme> = { system: 'light', light: 'dark', dark: 'system' }

export function setTheme(theme: Theme): void {
  localStorage.setItem(KEPT, theme)
  useTheme.setState({ theme })
  apply(theme)
}

export function nextTheme(): void {
  setTheme(NEXT[useTheme.getState().theme])
}

/** Follows the system while that is what is wanted. Call once. */
export function followSystem(): void {
  dark().addEventListener('change', () => {
    apply(useTheme.getState().theme)
  })
}
