// How large a file is, as people say it.
import { language } from '../words'

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const
const STEP = 1024

/** `31 kB`, `2.4 MB`. */
export function sizeOf(bytes: number): string {
  const at = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log(bytes) / Math.log(STEP)))
  const value = bytes / STEP ** at
  const unit = UNITS[at] ?? 'byte'
  return new Intl.NumberFormat(language(), { style: 'unit', unit, unitDisplay: at === 0 ? 'long' : 'short', maximumFractionDigits: at > 1 ? 1 : 0 }).format(value)
}

/** `42 %` of a share from 0 to 1. */
export const shareOf = (share: number): string => new Intl.NumberFormat(language(), { style: 'percent', maximumFractionDigits: 0 }).format(share)
